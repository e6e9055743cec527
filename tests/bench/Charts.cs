using Microkernel.Image.Bench;
using ScottPlot;

namespace Microkernel.Benchmark;

/// <summary>Plots of the results, as SVG.</summary>
internal static class Charts
{
    private const int Width = 1000, RowHeight = 20, Frame = 120;

    private static readonly Color Dearer = Color.FromHex("#c0504d"), Cheaper = Color.FromHex("#4f8f4f"), LinuxColor = Color.FromHex("#888888");

    /// <summary>How many times as much as on Linux: a bar a row, to the right where it is more.</summary>
    public static string Ratios(IReadOnlyList<RowResult> rows, Setting setting, string title)
    {
        RowResult[] both = [.. rows.Where(row => row.Pairs[setting].Ratio is not null).Reverse()];
        Plot plot = Prepare(both, title);
        Bar[] lengths = [.. both.Select((row, index) =>
        {
            double ratio = row.Pairs[setting].Ratio!.Value;
            return new Bar { Position = index, Value = Math.Log2(ratio), FillColor = ratio > 1 ? Dearer : Cheaper, Size = 0.7, LineWidth = 0 };
        })];
        var bars = plot.Add.Bars(lengths);
        bars.Horizontal = true;
        int[] powers = [.. Enumerable.Range(-6, 13)];
        plot.Axes.Bottom.SetTicks([.. powers.Select(power => (double)power)], [.. powers.Select(power => power < 0 ? $"1/{1 << -power}" : $"{1 << power}")]);
        double most = both.Select(row => Math.Abs(Math.Log2(row.Pairs[setting].Ratio!.Value))).DefaultIfEmpty(1).Max() + 0.5;
        plot.Axes.SetLimitsX(-most, most);
        return plot.GetSvgXml(Width, Height(both.Length));
    }

    /// <summary>Both systems' figures, as points on a logarithmic scale.</summary>
    public static string Figures(IReadOnlyList<RowResult> rows, Setting setting, string title)
    {
        RowResult[] some = [.. rows.Where(row => row.Pairs[setting] is { Here: not null } or { Linux: not null }).Reverse()];
        Plot plot = Prepare(some, title);
        AddPoints(plot, some, row => row.Pairs[setting].Linux, LinuxColor, "Linux");
        AddPoints(plot, some, row => row.Pairs[setting].Here, Dearer, "here");
        plot.ShowLegend(Alignment.UpperRight);
        int[] powers = [.. Enumerable.Range(1, 7)];
        plot.Axes.Bottom.SetTicks([.. powers.Select(power => (double)power)], [.. powers.Select(power => $"10^{power}")]);
        return plot.GetSvgXml(Width, Height(some.Length));
    }

    private static void AddPoints(Plot plot, RowResult[] rows, Func<RowResult, Figure?> figure, Color color, string name)
    {
        (double X, double Y)[] points = [.. rows.Select((row, index) => (Figure: figure(row), Y: (double)index)).Where(point => point.Figure is not null)
            .Select(point => (Math.Log10(Math.Max(point.Figure!.Middle, 1)), point.Y))];
        var scatter = plot.Add.ScatterPoints(points.Select(point => point.X).ToArray(), points.Select(point => point.Y).ToArray(), color);
        scatter.MarkerSize = 8;
        scatter.LegendText = name;
    }

    private static Plot Prepare(RowResult[] rows, string title)
    {
        var plot = new Plot();
        plot.Title(title);
        plot.Axes.Left.SetTicks([.. rows.Select((_, index) => (double)index)], [.. rows.Select(row => row.Name)]);
        plot.Axes.SetLimitsY(-1, rows.Length);
        plot.HideGrid();
        return plot;
    }

    private static int Height(int rows) => Frame + rows * RowHeight;
}
