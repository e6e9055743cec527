using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microkernel.Boot.Tests.Supervision;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Keeping;

/// <summary>
/// A server with state (tests/servers/counter) ends at every step of its protocol, with requests of three clients in flight, and each is counted and answered
/// once.
/// </summary>
public sealed partial class KilledCounterTests
{
    private const int Clients = 3;

    // KEEPING_KILLS=10000 is the campaign.
    private static readonly int Kills = int.TryParse(Environment.GetEnvironmentVariable("KEEPING_KILLS"), CultureInfo.InvariantCulture, out int value) ? value
        : 150;

    private static readonly string StopClients =
        $"for a in {string.Join(' ', Enumerable.Range(1, Clients))}; do echo crash >/sys/servers/adder$a/inject; done; " +
        $"until [ $(dmesg | grep -c 'sum of all clients') = {Clients} ]; do sleep 0.1; done";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Every_request_is_counted_and_answered_once(int cpus)
    {
        string command = $"{KillLoop.Text(Kills, "counter")}\ncat /sys/servers/counter/restarts\n{StopClients}";
        BootAnswer answer = await Boot.Run(new RunRequest { Command = Encoding.UTF8.GetBytes(command), Configuration = "counting", Cpus = cpus,
            Timeout = TimeSpan.FromMinutes(60) });
        Assert.True(answer.ExitStatus == 0 && answer.Text == $"{Kills}\n", answer.Describe("run"));
        string log = await File.ReadAllTextAsync(answer.LogPath);

        Match[] verdicts = [.. Verdict().Matches(log).Cast<Match>()];
        Assert.Equal(Clients, verdicts.Length);
        Assert.All(verdicts, verdict => Assert.Equal("exact", verdict.Groups["verdict"].Value));
        Assert.All(verdicts, verdict => Assert.Equal(verdict.Groups["requests"].Value, verdict.Groups["counted"].Value));
        // Who asks last sees what all of them added.
        Assert.Equal(verdicts.Sum(verdict => Number(verdict, "sum")), All().Matches(log).Cast<Match>().Max(match => Number(match, "all")));
        // Requests went on between the deaths.
        Assert.All(verdicts, verdict => Assert.InRange(Number(verdict, "generations"), Kills / 2, Kills + 1));

        Assert.Equal(Kills, Regex.Count(log, "counter: everything that process [0-9]+ held is free again"));
        Assert.DoesNotContain("handles behind", log, StringComparison.Ordinal);
        Match[] kept = [.. Kept().Matches(log).Cast<Match>()];
        Assert.Equal(Kills + 1, kept.Length);
        Assert.Single(kept.Select(match => Number(match, "frames")).Distinct());
        Assert.All(kept, match => Assert.InRange(Number(match, "names"), 1, 1 + Clients));
        // Shown with `dotnet test -v n`.
        Console.WriteLine($"counter, {cpus} CPUs: {Kills} kills ({Regex.Count(log, "counter failed: .*ends at this step")} at a chosen step), " +
            $"{verdicts.Sum(verdict => Number(verdict, "requests"))} requests");
        Console.WriteLine(string.Join('\n', verdicts.Select(verdict => verdict.Value)));
    }

    [Fact]
    public async Task The_supervisor_loses_no_handle()
    {
        const int FewKills = 30;
        string overlay = Directory.CreateTempSubdirectory("overlay-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(overlay, "kill-loop"), KillLoop.Text(FewKills, "counter"));
            using InteractiveRun run = InteractiveRun.Start(overlay, "counting");
            await run.Command("sh /kill-loop; echo killed-$((1 + 1))");
            await run.WaitFor("killed-2");
            await run.Command("echo crash >/sys/servers/vfs/inject; cat");
            await run.WaitFor("built-in shell");
            await run.PowerOff();
            Match ended = Handles().Match(run.Log);
            Assert.True(ended.Success, run.Log);
            Assert.Equal(ended.Groups["first"].Value, ended.Groups["now"].Value);
        }
        finally
        {
            Directory.Delete(overlay, recursive: true);
        }
    }

    private static long Number(Match match, string group) => long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"finished: (?<verdict>\w+): (?<requests>\d+) requests answered, 0 wrongly, sum (?<sum>\d+); " +
        @"the counter has (?<counted>\d+) of them.* (?<generations>\d+) generations seen")]
    private static partial Regex Verdict();

    [GeneratedRegex(@"sum of all clients: (?<all>\d+)")]
    private static partial Regex All();

    [GeneratedRegex(@"kept account holds (?<frames>\d+) frames under (?<names>\d+) names")]
    private static partial Regex Kept();

    [GeneratedRegex(@"the session ended .*supervisor holds (?<now>\d+) handles, at first (?<first>\d+);")]
    private static partial Regex Handles();
}
