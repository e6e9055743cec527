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
}
