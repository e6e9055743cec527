using Servers.Vfs.Caches;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Overlay;

/// <summary>A file of an overlay. Attributes and content are those of the topmost real one.</summary>
internal abstract class OverlayInode : CachedInode
{
    // Of the overlay, in its layers: nobody sees them through it.
    private static ReadOnlySpan<byte> OwnAttributes => "trusted.overlay."u8;

    private RealName? upper;
    private readonly RealName[] lower;
    private CopyUp? copying;
    private bool isDropped, hasNoName;

    protected OverlayInode(OverlayFileSystem fileSystem, RealName? upper, RealName[] lower)
        : base(fileSystem, fileSystem.Inodes, fileSystem.NextNumber(), (upper ?? lower[0]).Inode.Mode)
    {
        (Over, this.upper, this.lower) = (fileSystem, upper, lower);
        upper?.Dentry.Hold();
        foreach (RealName name in lower)
            name.Dentry.Hold();
        if (upper is { } top)
            fileSystem.Note(top.Inode, this);
        Device = Real.Inode.Device;
        Adopt();
    }

    /// <summary>The overlay.</summary>
    public OverlayFileSystem Over { get; }

    /// <summary>In the layer that is written; null: it is not there.</summary>
    public RealName? Upper => upper;

    /// <summary>In the others, topmost first.</summary>
    public ReadOnlySpan<RealName> Lower => lower;

    /// <summary>The topmost.</summary>
    public RealName Real => upper ?? lower[0];

    /// <summary>Its name; of a file in lower layers only, the only one.</summary>
    public Dentry? Alias { get; set; }

    public override long Size => Real.Inode.Size;

    public override long Blocks => Real.Inode.Blocks;

    public override long BlockSize => Real.Inode.BlockSize;

    // Those of the file below are newer than what was adopted when it was last asked.
    public override long AccessTime => Real.Inode.AccessTime;

    public override long ModifyTime => Real.Inode.ModifyTime;

    public override long ChangeTime => Real.Inode.ChangeTime;

    // One that is copied stays the same file, as long as it is known, and so does a directory that others are laid over.
    public override (uint Device, ulong Number) Identity
    {
        get
        {
            RealName real = lower.Length > 0 ? lower[0] : Real;
            return Over.IsOneFileSystem ? (Over.Device, real.Inode.Number)
                : IsDirectory ? (Over.Device, Number) : (real.Layer.Device, real.Inode.Number);
        }
    }

    public override Errno Refresh(OperationContext context)
    {
        Errno error = Real.Inode.Refresh(context);
        if (error == Errno.None)
            Adopt();
        return error;
    }

    public override Errno SetAttributes(OperationContext context, in AttributeChange change)
    {
        if (change.Size != null && !IsRegular)
            return Errno.EINVAL;
        Errno error = AwaitUpper(context, isCut: change.Size == 0);
        if (error == Errno.None)
            error = upper!.Value.Inode.SetAttributes(context, change);
        if (error == Errno.None)
            Adopt();
        return error;
    }

    public override Errno GetExtendedAttribute(OperationContext context, ReadOnlySpan<byte> name, out byte[] value)
    {
        value = [];
        return name.StartsWith(OwnAttributes) ? Errno.EOPNOTSUPP : Real.Inode.GetExtendedAttribute(context, name, out value);
    }

    public override Errno ListExtendedAttributes(OperationContext context, List<byte[]> names)
    {
        var all = new List<byte[]>();
        Errno error = Real.Inode.ListExtendedAttributes(context, all);
        names.AddRange(all.Where(static name => !name.AsSpan().StartsWith(OwnAttributes)));
        return error;
    }

    public override Errno SetExtendedAttribute(OperationContext context, in ExtendedAttributeChange change)
    {
        if (change.Name.StartsWith(OwnAttributes))
            return Errno.EOPNOTSUPP;
        Errno error = AwaitUpper(context);
        if (error == Errno.None)
            error = upper!.Value.Inode.SetExtendedAttribute(context, change);
        if (error == Errno.None)
            Adopt();
        return error;
    }

