using Servers.Vfs.Objects;

namespace Servers.Vfs.Caches;

/// <summary>
/// A name of a file system whose truth is elsewhere. It lives while the cache knows it, something holds it, or names below it live; then it pins its parent and
/// its inode, so that there is one object for a name as long as anybody can tell.
/// </summary>
public sealed class CachedDentry : Dentry, IEvictable
{
    internal CachedDentry(DentryCache cache, CachedDentry? parent, byte[] name, CachedInode? inode)
        : base(parent, name, inode!)
    {
        Cache = cache;
        Node = new EvictionNode<CachedDentry>(this);
        parent?.Gain();
        inode?.Pin();
    }

    /// <summary>A name that is known not to exist. Such an entry is never handed out and has no inode.</summary>
    public bool IsNegative => Inode is null;

    /// <summary>The cache.</summary>
    internal DentryCache Cache { get; }

    /// <summary>Place among those that may go.</summary>
    internal EvictionNode<CachedDentry> Node { get; }

    /// <summary>Names below that are cached.</summary>
    internal Dictionary<byte[], CachedDentry>? Names { get; set; }

    /// <summary>The cache knows it.</summary>
    internal bool IsCached { get; set; }

    /// <summary>Dentries below it that live.</summary>
    internal int Children { get; private set; }

    /// <summary>It has been given up.</summary>
    internal bool IsDead { get; private set; }

    bool IEvictable.TryPrepareEviction() => true;

    /// <inheritdoc/>
    public override Dentry CreateUnnamed(Inode inode)
    {
        var made = new CachedDentry(Cache, this, [(byte)'#'], (CachedInode)inode) { IsRemoved = true };
        Cache.Born();
        return made;
    }

    /// <summary>It has a new place.</summary>
    internal void Move(CachedDentry parent, byte[] name)
    {
        var old = (CachedDentry?)Parent;
        parent.Gain();
        Parent = parent;
        Name = name;
        old?.Lose();
    }

    /// <summary>Nothing is left that keeps it.</summary>
    internal void Die()
    {
        IsDead = true;
        (Inode as CachedInode)?.Unpin();
        ((CachedDentry?)Parent)?.Lose();
    }

    /// <inheritdoc/>
    protected override void HoldChanged() => Cache.Update(this);

    private void Gain()
    {
        Children++;
        Cache.Update(this);
    }

    private void Lose()
    {
        Children--;
        Cache.Update(this);
    }
}
