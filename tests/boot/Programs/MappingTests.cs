namespace Microkernel.Boot.Tests.Programs;

/// <summary>What a program may do with a mapping, tests/programs/bare/MappingChecks: as on Linux.</summary>
public sealed class MappingTests
{
    // A file of eight pages, on mounts that forbid execution and writing, and a program that gives up root after the first part.
    private const string Prepare = """
        mkdir /w /x /r; mount -t tmpfs -o noexec x /x; mount -t tmpfs r /r
        for d in /w /x /r; do seq 100000 | head -c 32768 >$d/file; chmod 666 $d/file; done
        mount -o remount,ro r /r
        """;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_mapping_gives_what_the_descriptor_and_the_mount_give(int cpus)
    {
        using var overlay = new ProgramOverlay("MappingChecks");
        await LinuxOracle.SameAsLinux(Prepare + "\n/MappingChecks; echo status $?; sha256sum /etc/passwd /?/file", cpus, overlay.Directory);
    }
}
