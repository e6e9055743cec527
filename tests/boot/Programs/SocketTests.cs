namespace Microkernel.Boot.Tests.Programs;

/// <summary>AF_UNIX sockets, in memory and by requests, tests/programs/bare/SocketChecks.</summary>
public sealed class SocketTests
{
    [Theory]
    [InlineData("n", 1)]
    [InlineData("n", 2)]
    [InlineData("s", 1)]
    [InlineData("s", 2)]
    [InlineData("m", 1)]
    [InlineData("m", 2)]
    [InlineData("r", 1)]
    [InlineData("r", 2)]
    [InlineData("o", 2)]
    [InlineData("w", 1)]
    [InlineData("w", 2)]
    [InlineData("w", 4)]
    [InlineData("u", 2)]
    public async Task Values_waiting_and_rights_are_as_on_Linux(string part, int cpus)
    {
        using var overlay = new ProgramOverlay("SocketChecks");
        await LinuxOracle.SameAsLinux("/SocketChecks " + part, cpus, overlay.Directory);
    }
}
