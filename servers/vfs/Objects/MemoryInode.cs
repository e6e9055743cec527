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
