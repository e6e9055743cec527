using Microkernel.Benchmark;
using Microkernel.Benchmark.Disks;
using Microkernel.Image.Run;

namespace Microkernel.Image.Tests.Bench;

/// <summary>What `make bench` makes of what rows of disks have printed.</summary>
public sealed class DiskTableTests
{
    private const string Page = "before\n<!-- make bench, disks: begin -->\nold\n<!-- make bench, disks: end -->\nafter\n";

    [Fact]
    public void A_row_has_the_middle_of_both_systems_and_whether_they_agree()
    {
        DiskResult same = Row("a", ["0:x 3000000", "0:x 1000000", "0:x 2000000"], ["0:x 4000000"]);
        Assert.Equal(new Pair(new Figure(2, 1, 3), new Figure(4, 4, 4)), same.Pair);
        Assert.True(same.IsRight);
        Assert.False(Row("a", ["0:x 1"], ["0:y 1"]).IsRight);
        // Both failed alike.
        Assert.False(Row("a", ["1:x 1"], ["1:x 1"]).IsRight);
        Assert.Null(Row("a", ["0:x 1"], []).Pair.Ratio);
    }

    [Fact]
    public void The_table_goes_between_its_markers_and_has_the_mean()
    {
        DiskResult[] rows = [Row("a", ["0:x 1000000"], ["0:x 4000000"]), Row("b", ["0:x 2000000"], ["0:y 2000000"])];
        string[] lines = DiskTable.Update(Page, rows, boots: 1, cpus: 2).Split('\n');
        Assert.Equal(("before", "after"), (lines[0], lines[^2]));
        Assert.Equal("| a | 1.00 | 4.00 | 0.25 | 1.00 to 1.00 | 4.00 to 4.00 | same |", lines[4]);
        Assert.Equal("| b | 2.00 | 2.00 | 1.00 | 2.00 to 2.00 | 2.00 to 2.00 | DIFFERENT |", lines[5]);
        Assert.Equal("| geometric mean of 2 rows |  |  | 0.50 |  |  |  |", lines[6]);
        Assert.Throws<InvalidDataException>(() => DiskTable.Update("no markers", rows, 1, 2));
    }

    [Theory]
    [InlineData("fio", true)]
    [InlineData("=fio-random-read-1", true)]
    [InlineData("=fio", false)]
    [InlineData("lseek", false)]
    public void Rows_are_meant_by_a_part_of_their_name_or_by_all_of_it(string pattern, bool isMeant) =>
        Assert.Equal(isMeant, DiskRowNames.IsMeant("fio-random-read-1", pattern));

    [Fact]
    public void A_row_of_disks_says_what_it_prepares_and_measures()
    {
        RepositoryLayout repository = RepositoryLayout.Find();
        Assert.NotEmpty(DiskRowNames.All(repository));
        Assert.All(DiskRowNames.All(repository), row =>
        {
            string script = File.ReadAllText(Path.Combine(repository.Root, "tests/bench/disks", row + ".sh"));
            Assert.Contains("prepare() {", script, StringComparison.Ordinal);
            Assert.Contains("work() {", script, StringComparison.Ordinal);
        });
    }

    private static DiskResult Row(string name, string[] here, string[] linux) => DiskResult.Of(
        name,
        [
            .. here.Select(line => (TargetSystem.Microkernel, JobAnswer.Parse($"{name} {line}")!)),
            .. linux.Select(line => (TargetSystem.Linux, JobAnswer.Parse($"{name} {line}")!)),
        ]);
}
