using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Programs;

/// <summary>Ids that the process server publishes, tests/programs/bare/IdentityChecks.</summary>
public sealed class IdentityTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Parent_group_and_session_are_as_on_Linux_whoever_changes_them(int cpus)
    {
        using var overlay = new ProgramOverlay("IdentityChecks");
        await LinuxOracle.SameAsLinux("/IdentityChecks", cpus, overlay.Directory);
    }

    [Fact]
    public async Task A_program_reads_them_and_cannot_write_them()
    {
        using var overlay = new ProgramOverlay("IdentityChecks");
        BootAnswer answer = await Boot.Run("/IdentityChecks w", TargetSystem.Microkernel, 1, overlay.Directory);
        Assert.True(answer.Text == "readable 1\nwritten 11\nmprotect 0\n" && answer.ExitStatus == 0, answer.Describe("run"));
    }
}
