using Servers.Vfs.Objects;

namespace Servers.Vfs.Caches;

/// <summary>
/// An inode of a file system whose truth is elsewhere. While a dentry that lives or the file system itself pins it, it is the only object for its number; after
/// that it stays for as long as the cache has room.
/// </summary>
public abstract class CachedInode : Inode, IEvictable
{
    private int pins;

    /// <summary>An inode that <paramref name="cache"/> does not know yet.</summary>
    protected CachedInode(FileSystem fileSystem, InodeCache cache, ulong number, uint mode)
        : base(fileSystem, number, mode)
    {
        Cache = cache;
        Node = new EvictionNode<CachedInode>(this);
    }

    /// <summary>True while something refers to it.</summary>
    public bool IsPinned => pins > 0;

    /// <summary>The cache.</summary>
    internal InodeCache Cache { get; }

    /// <summary>Place among those that may go.</summary>
    internal EvictionNode<CachedInode> Node { get; }

    /// <summary>Something here is newer than the truth: it must not go before <see cref="StartWriteBack"/> has come to its end.</summary>
    public virtual bool IsDirty => false;

    bool IEvictable.TryPrepareEviction()
    {
        if (IsDirty)
            StartWriteBack();
        return !IsDirty;
    }

    /// <summary>Something refers to it from one try to the next.</summary>
    public void Pin()
    {
        if (pins++ == 0)
            Cache.Update(this);
    }

    /// <summary>A reference is gone.</summary>
    public void Unpin()
    {
        if (--pins > 0)
            return;
        Cache.Update(this);
        Unused();
    }

    /// <summary>Begins to write what is newer here, without waiting for it. It may be called again before that has ended.</summary>
    protected virtual void StartWriteBack()
    {
    }

    /// <summary>
    /// The last reference is gone. A file without a name is freed: nobody can wait for that, so what it takes the file system does by itself.
    /// </summary>
    protected virtual void Unused()
    {
    }

    /// <summary>The cache has let it go: there may soon be another object for its number.</summary>
    protected internal virtual void Evicted()
    {
    }
}
