using System.Buffers.Binary;

namespace Servers.Vfs.Ext4;

/// <summary>What a block of the log is.</summary>
internal enum JournalBlockKind : uint
{
    None = 0,
    Descriptor = 1,
    Commit = 2,
    Revoke = 5,
}

/// <summary>What a descriptor says of one of the blocks behind it.</summary>
/// <param name="Home">Where it belongs.</param>
/// <param name="IsEscaped">It began with the journal's magic number, which is left out.</param>
/// <param name="Checksum">Of the block in the log; the lower 16 bits in version 2.</param>
internal readonly record struct JournalTag(long Home, bool IsEscaped, uint Checksum);

/// <summary>Blocks of the log. Layout: the Linux kernel's documentation, "Journal (jbd2)".</summary>
internal static class JournalBlock
{
    public const uint Magic = 0xC03B3998;

    public const int HeaderLength = 12, TailLength = sizeof(uint);

    private const int RevokeHeaderLength = 16, UuidLength = 16, CommitSum = 0x10, CommitTime = 0x30;
    private const uint Escaped = 1, SameUuid = 2, Deleted = 4, LastTag = 8;
    private const byte Crc32 = 1;

    /// <summary>Kind of a block of a transaction; None: it is not of this one.</summary>
    public static JournalBlockKind KindOf(ReadOnlySpan<byte> block, uint sequence) =>
        Word(block, 0) == Magic && Word(block, 8) == sequence ? (JournalBlockKind)Word(block, 4) : JournalBlockKind.None;

    /// <summary>Begins a block.</summary>
    public static void Begin(Span<byte> block, JournalBlockKind kind, uint sequence)
    {
        block.Clear();
        SetWord(block, 0, Magic);
        SetWord(block, 4, (uint)kind);
        SetWord(block, 8, sequence);
    }

    /// <summary>The tags of a descriptor. False: they do not end within it.</summary>
    public static bool TryReadTags(ReadOnlySpan<byte> block, JournalSuperBlock super, List<JournalTag> into)
    {
        int length = TagLength(super.Features), end = block.Length - (super.HasBlockChecksums ? TailLength : 0);
        bool isThird = (super.Features & JournalFeatures.ChecksumsV3) != 0, is64Bit = (super.Features & JournalFeatures.Is64Bit) != 0;
        for (int at = HeaderLength; at + length <= end;)
        {
            ReadOnlySpan<byte> tag = block[at..];
            uint flags = isThird ? Word(tag, 4) : BinaryPrimitives.ReadUInt16BigEndian(tag[6..]);
            long home = Word(tag, 0) | (is64Bit ? (long)Word(tag, 8) << 32 : 0);
            uint sum = isThird ? Word(tag, 12) : BinaryPrimitives.ReadUInt16BigEndian(tag[4..]);
            if ((flags & Deleted) == 0)
                into.Add(new JournalTag(home, (flags & Escaped) != 0, sum));
            at += length + ((flags & SameUuid) != 0 ? 0 : UuidLength);
            if ((flags & LastTag) != 0)
                return true;
        }

        return false;
    }

    /// <summary>How many blocks a descriptor can speak of.</summary>
    public static int MostTags(int blockSize, JournalSuperBlock super) =>
        (blockSize - HeaderLength - UuidLength - (super.HasBlockChecksums ? TailLength : 0)) / TagLength(super.Features);

    /// <summary>Writes a tag at an offset, which moves behind it. The first one is followed by the journal's name.</summary>
    public static void WriteTag(Span<byte> block, ref int at, JournalSuperBlock super, JournalTag tag, bool isLast)
    {
        bool isFirst = at == HeaderLength;
        uint flags = (tag.IsEscaped ? Escaped : 0) | (isFirst ? 0 : SameUuid) | (isLast ? LastTag : 0);
        Span<byte> bytes = block[at..];
        SetWord(bytes, 0, (uint)tag.Home);
        if ((super.Features & JournalFeatures.ChecksumsV3) != 0)
        {
            SetWord(bytes, 4, flags);
            SetWord(bytes, 12, tag.Checksum);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes[4..], (ushort)tag.Checksum);
            BinaryPrimitives.WriteUInt16BigEndian(bytes[6..], (ushort)flags);
        }

