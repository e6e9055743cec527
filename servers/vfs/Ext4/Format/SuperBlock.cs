using System.Buffers.Binary;

namespace Servers.Vfs.Ext4;

/// <summary>
/// The superblock, a copy whose fields have been checked: sizes are powers of two within their bounds, and groups cover the blocks. Layout: the Linux kernel's
/// documentation, "Super Block".
/// </summary>
internal sealed class SuperBlock
{
    /// <summary>Bytes before it on the device, and of it.</summary>
    public const int Position = 1024, Length = 1024;

    /// <summary>Where its checksum lies: the last word.</summary>
    public const int ChecksumOffset = Length - sizeof(uint);

    /// <summary>Bits of s_state: it was unmounted, and errors were found.</summary>
    public const ushort CleanState = 1, ErrorState = 2;

    /// <summary>First inode of revision 0, and its inodes' length.</summary>
    public const uint OldFirstInode = 11, OldInodeLength = 128;

    private readonly byte[] bytes;

    /// <summary>Takes 1024 bytes; <see cref="SuperBlockCheck"/> says whether they are one.</summary>
    public SuperBlock(byte[] bytes)
    {
        this.bytes = bytes;
        // What every look at a block or an inode asks for is read once.
        Revision = Word(0x4C);
        (Compatible, Incompatible, ReadOnly) = Revision == 0 ? default
            : ((CompatibleFeatures)Word(0x5C), (IncompatibleFeatures)Word(0x60), (ReadOnlyFeatures)Word(0x64));
        (InodeCount, BlockCount, FirstDataBlock) = (Word(0), Wide(4, 0x150), Word(0x14));
        (BlockSizeExponent, BlocksPerGroup, InodesPerGroup) = (Word(0x18), Word(0x20), Word(0x28));
        InodeLength = Revision == 0 ? (int)OldInodeLength : Half(0x58);
        DescriptorLength = Has(IncompatibleFeatures.Is64Bit) ? Half(0xFE) : 32;
        ChecksumSeed = Has(IncompatibleFeatures.ChecksumSeed) ? Word(0x270) : Checksums.Castagnoli(Checksums.Start, Uuid);
    }

    /// <summary>As it lies on the disk.</summary>
    public ReadOnlySpan<byte> Bytes => bytes;

    public uint InodeCount { get; }

    public long BlockCount { get; }

    public long ReservedBlocks => Wide(8, 0x154);

    public long FreeBlocks => Wide(0xC, 0x158);

    public uint FreeInodes => Word(0x10);

    public uint FirstDataBlock { get; }

    public uint BlockSizeExponent { get; }

    public uint ClusterSizeExponent => Word(0x1C);

    public uint BlocksPerGroup { get; }

    public uint ClustersPerGroup => Word(0x24);

    public uint InodesPerGroup { get; }

    public ushort Magic => Half(0x38);

    public ushort State => Half(0x3A);

    public ushort ErrorBehaviour => Half(0x3C);

    public uint Revision { get; }

    public uint FirstInode => Revision == 0 ? OldFirstInode : Word(0x54);

    public int InodeLength { get; }

    public CompatibleFeatures Compatible { get; }

    public IncompatibleFeatures Incompatible { get; }

    public ReadOnlyFeatures ReadOnly { get; }

    public ReadOnlySpan<byte> Uuid => bytes.AsSpan(0x68, 16);

    public ushort ReservedGroupBlocks => Half(0xCE);

    public uint JournalInode => Word(0xE0);

    public uint LastOrphan => Word(0xE8);

    public byte DefaultHash => bytes[0xFC];

    public int DescriptorLength { get; }

    public uint FirstMetaGroup => Word(0x104);

    public ushort WantedExtraLength => Half(0x15E);

    public uint Flags => Word(0x160);

    public byte FlexibleGroupExponent => bytes[0x174];

    public byte ChecksumType => bytes[0x175];

    public uint OverheadBlocks => Word(0x248);

    public uint Checksum => Word(ChecksumOffset);

    /// <summary>The two groups that have copies of the superblock, with sparse_super2.</summary>
    public (uint First, uint Second) BackupGroups => (Word(0x24C), Word(0x250));

    /// <summary>What hashes of names start from.</summary>
    public uint[] HashSeed => [Word(0xEC), Word(0xF0), Word(0xF4), Word(0xF8)];

    public int BlockBits => (int)BlockSizeExponent + 10;

    public int BlockSize => 1 << BlockBits;

    public uint GroupCount => (uint)((BlockCount - FirstDataBlock + BlocksPerGroup - 1) / BlocksPerGroup);

    public int DescriptorsPerBlock => BlockSize / DescriptorLength;

    /// <summary>What sums of metadata begin with.</summary>
    public uint ChecksumSeed { get; }

    public bool HasMetadataChecksums => Has(ReadOnlyFeatures.MetadataChecksums);

    public bool Has(CompatibleFeatures feature) => (Compatible & feature) != 0;

    public bool Has(IncompatibleFeatures feature) => (Incompatible & feature) != 0;

    public bool Has(ReadOnlyFeatures feature) => (ReadOnly & feature) != 0;

    /// <summary>What the last word should be.</summary>
    public static uint ChecksumOf(ReadOnlySpan<byte> bytes) => Checksums.Castagnoli(Checksums.Start, bytes[..ChecksumOffset]);

    /// <summary>True for a group that begins with a copy of the superblock and the group descriptors.</summary>
    public bool HasBackup(uint group)
    {
        if (group == 0)
            return true;
        if (Has(CompatibleFeatures.SparseSuper2))
            return group == BackupGroups.First || group == BackupGroups.Second;
        if (group == 1 || !Has(ReadOnlyFeatures.SparseSuper))
            return true;
        return IsPower(group, 3) || IsPower(group, 5) || IsPower(group, 7);
    }

    /// <summary>First block of a group.</summary>
    public long FirstBlockOf(uint group) => (long)group * BlocksPerGroup + FirstDataBlock;

    /// <summary>Blocks of a group: the last one may have fewer.</summary>
    public uint BlocksOf(uint group) => (uint)Math.Min(BlocksPerGroup, BlockCount - FirstBlockOf(group));

    private static bool IsPower(uint number, uint root)
    {
        ulong power = root;
        while (power < number)
            power *= root;
        return power == number;
    }

    private ushort Half(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(offset));

    private uint Word(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(offset));

    private long Wide(int low, int high) => Word(low) | (Has(IncompatibleFeatures.Is64Bit) ? (long)Word(high) << 32 : 0);
}
