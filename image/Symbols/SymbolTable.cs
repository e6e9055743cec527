using System.Text;
using Microkernel.Image.Elf;

namespace Microkernel.Image.Symbols;

/// <summary>
/// The table by which a panic prints names and source lines, read by microkernel/Debug/SymbolTable.cs. Little endian, all offsets from the table's start:
/// <code>
/// header     u32 magic "SYM1", u32 functions, u32 lines, u32 files
/// functions  (u32 address, u32 length, u32 name)   ascending by address
/// lines      (u32 address, u16 file, u16 line)     ascending by address; line 0: no source from here on
/// files      u32 name                              path below the repository's root
/// names      UTF-8, each ended by a zero byte
/// </code>
/// Addresses are the low halves of addresses in the top 2 GiB, where the kernel is linked.
/// </summary>
internal static class SymbolTable
{
    public const uint Magic = 0x314d5953;
    private const ulong Base = 0xffff_ffff_0000_0000;
    private const int HeaderLength = 16, FunctionLength = 12, LineLength = 8, FileLength = 4;

    /// <param name="root">Folder to which source paths are made relative.</param>
    public static byte[] Build(ElfImage image, string root)
    {
        List<ElfSymbol> functions = Functions(image);
        ElfSection? debugLines = image.Section(".debug_line");
        List<SourceLine> lines = debugLines is null ? [] : SourceLines.Condense(DwarfLines.Read(image.Contents(debugLines)).Where(l => l.Address >= Base));
        List<string> files = [.. lines.Where(l => l.File is not null).Select(l => l.File!).Distinct()];
        var fileIndices = files.Select((f, i) => (f, i)).ToDictionary(x => x.f, x => x.i);

        var names = new Names((uint)(HeaderLength + functions.Count * FunctionLength + lines.Count * LineLength + files.Count * FileLength));
        var table = new Section("", SectionType.ProgramBits, SectionFlags.None, 4);
        table.UInt32(Magic);
        table.UInt32((uint)functions.Count);
        table.UInt32((uint)lines.Count);
        table.UInt32((uint)files.Count);
        foreach (ElfSymbol function in functions)
        {
            table.UInt32((uint)function.Address);
            table.UInt32((uint)function.Size);
            table.UInt32(names.Add(MethodName.Readable(function.Name)));
        }
        foreach (SourceLine line in lines)
        {
            table.UInt32((uint)line.Address);
            table.UInt16(line.File is null ? (ushort)0 : checked((ushort)fileIndices[line.File]));
            table.UInt16(line.File is null ? (ushort)0 : checked((ushort)line.Line));
        }
        foreach (string file in files)
            table.UInt32(names.Add(Path.GetRelativePath(root, file)));
        table.Bytes(names.Contents);
        return table.Contents.ToArray();
    }

    // One name an address: of a method that is also exported, the C# one, which is local.
    private static List<ElfSymbol> Functions(ElfImage image) => [.. image.Symbols
        .Where(s => s.Kind == SymbolKind.Function && s.Size > 0 && s.Address >= Base)
        .GroupBy(s => s.Address)
        .Select(g => g.FirstOrDefault(s => MethodName.Readable(s.Name) != s.Name) ?? g.First())
        .OrderBy(s => s.Address)];

    private sealed class Names(uint start)
    {
        private readonly List<byte> bytes = [];
        private readonly Dictionary<string, uint> offsets = [];

        public ReadOnlySpan<byte> Contents => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes);

        public uint Add(string name)
        {
            if (!offsets.TryGetValue(name, out uint offset))
            {
                offset = start + (uint)bytes.Count;
                offsets.Add(name, offset);
                bytes.AddRange(Encoding.UTF8.GetBytes(name));
                bytes.Add(0);
            }
            return offset;
        }
    }
}
