namespace Microkernel.Boot.Tests.Programs;

/// <summary>System V IPC by python's raw calls and by util-linux' programs: as on Linux.</summary>
public sealed class SystemVTests
{
    // Keys of ipcmk are random, and pids and times differ: what is printed leaves them out.
    private const string Tools = """
        ipcmk -M 10000 -p 0640; ipcmk -S 3; ipcmk -Q
        for what in shm sem msg; do sed 's/^ *[-0-9]* *//; s/  */ /g' /proc/sysvipc/$what | cut -d' ' -f1-3; done
        for what in -m -s -q; do ipcs $what | cut -c11- | grep -v '^$'; done
        ipcs -l; ipcs -u | grep -v resident
        other() { python3 -c 'import os, sys; os.setgroups([]); os.setgid(1000); os.setuid(1000); os.execvp(sys.argv[1], sys.argv[1:])' "$@"; }
        other ipcrm -m 0 2>&1; other ipcs -m -i 0 2>&1 | head -3; other ipcrm -s 0 2>&1; other ipcs -q -i 0 2>&1 | head -3
        ipcrm -m 0 -s 0 -q 0; ipcrm -m 0 2>&1; ipcs | tail -n +2 | grep -c 0x; cat /proc/sysvipc/* | wc -l; echo tools
        """;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public Task Segments_are_made_attached_inherited_and_removed_as_on_Linux(int cpus) => PythonTests.SameAsLinux("python3 /segments.py 2>&1", cpus, "done");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public Task Semaphores_and_queues_are_as_on_Linux(int cpus) => PythonTests.SameAsLinux("python3 /semaphores.py 2>&1", cpus, "done");

    // With threads, which share what fio keeps in a segment, and with processes that attach it by fork. Times are left out, and no segment is left behind.
    private const string Fio = """
        cd /tmp
        run() { fio --minimal --filename=/tmp/file --size=2m --ioengine=psync --bs=4k --randrepeat=1 --group_reporting "$@" | cut -d';' -f1-6; }
        run --thread --name=threads --rw=randread --numjobs=4; run --name=processes --rw=randread --numjobs=3
        run --name=writes --rw=randwrite | cut -d';' -f1-5
        tail -n +2 /proc/sysvipc/shm | wc -l; echo fio
        """;

    [Fact]
    public Task Fio_runs_with_threads_and_processes_as_on_Linux() => PythonTests.SameAsLinux(Fio, 2, "fio", "storage", memory: 4L << 30);

    // All that its processes share lies in one segment (shared_memory_type), which goes with the server. It refuses to be root.
    private const string PostgreSql = """
        mkdir -p /dev/shm; mount -t tmpfs none /dev/shm; chmod 1777 /dev/shm /tmp; mkdir /tmp/db; chown 1000:1000 /tmp/db
        echo 'me:x:1000:1000::/tmp:/bin/sh' >>/etc/passwd
        cat >/tmp/work <<'end'
        export PATH=/usr/lib/postgresql/15/bin:$PATH LC_ALL=C HOME=/tmp
        initdb -D /tmp/db -U me --no-sync >/tmp/initdb 2>&1 || tail /tmp/initdb
        echo "shared_memory_type = sysv" >>/tmp/db/postgresql.conf
        pg_ctl -D /tmp/db -o "-k /tmp -c listen_addresses=''" -w -l /tmp/log start | tail -1
        psql -h /tmp -U me postgres -c 'create table t as select generate_series(1, 1000) n' -c 'select sum(n) from t' 2>&1
        ipcs -m | grep -c 'me *600'
        for i in 1 2 3; do psql -h /tmp -U me postgres -tc "select sum(n + $i) from t, pg_sleep(1)" >/tmp/sum$i 2>&1 & done; wait; cat /tmp/sum?
        pg_ctl -D /tmp/db -m fast stop | tail -1; tail -n +2 /proc/sysvipc/shm | wc -l
        test "$(tr -d ' ' </tmp/sum1)" = 501500 && echo stopped
        end
        chroot --userspec=1000:1000 / /bin/sh /tmp/work 2>&1
        """;

    [Fact]
    public Task PostgreSQL_shares_its_memory_as_on_Linux() => PythonTests.SameAsLinux(PostgreSql, 2, "stopped", "postgres", memory: 4L << 30);

    [Fact]
    public Task Ipcmk_ipcs_and_ipcrm_print_what_they_print_on_Linux() => PythonTests.SameAsLinux(Tools, 2, "tools");
}
