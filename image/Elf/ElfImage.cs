using System.Buffers.Binary;
using System.Text;

namespace Microkernel.Image.Elf;

/// <summary>Reads a linked ELF64 executable: segments, sections and symbols.</summary>
internal sealed class ElfImage
{
    private readonly byte[] bytes;

    public ElfImage(byte[] bytes)
    {
        this.bytes = bytes;
        if (bytes.Length < 64 || !bytes.AsSpan(0, 4).SequenceEqual("\u007fELF"u8) || bytes[4] != 2)
            throw new BuildFailedException("not an ELF64 file");
        Segments = ReadSegments();
        Sections = ReadSections();
        Symbols = ReadSymbols();
    }

    public static ElfImage Load(string path) => new(File.ReadAllBytes(path));

    public IReadOnlyList<ElfSegment> Segments { get; }
    public IReadOnlyList<ElfSection> Sections { get; }

    /// <summary>Named symbols of all bindings.</summary>
    public IReadOnlyList<ElfSymbol> Symbols { get; }

    /// <summary>The bytes that the file holds for a section (none for NoBits).</summary>
    public ReadOnlySpan<byte> Contents(ElfSection section) =>
        section.Type == SectionType.NoBits ? [] : bytes.AsSpan((int)section.FileOffset, (int)section.Length);

    public ReadOnlySpan<byte> Contents(ElfSegment segment) => bytes.AsSpan((int)segment.FileOffset, (int)segment.FileLength);

    public ElfSection? Section(string name) => Sections.FirstOrDefault(s => s.Name == name);

    /// <exception cref="BuildFailedException">There is no such symbol.</exception>
    public ulong AddressOf(string symbol) =>
        Symbols.FirstOrDefault(s => s.Name == symbol)?.Address ?? throw new BuildFailedException($"no symbol named {symbol}");

    private List<ElfSegment> ReadSegments()
    {
        const uint Load = 1;
        int offset = (int)UInt64(32), size = UInt16(54), count = UInt16(56);
        var segments = new List<ElfSegment>();
        for (int at = offset; at < offset + size * count; at += size)
        {
            if (UInt32(at) == Load)
                segments.Add(new ElfSegment(UInt64(at + 16), UInt64(at + 8), UInt64(at + 32), UInt64(at + 40), UInt32(at + 4)));
        }
        return segments;
    }

    private List<ElfSection> ReadSections()
    {
        int offset = (int)UInt64(40), size = UInt16(58), count = UInt16(60), names = UInt16(62);
        int nameTable = (int)UInt64(offset + names * size + 24);
        var sections = new List<ElfSection>();
        for (int at = offset; at < offset + size * count; at += size)
        {
            sections.Add(new ElfSection(
                Text(nameTable + (int)UInt32(at)), (SectionType)UInt32(at + 4), (SectionFlags)UInt64(at + 8),
                UInt64(at + 16), UInt64(at + 24), UInt64(at + 32), UInt32(at + 40)));
        }
        return sections;
    }

    private List<ElfSymbol> ReadSymbols()
    {
        const int Length = 24;
        var symbols = new List<ElfSymbol>();
        foreach (ElfSection table in Sections.Where(s => s.Type == SectionType.SymbolTable))
        {
            int names = (int)Sections[(int)table.Link].FileOffset;
            for (int at = (int)table.FileOffset; at < (int)(table.FileOffset + table.Length); at += Length)
            {
                string name = Text(names + (int)UInt32(at));
                if (name.Length > 0)
                    symbols.Add(new ElfSymbol(name, UInt64(at + 8), UInt64(at + 16), (SymbolKind)(bytes[at + 4] & 15), UInt16(at + 6)));
            }
        }
        return symbols;
    }

    private ushort UInt16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));
    private uint UInt32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));
    private ulong UInt64(int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));

    private string Text(int at)
    {
        int length = bytes.AsSpan(at).IndexOf((byte)0);
        return Encoding.UTF8.GetString(bytes, at, length);
    }
}

/// <summary>A loadable segment. Flags: 1 execute, 2 write, 4 read.</summary>
internal sealed record ElfSegment(ulong Address, ulong FileOffset, ulong FileLength, ulong MemoryLength, uint Flags);

/// <summary>A section of a linked file.</summary>
internal sealed record ElfSection(string Name, SectionType Type, SectionFlags Flags, ulong Address, ulong FileOffset, ulong Length, uint Link);

/// <summary>A symbol of a linked file; <see cref="Section"/> is its index or a special value.</summary>
internal sealed record ElfSymbol(string Name, ulong Address, ulong Size, SymbolKind Kind, ushort Section);
