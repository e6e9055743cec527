using Servers.Vfs.Caches;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Overlay;

/// <summary>A mounted overlay: its truth is in its layers, and its own names and inodes are a cache.</summary>
internal sealed class OverlayFileSystem : FileSystem
{
    // Beside those in use, as for other file systems. An inode whose name is forgotten is found by nothing.
    private const int CachedNames = 8192, CachedInodes = 64;

    private readonly MountTree mounts;
    private readonly OverlayOptions options;
    private readonly List<OverlayLayer> lower = [];
    private readonly Dictionary<Inode, OverlayInode> ofUpper = new(ReferenceEqualityComparer.Instance);
    private ulong lastNumber;
    private CachedDentry? root;

    public OverlayFileSystem(MountTree mounts, IClock clock, OverlayOptions options, MountFlags restrictions, int depth, int? cachedNames)
        : base(mounts.AllocateDevice())
    {
        (this.mounts, Clock, this.options, Depth) = (mounts, clock, options, depth);
        // Without an upper directory nothing can be written, whatever the mount was told.
        Restrictions = restrictions | (options.Upper == null ? MountFlags.ReadOnly : MountFlags.None);
        Names = new DentryCache(cachedNames ?? CachedNames);
        Inodes = new InodeCache(CachedInodes);
    }

    public override string TypeName => "overlay";

    public override ulong Magic => 0x794C7630; // OVERLAYFS_SUPER_MAGIC, statfs(2)

    public override string OptionText => options.Text;

    public override Dentry Root => root!;

    /// <summary>How many overlays lie in each other, with this one.</summary>
    public int Depth { get; }

    public IClock Clock { get; }

    public DentryCache Names { get; }

    public InodeCache Inodes { get; }

    /// <summary>The layer that is written; null: none.</summary>
    public OverlayLayer? Upper { get; private set; }

    /// <summary>Where what is being made lies; null without an upper layer.</summary>
    public Workspace? Work { get; private set; }

    /// <summary>All layers are of one file system: its inode numbers are those of the overlay.</summary>
    public bool IsOneFileSystem { get; private set; }

    /// <summary>A request that has done its share of a long work goes on in a later turn, when others have had theirs.</summary>
    public WaitQueue Pause { get; } = new();

    /// <summary>Takes its layers; the last step of a mount, which neither waits nor fails.</summary>
    public void Begin(List<Location> lowerPlaces, Location? upperPlace, Dentry? work)
    {
        var devices = new Dictionary<FileSystem, uint>(ReferenceEqualityComparer.Instance);
        OverlayLayer Add(Location place, bool isUpper)
        {
            if (!devices.TryGetValue(place.Mount.FileSystem, out uint device))
                devices.Add(place.Mount.FileSystem, device = mounts.AllocateDevice());
            return new OverlayLayer(place, isUpper, device);
        }

        if (upperPlace is { } above)
        {
            Upper = Add(above, isUpper: true);
            Work = new Workspace(this, work!);
        }

        foreach (Location place in lowerPlaces)
            lower.Add(Add(place, isUpper: false));
        IsOneFileSystem = devices.Count == 1;
        RealName[] below = [.. lower.Select(static layer => new RealName(layer, layer.Root))];
        RealName? top = Upper == null ? null : new RealName(Upper, Upper.Root);
        root = Names.CreateRoot(new OverlayDirectory(this, top, below));
        ((OverlayInode)root.Inode).Alias = root;
    }

    /// <summary>A number that no other inode of this overlay has.</summary>
    public ulong NextNumber() => ++lastNumber;

    /// <summary>The inode over one of the upper layer that has another name already, or null.</summary>
    public OverlayInode? FindOver(Inode real) => ofUpper.GetValueOrDefault(real);

    /// <summary>An inode lies over one of the upper layer from now on.</summary>
    public void Note(Inode real, OverlayInode inode) => ofUpper[real] = inode;

    /// <summary>It does not any more.</summary>
    public void Forget(Inode real, OverlayInode inode)
    {
        if (ofUpper.TryGetValue(real, out OverlayInode? known) && ReferenceEquals(known, inode))
            ofUpper.Remove(real);
    }

    public override Errno StatFs(OperationContext context, out FileSystemUsage usage)
    {
        FileSystem of = (Upper ?? lower[0]).Mount.FileSystem;
        Errno error = of.StatFs(context, out usage);
        usage = usage with { Identity = usage.Identity ?? of.Device };
        return error;
    }

    public override Errno Sync(OperationContext context)
    {
        if (Upper == null)
            return Errno.None;
        Errno error = Work!.Clean(context);
        return error == Errno.None ? Upper.Mount.FileSystem.Sync(context) : error;
    }

    public override Errno Reconfigure(OperationContext context, MountFlags restrictions) =>
        Upper == null && (restrictions & MountFlags.ReadOnly) == 0 ? Errno.EROFS : base.Reconfigure(context, restrictions);

    protected override Errno Finish(OperationContext context)
    {
        Errno error = Work?.Clean(context) ?? Errno.None;
        if (error == Errno.Wait)
            return error;
        Close();
        return Errno.None;
    }

    protected override void Abandon()
    {
        Work?.Clean(new ImmediateContext());
        Close();
    }

    private void Close()
    {
        Names.TryClose(root!);
        Inodes.TryClear();
        ((OverlayInode)root!.Inode).Drop();
        Work?.Close();
        Upper?.Close();
        lower.ForEach(static layer => layer.Close());
    }
}
