using Microkernel.Image.Run;

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
    [InlineData("d", 1)]
    [InlineData("d", 2)]
    [InlineData("d", 4)]
    [InlineData("r", 1)]
    [InlineData("r", 2)]
    [InlineData("l", 1)]
    [InlineData("l", 2)]
    [InlineData("b", 1)]
    [InlineData("b", 2)]
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

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_program_harms_nobody_by_what_it_has_mapped(int cpus)
    {
        using var overlay = new ProgramOverlay("SocketChecks");
        // Streams, datagrams, sequenced packets.
        const string each = """
            scribbles 0
            scribbles while the other side uses it 0
            makes more writable 0
            writes what it may not 0
            ends in the middle 0
            maps and never unmaps 0
            mine still works 22111

            """;
        BootAnswer answer = await Boot.Run("/SocketChecks h", TargetSystem.Microkernel, cpus, overlay.Directory);
        Assert.True(answer.ExitStatus == 0 && answer.Text == each + each + each, answer.Describe("run"));
    }
}
