using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Programs;

/// <summary>Names that vfs publishes, tests/programs/bare/NameChecks.</summary>
public sealed class NameTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Paths_attributes_permissions_and_links_are_as_on_Linux_whoever_changes_them(int cpus)
    {
        using var overlay = new ProgramOverlay("NameChecks");
        await LinuxOracle.SameAsLinux("/NameChecks", cpus, overlay.Directory);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Directories_are_listed_as_on_Linux_while_names_come_and_go(int cpus)
    {
        using var overlay = new ProgramOverlay("NameChecks");
        await LinuxOracle.SameAsLinux("/NameChecks what is listed", cpus, overlay.Directory);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task What_is_there_is_found_and_what_was_done_is_seen_while_names_change(int cpus)
    {
        using var overlay = new ProgramOverlay("NameChecks");
        await LinuxOracle.SameAsLinux("/NameChecks race", cpus, overlay.Directory);
    }

    [Fact]
    public async Task A_program_reads_what_is_public_and_nothing_else_and_cannot_write_it()
    {
        using var overlay = new ProgramOverlay("NameChecks");
        BootAnswer answer = await Boot.Run("/NameChecks in memory", TargetSystem.Microkernel, 1, overlay.Directory);
        const string expected = "public 1\nshown 1\nhidden 0\nclosed, moved and removed 0\nlooked at by root 0\nhidden 0\npublic 1\nwritten 11\nmprotect 0\n";
        Assert.True(answer.Text == expected && answer.ExitStatus == 0, answer.Describe("run"));
    }
}
