using Microkernel.Image.Bench;

namespace Microkernel.Image.Tests.Bench;

/// <summary>The comparison behind the guard of instruction counts: what grows is named with its share, what shrinks is told.</summary>
public sealed class CountComparisonTests
{
    private static readonly InstructionCounts Remembered = InstructionCounts.Parse("# a comment\n  1000  getppid\n  200 fork, exit, wait\n");

    [Theory]
    [InlineData(1000, 200, 0, 0)]
    [InlineData(1050, 210, 0, 0)]
    [InlineData(1051, 200, 1, 0)]
    [InlineData(1051, 211, 2, 0)]
    [InlineData(950, 190, 0, 0)]
    [InlineData(949, 200, 0, 1)]
    [InlineData(500, 400, 1, 1)]
    public void More_than_a_twentieth_is_a_growth_and_less_than_that_a_gain(long first, long second, int grown, int shrunk)
    {
        CountComparison comparison = Compare(first, second);
        Assert.Equal((grown, shrunk), (comparison.Grown.Count, comparison.Shrunk.Count));
    }

    [Fact]
    public void A_growth_says_what_and_by_how_much() =>
        Assert.Equal("fork, exit, wait: 250 instructions, 200 remembered (+25.0 %)", Assert.Single(Compare(1000, 250).Grown));

    [Fact]
    public void An_operation_that_was_not_measured_is_an_error() =>
        Assert.Throws<ImageException>(() => CountComparison.Of(Remembered, InstructionCounts.Parse("1000 getppid")));

    [Fact]
    public void The_file_is_read_as_it_is_written()
    {
        Assert.Equal(Remembered.Rows, InstructionCounts.Parse(Remembered.Format()).Rows);
        Assert.Throws<ImageException>(() => InstructionCounts.Parse("many getppid"));
        Assert.Throws<ImageException>(() => InstructionCounts.Parse("1 getppid\n2 getppid"));
    }

    [Fact]
    public void Of_two_measurements_the_lower_counts() =>
        Assert.Equal([900, 200], Remembered.Least(InstructionCounts.Parse("900 getppid\n250 fork, exit, wait")).Rows.Values);

    [Fact]
    public void The_tree_remembers_at_least_25_operations()
    {
        string text = File.ReadAllText(RepositoryLayout.Find().InstructionCounts);
        Assert.InRange(InstructionCounts.Parse(text).Rows.Count, 25, 60);
    }

    [Fact]
    public void Lines_of_the_measuring_program_are_read()
    {
        Assert.Equal(2.5, BenchLine.Parse("row\tstat\t1.0\t2.5\t100").Median);
        Assert.Equal("error 38", BenchLine.Parse("missing\tTCP\terror 38").Missing);
        Assert.Throws<ImageException>(() => BenchLine.Parse("Unhandled exception"));
    }

    private static CountComparison Compare(long first, long second) =>
        CountComparison.Of(Remembered, InstructionCounts.Parse($"{first} getppid\n{second} fork, exit, wait"));
}
