using System.Net;
using ScottPlot;

namespace Microkernel.Benchmark.Faults;

/// <summary><c>out/faults/index.html</c>: table and plots in one file.</summary>
internal static class FaultPage
{
    private const int Width = 1000, Height = 500;

    /// <summary>The page.</summary>
    public static string Format(FaultReport report, TimeSpan taken) => $"""
        <!DOCTYPE html>
        <html lang="en"><meta charset="utf-8"><title>Faults</title><style>{ResultPage.Style}</style>
        <h1>Faults of drivers</h1>
        <p>{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, {taken.TotalMinutes:0} minutes. {WebUtility.HtmlEncode(report.Verdict)}.
        docs/fault-campaign.md says how to read it.</p>
        <table>{ResultPage.Line("th", FaultReport.Columns)}{string.Concat(report.Rows().Select(static row => ResultPage.Line("td", row)))}</table>
        {string.Concat(report.Faults.GroupBy(static fault => fault.Server).Select(static server => Distribution(server.Key, [.. server])))}
        </html>
        """;

    // A line for each kind: the share of those that showed that were over after a time.
    private static string Distribution(string server, FaultLine[] faults)
    {
        var plot = new Plot();
        plot.Title($"{server}: share recovered from after a time");
        foreach (IGrouping<string, FaultLine> kind in faults.Where(static fault => fault.Restarts > 0).GroupBy(static fault => fault.Kind))
        {
            double[] times = [.. kind.Select(static fault => Math.Log10(Math.Max(fault.Recovered, 1) / 1000.0)).Order()];
            var line = plot.Add.ScatterLine(times, [.. times.Select((_, index) => (index + 1.0) / times.Length)]);
            line.LegendText = kind.Key;
            line.ConnectStyle = ConnectStyle.StepHorizontal;
        }

        int[] powers = [.. Enumerable.Range(-1, 6)];
        plot.Axes.Bottom.SetTicks([.. powers.Select(static power => (double)power)], [.. powers.Select(static power => $"10^{power} ms")]);
        plot.ShowLegend(Alignment.LowerRight);
        return plot.GetSvgXml(Width, Height);
    }
}
