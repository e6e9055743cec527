using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Supervision;

/// <summary>The console driver ends in the middle of everything, and no program notices.</summary>
public sealed partial class ConsoleRestartTests
{
    // SUPERVISION_KILLS=1000 SUPERVISION_LINES=1000000 is the long run that docs/performance.md records.
    private static readonly int Kills = Setting("SUPERVISION_KILLS", 60);
    private static readonly int Lines = Setting("SUPERVISION_LINES", 100_000);

    [Fact]
    public async Task Not_a_line_of_output_is_lost_doubled_or_torn()
    {
        string command = $"({KillLoop.Text(Kills)}) &\nseq 1 {Lines}\necho status $?\nwait\ncat /tmp/killed /sys/servers/console/restarts";
        BootAnswer answer = await Boot.Run(new RunRequest { Command = Encoding.UTF8.GetBytes(command), Timeout = TimeSpan.FromMinutes(60) });
        Assert.True(answer.ExitStatus == 0, answer.Describe("run"));
        string[] lines = answer.Text.Split('\n');
        for (int line = 0; line < Lines; line++)
            Assert.True(line < lines.Length && lines[line] == (line + 1).ToString(CultureInfo.InvariantCulture),
            $"line {line + 1}: {(line < lines.Length ? lines[line] : "none")}");
        Assert.Equal(["status 0", $"{Kills}", $"{Kills}", ""], lines[Lines..]);

        string log = await File.ReadAllTextAsync(answer.LogPath);
        Assert.Equal(Kills, log.Split("held is free again").Length - 1);
        // Shown with `dotnet test -v n`; a busy host decides the figures, so nothing is asserted of them.
        Console.WriteLine($"console: {Kills} kills, after the end was noticed: successor ready {Percentiles(Ready(), log)}; " +
            $"first output {Percentiles(FirstOutput(), log)}");
    }

    [Fact]
    public async Task Typed_input_and_printed_lines_survive_together()
    {
        const int Typed = 300, Printed = 20_000, FewKills = 20;
        string overlay = Directory.CreateTempSubdirectory("overlay-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(overlay, "kill-loop"), KillLoop.Text(FewKills));
            using InteractiveRun run = InteractiveRun.Start(overlay);
            await run.Command(
                $"stty -echo; sh /kill-loop & (seq 1 {Printed}; echo end-$((1 + 1))) & echo begin-$((1 + 1)); cat >/tmp/typed; wait; stty echo; "
                + $"seq 1 {Typed} | sed 's/^/typed /' | cmp - /tmp/typed && echo same-$((40 + 2)); cat /tmp/killed");
            await run.WaitFor("begin-2");
            for (int line = 1; line <= Typed; line++)
            {
                run.Type($"typed {line}\r");
                if (line % 10 == 0)
                    await Task.Delay(20);
            }

            run.Type("\u0004");
            await run.WaitFor("end-2");
            await run.WaitFor("same-42");
            string output = run.Output;
            await run.PowerOff();
            int[] numbers = [.. Number().Matches(output[..output.IndexOf("end-2", StringComparison.Ordinal)]).Select(match =>
                int.Parse(match.Value, CultureInfo.InvariantCulture))];
            Assert.Equal(Enumerable.Range(1, Printed), numbers);
        }
        finally
        {
            Directory.Delete(overlay, recursive: true);
        }
    }

    private static string Percentiles(Regex figure, string log)
    {
        int[] times = [.. figure.Matches(log).Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).Order()];
        Assert.NotEmpty(times);
        return $"p50 {At(50)} us, p90 {At(90)} us, p99 {At(99)} us, most {times[^1]} us ({times.Length} figures)";

        int At(int percent) => times[times.Length * percent / 100];
    }

    private static int Setting(string name, int absent) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : absent;

    [GeneratedRegex(@"was ready (\d+) us after the end of its predecessor")]
    private static partial Regex Ready();

    [GeneratedRegex(@"first output (\d+) us")]
    private static partial Regex FirstOutput();

    [GeneratedRegex(@"(?<=\n)\d+(?=\r*\n)")]
    private static partial Regex Number();
}
