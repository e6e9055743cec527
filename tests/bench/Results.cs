using Microkernel.Image.Bench;
using Microkernel.Image.Run;

namespace Microkernel.Benchmark;

/// <summary>What several boots say about one operation: of the medians of the boots the middle, the lowest and the highest.</summary>
internal sealed record Figure(double Middle, double Lowest, double Highest)
{
    /// <summary>Of the boots' medians.</summary>
    public static Figure Of(IReadOnlyCollection<double> medians) => new(BenchLine.Middle(medians), medians.Min(), medians.Max());

    /// <summary>Distance between the lowest and the highest, as a share of the middle.</summary>
    public double Spread => (Highest - Lowest) / Middle;
}

/// <summary>An operation on both systems; null where one has it not.</summary>
internal sealed record Pair(Figure? Here, Figure? Linux)
{
    /// <summary>How many times as much here as on Linux.</summary>
    public double? Ratio => Here is null || Linux is null ? null : Here.Middle / Linux.Middle;
}

/// <summary>A row of the table.</summary>
internal sealed record RowResult(string Name, IReadOnlyDictionary<Setting, Pair> Pairs, BenchCounts? Counts, string? MissingHere, string? MissingOnLinux);

/// <summary>All lines of all boots, by row.</summary>
internal sealed class Results
{
    private readonly List<(PlannedBoot Boot, BenchLine Line)> lines = [];

    /// <summary>Takes the lines of a boot.</summary>
    public void Add(PlannedBoot boot, IEnumerable<BenchLine> measured) => lines.AddRange(measured.Select(line => (boot, line)));

    /// <summary>The rows, in the order of the measuring program.</summary>
    public IReadOnlyList<RowResult> Rows => [.. lines.Select(line => line.Line.Row).Distinct().Select(Make)];

    /// <summary>Geometric mean of the ratios of all rows that both systems have; null without any.</summary>
    public static double? GeometricMean(IEnumerable<RowResult> rows, Setting setting)
    {
        double[] logarithms = [.. rows.Select(row => row.Pairs.GetValueOrDefault(setting)?.Ratio).OfType<double>().Select(ratio => Math.Log(ratio))];
        return logarithms.Length == 0 ? null : Math.Exp(logarithms.Average());
    }

    private RowResult Make(string name)
    {
        (PlannedBoot Boot, BenchLine Line)[] own = [.. lines.Where(line => line.Line.Row == name)];
        var pairs = new Dictionary<Setting, Pair>();
        foreach (Setting setting in (Setting[])[Setting.Instructions, Setting.OneCpu, Setting.TwoCpus])
            pairs[setting] = new Pair(FigureOf(own, setting, TargetSystem.Microkernel), FigureOf(own, setting, TargetSystem.Linux));
        BenchLine? counted = own.FirstOrDefault(line => line.Boot.Setting == Setting.Messages && line.Line.Missing is null).Line;
        return new RowResult(
            name, pairs, counted is null ? null : BenchCounts.From(counted.Values), MissingOn(own, TargetSystem.Microkernel),
            MissingOn(own, TargetSystem.Linux));
    }

    private static Figure? FigureOf((PlannedBoot Boot, BenchLine Line)[] lines, Setting setting, TargetSystem system)
    {
        double[] medians =
        [
            .. lines.Where(line => line.Boot.Setting == setting && line.Boot.System == system && line.Line.Missing is null).Select(line => line.Line.Median),
        ];
        return medians.Length == 0 ? null : Figure.Of(medians);
    }

    private static string? MissingOn((PlannedBoot Boot, BenchLine Line)[] lines, TargetSystem system) =>
        lines.FirstOrDefault(line => line.Boot.System == system && line.Line.Missing is not null).Line?.Missing;
}
