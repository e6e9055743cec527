using System.Buffers.Binary;
using System.Text;
using Libsys.Hosting.Symbols;
using Microkernel.Image.Elf;

namespace Microkernel.Image.Symbols;

/// <summary>A function, and where the code of its source lines begins: offsets from its start, ascending; a null file is code without source.</summary>
internal sealed record CodeFunction(ulong Address, uint Length, string Name, IReadOnlyList<(uint Offset, string? File, int Line)> Lines);

/// <summary>Makes the <see cref="CodeTable"/> of a linked program from its symbols and DWARF.</summary>
internal static class CodeTableWriter
{
    /// <param name="image">An ELF file with symbols; lines are taken from .debug_line if it has one.</param>
    /// <param name="root">The repository: lines of other files are left out, paths become relative to it.</param>
    public static byte[] Build(ElfImage image, string root)
    {
        ElfSection? section = image.Section(".debug_line");
        List<SourceLine> lines = section is null ? [] : SourceLines.Condense(DwarfLines.Read(image.Contents(section)));
        return Write(Functions(image, lines, Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar));
    }

    /// <summary>The table of <paramref name="functions"/>, which ascend by address and do not overlap.</summary>
    public static byte[] Write(IReadOnlyList<CodeFunction> functions)
    {
        var files = new Dictionary<string, int>();
        var body = new List<byte>();
        var blocks = new List<(ulong Address, int Offset, int Count)>();
        foreach (CodeFunction[] block in functions.Chunk(CodeTable.FunctionsInBlock))
        {
            blocks.Add((block[0].Address, body.Count, block.Length));
            WriteBlock(body, block, files);
        }

        int bodyOffset = CodeTable.HeaderLength + blocks.Count * CodeTable.BlockLength;
        int filesOffset = bodyOffset + body.Count;
        foreach (string file in files.Keys)
            Text(body, Encoding.UTF8.GetBytes(file));

        byte[] table = new byte[bodyOffset + body.Count];
        BinaryPrimitives.WriteUInt32LittleEndian(table, CodeTable.Magic);
        BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(4), blocks.Count);
        BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(8), filesOffset);
        BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(12), files.Count);
        for (int i = 0; i < blocks.Count; i++)
        {
            Span<byte> entry = table.AsSpan(CodeTable.HeaderLength + i * CodeTable.BlockLength);
            BinaryPrimitives.WriteUInt64LittleEndian(entry, blocks[i].Address);
            BinaryPrimitives.WriteInt32LittleEndian(entry[8..], bodyOffset + blocks[i].Offset);
            BinaryPrimitives.WriteInt32LittleEndian(entry[12..], blocks[i].Count);
        }
        body.CopyTo(table, bodyOffset);
        return table;
    }

    private static void WriteBlock(List<byte> body, CodeFunction[] block, Dictionary<string, int> files)
    {
        ulong end = block[0].Address;
        byte[] previous = [];
        foreach (CodeFunction function in block)
        {
            Number(body, checked((uint)(function.Address - end)));
            Number(body, function.Length);
            end = function.Address + function.Length;

            byte[] name = ShortName(function.Name);
            int shared = previous.AsSpan().CommonPrefixLength(name);
            Number(body, (uint)shared);
            Text(body, name.AsSpan(shared));
            previous = name;

            WriteLines(body, function, files);
        }
    }

    private static void WriteLines(List<byte> body, CodeFunction function, Dictionary<string, int> files)
    {
        Number(body, (uint)function.Lines.Count);
        uint offset = 0;
        int line = 0, file = -1;
        foreach ((uint Offset, string? File, int Line) entry in function.Lines)
        {
            int next = entry.File is null ? 0 : entry.Line;
            int number = file;
            if (entry.File is not null && !files.TryGetValue(entry.File, out number))
                files.Add(entry.File, number = files.Count);

            Number(body, entry.Offset - offset);
            int difference = next - line;
            Number(body, (uint)((difference << 1) ^ (difference >> 31)) << 1 | (number != file ? 1u : 0));
            if (number != file)
                Number(body, (uint)number);
            (offset, line, file) = (entry.Offset, next, number);
        }
    }

    private static List<CodeFunction> Functions(ElfImage image, List<SourceLine> lines, string root)
    {
        List<ElfSymbol> symbols = [.. image.Symbols
            .Where(s => s.Kind == SymbolKind.Function && s.Size > 0)
            .GroupBy(s => s.Address)
            // One name an address: of a method that is also exported, the C# one.
            .Select(g => g.FirstOrDefault(s => MethodName.Readable(s.Name) != s.Name) ?? g.First())
            .OrderBy(s => s.Address)];
        var functions = new List<CodeFunction>();
        int line = 0;
        for (int i = 0; i < symbols.Count; i++)
        {
            ulong start = symbols[i].Address;
            ulong end = Math.Min(start + symbols[i].Size, i + 1 < symbols.Count ? symbols[i + 1].Address : ulong.MaxValue);
            while (line < lines.Count && lines[line].Address < start)
                line++;
            var inside = new List<(uint, string?, int)>();
            for (; line < lines.Count && lines[line].Address < end; line++)
            {
                string? file = lines[line].File is string path && path.StartsWith(root, StringComparison.Ordinal) ? path[root.Length..] : null;
                // Foreign code has no lines, not even a mark, unless it follows code that has.
                if (file is not null || (inside.Count > 0 && inside[^1].Item2 is not null))
                    inside.Add(((uint)(lines[line].Address - start), file, file is null ? 0 : lines[line].Line));
            }
            functions.Add(new CodeFunction(start, (uint)(end - start), MethodName.Readable(symbols[i].Name), inside));
        }
        return functions;
    }

    // Cut between characters.
    private static byte[] ShortName(string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        int length = Math.Min(bytes.Length, CodeTable.LongestName);
        while (length < bytes.Length && (bytes[length] & 0xc0) == 0x80)
            length--;
        return bytes[..length];
    }

    private static void Text(List<byte> body, ReadOnlySpan<byte> text)
    {
        Number(body, (uint)text.Length);
        body.AddRange(text);
    }

    private static void Number(List<byte> body, uint value)
    {
        for (; value >= 0x80; value >>= 7)
            body.Add((byte)(value | 0x80));
        body.Add((byte)value);
    }
}
