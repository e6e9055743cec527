using Servers.Vfs.Blocks;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Ext4;

/// <summary>The blocks of a mounted device and what is where: what all parts of the file system share.</summary>
/// <param name="device">The device.</param>
/// <param name="super">Its superblock, checked.</param>
/// <param name="cache">Has memory for transfers.</param>
/// <param name="complain">Told what is found to be wrong.</param>
internal sealed class Volume(BlockDevice device, SuperBlock super, PageCache cache, Action<string> complain)
{
    // What is wrong in one place is usually wrong in many: the log is for the first.
    private const int MostComplaints = 20;

    // Changes of one operation have five to ten blocks.
    private const int MostSpare = 64;

    private readonly Stack<byte[]> spare = [];
    private int complaints;

    public BlockDevice Device => device;

    public SuperBlock Super { get; set; } = super;

    public PageCache Cache => cache;

    public int BlockSize { get; } = super.BlockSize;

    public int BlockBits { get; } = super.BlockBits;

    /// <summary>Something was found to be wrong.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Told of it; null: nobody has to know.</summary>
    public Action? Damaged { get; set; }

    /// <summary>Blocks of a page.</summary>
    public int BlocksPerPage => CachedFile.PageSize >> BlockBits;

    /// <summary>Sums of metadata begin with it.</summary>
    public uint Seed { get; } = super.ChecksumSeed;

    /// <summary>Reads for those who cannot wait by a request.</summary>
    public DirectReads Direct => field ??= new DirectReads(this);

    /// <summary>Leaves of extents that were looked at last.</summary>
    public KnownLeaves Leaves { get; } = new();

    /// <summary>Where newer bytes of a block may be than on the device; null: nowhere.</summary>
    public INewerBlocks? Newer { get; set; }

    /// <summary>True for the number of a block that files and metadata may have.</summary>
    public bool IsBlock(long block) => block > Super.FirstDataBlock && block < Super.BlockCount;

    /// <summary>True for a block that a journal may write: the superblock's too.</summary>
    public bool IsHome(long block) => block >= Super.FirstDataBlock && block < Super.BlockCount;

    /// <summary>True for a run of them.</summary>
    public bool AreBlocks(long block, long count) => IsBlock(block) && count > 0 && count <= Super.BlockCount - block;

    /// <summary>Memory for a block, with anything in it: a copy that is looked at for a moment makes no garbage.</summary>
    public byte[] TakeBlock() => spare.TryPop(out byte[]? bytes) ? bytes : new byte[BlockSize];

    /// <summary>Gives it back: nobody looks at it any more.</summary>
    public void GiveBlock(byte[] bytes)
    {
        if (spare.Count < MostSpare && bytes.Length == BlockSize)
            spare.Push(bytes);
    }

    /// <summary>First sector of a block.</summary>
    public long Sector(long block) => block << BlockBits - 9;

    /// <summary>Says what was found to be wrong. Linux' EFSCORRUPTED.</summary>
    public Errno Corrupted(string what)
    {
        if (complaints++ < MostComplaints)
            complain($"ext4 ({device.Name}): {what}");
        IsDamaged = true;
        Damaged?.Invoke();
        return Errno.EUCLEAN;
    }

    /// <summary>The same for a checksum: Linux' EFSBADCRC.</summary>
    public Errno BadChecksum(string what)
    {
        Corrupted(what + ": wrong checksum");
        return Errno.EBADMSG;
    }

    /// <summary>Block and offset in it of a group's descriptor.</summary>
    public (long Block, int Offset) PlaceOf(uint group)
    {
        uint perBlock = (uint)Super.DescriptorsPerBlock, index = group / perBlock;
        int offset = (int)(group % perBlock) * Super.DescriptorLength;
        if (!Super.Has(IncompatibleFeatures.MetaGroups) || index < Super.FirstMetaGroup)
            return (Super.FirstDataBlock + 1 + index, offset);
        // Each run of groups whose descriptors fill a block has that block itself.
        uint first = index * perBlock;
        return (Super.FirstBlockOf(first) + (Super.HasBackup(first) ? 1 : 0), offset);
    }

    /// <summary>Reads a group's descriptor.</summary>
    public Errno ReadGroup(BlockReader reader, uint group, out GroupDescriptor descriptor)
    {
        // Changes that are being made are in their blocks at the end only.
        if (reader is Change change && change.TryGetGroup(group, out descriptor))
            return Errno.None;
        byte[] bytes = new byte[Super.DescriptorLength];
        descriptor = new GroupDescriptor(bytes);
        (long block, int offset) = PlaceOf(group);
        if (!IsBlock(block))
            return Corrupted($"group {group} has no descriptor");
        Errno error = reader.Read(block, offset, bytes);
        if (error != Errno.None)
            return error;
        if (descriptor.ChecksumFor(Super, group) is { } sum && sum != descriptor.Checksum)
            return BadChecksum($"group {group}");
        long tableLength = ((long)Super.InodesPerGroup * Super.InodeLength + BlockSize - 1) >> BlockBits;
        return IsBlock(descriptor.BlockMap) && IsBlock(descriptor.InodeMap) && AreBlocks(descriptor.InodeTable, tableLength)
            ? Errno.None : Corrupted($"group {group} has its maps beyond the device");
    }

    /// <summary>Block and offset in it of an inode, whose number has been checked.</summary>
    public Errno FindInode(BlockReader reader, uint number, out long block, out int offset)
    {
        uint index = (number - 1) % Super.InodesPerGroup;
        Errno error = ReadGroup(reader, (number - 1) / Super.InodesPerGroup, out GroupDescriptor group);
        long position = (long)index * Super.InodeLength;
        (block, offset) = (error == Errno.None ? group.InodeTable + (position >> BlockBits) : 0, (int)(position & (BlockSize - 1)));
        return error;
    }

    /// <summary>Reads an inode. EUCLEAN for a number that there is not.</summary>
    public Errno ReadInode(BlockReader reader, uint number, out InodeRecord record)
    {
        record = new InodeRecord(new byte[Super.InodeLength]);
        if (number == 0 || number > Super.InodeCount)
            return Corrupted($"there is no inode {number}");
        Errno error = FindInode(reader, number, out long block, out int offset);
        if (error == Errno.None)
            error = reader.Read(block, offset, record.Bytes);
        if (error != Errno.None)
            return error;
        return record.IsIntact(Super, number) ? Errno.None : BadChecksum($"inode {number}");
    }
}

/// <summary>Blocks that are newer in memory than on the device, because they will be written.</summary>
internal interface INewerBlocks
{
    /// <summary>Copies a part of a block if it has it.</summary>
    bool TryCopy(long block, int offset, Span<byte> into);

    /// <summary>True for a block that it has, and that was checked for this use.</summary>
    bool IsChecked(long block, BlockUse use);
}
