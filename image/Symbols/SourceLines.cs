namespace Microkernel.Image.Symbols;

/// <summary>Puts the entries of line tables in order.</summary>
internal static class SourceLines
{
    /// <summary>Ascending, one entry an address (the last counts), without repetitions.</summary>
    public static List<SourceLine> Condense(IEnumerable<SourceLine> lines)
    {
        var condensed = new List<SourceLine>();
        // Stable: an end of a sequence stands before the start of the next at the same address.
        foreach (SourceLine line in lines.OrderBy(l => l.Address))
        {
            if (condensed.Count > 0 && condensed[^1].Address == line.Address)
                condensed.RemoveAt(condensed.Count - 1);
            if (condensed.Count == 0 || condensed[^1].File != line.File || condensed[^1].Line != line.Line)
                condensed.Add(line);
        }
        return condensed;
    }
}
