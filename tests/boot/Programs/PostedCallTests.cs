namespace Microkernel.Boot.Tests.Programs;

/// <summary>open and close that are not waited for, tests/programs/bare/PostedChecks: nobody can tell.</summary>
public sealed class PostedCallTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Opens_and_closes_are_those_of_Linux_and_others_see_them_at_once(int cpus)
    {
        using var overlay = new ProgramOverlay("PostedChecks");
        await LinuxOracle.SameAsLinux("/PostedChecks", cpus, overlay.Directory);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task What_is_there_is_opened_and_what_was_done_is_seen_while_files_change(int cpus)
    {
        using var overlay = new ProgramOverlay("PostedChecks");
        await LinuxOracle.SameAsLinux("/PostedChecks race", cpus, overlay.Directory);
    }
}
