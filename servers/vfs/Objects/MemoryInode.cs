namespace Servers.Vfs.Objects;

/// <summary>An inode whose only truth is this object: nothing about its attributes waits or fails.</summary>
public abstract class MemoryInode : Inode
{
    /// <summary>An inode with all times at <paramref name="now"/>.</summary>
    protected MemoryInode(FileSystem fileSystem, ulong number, uint mode, long now)
        : base(fileSystem, number, mode, now)
    {
    }

    /// <inheritdoc/>
    public override Errno SetAttributes(OperationContext context, in AttributeChange change)
    {
        if (change.Size != null)
            return Errno.EINVAL;
        Apply(change);
        return Errno.None;
    }

    /// <summary>Extended attributes; null without any.</summary>
    internal ExtendedAttributes? ExtendedAttributes { get; set; }

    /// <inheritdoc/>
    public override Errno GetExtendedAttribute(OperationContext context, ReadOnlySpan<byte> name, out byte[] value)
    {
        value = [];
        Errno error = FileSystem.CheckAttribute(name);
        if (error != Errno.None)
            return error;
        if (ExtendedAttributes == null || !ExtendedAttributes.TryFind(name, out ReadOnlySpan<byte> found))
            return Errno.ENODATA;
        value = found.ToArray();
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno ListExtendedAttributes(OperationContext context, List<byte[]> names)
    {
        ExtendedAttributes?.List(names);
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno SetExtendedAttribute(OperationContext context, in ExtendedAttributeChange change)
    {
        Errno error = FileSystem.CheckAttribute(change.Name);
        if (error == Errno.None)
            error = change.Check(ExtendedAttributes?.TryFind(change.Name, out _) == true);
        if (error != Errno.None)
            return error;
        byte[] all = ExtendedAttributes.With(ExtendedAttributes, change.Name, change.Value);
        int before = ExtendedAttributes?.Length ?? 0, paid = ExtendedAttributes?.Paid ?? 0, more = all.Length - before;
        if (all.Length > ExtendedAttributes.MostBytes || (more > 0 && !FileSystem.TryKeepAttributes(more)))
            return Errno.ENOSPC;
        // What the archive brought was not paid for, and may go first.
        int less = more < 0 ? Math.Min(-more, paid) : 0;
        FileSystem.ForgetAttributes(less);
        ExtendedAttributes = ExtendedAttributes.Read(all, paid + Math.Max(more, 0) - less);
        StampChange(change.Time);
        return Errno.None;
    }

    /// <summary>It is gone for good.</summary>
    internal void ForgetAttributes()
    {
        FileSystem.ForgetAttributes(ExtendedAttributes?.Paid ?? 0);
        ExtendedAttributes = null;
    }

    /// <summary>Owner and mode of an inode that is being made.</summary>
    internal void SetOwner(uint user, uint group, uint mode) => Begin(user, group, mode);

    /// <summary>Another number of names.</summary>
    internal void SetLinks(uint count)
    {
        LinkCount = count;
        LinksChanged();
    }

    /// <summary>It has another number of names.</summary>
    private protected virtual void LinksChanged()
    {
    }

    /// <summary>It was read.</summary>
    internal void StampAccess(long time) => AccessTime = time;

    /// <summary>Its content changed.</summary>
    internal void StampContent(long now) => SetTimes(now, now);

    /// <summary>The inode itself changed.</summary>
    internal void StampChange(long now) => ChangeTime = now;
}
