using Servers.Vfs.Attributes;
using Servers.Vfs.Caches;
using Servers.Vfs.Devices;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;
using Servers.Vfs.Pipes;
using Servers.Vfs.Waiting;

namespace Servers.DiskVfs.Disk;

/// <summary>
/// A file system on a <see cref="DiskImage"/> behind a <see cref="SlowDisk"/>: inodes, names and blocks are loaded when they are wanted, kept in caches that
/// are too small, and every operation may wait and fail before its effect. What tmpfs does in one go it does so as well, which the tests compare.
/// </summary>
internal sealed class DiskFileSystem : FileSystem
{
    private readonly Dictionary<ulong, WaitQueue> loading = [];
    private readonly HashSet<ulong> failed = [];
    private readonly CachedDentry root;
    private long freshTry;
    private ulong freshNumber;

    public DiskFileSystem(uint device, IClock clock, DiskImage image, SlowDisk drive, PageCache cache, DeviceTable devices, int names, int inodes)
        : base(device)
    {
        (Clock, Image, Drive, Cache, Devices) = (clock, image, drive, cache, devices);
        Names = new DentryCache(names);
        Inodes = new InodeCache(inodes);
        if (image.Records.Count == 0)
        {
            DiskRecord made = image.Add(InodeMode.Directory | 0x1ED, 0);
            (made.Links, made.AccessTime, made.ModifyTime, made.ChangeTime) = (2, clock.Wall, clock.Wall, clock.Wall);
        }

        DiskInode inode = Make(image.Records[DiskImage.RootNumber]);
        Inodes.Add(null, inode);
        Root = root = Names.CreateRoot(inode);
    }

    public override string TypeName => "disk";

    public override ulong Magic => 0xD15C;

    public override string Source => "/dev/disk0";

    public override Dentry Root { get; }

    public IClock Clock { get; }

    public DiskImage Image { get; }

    public SlowDisk Drive { get; }

    public PageCache Cache { get; }

    public DeviceTable Devices { get; }

    public PipeMemory Pipes { get; } = new();

    public DentryCache Names { get; }

    public InodeCache Inodes { get; }

    /// <summary>An inode has been written.</summary>
    public WaitQueue Cleaned { get; } = new();

    public bool IsFinished { get; private set; }

    public bool IsAbandoned { get; private set; }

    /// <summary>The object for a number, loading it if need be.</summary>
    public Errno Find(OperationContext context, ulong number, out DiskInode? inode)
    {
        inode = (DiskInode?)Inodes.Find(context, number);
        if (inode != null)
            return Errno.None;
        if (failed.Remove(number))
            return Errno.EIO;
        if (!loading.TryGetValue(number, out WaitQueue? queue))
        {
            loading.Add(number, queue = new WaitQueue());
            Drive.Start(() => Arrived(number));
        }

        return Drive.Wait(context, queue);
    }

    /// <summary>Makes an inode, on the disk and in memory: the step of an operation that has its effect.</summary>
    public DiskInode Create(OperationContext context, Inode directory, uint mode, uint device, byte[]? text = null)
    {
        (uint group, uint inherited) = NewInode.Inherit(directory, mode, context.Credentials);
        DiskRecord record = Image.Add(inherited, device);
        long now = Clock.Wall;
        (record.User, record.Group, record.Text) = (context.Credentials.UserId, group, text ?? []);
        (record.AccessTime, record.ModifyTime, record.ChangeTime) = (now, now, now);
        DiskInode inode = Make(record);
        Inodes.Add(context, inode);
        (freshTry, freshNumber) = (context.Try, record.Number);
        return inode;
    }

    /// <summary>True for an inode that this try has made: opening it must not wait.</summary>
    public bool IsFresh(OperationContext context, DiskInode inode) => freshTry == context.Try && freshNumber == inode.Number;

    /// <summary>A file without names that nobody uses.</summary>
    public void Free(DiskInode inode)
    {
        Inodes.Remove(inode);
        Image.Records.Remove(inode.Number);
    }

    public override Errno StatFs(OperationContext context, out FileSystemUsage usage)
    {
        usage = new FileSystemUsage(1000, 500, 100, 100 - Image.Records.Count);
        return Drive.Gate(context);
    }

    public override Errno Sync(OperationContext context)
    {
        Errno error = Errno.None;
        bool isDirty = false;
        foreach (DiskInode inode in Inodes.All)
        {
            isDirty |= inode.HasNewAttributes;
            inode.Clean();
            if (inode is DiskFile file && file.Content.Sync(context) is var late and not Errno.None)
                error = late;
        }

        return isDirty ? Drive.Wait(context, Cleaned) : error;
    }

    /// <summary>Memory is short, or time goes by: pages are taken and written that nobody asked for.</summary>
    public void Disturb()
    {
        if (Drive.Disturbs && Drive.Happens(0.3))
            Cache.Reclaim.Free(1);
        if (Drive.Disturbs && Drive.Happens(0.1))
            Cache.WriteBack.Look();
    }

    public override Errno Reconfigure(OperationContext context, MountFlags restrictions)
    {
        Errno error = Sync(context);
        return error != Errno.None ? error : base.Reconfigure(context, restrictions);
    }

    /// <summary>Somebody whom the end had to wait for is done.</summary>
    public void GoOn()
    {
        if (!IsFinished)
            Abandon();
    }

    protected override Errno Finish(OperationContext context)
    {
        Errno error = Sync(context);
        if (error == Errno.None)
            error = Drive.Gate(context);
        if (error != Errno.None)
            return error;
        if (Files.Any(static file => file.Content.IsMapped))
            return Errno.EBUSY;
        if (Inodes.All.Any(static inode => inode.IsDirty))
        {
            // What was read ahead, or written while the others were waited for.
            CleanAll();
            return Inodes.All.Any(static inode => inode.IsDirty) ? Drive.Wait(context, Cleaned) : Finish(context);
        }

        Close();
        return Errno.None;
    }

    protected override void Abandon()
    {
        IsAbandoned = true;
        CleanAll();
        if (!Inodes.All.Any(static inode => inode.IsDirty))
        {
            Close();
            return;
        }

        foreach (DiskFile file in Files)
            file.Content.TellWhenUnused();
        if (!Files.Any(static file => file.Content.IsMapped))
            Drive.Start(GoOn);
    }

    private IEnumerable<DiskFile> Files => Inodes.All.OfType<DiskFile>();

    private void CleanAll()
    {
        foreach (DiskInode inode in Inodes.All.ToArray())
            inode.Clean();
    }

    private void Close()
    {
        Promise.Keep(Names.TryClose(root), "a name is in use at unmount");
        Promise.Keep(Inodes.TryClear(), "an inode is in use at unmount");
        IsFinished = true;
    }

    private DiskInode Make(DiskRecord record) => InodeMode.Type(record.Mode) switch
    {
        InodeMode.Directory => new DiskDirectory(this, record),
        InodeMode.Regular => new DiskFile(this, record),
        InodeMode.SymbolicLink => new DiskLink(this, record),
        _ => new DiskSpecial(this, record),
    };

    private void Arrived(ulong number)
    {
        loading.Remove(number, out WaitQueue? queue);
        if (Drive.Fails())
            failed.Add(number);
        else if (Image.Records.TryGetValue(number, out DiskRecord? record) && !IsFinished)
            Inodes.Add(null, Make(record));
        queue!.Wake();
    }
}
