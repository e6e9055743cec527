using System.Buffers.Binary;
using Servers.Vfs.Caches;
using Servers.Vfs.Devices;
using Servers.Vfs.Objects;
using Servers.Vfs.Pipes;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Ext4;

/// <summary>A mounted ext4: docs/ext4.md.</summary>
internal sealed partial class Ext4FileSystem : FileSystem
{
    /// <summary>Number of the root directory's inode.</summary>
    public const uint RootNumber = 2;

    // Beside those in use. An inode costs about a kilobyte of heap, a name 200 bytes.
    private const int CachedNames = 8192, CachedInodes = 4096;

    private readonly Ext4Sources sources;
    private readonly Ext4Options options;
    private readonly string typeName;
    private CachedDentry? root;

    public Ext4FileSystem(Ext4Sources sources, Volume volume, string typeName, Ext4Options options, MountFlags restrictions)
        : base(volume.Device.Number)
    {
        (this.sources, this.typeName, this.options, Volume) = (sources, typeName, options, volume);
        Names = new DentryCache(sources.CachedNames ?? CachedNames);
        Inodes = new InodeCache(sources.CachedInodes ?? CachedInodes);
        Restrictions = restrictions;
    }

    public override string TypeName => typeName;

    public override ulong Magic => 0xEF53; // EXT4_SUPER_MAGIC, statfs(2)

    public override string OptionText => options.Text;

    public override Dentry Root => root!;

    public Volume Volume { get; }

    /// <summary>Changes on their way; null: nothing can be changed.</summary>
    public Transactions? Log { get; private set; }

    /// <summary>Finds free blocks and inodes.</summary>
    public Allocator Allocator { get; } = new();

    public IClock Clock => sources.Clock;

    public DeviceTable Devices => sources.Devices;

    public PipeMemory Pipes => sources.Pipes;

    public DentryCache Names { get; }

    public InodeCache Inodes { get; }

    /// <summary>It has ended: nothing is left.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Something that its end has to wait for has ended.</summary>
    public WaitQueue Settled { get; } = new();

    /// <summary>Reads the root directory, as the last step of a mount.</summary>
    public Errno Begin(OperationContext context)
    {
        Errno error = Find(context, RootNumber, out Ext4Inode? inode);
        if (error != Errno.None)
            return error;
        if (inode is not Ext4Directory directory)
            return Volume.Corrupted("the root is no directory");
        directory.ParentNumber = RootNumber;
        error = (Restrictions & MountFlags.ReadOnly) == 0 ? StartLog(context) : Volume.Direct.TryPrepare() ? Errno.None : Errno.ENOMEM;
        if (error != Errno.None)
            return error;
        root = Names.CreateRoot(directory);
        Volume.Device.Owner = this;
        return Errno.None;
    }

    /// <summary>The object for a number.</summary>
    public Errno Find(OperationContext context, uint number, out Ext4Inode? inode)
    {
        inode = (Ext4Inode?)Inodes.Find(context, number);
        if (inode != null)
            return Errno.None;
        if (number != RootNumber && number < Volume.Super.FirstInode)
            return Volume.Corrupted($"a name leads to inode {number}, which is reserved");
        Errno error = InodeLoader.Load(new RequestReader(Volume, context), this, number, out inode);
        if (error == Errno.None)
            Inodes.Add(context, inode!);
        return error;
    }

    public override Errno StatFs(OperationContext context, out FileSystemUsage usage)
    {
        SuperBlock super = Volume.Super;
        ReadOnlySpan<byte> uuid = super.Uuid;
        usage = new FileSystemUsage(super.BlockCount - Overhead(super), Math.Max(super.FreeBlocks - Allocator.Claimed, 0), super.InodeCount, super.FreeInodes)
        {
            BlockSize = super.BlockSize, ReservedBlocks = super.ReservedBlocks + KeptForSplits(super),
            Identity = BinaryPrimitives.ReadUInt64LittleEndian(uuid) ^ BinaryPrimitives.ReadUInt64LittleEndian(uuid[sizeof(ulong)..]),
        };
        return Errno.None;
    }

    // Where there are extents, Linux sets a fiftieth aside, at most 4,096 blocks, so that writing into unwritten ones cannot fail for want of room.
    private static long KeptForSplits(SuperBlock super)
    {
        const long share = 50, most = 4096;
        return super.Incompatible.HasFlag(IncompatibleFeatures.Extents) ? Math.Min(super.BlockCount / share, most) : 0;
    }

    // What the file system takes for itself: the superblock says it where mke2fs has counted, and else it is counted as Linux does.
    private static long Overhead(SuperBlock super)
    {
        if (super.OverheadBlocks > 0 && super.OverheadBlocks < super.BlockCount)
            return super.OverheadBlocks;
        long tables = ((long)super.InodesPerGroup * super.InodeLength + super.BlockSize - 1) >> super.BlockBits;
        long descriptors = (super.GroupCount + super.DescriptorsPerBlock - 1) / super.DescriptorsPerBlock;
        long count = super.FirstDataBlock + super.GroupCount * (tables + 2);
        for (uint group = 0; group < super.GroupCount; group++)
            count += super.HasBackup(group) ? 1 + descriptors : 0;
        return Math.Min(count, super.BlockCount);
    }
}
