using Servers.Vfs.Objects;

namespace Servers.Vfs.Ext4;

/// <summary>
/// What one try of an operation changes: private copies of blocks, which others see when all of it can be applied. A try that has to wait, or fails, drops it.
/// </summary>
internal sealed partial class Change(Ext4FileSystem disk, BlockReader source) : BlockReader(disk.Volume)
{
    private readonly Dictionary<long, byte[]> blocks = [];
    private readonly Dictionary<uint, GroupDescriptor> groups = [];
    private readonly Dictionary<long, Action<byte[]>> seals = [];
    private readonly Dictionary<Ext4Inode, InodeRecord> inodes = [];
    private readonly Dictionary<uint, InodeRecord> records = [];
    private readonly List<(long Block, long Count)> freed = [];
    private readonly List<long> forgotten = [];

    private readonly Dictionary<long, BlockUse> uses = [];

    public Ext4FileSystem Disk => disk;

    /// <summary>A block was checked for a use, or made for it: its sum is right again at the end.</summary>
    public void SetUse(long block, BlockUse use) => uses[block] = use;

    /// <summary>Blocks and inodes that it takes (negative) or gives.</summary>
    public long FreeBlocks { get; set; }

    public long FreeInodes { get; set; }

    /// <summary>The newest head of the list of orphans, if that changes.</summary>
    public uint? FirstOrphan { get; set; }

    /// <summary>There are extended attributes, and the superblock says so.</summary>
    public bool HasAttributes { get; set; }

    public override Errno Read(long block, int offset, Span<byte> into)
    {
        if (!blocks.TryGetValue(block, out byte[]? bytes))
            return source.Read(block, offset, into);
        bytes.AsSpan(offset, into.Length).CopyTo(into);
        return Errno.None;
    }

    public override bool IsChecked(long block, BlockUse use) => uses.TryGetValue(block, out BlockUse known) ? known == use : source.IsChecked(block, use);

    public override Errno WaitFor(Transactions log) => source.WaitFor(log);

    /// <summary>A block that is changed: its bytes, which may be written.</summary>
    public Errno Edit(long block, out byte[] bytes)
    {
        if (blocks.TryGetValue(block, out bytes!))
            return Errno.None;
        bytes = Volume.TakeBlock();
        Errno error = Volume.IsHome(block) ? source.Read(block, 0, bytes) : Volume.Corrupted($"there is no block {block}");
        if (error == Errno.None)
            blocks.Add(block, bytes);
        return error;
    }

    /// <summary>A new block of metadata, of zeros.</summary>
    public byte[] Make(long block)
    {
        forgotten.Remove(block);
        uses[block] = default;
        byte[] bytes = Volume.TakeBlock();
        bytes.AsSpan().Clear();
        return blocks[block] = bytes;
    }

    /// <summary>Sets a block's bytes.</summary>
    public void Set(long block, byte[] bytes)
    {
        uses[block] = default;
        blocks[block] = bytes;
    }

    /// <summary>What is done to a block when all changes of it have been made: its checksum.</summary>
    public void SealAtEnd(long block, Action<byte[]> seal) => seals[block] = seal;

    /// <summary>A block of metadata is not used any more.</summary>
    public void Forget(long block)
    {
        blocks.Remove(block);
        seals.Remove(block);
        uses.Remove(block);
        forgotten.Add(block);
    }

    /// <summary>What it frees.</summary>
    public IReadOnlyList<(long Block, long Count)> FreedBlocks => freed;

    /// <summary>Blocks were freed: nobody gets them before that is on the disk.</summary>
    public void Freed(long block, long count) => freed.Add((block, count));

    /// <summary>A group's descriptor, if it is changed here.</summary>
    public bool TryGetGroup(uint group, out GroupDescriptor descriptor) => groups.TryGetValue(group, out descriptor);

    /// <summary>A group's descriptor, to be changed.</summary>
    public Errno EditGroup(uint group, out GroupDescriptor descriptor)
    {
        if (groups.TryGetValue(group, out descriptor))
            return Errno.None;
        Errno error = Volume.ReadGroup(this, group, out descriptor);
        if (error == Errno.None)
            groups.Add(group, descriptor);
        return error;
    }

    /// <summary>An inode's record, to be changed; it is the inode's when all is applied.</summary>
    public InodeRecord this[Ext4Inode inode]
    {
        get
        {
            if (!inodes.TryGetValue(inode, out InodeRecord? record))
                inodes.Add(inode, record = inode.CopyRecord());
            return record;
        }
    }

    /// <summary>The record of an inode that is not in memory.</summary>
    public void Put(uint number, InodeRecord record) => records[number] = record;
}
