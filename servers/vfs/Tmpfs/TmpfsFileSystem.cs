using System.Globalization;
using Libsys.Abi;
using Libsys.Hosting;
using Servers.Vfs.Attributes;
using Servers.Vfs.Devices;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;
using Servers.Vfs.Pipes;

namespace Servers.Vfs.Tmpfs;

/// <summary>A writable file system in memory, tmpfs(5). The root is one, with the boot archive as its first content.</summary>
public class TmpfsFileSystem : FileSystem
{
    // Linux' default is one for each two pages of memory. This bounds what clients can make vfs keep in its own heap: about 650 bytes an inode with its name
    // and data, 78 MiB of 128.
    private const long MostInodes = 120_000;

    private readonly string typeName;
    private ulong nextNumber = 1;

    /// <summary>An empty file system.</summary>
    public TmpfsFileSystem(TmpfsSources sources, string typeName, in TmpfsOptions options)
        : base(sources.AllocateDevice())
    {
        this.typeName = typeName;
        Clock = sources.Clock;
        Cache = sources.Cache;
        Devices = sources.Devices;
        Pipes = sources.Pipes;
        Kept = sources.Kept;
        Budget = new Budget(options.Pages ?? sources.DefaultPages);
        InodeLimit = options.Inodes ?? DefaultInodes(sources.DefaultPages);
        OptionText = string.Create(CultureInfo.InvariantCulture, $",size={Budget.Limit * 4}k,nr_inodes={InodeLimit},inode64");
        var root = new TmpfsDirectory(this, NextNumber(), InodeMode.Directory | options.Mode) { Owner = (options.UserId, options.GroupId) };
        Root = new Dentry(null, [], root);
        root.Entry = Root;
    }

    /// <summary>Inodes that clients may make without the option nr_inodes, where the default size is that many pages.</summary>
    public static long DefaultInodes(long defaultPages) => Math.Min(defaultPages, MostInodes);

    /// <summary>Bytes that a name counts in the size of its directory.</summary>
    public virtual int SizePerName => 20;

    /// <summary>Whether programs are told where a file has no pages, and may make them or take them away: SEEK_HOLE, fallocate(2).</summary>
    public virtual bool ShowsHoles => true;

    /// <inheritdoc/>
    public override string TypeName => typeName;

    /// <inheritdoc/>
    public override ulong Magic => 0x01021994; // TMPFS_MAGIC, statfs(2)

    /// <inheritdoc/>
    public override string OptionText { get; }

    /// <inheritdoc/>
    public override long MemoryPages => Budget.Used;

    /// <inheritdoc/>
    public override Dentry Root { get; }

    /// <summary>Time.</summary>
    public IClock Clock { get; }

    /// <summary>Has the pages of its files.</summary>
    public PageCache Cache { get; }

    /// <summary>What device nodes stand for.</summary>
    public DeviceTable Devices { get; }

    /// <summary>Memory for its fifos.</summary>
    public PipeMemory Pipes { get; }

    /// <summary>What its links and sparse files make vfs keep in its own heap beyond an inode's ordinary share; one budget for all.</summary>
    public Budget Kept { get; }

    /// <summary>Pages.</summary>
    public Budget Budget { get; }

    /// <summary>Inodes allowed.</summary>
    public long InodeLimit { get; }

    /// <summary>Inodes in use.</summary>
    public long InodeCount { get; private set; }

    /// <summary>Open files without a name.</summary>
    internal int UnnamedFiles { get; set; }

    /// <inheritdoc/>
    public override Errno CheckReadOnly(Mount mount) => Cache.IsWrittenThrough(mount) ? Errno.EBUSY : Errno.None;

    /// <inheritdoc/>
    public override Errno CheckUnnamed() => UnnamedFiles > 0 ? Errno.EBUSY : Errno.None;

    /// <inheritdoc/>
    public override Errno StatFs(OperationContext context, out FileSystemUsage usage)
    {
        Cache.SettleAhead();
        usage = new FileSystemUsage(Budget.Limit, Budget.Limit - Budget.Used, InodeLimit, InodeLimit - InodeCount);
        return Errno.None;
    }

    /// <summary>Number for a new inode.</summary>
    public ulong NextNumber()
    {
        if (++InodeCount > InodeLimit - RoomForPosted)
            RoomIsShort?.Invoke();
        return nextNumber++;
    }

    /// <summary>
    /// So many more inodes may be made, at least, while names are made without a request (docs/posted-names.md): twice as many as all rings that are minded
    /// can hold. So none of those finds no room.
    /// </summary>
    internal const int RoomForPosted = 1024;

    /// <summary>Ends the permits for that; null: there has been none.</summary>
    internal Action? RoomIsShort { get; set; }

    /// <summary>When what is being done is done: as a program has told that does not wait for it, or now.</summary>
    internal long Now => Told ?? Clock.Wall;

    /// <summary>What such a program has told, within bounds; null: somebody waits.</summary>
    internal long? Told { get; set; }

    /// <summary>True while another inode may be made; else ENOSPC.</summary>
    public bool HasRoom => InodeCount < InodeLimit;

    /// <inheritdoc/>
    public override Errno CheckAttribute(ReadOnlySpan<byte> name)
    {
        Errno error = AttributeName.Split(name, out AttributeSpace space, out _);
        return space == AttributeSpace.User ? Errno.EOPNOTSUPP : error;
    }

    /// <inheritdoc/>
    public override bool TryKeepAttributes(int bytes) => Kept.TryTake(bytes);

    /// <inheritdoc/>
    public override void ForgetAttributes(int bytes) => Kept.Give(bytes);

    /// <summary>An inode is gone.</summary>
    internal void InodeFreed(MemoryInode inode)
    {
        inode.ForgetAttributes();
        InodeCount--;
    }

    /// <summary>A new inode with times set to now.</summary>
    public MemoryInode NewInode(uint mode, uint device) => NewInode(NextNumber(), mode, device);

    /// <summary>So many inodes are in use that will be made later: <see cref="ExpectedInode"/>.</summary>
    internal void Expect(int count) => InodeCount += count;

    /// <summary>Number for an inode that was expected.</summary>
    internal ulong ExpectedNumber() => nextNumber++;

    /// <summary>Makes an inode that was expected.</summary>
    internal MemoryInode ExpectedInode(uint mode, uint device) => NewInode(ExpectedNumber(), mode, device);

    private MemoryInode NewInode(ulong number, uint mode, uint device) => InodeMode.Type(mode) switch
    {
        InodeMode.Directory => new TmpfsDirectory(this, number, mode),
        InodeMode.Regular => new TmpfsFile(this, number, mode),
        _ => new TmpfsSpecial(this, number, mode) { Device = device },
    };
}
