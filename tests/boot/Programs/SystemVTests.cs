namespace Microkernel.Boot.Tests.Programs;

/// <summary>System V IPC by python's raw calls and by util-linux' programs: as on Linux.</summary>
public sealed class SystemVTests
{
    // Keys of ipcmk are random, and pids and times differ: what is printed leaves them out.
    private const string Tools = """
        ipcmk -M 10000 -p 0640; ipcmk -S 3; ipcmk -Q
        for what in shm sem msg; do cut -c11-38 /proc/sysvipc/$what; done
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

    [Fact]
    public Task Ipcmk_ipcs_and_ipcrm_print_what_they_print_on_Linux() => PythonTests.SameAsLinux(Tools, 2, "tools");
}
