using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Servers;

/// <summary>The large pool of a program's connection with vfs comes and goes: tests/programs/bare/ConnectionChecks.</summary>
public sealed class LargePoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task A_program_that_waits_gives_its_pool_back_and_has_it_again_when_it_needs_it(int cpus)
    {
        using var overlay = new ProgramOverlay("ConnectionChecks");
        BootAnswer answer = await Boot.Run(
            "tr '\\0' x </dev/zero | head -c 70000 >/tmp/x; /ConnectionChecks /tmp/x p", TargetSystem.Microkernel, cpus, overlay.Directory);
        // 0: all is right, and the pool is there or not as it should be.
        const string expected = """
            asleep 0
            in a read of vfs 0
            in poll 0
            for a child 0
            a short time 0
            frames are free again 1
            and there when needed 0

            """;
        Assert.True(answer.ExitStatus == 0 && answer.Text == expected, answer.Describe("run"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_pool_that_requests_in_work_name_is_not_taken_away_whatever_the_program_says(int cpus)
    {
        using var overlay = new ProgramOverlay("ConnectionChecks");
        BootAnswer answer = await Boot.Run("/ConnectionChecks / q; echo $?", TargetSystem.Microkernel, cpus, overlay.Directory);
        // SIGSEGV is 11.
        const string expected = """
            while a read waits 0
            while a poll waits 0
            pools that there are not 0
            a request that names what is gone 0
            memory that is gone 1011
            again and again 0
            0

            """;
        Assert.True(answer.ExitStatus == 0 && answer.Text == expected, answer.Describe("run"));
    }
}
