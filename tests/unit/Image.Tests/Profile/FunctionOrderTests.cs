using Microkernel.Image.Profile;

namespace Microkernel.Image.Tests.Profile;

public sealed class FunctionOrderTests
{
    [Fact]
    public void What_most_operations_need_comes_first_and_of_these_what_runs_first()
    {
        var order = new FunctionOrder();
        order.Add([["rare"], ["entry"], ["lookup"]]);
        order.Add([["entry"], ["lookup"], ["other"]]);
        order.Add([["lookup"], ["entry"], ["last"]]);

        // entry and lookup run in all three, and both once as the first.
        Assert.Equal(["entry", "lookup", "rare", "last", "other"], Lines(order));
    }

    [Fact]
    public void All_symbols_of_a_function_are_written()
    {
        var order = new FunctionOrder();
        order.Add([["Core_Allocation__NewObject", "RhpNewFast"]]);

        Assert.Equal(["Core_Allocation__NewObject", "RhpNewFast"], Lines(order));
    }

    private static string[] Lines(FunctionOrder order) =>
        [.. order.Format().Split('\n').Where(line => line.Length > 0 && !line.StartsWith('#'))];
}
