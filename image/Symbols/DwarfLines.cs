using System.Buffers.Binary;
using System.Text;

namespace Microkernel.Image.Symbols;

/// <summary>Where the code of a source line begins. <see cref="File"/> is null where code without source begins.</summary>
internal readonly record struct SourceLine(ulong Address, string? File, int Line);

/// <summary>
/// Reads the line number table that ilc emits: .debug_line of DWARF 4 (§6.2), whose addresses the linker has filled in. Units of other versions are
/// skipped: they come from the C and C++ libraries that servers are linked with.
/// </summary>
internal static class DwarfLines
{
    // Standard and extended opcodes (§7.22).
    private const byte Copy = 1, AdvancePc = 2, AdvanceLine = 3, SetFile = 4, SetColumn = 5, NegateStatement = 6, SetBasicBlock = 7,
        ConstAddPc = 8, FixedAdvancePc = 9;
    private const byte EndSequence = 1, SetAddress = 2;

    public static List<SourceLine> Read(ReadOnlySpan<byte> section)
    {
        var lines = new List<SourceLine>();
        while (section.Length > 4)
        {
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(section);
            if (length >= 0xffff_fff0 || length + 4 > section.Length)
                throw new BuildFailedException("line table: bad unit length");
            ReadUnit(section.Slice(4, (int)length), lines);
            section = section[(4 + (int)length)..];
        }
        return lines;
    }

    private static void ReadUnit(ReadOnlySpan<byte> unit, List<SourceLine> lines)
    {
        var reader = new Reader(unit);
        ushort version = reader.UInt16();
        if (version is < 2 or > 4)
            return;
        int program = (int)reader.UInt32() + reader.Position;
        byte minimumInstruction = reader.Byte();
        if (version >= 4)
            reader.Byte();
        reader.Byte();
        sbyte lineBase = (sbyte)reader.Byte();
        byte lineRange = reader.Byte();
        byte opcodeBase = reader.Byte();
        byte[] operandCounts = new byte[opcodeBase];
        for (int i = 1; i < opcodeBase; i++)
            operandCounts[i] = reader.Byte();
        List<string> files = ReadFiles(ref reader);
        reader.Position = program;

        ulong address = 0;
        ulong file = 1;
        long line = 1;
        while (!reader.AtEnd)
        {
            byte opcode = reader.Byte();
            if (opcode >= opcodeBase)
            {
                int adjusted = opcode - opcodeBase;
                address += (ulong)(adjusted / lineRange * minimumInstruction);
                line += lineBase + adjusted % lineRange;
                lines.Add(new SourceLine(address, files[(int)file - 1], (int)line));
                continue;
            }
            switch (opcode)
            {
                case 0:
                    int end = (int)reader.Unsigned() + reader.Position;
                    switch (reader.Byte())
                    {
                        case SetAddress:
                            address = reader.UInt64();
                            break;
                        case EndSequence:
                            lines.Add(new SourceLine(address, null, 0));
                            (address, file, line) = (0, 1, 1);
                            break;
                    }
                    reader.Position = end;
                    break;
                case Copy:
                    lines.Add(new SourceLine(address, files[(int)file - 1], (int)line));
                    break;
                case AdvancePc:
                    address += reader.Unsigned() * minimumInstruction;
                    break;
                case AdvanceLine:
                    line += reader.Signed();
                    break;
                case SetFile:
                    file = reader.Unsigned();
                    break;
                case ConstAddPc:
                    address += (ulong)((255 - opcodeBase) / lineRange * minimumInstruction);
                    break;
                case FixedAdvancePc:
                    address += reader.UInt16();
                    break;
                default:
                    // SetColumn, NegateStatement, SetBasicBlock and whatever else: nothing that is needed here.
                    for (int i = 0; i < operandCounts[opcode]; i++)
                        reader.Unsigned();
                    break;
            }
        }
    }

    private static List<string> ReadFiles(ref Reader reader)
    {
        var directories = new List<string> { "" };
        for (string directory = reader.Text(); directory.Length > 0; directory = reader.Text())
            directories.Add(directory);
        var files = new List<string>();
        for (string name = reader.Text(); name.Length > 0; name = reader.Text())
        {
            files.Add(Path.Combine(directories[(int)reader.Unsigned()], name));
            reader.Unsigned();
            reader.Unsigned();
        }
        return files;
    }

    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private readonly ReadOnlySpan<byte> bytes = bytes;

        public int Position { get; set; }
        public readonly bool AtEnd => Position >= bytes.Length;

        public byte Byte() => bytes[Position++];

        public ushort UInt16()
        {
            Position += 2;
            return BinaryPrimitives.ReadUInt16LittleEndian(bytes[(Position - 2)..]);
        }

        public uint UInt32()
        {
            Position += 4;
            return BinaryPrimitives.ReadUInt32LittleEndian(bytes[(Position - 4)..]);
        }

        public ulong UInt64()
        {
            Position += 8;
            return BinaryPrimitives.ReadUInt64LittleEndian(bytes[(Position - 8)..]);
        }

        public string Text()
        {
            int length = bytes[Position..].IndexOf((byte)0);
            string text = Encoding.UTF8.GetString(bytes.Slice(Position, length));
            Position += length + 1;
            return text;
        }

        // LEB128 (§7.6).
        public ulong Unsigned()
        {
            ulong value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte next = Byte();
                value |= (ulong)(next & 0x7f) << shift;
                if ((next & 0x80) == 0)
                    return value;
            }
        }

        public long Signed()
        {
            long value = 0;
            for (int shift = 0; ;)
            {
                byte next = Byte();
                value |= (long)(next & 0x7f) << shift;
                shift += 7;
                if ((next & 0x80) == 0)
                    return (next & 0x40) != 0 && shift < 64 ? value | (-1L << shift) : value;
            }
        }
    }
}
