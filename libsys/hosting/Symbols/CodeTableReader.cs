using System.Buffers.Binary;
using System.Text;

namespace Libsys.Hosting.Symbols;

/// <summary>
/// Looks addresses up in a <see cref="CodeTable"/>, in place. It is used while something else has already failed: a damaged table yields no location,
/// and never an exception.
/// </summary>
public readonly ref struct CodeTableReader
{
    private readonly ReadOnlySpan<byte> table;
    private readonly int blocks;
    private readonly int filesOffset;
    private readonly int files;

    private CodeTableReader(ReadOnlySpan<byte> table, int blocks, int filesOffset, int files)
    {
        this.table = table;
        this.blocks = blocks;
        this.filesOffset = filesOffset;
        this.files = files;
    }

    /// <summary>False when <paramref name="table"/> is no such table.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> table, out CodeTableReader reader)
    {
        reader = default;
        if (table.Length < CodeTable.HeaderLength || BinaryPrimitives.ReadUInt32LittleEndian(table) != CodeTable.Magic)
            return false;
        uint blocks = BinaryPrimitives.ReadUInt32LittleEndian(table[4..]);
        uint filesOffset = BinaryPrimitives.ReadUInt32LittleEndian(table[8..]);
        uint files = BinaryPrimitives.ReadUInt32LittleEndian(table[12..]);
        if (blocks > (uint)(table.Length - CodeTable.HeaderLength) / CodeTable.BlockLength || filesOffset > (uint)table.Length || files > (uint)table.Length)
            return false;
        reader = new CodeTableReader(table, (int)blocks, (int)filesOffset, (int)files);
        return true;
    }

    /// <summary>Finds the function and line of an instruction. Of a return address, the caller's instruction is the one before: pass it less 1.</summary>
    public bool TryFind(ulong address, out CodeLocation location)
    {
        location = default;
        int block = LastBlockAtOrBelow(address);
        if (block < 0)
            return false;

        ReadOnlySpan<byte> entry = table[(CodeTable.HeaderLength + block * CodeTable.BlockLength)..];
        ulong end = BinaryPrimitives.ReadUInt64LittleEndian(entry);
        uint functions = BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]);
        var cursor = new Cursor(table, BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]));
        Span<byte> name = stackalloc byte[CodeTable.LongestName];
        for (uint function = 0; function < functions; function++)
        {
            if (!cursor.TryRead(out uint gap) || !cursor.TryRead(out uint length) || !TryReadName(ref cursor, name, out int nameLength))
                return false;
            ulong start = end + gap;
            end = start + length;
            if (address < start || end < start)
                return false;
            if (!TryReadLines(ref cursor, address - start, out uint file, out uint line))
                return false;
            if (address < end)
            {
                string? path = line == 0 ? null : FileName(file);
                location = new CodeLocation(Encoding.UTF8.GetString(name[..nameLength]), (uint)(address - start), path, path is null ? 0 : (int)line);
                return true;
            }
        }
        return false;
    }

    private int LastBlockAtOrBelow(ulong address)
    {
        int low = 0, high = blocks;
        while (low < high)
        {
            int middle = low + (high - low) / 2;
            if (BinaryPrimitives.ReadUInt64LittleEndian(table[(CodeTable.HeaderLength + middle * CodeTable.BlockLength)..]) <= address)
                low = middle + 1;
            else
                high = middle;
        }
        return low - 1;
    }

    private static bool TryReadName(ref Cursor cursor, scoped Span<byte> name, out int length)
    {
        length = 0;
        if (!cursor.TryRead(out uint shared) || !cursor.TryReadBytes(out ReadOnlySpan<byte> rest) || shared > (uint)name.Length
            || rest.Length > name.Length - (int)shared)
            return false;
        rest.CopyTo(name[(int)shared..]);
        length = (int)shared + rest.Length;
        return true;
    }

    // The line of the last entry at or before the offset; all entries are read, because the next function begins behind them.
    private static bool TryReadLines(ref Cursor cursor, ulong offset, out uint file, out uint line)
    {
        file = line = 0;
        if (!cursor.TryRead(out uint entries))
            return false;
        ulong entryOffset = 0;
        uint entryFile = 0, entryLine = 0;
        for (uint entry = 0; entry < entries; entry++)
        {
            if (!cursor.TryRead(out uint distance) || !cursor.TryRead(out uint change) || ((change & 1) != 0 && !cursor.TryRead(out entryFile)))
                return false;
            entryOffset += distance;
            uint zigzag = change >> 1;
            entryLine += (zigzag >> 1) ^ (0 - (zigzag & 1));
            if (entryOffset <= offset)
                (file, line) = (entryFile, entryLine);
        }
        return true;
    }

    private string? FileName(uint number)
    {
        if (number >= (uint)files)
            return null;
        var cursor = new Cursor(table, (uint)filesOffset);
        for (; ; number--)
        {
            if (!cursor.TryReadBytes(out ReadOnlySpan<byte> path))
                return null;
            if (number == 0)
                return Encoding.UTF8.GetString(path);
        }
    }

    private ref struct Cursor(ReadOnlySpan<byte> bytes, uint position)
    {
        private readonly ReadOnlySpan<byte> bytes = bytes;
        private uint position = position;

        // LEB128 without sign, DWARF 4 §7.6; five bytes hold 32 bits.
        public bool TryRead(out uint value)
        {
            value = 0;
            for (int shift = 0; shift < 35; shift += 7)
            {
                if (position >= (uint)bytes.Length)
                    return false;
                byte next = bytes[(int)position++];
                value |= (uint)(next & 0x7f) << shift;
                if ((next & 0x80) == 0)
                    return true;
            }
            return false;
        }

        public bool TryReadBytes(out ReadOnlySpan<byte> content)
        {
            content = default;
            if (!TryRead(out uint length) || length > (uint)bytes.Length - position)
                return false;
            content = bytes.Slice((int)position, (int)length);
            position += length;
            return true;
        }
    }
}
