using System.Globalization;
using Microkernel.Image.Bench;

namespace Microkernel.Benchmark;

/// <summary>The results as cells of text: for the terminal, the page and docs/performance.md.</summary>
internal static class ResultTable
{
    /// <summary>What stands where a system lacks something.</summary>
    public const string None = "—";

    private static readonly Setting[] Compared = [Setting.Instructions, Setting.OneCpu, Setting.TwoCpus];

    /// <summary>Names of the columns.</summary>
    public static readonly string[] Columns =
    [
        "operation", "instructions", "Linux", "ratio", "ns, 1 CPU", "Linux", "ratio", "ns, 2 CPUs", "Linux", "ratio", "messages", "kernel entries",
        "switches",
    ];

    /// <summary>The rows, and a last one of geometric means.</summary>
    public static IEnumerable<string[]> Cells(IReadOnlyList<RowResult> rows)
    {
        foreach (RowResult row in rows)
            yield return [row.Name, .. Compared.SelectMany(setting => Figures(row.Pairs[setting])), .. Counts(row.Counts)];
        int both = rows.Count(row => Compared.Any(setting => row.Pairs[setting].Ratio is not null));
        yield return
        [
            $"geometric mean of {both} rows", .. Compared.SelectMany(setting => (string[])["", "", Ratio(Results.GeometricMean(rows, setting))]), "", "", "",
        ];
    }

    /// <summary>How sure the times are.</summary>
    public static string Note(IReadOnlyList<RowResult> rows, int boots)
    {
        double[] spreads =
        [
            .. rows.SelectMany(row => new[] { row.Pairs[Setting.OneCpu], row.Pairs[Setting.TwoCpus] }).SelectMany(pair => new[] { pair.Here, pair.Linux })
                .OfType<Figure>().Select(figure => figure.Spread),
        ];
        double middle = spreads.Length == 0 ? 0 : BenchLine.Middle(spreads);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Times are of {boots} boots of each system with one CPU, and as many with two; "
            + $"in the middle row the lowest and the highest are {middle:0 %} apart.");
    }

    /// <summary>Puts the table, and a sentence below it, between the markers of a page.</summary>
    /// <exception cref="InvalidDataException">The page has no markers.</exception>
    public static string Update(string page, IReadOnlyList<RowResult> rows, string note) =>
        Replace(page, "make bench", $"{Markdown([Columns, .. Cells(rows)])}\n{note}\n");

    /// <summary>Puts text between the markers of this name.</summary>
    /// <exception cref="InvalidDataException">The page has no such markers.</exception>
    public static string Replace(string page, string name, string text)
    {
        string begin = $"<!-- {name}: begin -->\n", end = $"<!-- {name}: end -->";
        int from = page.IndexOf(begin, StringComparison.Ordinal), to = page.IndexOf(end, StringComparison.Ordinal);
        if (from < 0 || to < from)
            throw new InvalidDataException($"no {begin.Trim()} and {end} in the page");
        return page[..(from + begin.Length)] + text + page[to..];
    }

    /// <summary>A table: names of columns, then rows. Figures stand to the right.</summary>
    public static string Markdown(IReadOnlyList<string[]> rows)
    {
        IEnumerable<string[]> lines = [rows[0], ["---", .. rows[0][1..].Select(_ => "---:")], .. rows.Skip(1)];
        return string.Concat(lines.Select(cells => $"| {string.Join(" | ", cells)} |\n"));
    }

    private static string[] Figures(Pair pair) => [Number(pair.Here?.Middle), Number(pair.Linux?.Middle), Ratio(pair.Ratio)];

    private static string[] Counts(BenchCounts? counts) =>
        counts is null ? [None, None, None] : [Small(counts.Messages), Small(counts.KernelEntries), Small(counts.SpaceSwitches)];

    private static string Number(double? value) => value?.ToString("N0", CultureInfo.InvariantCulture) ?? None;

    private static string Ratio(double? value) => value?.ToString("0.00", CultureInfo.InvariantCulture) ?? None;

    private static string Small(double value) => value.ToString(value >= 10 ? "0" : "0.##", CultureInfo.InvariantCulture);
}
