using Iced.Intel;
using Microkernel.Image.Elf;
using Microkernel.Image.Symbols;

namespace Microkernel.Image.Profile;

/// <summary>The code of a linked program: where its instructions begin, and what its functions are called.</summary>
internal sealed class ProgramCode
{
    private readonly ulong[] starts;
    private readonly string[][] symbols;
    private readonly HashSet<ulong> instructions = [], indirect = [];

    /// <param name="name">For people.</param>
    /// <param name="program">The linked file.</param>
    /// <param name="symbolFile">Where its symbols are: itself, or its debug information.</param>
    public ProgramCode(string name, string program, string symbolFile)
    {
        Name = name;
        ElfImage image = ElfImage.Load(program);
        ElfSection[] sections = [.. image.Sections.Where(section => section.Flags.HasFlag(SectionFlags.Execute) && section.Type == SectionType.ProgramBits)];
        // Several names may stand for one address: those that have a length come first.
        IGrouping<ulong, ElfSymbol>[] functions =
        [
            .. ElfImage.Load(symbolFile).Symbols
                .Where(symbol => symbol.Kind is SymbolKind.Function or SymbolKind.None && sections.Any(section => Holds(section, symbol.Address)))
                .GroupBy(symbol => symbol.Address).OrderBy(group => group.Key),
        ];
        starts = [.. functions.Select(function => function.Key)];
        symbols = [.. functions.Select(function => function.OrderByDescending(symbol => symbol.Size).Select(symbol => symbol.Name).ToArray())];
        foreach (ElfSection section in sections)
            FindInstructions(image.Contents(section).ToArray(), section);
    }

    /// <summary>For people.</summary>
    public string Name { get; }

    /// <summary>Whether an instruction begins there.</summary>
    public bool HasInstruction(ulong address) => instructions.Contains(address);

    /// <summary>Whether the instruction there goes on where a register or memory says: a return, an indirect jump or call.</summary>
    public bool IsIndirect(ulong address) => indirect.Contains(address);

    /// <summary>The function that an address lies in, for people.</summary>
    public string FunctionAt(ulong address) => SymbolsAt(address) is [string first, ..] ? MethodName.Readable(first) : "?";

    /// <summary>All symbols of the function that an address lies in.</summary>
    public IReadOnlyList<string> SymbolsAt(ulong address)
    {
        int index = Array.BinarySearch(starts, address);
        index = index >= 0 ? index : ~index - 1;
        return index < 0 ? [] : symbols[index];
    }

    /// <summary>The start of a function.</summary>
    /// <exception cref="ImageException">There is none of this name.</exception>
    public ulong AddressOf(string function) =>
        Array.FindIndex(symbols, names => names.Contains(function)) is int index and >= 0 ? starts[index]
            : throw new ImageException($"{Name} has no function {function}");

    private static bool Holds(ElfSection section, ulong address) => address >= section.Address && address < section.Address + section.Length;

    // Each function from its start to the next one's: data between functions ends with the function before it.
    private void FindInstructions(byte[] code, ElfSection section)
    {
        ulong[] own = [.. starts.Where(start => Holds(section, start)), section.Address + section.Length];
        for (int index = 0; index + 1 < own.Length; index++)
        {
            var reader = new ByteArrayCodeReader(code, (int)(own[index] - section.Address), (int)(own[index + 1] - own[index]));
            var decoder = Decoder.Create(64, reader, own[index]);
            while (decoder.IP < own[index + 1])
            {
                Instruction instruction = decoder.Decode();
                instructions.Add(instruction.IP);
                if (instruction.FlowControl is FlowControl.Return or FlowControl.IndirectBranch or FlowControl.IndirectCall)
                    indirect.Add(instruction.IP);
            }
        }
    }
}
