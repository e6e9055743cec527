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

    [Fact]
    public Task Ipcmk_ipcs_and_ipcrm_print_what_they_print_on_Linux() => PythonTests.SameAsLinux(Tools, 2, "tools");
}
