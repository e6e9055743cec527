namespace Microkernel.Image.Profile;

/// <summary>
/// In which order the functions of a program should lie in its file: those that most operations need first, and of these who runs first. They share pages
/// then, and so translations, which a change of the address space throws away. ilc takes the order as a file of symbols (its option <c>--order</c>).
/// </summary>
internal sealed class FunctionOrder
{
    private const string Heading = """
        # Functions that operations need, in the order in which the compiler is to place them. Written by `make order`; docs/performance.md.

        """;

    private readonly Dictionary<string, Function> functions = [];

    /// <summary>Adds what one operation needs, in the order in which it ran.</summary>
    /// <param name="ran">The symbols of each function.</param>
    public void Add(IEnumerable<IReadOnlyList<string>> ran)
    {
        int position = 0;
        foreach (IReadOnlyList<string> symbols in ran)
        {
            if (!functions.TryGetValue(symbols[0], out Function? function))
                functions[symbols[0]] = function = new Function(symbols);
            function.Operations++;
            function.First = Math.Min(function.First, position++);
        }
    }

    /// <summary>The file. All symbols of a function are in it, since the compiler knows one of them only.</summary>
    public string Format() => Heading + string.Concat(functions.Values.OrderByDescending(function => function.Operations).ThenBy(function => function.First)
        .ThenBy(function => function.Symbols[0], StringComparer.Ordinal).SelectMany(function => function.Symbols).Select(symbol => symbol + "\n"));

    private sealed record Function(IReadOnlyList<string> Symbols)
    {
        public int Operations { get; set; }

        public int First { get; set; } = int.MaxValue;
    }
}
