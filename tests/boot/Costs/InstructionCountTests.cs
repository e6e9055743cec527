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
        CountComparison comparison = CountComparison.Of(
            remembered, await remembered.MeasureAsync(repository, line => output.WriteLine($"{line.Median,12:N0} {line.Row}"), CancellationToken.None));
        foreach (string sentence in comparison.Shrunk)
            output.WriteLine($"cheaper now (make counts): {sentence}");
        Assert.True(
            comparison.Grown.Count == 0,
            $"{comparison.Grown.Count} operations need over 5 % more instructions; if that is meant, `make counts` remembers it:\n" +
            string.Join('\n', comparison.Grown));
    }
}
