namespace Microkernel.Image.Elf;

/// <summary>
/// Gives each symbol that code refers to an address that no other operand has, so that after assembling every use can be found
/// in the instructions and become a relocation.
/// </summary>
internal sealed class SymbolReferences
{
    // Far from offset 0, where functions are assembled, so that branches are encoded with 32-bit distances; positive as a signed
    // 32-bit number, so that it fits every operand that can hold a kernel address.
    private const ulong First = 0x4000_0000;

    // Room for constants added to a symbol: ± 32 KiB.
    private const ulong Stride = 0x1_0000;

    private readonly List<string> names = [];
    private readonly Dictionary<string, int> indices = [];

    public ulong PlaceholderOf(string symbol)
    {
        if (!indices.TryGetValue(symbol, out int index))
        {
            index = names.Count;
            names.Add(symbol);
            indices.Add(symbol, index);
        }
        return First + (ulong)index * Stride + Stride / 2;
    }

    /// <summary>Whether an operand is a placeholder, and then of which symbol, plus which constant.</summary>
    public bool TryResolve(ulong operand, out string symbol, out long addend)
    {
        if (operand < First || operand >= First + (ulong)names.Count * Stride)
        {
            symbol = "";
            addend = 0;
            return false;
        }
        ulong index = (operand - First) / Stride;
        symbol = names[(int)index];
        addend = (long)(operand - (First + index * Stride + Stride / 2));
        return true;
    }
}
