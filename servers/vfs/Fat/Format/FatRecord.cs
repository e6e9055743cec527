using System.Buffers.Binary;

namespace Servers.Vfs.Fat;

/// <summary>One of the 32-byte entries of a directory: a file's, with its short name, or a part of a long name.</summary>
/// <param name="bytes">It.</param>
internal readonly ref struct FatRecord(ReadOnlySpan<byte> bytes)
{
    /// <summary>Characters of a long name in each part.</summary>
    public const int PartLength = 13;

    /// <summary>In the first byte of the part that comes first and is the name's end.</summary>
    public const byte LastPart = 0x40;

    private const byte ReadOnlyFlag = 1, LabelFlag = 8, DirectoryFlag = 16, LongName = 15, AttributeMask = 0x3F, Deleted = 0xE5, StandsForDeleted = 0x05;
    private const byte SmallBase = 8, SmallExtension = 16;
    private const int BaseLength = 8, NameLength = 11;

    private readonly ReadOnlySpan<byte> bytes = bytes;

    /// <summary>Nothing is behind it.</summary>
    public bool IsEnd => bytes[0] == 0;

    /// <summary>It is free.</summary>
    public bool IsFree => bytes[0] is 0 or Deleted;

    /// <summary>It is a part of a long name.</summary>
    public bool IsPart => (bytes[11] & AttributeMask) == LongName;

    /// <summary>It is the volume's name.</summary>
    public bool IsLabel => (bytes[11] & LabelFlag) != 0;

    /// <summary>It is a directory.</summary>
    public bool IsDirectory => (bytes[11] & DirectoryFlag) != 0;

    /// <summary>It must not be written.</summary>
    public bool IsReadOnly => (bytes[11] & ReadOnlyFlag) != 0;

    /// <summary>The directory itself, or its parent.</summary>
    public bool IsSelfOrParent => bytes[..NameLength].SequenceEqual(".          "u8) || bytes[..NameLength].SequenceEqual("..         "u8);

    /// <summary>It is one that Windows takes for a program by its name.</summary>
    public bool IsProgram => EndsIn("EXE"u8) || EndsIn("COM"u8) || EndsIn("BAT"u8);

    /// <summary>Bytes of a file.</summary>
    public uint Size => BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..]);

    /// <summary>Last access; only the day is known.</summary>
    public ushort AccessDate => BinaryPrimitives.ReadUInt16LittleEndian(bytes[18..]);

    /// <summary>Last change of content.</summary>
    public ushort ModifyTime => BinaryPrimitives.ReadUInt16LittleEndian(bytes[22..]);

    /// <inheritdoc cref="ModifyTime"/>
    public ushort ModifyDate => BinaryPrimitives.ReadUInt16LittleEndian(bytes[24..]);

    /// <summary>Of a part: which one, from 1 on, and whether it is the last.</summary>
    public byte Sequence => bytes[0];

    /// <summary>Of a part: <see cref="Checksum"/> of the short name that it belongs to.</summary>
    public byte PartChecksum => bytes[13];

    /// <summary>A sum of the short name: a system without long names that renames a file leaves parts that belong to nothing.</summary>
    public byte Checksum
    {
        get
        {
            byte sum = 0;
            foreach (byte letter in bytes[..NameLength])
                sum = (byte)((sum << 7 | sum >> 1) + letter);
            return sum;
        }
    }

    /// <summary>First cluster, whose upper half only FAT32 has.</summary>
    public uint ClusterOf(int tableBits) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[26..]) | (tableBits == 32 ? (uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes[20..]) << 16 : 0);

    /// <summary>Of a part: its characters, to where they belong.</summary>
    public void CopyPart(Span<char> into)
    {
        ReadOnlySpan<(int At, int Count)> pieces = [(1, 5), (14, 6), (28, 2)];
        int done = 0;
        foreach ((int at, int count) in pieces)
        {
            for (int number = 0; number < count; number++)
                into[done++] = (char)BinaryPrimitives.ReadUInt16LittleEndian(bytes[(at + 2 * number)..]);
        }
    }

    /// <summary>The short name; small where a bit says so, or all of it, or never.</summary>
    public string ShortName(ShortNames shown)
    {
        string first = Text(bytes[..BaseLength]), last = Text(bytes[BaseLength..NameLength]);
        bool hasBits = shown is ShortNames.Mixed or ShortNames.Winnt;
        if (shown == ShortNames.Lower || (hasBits && (bytes[12] & SmallBase) != 0))
            first = first.ToLowerInvariant();
        if (shown == ShortNames.Lower || (hasBits && (bytes[12] & SmallExtension) != 0))
            last = last.ToLowerInvariant();
        return last.Length == 0 ? first : first + "." + last;
    }

    private bool EndsIn(ReadOnlySpan<byte> extension) => bytes[BaseLength..NameLength].SequenceEqual(extension);

    private static string Text(ReadOnlySpan<byte> part)
    {
        part = part.TrimEnd((byte)' ');
        Span<char> text = stackalloc char[part.Length];
        for (int at = 0; at < part.Length; at++)
            text[at] = CodePage437.Of(part[at] == StandsForDeleted && at == 0 ? Deleted : part[at]);
        return new string(text);
    }
}

/// <summary>How short names are shown that have no long one beside them, mount(8) shortname=.</summary>
internal enum ShortNames
{
    /// <summary>In small letters where Windows NT has noted that.</summary>
    Mixed,

    /// <summary>The same.</summary>
    Winnt,

    /// <summary>As they are, in capitals.</summary>
    Win95,

    /// <summary>In small letters.</summary>
    Lower,
}
