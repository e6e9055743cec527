using System.Globalization;

namespace Libsys.Bench;

/// <summary>
/// Measures Linux calls, the same file on both systems. Arguments: nanoseconds of a batch, number of batches, <c>counting</c>, <c>profile</c> or <c>-</c>, and
/// patterns of the rows wanted (all, without one). A line a row on standard output; docs/performance.md says what is measured.
/// </summary>
internal static class Program
{
    // So that whoever carries the last line away has done it before the next row is measured.
    private const double Pause = 0.02;

    private static int Main(string[] arguments)
    {
        FileRows.MakeFiles();
        Mode mode = arguments[2] switch { "counting" => Mode.Counting, "profile" => Mode.Profile, _ => Mode.Time };
        var measurement = new Measurement(
            long.Parse(arguments[0], CultureInfo.InvariantCulture), int.Parse(arguments[1], CultureInfo.InvariantCulture), mode);
        if (mode == Mode.Counting)
            Counters.Enable();
        string[] patterns = arguments[3..];
        Row[] rows =
        [
            .. CallRows.All(), .. FileRows.All(), .. EventRows.All(), .. StreamRows.All(), .. ProcessRows.All(), .. MemoryRows.All(),
        ];
        foreach (Row row in rows)
        {
            if (patterns.Length > 0 && !patterns.Any(pattern => Matches(row, pattern)))
                continue;
            Linux.WriteLine(measurement.Run(row));
            Linux.Sleep(Pause);
        }

        return 0;
    }

    // A part of the name, or all of it behind a '='.
    private static bool Matches(Row row, string pattern) =>
        pattern.StartsWith('=') ? row.Name == pattern[1..] : row.Name.Contains(pattern, StringComparison.OrdinalIgnoreCase);
}
