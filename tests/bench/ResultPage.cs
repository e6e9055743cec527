using System.Net;

namespace Microkernel.Benchmark;

/// <summary><c>out/bench/index.html</c>: table and plots in one file.</summary>
internal static class ResultPage
{
    /// <summary>How all pages look.</summary>
    public const string Style = """
        body { font: 14px sans-serif; margin: 2em } table { border-collapse: collapse; margin: 1em 0 }
        td, th { border: 1px solid #ccc; padding: 2px 8px; text-align: right } td:first-child, th:first-child { text-align: left }
        tr:last-child { font-weight: bold } svg { display: block; margin: 1em 0 }
        """;

    /// <summary>The page.</summary>
    public static string Format(IReadOnlyList<RowResult> rows, int boots, TimeSpan taken) => $"""
        <!DOCTYPE html>
        <html lang="en"><meta charset="utf-8"><title>Microkernel and Linux</title><style>{Style}</style>
        <h1>Microkernel and Linux</h1>
        <p>{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, {taken.TotalMinutes:0} minutes. {ResultTable.Note(rows, boots)} docs/performance.md says how to read it.</p>
        {Table(rows)}
        {Missing(rows)}
        {Charts.Ratios(rows, Setting.Instructions, "Instructions, times as many as on Linux")}
        {Charts.Ratios(rows, Setting.OneCpu, "Time with 1 CPU, times as long as on Linux")}
        {Charts.Ratios(rows, Setting.TwoCpus, "Time with 2 CPUs, times as long as on Linux")}
        {Charts.Figures(rows, Setting.Instructions, "Instructions")}
        {Charts.Figures(rows, Setting.OneCpu, "Nanoseconds with 1 CPU")}
        {Charts.Figures(rows, Setting.TwoCpus, "Nanoseconds with 2 CPUs")}
        </html>
        """;

    private static string Table(IReadOnlyList<RowResult> rows) =>
        $"<table>{Line("th", ResultTable.Columns)}{string.Concat(ResultTable.Cells(rows).Select(cells => Line("td", cells)))}</table>";

    /// <summary>A row of a table.</summary>
    public static string Line(string tag, IEnumerable<string> cells) =>
        $"<tr>{string.Concat(cells.Select(cell => $"<{tag}>{WebUtility.HtmlEncode(cell)}</{tag}>"))}</tr>\n";

    private static string Missing(IReadOnlyList<RowResult> rows) => string.Concat(rows.SelectMany(row => new[]
    {
        row.MissingHere is null ? "" : $"<p>{WebUtility.HtmlEncode($"{row.Name}: not here ({row.MissingHere})")}</p>\n",
        row.MissingOnLinux is null ? "" : $"<p>{WebUtility.HtmlEncode($"{row.Name}: not on Linux ({row.MissingOnLinux})")}</p>\n",
    }));
}
