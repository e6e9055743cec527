using System.Globalization;

namespace Microkernel.Benchmark.Disks;

/// <summary>The rows of disks as cells of text, for the terminal and docs/performance.md.</summary>
internal static class DiskTable
{
    /// <summary>Names of the columns. A ratio is of this system to Linux, as in the table of calls.</summary>
    public static readonly string[] Columns = ["row", "s", "Linux", "ratio", "lowest and highest, s", "Linux", "answers"];

    /// <summary>The rows, and a last one with the geometric mean.</summary>
    public static IEnumerable<string[]> Cells(IReadOnlyList<DiskResult> results)
    {
        foreach (DiskResult row in results)
        {
            yield return
            [
                row.Name, Text(row.Pair.Here?.Middle), Text(row.Pair.Linux?.Middle), Text(row.Pair.Ratio), Range(row.Pair.Here), Range(row.Pair.Linux),
                row.IsRight ? "same" : "DIFFERENT",
            ];
        }

        double[] logarithms = [.. results.Select(row => row.Pair.Ratio).OfType<double>().Select(static ratio => Math.Log(ratio))];
        yield return
        [
            $"geometric mean of {logarithms.Length} rows", "", "", Text(logarithms.Length == 0 ? null : Math.Exp(logarithms.Average())), "", "", "",
        ];
    }

    /// <summary>Puts the table, and a sentence below it, between its markers of a page.</summary>
    /// <exception cref="InvalidDataException">The page has no markers.</exception>
    public static string Update(string page, IReadOnlyList<DiskResult> results, int boots, int cpus)
    {
        string note = string.Create(CultureInfo.InvariantCulture, $"The middle of {boots} boots of each system in turns, with {cpus} CPUs.");
        return ResultTable.Replace(page, "make bench, disks", $"{ResultTable.Markdown([Columns, .. Cells(results)])}\n{note}\n");
    }

    private static string Range(Figure? figure) => figure is null ? ResultTable.None : $"{Text(figure.Lowest)} to {Text(figure.Highest)}";

    private static string Text(double? value) => value?.ToString("0.00", CultureInfo.InvariantCulture) ?? ResultTable.None;
}
