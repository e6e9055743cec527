using Microkernel.Benchmark;
using Microkernel.Image.Bench;
using Microkernel.Image.Run;

namespace Microkernel.Image.Tests.Bench;

/// <summary>What `make bench` makes of the lines that boots have written.</summary>
public sealed class BenchResultTests
{
    private const string Page = "before\n<!-- make bench: begin -->\nold\n<!-- make bench: end -->\nafter\n";

    [Fact]
    public void A_figure_is_the_middle_of_the_boots_medians_and_a_ratio_is_of_these()
    {
        IReadOnlyList<RowResult> rows = Measured();
        Pair stat = rows[0].Pairs[Setting.OneCpu];
        Assert.Equal(new Figure(30, 20, 90), stat.Here);
        Assert.Equal(new Figure(10, 10, 10), stat.Linux);
        Assert.Equal(3, stat.Ratio);
        Assert.Equal(70.0 / 30, stat.Here!.Spread, 9);
    }

    [Fact]
    public void A_row_that_one_system_lacks_is_shown_and_is_not_in_the_mean()
    {
        IReadOnlyList<RowResult> rows = Measured();
        Assert.Equal(["stat", "lseek", "TCP"], rows.Select(row => row.Name));
        Assert.Equal("error 97", rows[2].MissingHere);
        Assert.Null(rows[2].Pairs[Setting.OneCpu].Ratio);
        // The square root of 3 and 1/12.
        Assert.Equal(0.5, Results.GeometricMean(rows, Setting.OneCpu)!.Value, 9);
        Assert.Null(Results.GeometricMean(rows, Setting.TwoCpus));
    }

    [Fact]
    public void The_table_goes_between_its_markers_with_a_row_each_and_the_means()
    {
        string page = ResultTable.Update(Page, Measured(), "a note");
        string[] lines = page.Split('\n');
        Assert.Equal(("before", "after"), (lines[0], lines[^2]));
        Assert.DoesNotContain("old", page, StringComparison.Ordinal);
        Assert.Equal("| stat | — | — | — | 30 | 10 | 3.00 | — | — | — | 3 | 12 | 4.5 |", lines[4]);
        Assert.Equal("| TCP | — | — | — | — | 7 | — | — | — | — | — | — | — |", lines[6]);
        Assert.Equal("| geometric mean of 2 rows |  |  | — |  |  | 0.50 |  |  | — |  |  |  |", lines[7]);
        Assert.Equal("a note", lines[9]);
        Assert.Equal(page, ResultTable.Update(page, Measured(), "a note"));
        Assert.Throws<InvalidDataException>(() => ResultTable.Update("no markers", Measured(), ""));
    }

    [Fact]
    public void The_note_says_how_far_apart_boots_are() =>
        Assert.EndsWith("in the middle row the lowest and the highest are 0 % apart.", ResultTable.Note(Measured(), 3), StringComparison.Ordinal);

    [Fact]
    public void Systems_take_turns_and_who_is_first_changes()
    {
        IReadOnlyList<PlannedBoot> plan = Plan.Make(3, []);
        Assert.Equal(4 + 1 + 12, plan.Count);
        TargetSystem[] firsts = [.. plan.Where(boot => boot.Setting == Setting.OneCpu).Chunk(2).Select(pair => pair[0].System)];
        Assert.Equal([TargetSystem.Microkernel, TargetSystem.Linux, TargetSystem.Microkernel], firsts);
        Assert.All(plan.Where(boot => boot.Setting == Setting.TwoCpus), boot => Assert.Equal(2, boot.Boot.Cpus));
        Assert.Equal(1, plan.Count(boot => boot.Boot.CountsMessages));
    }

    private static IReadOnlyList<RowResult> Measured()
    {
        var results = new Results();
        // Batches of three boots: medians 30, 20 and 90.
        foreach (string batches in (string[])["1\t30\t99", "20\t20\t20", "90\t90\t90"])
            Add(results, TargetSystem.Microkernel, Setting.OneCpu, $"row\tstat\t{batches}", "row\tlseek\t1", "missing\tTCP\terror 97");
        Add(results, TargetSystem.Linux, Setting.OneCpu, "row\tstat\t10", "row\tlseek\t12", "row\tTCP\t7");
        Add(results, TargetSystem.Microkernel, Setting.Messages, "counts\tstat\t1\t11\t2\t1\t4.5");
        return results.Rows;
    }

    private static void Add(Results results, TargetSystem system, Setting setting, params string[] lines) =>
        results.Add(new PlannedBoot(setting, system, new BenchBoot { System = system }), lines.Select(BenchLine.Parse));
}
