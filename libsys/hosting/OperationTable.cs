namespace Libsys.Hosting;

/// <summary>What an operation may do to the server that serves it, beyond answering. docs/decisions/operations-declared-once.md.</summary>
[Flags]
public enum OperationTraits
{
    /// <summary>It is answered before its handler returns, and leaves nothing behind for which room would have to be looked for.</summary>
    None = 0,

    /// <summary>The server may keep the request and answer later.</summary>
    Waits = 1,

    /// <summary>It may make the server keep more than before: it is refused while there is no room.</summary>
    Grows = 2,
}

/// <summary>An operation of a protocol, as the server that serves it sees it.</summary>
/// <param name="handler">Serves it.</param>
/// <param name="traits">What it may do beyond answering.</param>
/// <typeparam name="THandler">The delegate that all operations of the table have.</typeparam>
public sealed class Operation<THandler>(THandler handler, OperationTraits traits)
    where THandler : Delegate
{
    /// <summary>Serves it.</summary>
    public THandler Handler { get; } = handler;

    /// <summary>The server may keep its request.</summary>
    public bool Waits { get; } = (traits & OperationTraits.Waits) != 0;

    /// <summary>It is refused while there is no room.</summary>
    public bool Grows { get; } = (traits & OperationTraits.Grows) != 0;
}

/// <summary>
/// The operations of a protocol by their numbers: filled by the classes that serve them when the server starts, and not changed after that.
/// </summary>
/// <typeparam name="TNumber">The protocol's enum. Its numbers are small: the table is an array.</typeparam>
/// <typeparam name="THandler">A handler's delegate.</typeparam>
public sealed class OperationTable<TNumber, THandler>
    where TNumber : struct, Enum
    where THandler : Delegate
{
    // A protocol with more is one with a number that was mistyped.
    private const int MostOperations = 1024;

    private Operation<THandler>?[] operations = [];

    /// <summary>Declares an operation.</summary>
    /// <exception cref="ArgumentException">It has a handler already, or its number is too large for a table.</exception>
    public void Add(TNumber number, THandler handler, OperationTraits traits = OperationTraits.None)
    {
        ulong index = Index(number);
        if (index >= MostOperations)
            throw new ArgumentException($"{number} has the number {index}");
        if (index >= (ulong)operations.Length)
            Array.Resize(ref operations, (int)index + 1);
        if (operations[index] is not null)
            throw new ArgumentException($"{number} has two handlers");
        operations[index] = new Operation<THandler>(handler, traits);
    }

    /// <summary>An operation by the number that a client claims; null if it is not here.</summary>
    public Operation<THandler>? Find(ulong number)
    {
        Operation<THandler>?[] all = operations;
        return number < (ulong)all.Length ? all[number] : null;
    }

    /// <summary>Checks that each number of the protocol is in some table.</summary>
    /// <exception cref="InvalidOperationException">One is in none.</exception>
    public static void RequireAll(params ReadOnlySpan<OperationTable<TNumber, THandler>> tables)
    {
        foreach (TNumber number in Enum.GetValues<TNumber>())
        {
            bool isDeclared = false;
            foreach (OperationTable<TNumber, THandler> table in tables)
                isDeclared |= table.Find(Index(number)) is not null;
            if (!isDeclared)
                throw new InvalidOperationException($"{number} has no handler");
        }
    }

    private static ulong Index(TNumber number) => Convert.ToUInt64(number, System.Globalization.CultureInfo.InvariantCulture);
}
