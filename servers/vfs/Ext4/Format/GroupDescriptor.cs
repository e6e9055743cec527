using System.Buffers.Binary;

namespace Servers.Vfs.Ext4;

/// <summary>A group descriptor, as it lies on the disk: 32 bytes, or 64 and more with the feature 64bit.</summary>
internal readonly struct GroupDescriptor(byte[] bytes)
{
    /// <summary>Bits of bg_flags: inode and block map were never written, the inode table reads as zero.</summary>
    public const ushort InodesUninitialized = 1, BlocksUninitialized = 2, TableZeroed = 4;

    private const int ChecksumOffset = 0x1E, ShortLength = 32;

    public byte[] Bytes => bytes;

    public long BlockMap => Wide(0, 0x20);

    public long InodeMap => Wide(4, 0x24);

    public long InodeTable => Wide(8, 0x28);

    public uint FreeBlocks
    {
        get => Pair(0xC, 0x2C);
        set => SetPair(0xC, 0x2C, value);
    }

    public uint FreeInodes
    {
        get => Pair(0xE, 0x2E);
        set => SetPair(0xE, 0x2E, value);
    }

    public uint Directories
    {
        get => Pair(0x10, 0x30);
        set => SetPair(0x10, 0x30, value);
    }

    public ushort Flags
    {
        get => Half(0x12);
        set => BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(0x12), value);
    }

    /// <summary>Inodes at the table's end that were never used.</summary>
    public uint UnusedInodes
    {
        get => Pair(0x1C, 0x32);
        set => SetPair(0x1C, 0x32, value);
    }

    /// <summary>Sets the sums of the two maps; the upper halves lie in the longer form only.</summary>
    public void SetBlockMapChecksum(uint sum) => SetPair(0x18, 0x38, sum);

    public void SetInodeMapChecksum(uint sum) => SetPair(0x1A, 0x3A, sum);

    /// <summary>True if a map's sum is right.</summary>
    public bool IsBlockMapIntact(uint sum) => Same(Pair(0x18, 0x38), sum);

    public bool IsInodeMapIntact(uint sum) => Same(Pair(0x1A, 0x3A), sum);

    public ushort Checksum => Half(ChecksumOffset);

    /// <summary>What its checksum should be; null: there is none.</summary>
    public ushort? ChecksumFor(SuperBlock super, uint group)
    {
        Span<byte> number = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(number, group);
        ReadOnlySpan<byte> before = bytes.AsSpan(0, ChecksumOffset), after = bytes.AsSpan(ChecksumOffset + sizeof(ushort));
        if (super.HasMetadataChecksums)
        {
            uint sum = Checksums.Castagnoli(Checksums.Castagnoli(super.ChecksumSeed, number), before);
            return (ushort)Checksums.Castagnoli(Checksums.Castagnoli(sum, [0, 0]), after);
        }

        if (!super.Has(ReadOnlyFeatures.GroupChecksums))
            return null;
        ushort old = Checksums.Ansi(Checksums.Ansi(Checksums.Ansi(ushort.MaxValue, super.Uuid), number), before);
        return bytes.Length > ShortLength ? Checksums.Ansi(old, after) : old;
    }

    /// <summary>Sets its checksum.</summary>
    public void Seal(SuperBlock super, uint group)
    {
        if (ChecksumFor(super, group) is { } sum)
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(ChecksumOffset), sum);
    }

    private bool Same(uint stored, uint sum) => bytes.Length > ShortLength ? stored == sum : stored == (ushort)sum;

    private ushort Half(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(offset));

    private long Wide(int low, int high) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(low))
        | (bytes.Length > ShortLength ? (long)BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(high)) << 32 : 0);

    private uint Pair(int low, int high) => Half(low) | (bytes.Length > ShortLength ? (uint)Half(high) << 16 : 0);

    private void SetPair(int low, int high, uint value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(low), (ushort)value);
        if (bytes.Length > ShortLength)
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(high), (ushort)(value >> 16));
    }
}
