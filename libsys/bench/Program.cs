using System.Globalization;

namespace Libsys.Bench;

/// <summary>
/// Measures Linux calls, the same file on both systems. Arguments: nanoseconds of a batch, number of batches, <c>counting</c> or <c>-</c>, and patterns of the
/// rows wanted (all, without one). A line a row on standard output; docs/performance.md says what is measured.
/// </summary>
internal static class Program
{
    // So that whoever carries the last line away has done it before the next row is measured.
    private const long PauseNanoseconds = 20_000_000;

    private static int Main(string[] arguments)
    {
        FileRows.MakeFiles();
        var measurement = new Measurement(long.Parse(arguments[0], CultureInfo.InvariantCulture), int.Parse(arguments[1], CultureInfo.InvariantCulture));
        if (arguments[2] == "counting")
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
            Console.Out.WriteLine(measurement.Run(row));
            Console.Out.Flush();
            Pause();
        }

        return 0;
    }

    // A part of the name, or all of it behind a '='.
    private static bool Matches(Row row, string pattern) =>
        pattern.StartsWith('=') ? row.Name == pattern[1..] : row.Name.Contains(pattern, StringComparison.OrdinalIgnoreCase);

    private static unsafe void Pause()
    {
        long* time = stackalloc long[2] { 0, PauseNanoseconds };
        Linux.Call(Numbers.Nanosleep, (nint)time, 0);
    }
}
