using System.Buffers.Binary;

namespace Servers.Vfs.Ext4;

/// <summary>An inode as it lies on the disk, a private copy.</summary>
internal sealed class InodeRecord(byte[] bytes)
{
    /// <summary>Bits of i_flags, ioctl_iflags(2).</summary>
    public const uint Immutable = 0x10, AppendOnly = 0x20, Indexed = 0x1000, HugeBlocks = 0x40000, Extents = 0x80000,
        ValueOfAttribute = 0x200000, InlineData = 0x10000000;

    /// <summary>Where the map of blocks lies, and its length.</summary>
    public const int MapOffset = 0x28, MapLength = 60;

    /// <summary>Bytes without the extra fields.</summary>
    public const int ShortLength = 128;

    private const int ChecksumOffset = 0x7C, HighChecksumOffset = 0x82, ExtraLengthOffset = 0x80;
    private const long NanosecondsPerSecond = 1_000_000_000;

    public byte[] Bytes => bytes;

    public uint Mode
    {
        get => Half(0);
        set => SetHalf(0, (ushort)value);
    }

    public uint UserId
    {
        get => Half(2) | (uint)Half(0x78) << 16;
        set => SetSplit(2, 0x78, value);
    }

    public uint GroupId
    {
        get => Half(0x18) | (uint)Half(0x7A) << 16;
        set => SetSplit(0x18, 0x7A, value);
    }

    /// <summary>Any number may lie there: longer than a file can be is negative or very large.</summary>
    public long Size
    {
        get => Word(4) | (long)Word(0x6C) << 32;
        set
        {
            SetWord(4, (uint)value);
            SetWord(0x6C, (uint)(value >> 32));
        }
    }

    public uint DeletionTime
    {
        get => Word(0x14);
        set => SetWord(0x14, value);
    }

    public uint Links
    {
        get => Half(0x1A);
        set => SetHalf(0x1A, (ushort)value);
    }

    public uint Flags
    {
        get => Word(0x20);
        set => SetWord(0x20, value);
    }

    public uint Generation
    {
        get => Word(0x64);
        set => SetWord(0x64, value);
    }

    public long AttributeBlock
    {
        get => Word(0x68) | (long)Half(0x76) << 32;
        set
        {
            SetWord(0x68, (uint)value);
            SetHalf(0x76, (ushort)(value >> 32));
        }
    }

    /// <summary>The map of blocks, the text of a short link, or a device number.</summary>
    public Span<byte> Map => bytes.AsSpan(MapOffset, MapLength);

    /// <summary>Bytes of the extra fields; 0: there are none, or the number is not one.</summary>
    public int ExtraLength
    {
        get => bytes.Length > ShortLength && Half(ExtraLengthOffset) is var length && length % 4 == 0 && ShortLength + length <= bytes.Length ? length : 0;
        set => SetHalf(ExtraLengthOffset, (ushort)value);
    }

    public long AccessTime
    {
        get => Time(8, 0x8C);
        set => SetTime(8, 0x8C, value);
    }

    public long ChangeTime
    {
        get => Time(0xC, 0x84);
        set => SetTime(0xC, 0x84, value);
    }

    public long ModifyTime
    {
        get => Time(0x10, 0x88);
        set => SetTime(0x10, 0x88, value);
    }

    /// <summary>When it was made.</summary>
    public void SetBirthTime(long value) => SetTime(0x90, 0x94, value);

    public bool Has(uint flag) => (Flags & flag) != 0;

    /// <summary>st_blocks: units of 512 bytes.</summary>
    public long Sectors(SuperBlock super)
    {
        if (!super.Has(ReadOnlyFeatures.HugeFiles))
            return Word(0x1C);
        long count = Word(0x1C) | (long)Half(0x74) << 32;
        return Has(HugeBlocks) ? count << super.BlockBits - 9 : count;
    }

