using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace Microkernel.Benchmark.Faults;

/// <summary>A campaign's figures.</summary>
internal sealed class FaultReport(IReadOnlyList<FaultLine> faults, IReadOnlyList<WorkLine> work)
{
    /// <summary>Heads of the table.</summary>
    public static readonly string[] Columns = ["server", "fault", "injected", "showed", "found by", "p50 ms", "p90 ms", "p99 ms", "most ms"];

    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>All faults.</summary>
    public IReadOnlyList<FaultLine> Faults => faults;

    /// <summary>Errors that programs saw.</summary>
    public long Errors => work.Sum(static line => line.Errors);

    /// <summary>Blocks that were not what had been written.</summary>
    public long Different => work.Sum(static line => line.Different);

    /// <summary>Nobody noticed anything. That each fault was recovered from is in each line's being there: the campaign waits for it.</summary>
    public bool IsClean => Errors == 0 && Different == 0;

    /// <summary>In one line.</summary>
    public string Verdict => string.Create(
        CultureInfo.InvariantCulture,
        $"{faults.Count} faults, {faults.Count(static fault => fault.Restarts > 0)} showed and were recovered from, {work.Sum(static line => line.Operations)} "
        + $"operations of programs, {Errors} errors, {Different} blocks different");

    /// <summary>Rows of the table: one for each server and kind, and one for each server.</summary>
    public IEnumerable<string[]> Rows()
    {
        foreach (IGrouping<string, FaultLine> server in faults.GroupBy(static fault => fault.Server).OrderByDescending(static group => group.Count()))
        {
            foreach (IGrouping<string, FaultLine> kind in server.GroupBy(static fault => fault.Kind).OrderBy(static group => group.Key))
                yield return Row(server.Key, kind.Key, [.. kind]);
            yield return Row(server.Key, "all", [.. server]);
        }
    }

    /// <summary>For a terminal.</summary>
    public Table Table()
    {
        var table = new Table().AddColumns(Columns);
        foreach (string[] row in Rows())
            table.AddRow(row);
        return table;
    }

    /// <summary>For programs: all figures.</summary>
    public string ToJson(TimeSpan taken) => JsonSerializer.Serialize(
        new { Made = DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'"), Seconds = (int)taken.TotalSeconds, Verdict, Work = work, Faults = faults }, Options);

    /// <summary>A percentile of sorted figures.</summary>
    public static long Percentile(long[] sorted, int percent) => sorted[Math.Min(sorted.Length * percent / 100, sorted.Length - 1)];

    private static string[] Row(string server, string kind, FaultLine[] some)
    {
        FaultLine[] shown = [.. some.Where(static fault => fault.Restarts > 0)];
        long[] times = [.. shown.Select(static fault => fault.Recovered).Order()];
        string found = string.Join(", ", shown.GroupBy(static fault => fault.Detector).OrderByDescending(static group => group.Count())
            .Select(static group => $"{group.Key} {group.Count()}"));
        string At(int percent) => times.Length == 0 ? "" : Milliseconds(Percentile(times, percent));
        return [server, kind, Number(some.Length), Number(shown.Length), found, At(50), At(90), At(99), times.Length == 0 ? "" : Milliseconds(times[^1])];
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Milliseconds(long microseconds) => (microseconds / 1000.0).ToString("0.0", CultureInfo.InvariantCulture);
}