    /// <summary>Takes over what may have changed below.</summary>
    public void Adopt()
    {
        Inode real = Real.Inode;
        (Mode, UserId, GroupId) = (real.Mode, real.UserId, real.GroupId);
        // Names of a directory are those of all layers, which nobody counts: 1, as on Linux.
        LinkCount = IsDirectory && lower.Length > 0 && (upper != null || lower.Length > 1) ? 1 : real.LinkCount;
        if (hasNoName && (upper == null || IsDirectory))
            LinkCount = 0;
    }

    /// <summary>A name of it is gone: the only one, of a directory or of what lies in a lower layer.</summary>
    public void NameIsGone()
    {
        hasNoName = true;
        Adopt();
    }

    /// <summary>
    /// It lies in the upper layer, or is copied there with the directories above; EROFS where there is none. <paramref name="isCut"/>: what is in it is not
    /// needed.
    /// </summary>
    public Errno AwaitUpper(OperationContext context, bool isCut = false)
    {
        if (upper != null && copying == null)
            return Errno.None;
        if (Over.Work == null)
            return Errno.EROFS;
        // What has lost its name has no place where it could be copied to.
        if (Alias is not { IsRemoved: false, Parent.Inode: OverlayDirectory parent } alias)
            return upper != null ? Errno.None : Errno.ENOENT;
        Errno error = parent.AwaitUpper(context);
        if (error != Errno.None)
            return error;
        copying ??= new CopyUp(this, parent, alias, isCut);
        error = copying.GoOn(context);
        if (error == Errno.None || error != Errno.Wait)
        {
            copying?.Close();
            copying = null;
        }

        return error;
    }

    /// <summary>It lies there from now on.</summary>
    public void SetUpper(RealName name)
    {
        name.Dentry.Hold();
        upper = name;
        Over.Note(name.Inode, this);
        // What was copied is the file; of a directory the lower ones stay.
        Adopt();
    }

    /// <summary>Nobody knows it any more.</summary>
    public void Drop()
    {
        if (isDropped)
            return;
        isDropped = true;
        copying?.Close();
        if (upper is { } top)
        {
            Over.Forget(top.Inode, this);
            top.Dentry.Release();
        }

        foreach (RealName name in lower)
            name.Dentry.Release();
    }

    // Nothing finds it again by its number, and what it holds is to be freed.
    protected override void Unused()
    {
        Cache.Remove(this);
        Drop();
    }

    protected internal override void Evicted()
    {
        base.Evicted();
        Drop();
    }
}

/// <summary>Whatever is no directory.</summary>
internal sealed class OverlayFile(OverlayFileSystem fileSystem, RealName? upper, RealName[] lower) : OverlayInode(fileSystem, upper, lower)
{
    public override Errno ReadLink(OperationContext context, out byte[] text) => Real.Inode.ReadLink(context, out text);

    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = null;
        // What stands for a device, a pipe or a socket is not in any layer.
        if (!IsRegular)
            return Real.Inode.Open(request, out file);
        bool isCut = (request.Flags & OpenFlags.Truncate) != 0;
        Errno error = OpenFlags.Writes(request.Flags) || isCut ? AwaitUpper(request.Context, isCut) : Errno.None;
        OpenFile? inner = null;
        if (error == Errno.None)
            error = OpenReal(request.Context, request.Flags, out inner);
        if (error == Errno.None)
            file = new OverlayOpenFile(request.Location, request.Flags, this, inner!);
        return error;
    }

    /// <summary>Opens the file that it shows now.</summary>
    public Errno OpenReal(OperationContext context, uint flags, out OpenFile? file) =>
        Real.Inode.Open(new OpenRequest(context, Real.Location, flags & ~(OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.Truncate)), out file);
}