    /// <summary>Sets it; what is too much for 48 bits is counted in blocks.</summary>
    public void SetSectors(SuperBlock super, long sectors)
    {
        bool isHuge = sectors >> 48 != 0;
        Flags = isHuge ? Flags | HugeBlocks : Flags & ~HugeBlocks;
        long count = isHuge ? sectors >> super.BlockBits - 9 : sectors;
        SetWord(0x1C, (uint)count);
        if (super.Has(ReadOnlyFeatures.HugeFiles))
            SetHalf(0x74, (ushort)(count >> 32));
    }

    /// <summary>What sums of its blocks begin with.</summary>
    public uint Seed(SuperBlock super, uint number) =>
        Checksums.Castagnoli(Checksums.Castagnoli(super.ChecksumSeed, number), Generation);

    /// <summary>True if its checksum is right, or there is none.</summary>
    public bool IsIntact(SuperBlock super, uint number)
    {
        if (!super.HasMetadataChecksums)
            return true;
        uint sum = ChecksumFor(super, number), stored = Half(ChecksumOffset);
        return HasHighChecksum ? sum == (stored | (uint)Half(HighChecksumOffset) << 16) : (ushort)sum == stored;
    }

    /// <summary>Sets its checksum.</summary>
    public void Seal(SuperBlock super, uint number)
    {
        if (!super.HasMetadataChecksums)
            return;
        uint sum = ChecksumFor(super, number);
        SetHalf(ChecksumOffset, (ushort)sum);
        if (HasHighChecksum)
            SetHalf(HighChecksumOffset, (ushort)(sum >> 16));
    }

    // As the number lies there: one that is too large is covered by the sum too, and found then.
    private bool HasHighChecksum => bytes.Length > ShortLength && Half(ExtraLengthOffset) >= HighChecksumOffset + 2 - ShortLength;

    private uint ChecksumFor(SuperBlock super, uint number)
    {
        ReadOnlySpan<byte> all = bytes, none = [0, 0];
        uint sum = Checksums.Castagnoli(Seed(super, number), all[..ChecksumOffset]);
        sum = Checksums.Castagnoli(sum, none);
        if (!HasHighChecksum)
            return Checksums.Castagnoli(sum, all[(ChecksumOffset + 2)..]);
        sum = Checksums.Castagnoli(sum, all[(ChecksumOffset + 2)..HighChecksumOffset]);
        return Checksums.Castagnoli(Checksums.Castagnoli(sum, none), all[(HighChecksumOffset + 2)..]);
    }

    // Seconds, a signed word; with the extra word two more bits of them, and nanoseconds above those.
    private long Time(int at, int extraAt)
    {
        long seconds = (int)Word(at);
        if (extraAt + sizeof(uint) > ShortLength + ExtraLength)
            return seconds * NanosecondsPerSecond;
        uint extra = Word(extraAt);
        // vfs counts nanoseconds: times after the year 2262 are shown as its end.
        seconds = Math.Min(seconds + ((long)(extra & 3) << 32), long.MaxValue / NanosecondsPerSecond - 1);
        return seconds * NanosecondsPerSecond + Math.Min(extra >> 2, NanosecondsPerSecond - 1);
    }

    private void SetTime(int at, int extraAt, long value)
    {
        long seconds = Math.DivRem(value, NanosecondsPerSecond, out long rest);
        if (rest < 0)
            (seconds, rest) = (seconds - 1, rest + NanosecondsPerSecond);
        bool isExact = extraAt + sizeof(uint) <= ShortLength + ExtraLength;
        // What the field cannot hold becomes its nearest, as on Linux.
        seconds = Math.Clamp(seconds, int.MinValue, isExact ? (3L << 32) + int.MaxValue : int.MaxValue);
        if (extraAt != 0x94 || isExact)
            SetWord(at, (uint)seconds);
        if (isExact)
            SetWord(extraAt, (uint)((seconds - (int)seconds) >> 32) & 3 | (uint)rest << 2);
    }

    private ushort Half(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(offset));

    private uint Word(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(offset));

    private void SetHalf(int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(offset), value);

    private void SetWord(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset), value);

    private void SetSplit(int low, int high, uint value)
    {
        SetHalf(low, (ushort)value);
        SetHalf(high, (ushort)(value >> 16));
    }
}
