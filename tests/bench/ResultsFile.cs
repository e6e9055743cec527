using System.Text.Json;
using Microkernel.Image.Bench;

namespace Microkernel.Benchmark;

/// <summary><c>out/bench/results.json</c>: all figures, for programs.</summary>
internal static class ResultsFile
{
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>The file's text.</summary>
    public static string Format(IReadOnlyList<RowResult> rows, int boots, TimeSpan taken) => JsonSerializer.Serialize(
        new
        {
            Made = DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'"),
            Boots = boots,
            Seconds = (int)taken.TotalSeconds,
            GeometricMeans = Enum.GetValues<Setting>().Where(setting => setting != Setting.Messages)
                .ToDictionary(setting => setting.ToString(), setting => Results.GeometricMean(rows, setting)),
            Rows = rows.Select(row => new
            {
                row.Name,
                row.MissingHere,
                row.MissingOnLinux,
                Figures = row.Pairs.ToDictionary(pair => pair.Key.ToString(), pair => pair.Value),
                PerOperation = row.Counts is BenchCounts counts
                    ? new
                    {
                        counts.Messages, counts.RingRequests, counts.EndpointCalls, counts.KernelEntries, counts.KernelCalls, counts.Interrupts,
                        counts.SpaceSwitches,
                    }
                    : null,
            }),
        },
        Options);
}
