using System.Text;

namespace Microkernel.Image.Elf;

/// <summary>Lays an <see cref="ObjectFile"/> out as ELF64 (System V gABI; machine and relocations from the x86-64 psABI).</summary>
internal sealed class ObjectFileWriter(ObjectFile file)
{
    private const int HeaderLength = 64, SectionHeaderLength = 64, SymbolLength = 24;
    private const ushort Relocatable = 1, MachineX64 = 62;
    private const byte GlobalBinding = 0x10;

    private readonly Dictionary<string, uint> symbolIndices = [];
    private readonly StringTable symbolNames = new(), sectionNames = new();

    private sealed record Placed(Section Section, uint Link = 0, uint Info = 0, ulong EntrySize = 0);

    public byte[] Write()
    {
        Section symbolTable = BuildSymbolTable();
        List<Placed> placed = [.. file.Sections.Select(s => new Placed(s))];

        var relocated = file.Sections.Select((section, i) => (section, index: (uint)i + 1)).Where(x => x.section.Relocations.Count > 0).ToList();
        uint symbolTableIndex = (uint)(placed.Count + relocated.Count + 1);
        foreach ((Section section, uint index) in relocated)
            placed.Add(new Placed(BuildRelocations(section), symbolTableIndex, index, SymbolLength));
        // One local symbol (the null symbol) comes first.
        placed.Add(new Placed(symbolTable, symbolTableIndex + 1, 1, SymbolLength));
        placed.Add(new Placed(symbolNames.ToSection(".strtab")));

        uint[] names = [.. placed.Select(p => sectionNames.Add(p.Section.Name)), sectionNames.Add(".shstrtab")];
        placed.Add(new Placed(sectionNames.ToSection(".shstrtab")));
        return Serialise(placed, names);
    }

    private Section BuildSymbolTable()
    {
        var table = new Section(".symtab", SectionType.SymbolTable, SectionFlags.None, 8);
        table.Reserve(SymbolLength);
        foreach (Symbol symbol in file.Symbols.Values)
        {
            int section = file.Sections.ToList().IndexOf(symbol.Section) + 1;
            Append(symbol.Name, (byte)symbol.Kind, (ushort)section, symbol.Offset, symbol.Size);
        }
        foreach (string name in file.Sections.SelectMany(s => s.Relocations).Select(r => r.Symbol))
        {
            if (!symbolIndices.ContainsKey(name))
                Append(name, (byte)SymbolKind.None, 0, 0, 0);
        }
        return table;

        void Append(string name, byte kind, ushort section, ulong value, ulong size)
        {
            symbolIndices[name] = (uint)(table.Length / SymbolLength);
            table.UInt32(symbolNames.Add(name));
            table.Byte((byte)(GlobalBinding | kind));
            table.Byte(0);
            table.UInt16(section);
            table.UInt64(value);
            table.UInt64(size);
        }
    }

    private Section BuildRelocations(Section target)
    {
        var table = new Section(".rela" + target.Name, SectionType.RelocationsWithAddend, SectionFlags.InfoLink, 8);
        foreach (Relocation relocation in target.Relocations)
        {
            table.UInt64(relocation.Offset);
            table.UInt64((ulong)symbolIndices[relocation.Symbol] << 32 | (uint)relocation.Type);
            table.UInt64((ulong)relocation.Addend);
        }
        return table;
    }

    private static byte[] Serialise(List<Placed> placed, uint[] names)
    {
        var body = new Section("", SectionType.ProgramBits, SectionFlags.None, 1);
        body.Reserve(HeaderLength);
        var offsets = new List<ulong>();
        foreach (Placed p in placed)
        {
            offsets.Add(body.Align(Math.Max(1, p.Section.Alignment)));
            body.Bytes(p.Section.Contents);
        }
        ulong sectionHeaders = body.Align(8);
        body.Reserve(SectionHeaderLength);
        for (int i = 0; i < placed.Count; i++)
        {
            Section s = placed[i].Section;
            body.UInt32(names[i]);
            body.UInt32((uint)s.Type);
            body.UInt64((ulong)s.Flags);
            body.UInt64(0);
            body.UInt64(offsets[i]);
            body.UInt64(s.Length);
            body.UInt32(placed[i].Link);
            body.UInt32(placed[i].Info);
            body.UInt64(s.Alignment);
            body.UInt64(placed[i].EntrySize);
        }

        var header = new Section("", SectionType.ProgramBits, SectionFlags.None, 1);
        // 64 bit, little endian, version 1, System V.
        header.Bytes([0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        header.UInt16(Relocatable);
        header.UInt16(MachineX64);
        header.UInt32(1);
        header.UInt64(0);
        header.UInt64(0);
        header.UInt64(sectionHeaders);
        header.UInt32(0);
        header.UInt16(HeaderLength);
        header.UInt16(0);
        header.UInt16(0);
        header.UInt16(SectionHeaderLength);
        header.UInt16((ushort)(placed.Count + 1));
        header.UInt16((ushort)placed.Count);
        body.Patch(0, header.Contents);
        return body.Contents.ToArray();
    }

    private sealed class StringTable
    {
        private readonly Section contents = new("", SectionType.StringTable, SectionFlags.None, 1);

        public StringTable() => contents.Byte(0);

        public uint Add(string text)
        {
            uint offset = (uint)contents.Length;
            contents.Bytes(Encoding.UTF8.GetBytes(text));
            contents.Byte(0);
            return offset;
        }

        public Section ToSection(string name)
        {
            var section = new Section(name, SectionType.StringTable, SectionFlags.None, 1);
            section.Bytes(contents.Contents);
            return section;
        }
    }
}
