using Microkernel.Image;
using Microkernel.Image.Bench;
using Xunit.Abstractions;

namespace Microkernel.Boot.Tests.Costs;

/// <summary>No operation of instruction-counts.txt needs noticeably more instructions than it says.</summary>
public sealed class InstructionCountTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Guarded_operations_take_no_more_instructions_than_remembered()
    {
        RepositoryLayout repository = RepositoryLayout.Find();
        InstructionCounts remembered = InstructionCounts.Parse(await File.ReadAllTextAsync(repository.InstructionCounts));
        InstructionCounts measured = await MeasureAsync(repository, remembered);
        CountComparison comparison = CountComparison.Of(remembered, measured);
        // Rows of streams have two or three values, 3 % apart, by what vfs' collector did before. What a change costs, it costs in every boot.
        if (comparison.Grown.Count > 0)
            comparison = CountComparison.Of(remembered, measured.Least(await MeasureAsync(repository, remembered)));
        foreach (string sentence in comparison.Shrunk)
            output.WriteLine($"cheaper now (make counts): {sentence}");
        Assert.True(
            comparison.Grown.Count == 0,
            $"{comparison.Grown.Count} operations need over 5 % more instructions; if that is meant, `make counts` remembers it:\n" +
            string.Join('\n', comparison.Grown));
    }

    private Task<InstructionCounts> MeasureAsync(RepositoryLayout repository, InstructionCounts rows) =>
        rows.MeasureAsync(repository, line => output.WriteLine($"{line.Median,12:N0} {line.Row}"), CancellationToken.None);
}
