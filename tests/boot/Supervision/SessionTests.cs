using System.Text.RegularExpressions;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Supervision;

/// <summary>vfs or process ends, and with it the session: nothing of it is left, and another one begins.</summary>
public sealed partial class SessionTests
{
    private const int LongestRestart = 2000;

    [Theory]
    [InlineData("vfs", "crash")]
    [InlineData("process", "exit")]
    public async Task A_run_of_one_command_ends_with_its_cause(string server, string fault)
    {
        BootAnswer answer = await Boot.Run($"echo {fault} >/sys/servers/{server}/inject; sleep 100", TargetSystem.Microkernel);
        Assert.Equal(RunStatus.NoSession, answer.ExitStatus);
        string log = await File.ReadAllTextAsync(answer.LogPath);
        Assert.Contains($"the command of this run has ended with {server}, and is not run again: power off", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fresh_session_begins_and_accounts_handles_and_frames_are_as_before_the_first()
    {
        (string Server, string Fault)[] faults = [("process", "crash"), ("vfs", "exit"), ("process", "hang"), ("vfs", "garbage")];
        using InteractiveRun run = InteractiveRun.Start();
        foreach ((string server, string fault) in faults)
        {
            // The clock's driver outlives the session, and has memory of vfs and of this program.
            await run.Command("mount -t devtmpfs none /mnt; sleep 1000 & sleep 1000 </mnt/rtc0 | cat & echo marked >/tmp/mark");
            await run.Command($"echo {fault} >/sys/servers/{server}/inject; cat");
            await run.WaitFor("built-in shell");
            await run.Command("ls /tmp/mark; ps | grep -c sleep; echo gone-$((1 + 1))");
            await run.WaitFor("No such file");
            await run.WaitFor("gone-2");
            run.Type("\r");
        }

        await run.PowerOff();
        string log = run.Log;
        Assert.Equal(faults.Length, Ended().Count(log));
        foreach (Match match in Ended().Matches(log))
        {
            Assert.DoesNotMatch(@"[ -][1-9]\d* (frames|handles)", match.Groups["above"].Value);
            Assert.Equal(match.Groups["first"].Value, match.Groups["now"].Value);
        }

        Assert.Equal(faults.Length, Begun().Count(log));
        Assert.All(Begun().Matches(log),
            match => Assert.InRange(int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture), 0, LongestRestart));
    }

    [Theory]
    [InlineData("crash", "supervisor: PANIC: the supervisor has failed")]
    [InlineData("exit", "PANIC: the first address space has ended")]
    [InlineData("hang", "supervisor: PANIC: the supervisor hangs", 1)]
    public async Task The_end_of_the_supervisor_is_a_panic(string fault, string message, int cpus = 2)
    {
        BootAnswer answer = await Boot.Run($"echo {fault} >/sys/servers/supervisor/inject; sleep 100", TargetSystem.Microkernel, cpus);
        Assert.Equal(RunStatus.NoSession, answer.ExitStatus);
        Assert.Contains(message, await File.ReadAllTextAsync(answer.LogPath), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"the session ended \d+ ms after \w+ failed; above the beginning:(?<above>[^;]*); supervisor holds (?<now>\d+) handles, " +
        @"at first (?<first>\d+);")]
    private static partial Regex Ended();

    [GeneratedRegex(@"a fresh session begins (\d+) ms after")]
    private static partial Regex Begun();
}
