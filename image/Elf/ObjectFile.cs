namespace Microkernel.Image.Elf;

/// <summary>An ELF64 relocatable object in the making: sections and the symbols defined in them.</summary>
internal sealed class ObjectFile
{
    private readonly List<Section> sections = [];
    private readonly Dictionary<string, Symbol> symbols = [];

    public ObjectFile()
    {
        Text = AddSection(".text", SectionType.ProgramBits, SectionFlags.Allocate | SectionFlags.Execute, 16);
        ReadOnlyData = AddSection(".rodata", SectionType.ProgramBits, SectionFlags.Allocate, 16);
        Data = AddSection(".data", SectionType.ProgramBits, SectionFlags.Allocate | SectionFlags.Write, 16);
        Bss = AddSection(".bss", SectionType.NoBits, SectionFlags.Allocate | SectionFlags.Write, 16);
        // Without this (empty) section a linker assumes that the code wants an executable stack.
        AddSection(".note.GNU-stack", SectionType.ProgramBits, SectionFlags.None, 1);
        References = new SymbolReferences();
    }

    public Section Text { get; }
    public Section ReadOnlyData { get; }
    public Section Data { get; }
    public Section Bss { get; }

    /// <summary>Placeholder addresses for symbols used in code, see <see cref="Address"/>.</summary>
    public SymbolReferences References { get; }

    public IReadOnlyList<Section> Sections => sections;
    public IReadOnlyDictionary<string, Symbol> Symbols => symbols;

    public Section AddSection(string name, SectionType type, SectionFlags flags, uint alignment)
    {
        var section = new Section(name, type, flags, alignment);
        sections.Add(section);
        return section;
    }

    /// <summary>Defines a global symbol at an offset of a section.</summary>
    public void Define(string symbol, Section section, ulong offset, SymbolKind kind = SymbolKind.Object, ulong size = 0) =>
        Define(new Symbol(symbol, section, offset, kind, size));

    /// <exception cref="InvalidOperationException">The symbol exists already.</exception>
    public void Define(Symbol symbol)
    {
        if (!symbols.TryAdd(symbol.Name, symbol))
            throw new InvalidOperationException($"symbol {symbol.Name} is defined twice");
    }

    /// <summary>Defines a global symbol at the present end of a section.</summary>
    public void DefineHere(string symbol, Section section) => Define(symbol, section, section.Length);

    /// <summary>
    /// The address of a symbol of this or another object, for use as an operand while assembling: immediate, displacement or branch target.
    /// It is a placeholder; <see cref="Generate.FunctionAssembler"/> turns each use into a relocation. A small constant may be added to it.
    /// </summary>
    public ulong Address(string symbol) => References.PlaceholderOf(symbol);

    /// <summary>The finished object.</summary>
    public byte[] ToBytes() => new ObjectFileWriter(this).Write();
}

/// <summary>A symbol defined in an object.</summary>
internal sealed record Symbol(string Name, Section Section, ulong Offset, SymbolKind Kind, ulong Size)
{
    /// <summary>The mode that a function's code is for: 16, 32 or 64 bits.</summary>
    public int Bitness { get; init; } = 64;

    /// <summary>Whether a function may use vector registers: it saves what it uses, or moves the whole state.</summary>
    public bool UsesVectors { get; init; }
}
