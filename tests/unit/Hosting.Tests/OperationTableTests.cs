namespace Libsys.Hosting.Tests;

/// <summary>The operations of a protocol, each declared once.</summary>
public sealed class OperationTableTests
{
    private enum Protocol : ulong
    {
        First = 1,
        Third = 3,
        Fourth = 4,
    }

    private enum Mistyped : ulong
    {
        Large = 1ul << 40,
    }

    [Fact]
    public void An_operation_is_found_by_its_number_with_what_was_declared()
    {
        OperationTable<Protocol, Func<int>> table = new();
        table.Add(Protocol.Third, () => 33, OperationTraits.Waits);
        table.Add(Protocol.First, () => 11, OperationTraits.Grows);
        table.Add(Protocol.Fourth, () => 44);

        Assert.Equal([11, 33, 44], new ulong[] { 1, 3, 4 }.Select(number => table.Find(number)!.Handler()));
        Assert.Equal([false, true, false], new ulong[] { 1, 3, 4 }.Select(number => table.Find(number)!.Waits));
        Assert.Equal([true, false, false], new ulong[] { 1, 3, 4 }.Select(number => table.Find(number)!.Grows));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(1ul << 32)]
    [InlineData(ulong.MaxValue)]
    public void Other_numbers_are_not_found(ulong number)
    {
        OperationTable<Protocol, Action> table = new();
        Assert.Null(table.Find(number));
        table.Add(Protocol.First, () => { });
        table.Add(Protocol.Third, () => { });
        Assert.Null(table.Find(number));
    }

    [Fact]
    public void A_second_handler_is_refused()
    {
        OperationTable<Protocol, Action> table = new();
        table.Add(Protocol.Third, () => { });
        Assert.Contains("Third", Assert.Throws<ArgumentException>(() => table.Add(Protocol.Third, () => { })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_that_no_array_is_made_for_is_refused() =>
        Assert.Contains("Large", Assert.Throws<ArgumentException>(() => new OperationTable<Mistyped, Action>().Add(Mistyped.Large, () => { })).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Each_number_must_be_in_one_of_the_tables()
    {
        OperationTable<Protocol, Action> some = new(), others = new();
        some.Add(Protocol.First, () => { });
        some.Add(Protocol.Third, () => { });
        others.Add(Protocol.First, () => { });
        Assert.Contains("Fourth", Assert.Throws<InvalidOperationException>(() => OperationTable<Protocol, Action>.RequireAll(some, others)).Message,
            StringComparison.Ordinal);
        others.Add(Protocol.Fourth, () => { });
        OperationTable<Protocol, Action>.RequireAll(some, others);
    }
}
