using Microkernel.Image.Elf;

namespace Microkernel.Image.Generate.Personality;

/// <summary>The copy stubs' table: (start, end, recovery) of each piece of code that may fault on program memory.</summary>
internal sealed class RecoveryTable
{
    private readonly List<(string Start, string End, string Recovery)> entries = [];

    /// <summary>Number of entries.</summary>
    public int Count => entries.Count;

    /// <summary>A fault in [start, end) goes on at recovery.</summary>
    public void Add(string start, string end, string recovery) => entries.Add((start, end, recovery));

    /// <summary>Writes the table to the constants.</summary>
    public void Emit(ObjectFile o, string symbol)
    {
        o.ReadOnlyData.Align(8);
        o.DefineHere(symbol, o.ReadOnlyData);
        foreach ((string start, string end, string recovery) in entries)
        {
            foreach (string address in (string[])[start, end, recovery])
            {
                o.ReadOnlyData.Relocate(o.ReadOnlyData.Reserve(8), RelocationType.Absolute64, address, 0);
            }
        }
    }
}
