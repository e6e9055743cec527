using System.Globalization;

namespace Microkernel.Benchmark;

/// <summary>What a job did on one system: its status, the hash of what it printed, and its time in seconds.</summary>
internal sealed record JobAnswer(string Name, string Answer, double Seconds)
{
    private const double MicrosecondsPerSecond = 1e6;

    /// <summary>A line of name, answer and microseconds; null for others, which are the beginning of what a failed job said, and are shown.</summary>
    public static JobAnswer? Parse(string line)
    {
        if (line.TrimEnd().Split(' ') is [string name, string answer, string time] && long.TryParse(time, CultureInfo.InvariantCulture, out long microseconds))
            return new JobAnswer(name, answer, microseconds / MicrosecondsPerSecond);
        Console.Error.WriteLine($"jobs: {line}");
        return null;
    }
}
