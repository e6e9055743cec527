using Servers.Vfs.Blocks;
using Servers.Vfs.Caches;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Volumes;

/// <summary>A mounted file system on a device that is only read: what those of all formats have in common. docs/other-file-systems.md.</summary>
internal abstract class VolumeFileSystem : FileSystem
{
    // Beside those in use, as for ext4.
    private const int MostNames = 8192, MostInodes = 4096;

    // What is wrong in one place is usually wrong in many: the log is for the first.
    private const int MostComplaints = 20;

    private readonly VolumeSources sources;
    private CachedDentry? root;
    private int complaints;
    private bool isAbandoned;

    protected VolumeFileSystem(VolumeSources sources, BlockDevice device, MountFlags restrictions)
        : base(device.Number)
    {
        (this.sources, Disk) = (sources, device);
        Names = new DentryCache(sources.CachedNames ?? MostNames);
        Inodes = new InodeCache(sources.CachedInodes ?? MostInodes);
        Restrictions = restrictions;
    }

    public VolumeSources Sources => sources;

    /// <summary>What it lies on.</summary>
    public BlockDevice Disk { get; }

    public DentryCache Names { get; }

    public InodeCache Inodes { get; }

    public override Dentry Root => root!;

    /// <summary>Something that its end has to wait for has ended.</summary>
    public WaitQueue Settled { get; } = new();

    /// <summary>Reads a part of the device, whatever it is: EIO where there is none.</summary>
    public Errno Read(OperationContext context, long offset, Span<byte> into) => Read(context, Disk, offset, into);

    /// <inheritdoc cref="Read(OperationContext, long, Span{byte})"/>
    public static Errno Read(OperationContext context, BlockDevice device, long offset, Span<byte> into)
    {
        for (int done = 0; done < into.Length;)
        {
            long length = device.Content.Read(context, into[done..], offset + done);
            if (length <= 0)
                return length < 0 ? (Errno)(-length) : Errno.EIO;
            done += (int)length;
        }

        return Errno.None;
    }

    /// <summary>Says what was found to be wrong; the answer is <paramref name="error"/>.</summary>
    public Errno Complain(string what, Errno error = Errno.EIO)
    {
        if (complaints++ < MostComplaints)
            sources.Log($"{TypeName} ({Disk.Name}): {what}");
        return error;
    }

    /// <summary>A file that had to be kept is not used any more.</summary>
    public void GoOn()
    {
        Settled.Wake();
        if (isAbandoned)
            Abandon();
    }

    public override Errno Reconfigure(OperationContext context, MountFlags restrictions) =>
        (restrictions & MountFlags.ReadOnly) == 0 ? Errno.EROFS : base.Reconfigure(context, restrictions);

    /// <summary>The last step of a mount.</summary>
    protected void Begin(VolumeInode directory)
    {
        root = Names.CreateRoot(directory);
        Disk.Owner = this;
    }

    protected override Errno Finish(OperationContext context)
    {
        if (Inodes.All.OfType<VolumeFile>().Any(static file => file.Content.IsMapped))
            return Errno.EBUSY;
        if (Inodes.All.Any(static inode => inode.IsDirty))
        {
            foreach (VolumeFile file in Inodes.All.OfType<VolumeFile>())
                file.Content.TellWhenUnused();
            return context.WaitOn(Settled);
        }

        Close();
        return Errno.None;
    }

    protected override void Abandon()
    {
        isAbandoned = true;
        foreach (VolumeFile file in Inodes.All.OfType<VolumeFile>())
        {
            if (file.Content.IsInUse)
                file.Content.TellWhenUnused();
        }

        if (!Inodes.All.Any(static inode => inode.IsDirty))
            Close();
    }

    /// <summary>Nothing is under way any more.</summary>
    protected virtual void Close()
    {
        isAbandoned = false;
        Names.TryClose(root!);
        Inodes.TryClear();
        Disk.Owner = null;
    }
}
