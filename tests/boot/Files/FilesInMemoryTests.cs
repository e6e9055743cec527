using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Files;

/// <summary>Open files that are read and written without a message (docs/files-in-memory.md): tests/programs/bare/FileChecks.</summary>
public sealed class FilesInMemoryTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Devices_of_memory_are_those_of_Linux(int cpus)
    {
        using var overlay = new ProgramOverlay("FileChecks");
        await LinuxOracle.SameAsLinux("/FileChecks d", cpus, overlay.Directory);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Offsets_and_attributes_are_those_of_Linux(int cpus)
    {
        using var overlay = new ProgramOverlay("FileChecks");
        await LinuxOracle.SameAsLinux("/FileChecks o", cpus, overlay.Directory);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Reads_are_those_of_Linux(int cpus)
    {
        using var overlay = new ProgramOverlay("FileChecks");
        await LinuxOracle.SameAsLinux("/FileChecks r", cpus, overlay.Directory);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Writes_are_those_of_Linux(int cpus)
    {
        using var overlay = new ProgramOverlay("FileChecks");
        await LinuxOracle.SameAsLinux("/FileChecks w", cpus, overlay.Directory);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Mappings_are_those_of_Linux(int cpus)
    {
        using var overlay = new ProgramOverlay("FileChecks");
        const string prepare = "mkdir /m /x; mount -t tmpfs m /m; mount -t tmpfs -o noexec x /x; ";
        await LinuxOracle.SameAsLinux(prepare + "/FileChecks p; echo status $?", cpus, overlay.Directory);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Transfers_are_those_of_Linux(int cpus)
    {
        using var overlay = new ProgramOverlay("FileChecks");
        await LinuxOracle.SameAsLinux("/FileChecks t", cpus, overlay.Directory);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Shared_offsets_are_those_of_Linux(int cpus)
    {
        using var overlay = new ProgramOverlay("FileChecks");
        const string shell = "seq 1 3000 > /tmp/lines; while read a; do read b; (read c; echo $a $b $c); done < /tmp/lines | md5sum";
        await LinuxOracle.SameAsLinux("/FileChecks s; " + shell, cpus, overlay.Directory);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Many_at_once_read_each_byte_once_and_no_others(int cpus)
    {
        // Not what Linux prints at that moment: there a read beside a truncation may find zeros.
        const string expected = """
            sum 8002000
            sum 8002000
            sum 8002000
            torn 0
            all 0
            writer 0
            other bytes 0
            other bytes 0
            other bytes 0
            other bytes 0
            torn 0
            strange 0
            wrong 0
            sum 4619648

            """;
        using var overlay = new ProgramOverlay("FileChecks");
        BootAnswer answer = await Boot.Run("/FileChecks m", TargetSystem.Microkernel, cpus, overlay.Directory);
        Assert.True(answer.ExitStatus == 0 && answer.Text == expected, answer.Describe("microkernel"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_program_harms_nobody_by_what_it_sees_of_its_files(int cpus)
    {
        using var overlay = new ProgramOverlay("FileChecks");
        const string expected = """
            scribbles 0
            scribbles while others use it 0
            writes through what it reads 1011
            makes it writable 0
            moves it and makes it writable 0
            keeps it when the file is cut 1011
            unmaps under its own feet 0
            lends itself what it may only read 0
            scribbles while it writes 0
            keeps the window while another writes 1011
            keeps it elsewhere when the file is cut 1007
            keeps it when it is closed 1007
            makes it executable 0
            writes behind the end 0
            maps again what it may only read there 0
            writes what it maps again 1011
            makes that writable 0
            copies it and writes 0
            keeps that when the file is cut 1007
            maps again what it writes 0
            maps again all else 0
            maps and scribbles 0
            unchanged 20480
            unchanged 20480
            shared offset 1

            """;
        BootAnswer answer = await Boot.Run("/FileChecks h", TargetSystem.Microkernel, cpus, overlay.Directory);
        Assert.True(answer.ExitStatus == 0 && answer.Text == expected, answer.Describe("run"));
    }
}
