using System.Globalization;
using System.Text.RegularExpressions;

namespace Microkernel.Benchmark.Faults;

/// <summary>What became of one fault: a line of tests/bench/faults/campaign.py.</summary>
/// <param name="Number">In the order in which they were committed, from 0.</param>
/// <param name="Server">Who committed it.</param>
/// <param name="Kind">Its name, as /sys/servers/NAME/inject has it.</param>
/// <param name="Restarts">Restarts that followed; 0: it did not show.</param>
/// <param name="Noticed">Microseconds from the fault until it was noticed; 0 with those below: not known.</param>
/// <param name="Quiesced">Until the device was cut off.</param>
/// <param name="Ready">Until the successor was ready.</param>
/// <param name="First">Until the first answer.</param>
/// <param name="Failure">What the supervisor said of it.</param>
internal sealed partial record FaultLine(
    int Number, string Server, string Kind, int Restarts, long Noticed, long Quiesced, long Ready, long First, string Failure)
{
    /// <summary>Microseconds until requests were answered again, as far as anybody asked.</summary>
    public long Recovered => First > 0 ? First : Ready;

    /// <summary>By what it was found, in short.</summary>
    public string Detector => Restarts == 0 ? "did not show"
        : Failure.Contains("not lent", StringComparison.Ordinal) ? "IOMMU"
        : Failure.Contains("client waits", StringComparison.Ordinal) ? "client's suspicion"
        : Failure.StartsWith("hangs", StringComparison.Ordinal) ? "heartbeat"
        : Failure.Contains("protocol", StringComparison.Ordinal) ? "client's checks"
        : Failure.Contains("exception", StringComparison.Ordinal) ? "exception"
        : Failure.StartsWith("crashed", StringComparison.Ordinal) || Failure.StartsWith("faulted", StringComparison.Ordinal) ? "signal"
        : "end of the process";

    /// <summary>Reads a line, or null: it is another one.</summary>
    public static FaultLine? Parse(string line)
    {
        Match match = Form().Match(line);
        if (!match.Success)
            return null;
        long Value(int group) => long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
        return new FaultLine(
            (int)Value(1), match.Groups[2].Value, match.Groups[3].Value, (int)Value(4), Value(5), Value(6), Value(7), Value(8), match.Groups[9].Value);
    }

    [GeneratedRegex(@"^fault (\d+) (\S+) (\S+) (\d+) (\d+) (\d+) (\d+) (\d+) (.*)$")]
    private static partial Regex Form();
}

/// <summary>What a program that worked all the time found.</summary>
internal sealed partial record WorkLine(string Name, long Operations, long Errors, long Different)
{
    /// <summary>Reads a line, or null: it is another one.</summary>
    public static WorkLine? Parse(string line) =>
        Form().Match(line) is { Success: true } match
            ? new WorkLine(match.Groups[1].Value, Value(match, 2), Value(match, 3), Value(match, 4)) : null;

    private static long Value(Match match, int group) => long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^work (\S+) (\d+) (\d+) (\d+)$")]
    private static partial Regex Form();
}