        if ((super.Features & JournalFeatures.Is64Bit) != 0)
            SetWord(bytes, 8, (uint)(tag.Home >> 32));
        at += TagLength(super.Features);
        if (!isFirst)
            return;
        super.Bytes.AsSpan(0x30, UuidLength).CopyTo(block[at..]);
        at += UuidLength;
    }

    /// <summary>The blocks that a revoke block names. False: their number is wrong.</summary>
    public static bool TryReadRevokes(ReadOnlySpan<byte> block, JournalSuperBlock super, List<long> into)
    {
        bool is64Bit = (super.Features & JournalFeatures.Is64Bit) != 0;
        uint end = Word(block, HeaderLength);
        if (end < RevokeHeaderLength || end > block.Length - (super.HasBlockChecksums ? TailLength : 0))
            return false;
        int length = is64Bit ? sizeof(long) : sizeof(uint);
        for (int at = RevokeHeaderLength; at + length <= end; at += length)
            into.Add(is64Bit ? BinaryPrimitives.ReadInt64BigEndian(block[at..]) : Word(block, at));
        return true;
    }

    /// <summary>True if the checksum at a descriptor's or revoke block's end is right, or there is none.</summary>
    public static bool IsIntact(ReadOnlySpan<byte> block, JournalSuperBlock super) =>
        !super.HasBlockChecksums || Word(block, block.Length - TailLength) == SumWithout(block, super.Seed, block.Length - TailLength);

    /// <summary>Sets that checksum.</summary>
    public static void Seal(Span<byte> block, JournalSuperBlock super)
    {
        if (super.HasBlockChecksums)
            SetWord(block, block.Length - TailLength, SumWithout(block, super.Seed, block.Length - TailLength));
    }

    /// <summary>True if a commit block is right: <paramref name="whole"/> is the sum of all blocks of the transaction, for version 1.</summary>
    public static bool IsCommitIntact(ReadOnlySpan<byte> block, JournalSuperBlock super, uint whole)
    {
        if (super.HasBlockChecksums)
            return Word(block, CommitSum) == SumWithout(block, super.Seed, CommitSum);
        bool hasSum = super.HasWholeChecksums && block[HeaderLength] == Crc32 && block[HeaderLength + 1] == sizeof(uint);
        return !hasSum || Word(block, CommitSum) == whole;
    }

    /// <summary>Makes a commit block; <paramref name="now"/> is in nanoseconds since 1970.</summary>
    public static void WriteCommit(Span<byte> block, JournalSuperBlock super, uint sequence, long now, uint whole)
    {
        const long nanosecondsPerSecond = 1_000_000_000;
        Begin(block, JournalBlockKind.Commit, sequence);
        BinaryPrimitives.WriteInt64BigEndian(block[CommitTime..], now / nanosecondsPerSecond);
        SetWord(block, CommitTime + sizeof(long), (uint)(now % nanosecondsPerSecond));
        if (super.HasBlockChecksums)
        {
            SetWord(block, CommitSum, SumWithout(block, super.Seed, CommitSum));
        }
        else if (super.HasWholeChecksums)
        {
            (block[HeaderLength], block[HeaderLength + 1]) = (Crc32, sizeof(uint));
            SetWord(block, CommitSum, whole);
        }
    }

    /// <summary>Checksum of a block in the log, for its tag; 0 without checksums.</summary>
    public static uint TagSum(ReadOnlySpan<byte> block, JournalSuperBlock super, uint sequence)
    {
        if (!super.HasBlockChecksums)
            return 0;
        uint sum = Checksums.Castagnoli(Checksums.Castagnoli(super.Seed, BinaryPrimitives.ReverseEndianness(sequence)), block);
        return (super.Features & JournalFeatures.ChecksumsV3) != 0 ? sum : (ushort)sum;
    }

    // In version 2 a tag is two bytes longer than its fields.
    private static int TagLength(JournalFeatures features)
    {
        if ((features & JournalFeatures.ChecksumsV3) != 0)
            return 16;
        return ((features & JournalFeatures.Is64Bit) != 0 ? 12 : 8) + ((features & JournalFeatures.ChecksumsV2) != 0 ? 2 : 0);
    }

    private static uint SumWithout(ReadOnlySpan<byte> block, uint seed, int sumAt)
    {
        uint sum = Checksums.Castagnoli(Checksums.Castagnoli(seed, block[..sumAt]), 0u);
        return Checksums.Castagnoli(sum, block[(sumAt + sizeof(uint))..]);
    }

    private static uint Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);

    private static void SetWord(Span<byte> bytes, int at, uint value) => BinaryPrimitives.WriteUInt32BigEndian(bytes[at..], value);
}
