namespace Servers.Vfs.Objects;

/// <summary>
/// A name in a directory. File systems in memory keep their tree in dentries, those whose truth is elsewhere a cache of it
/// (<see cref="Caches.CachedDentry"/>); procfs makes them at lookup.
/// </summary>
public class Dentry
{
    private int users;

    /// <summary>A name for <paramref name="inode"/>; a root has no parent.</summary>
    public Dentry(Dentry? parent, byte[] name, Inode inode)
    {
        Parent = parent;
        Name = name;
        Inode = inode;
    }

    /// <summary>The directory that holds the name.</summary>
    public Dentry? Parent { get; set; }

    /// <summary>One component, without slashes.</summary>
    public byte[] Name { get; set; }

    /// <summary>What the name stands for.</summary>
    public Inode Inode { get; }

    /// <summary>The name was removed; open files and working directories may still refer to it.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>Mounts that cover this directory. Zero saves the search for them.</summary>
    public int MountCount { get; set; }

    /// <summary>Position in the listing of its directory; newer names have greater ones.</summary>
    public long Cookie { get; set; }

    /// <summary>
    /// What the table of its directory needs (<see cref="Names.NameTable"/>): hash of the name, the next one of a chain, its place in the order.
    /// </summary>
    internal uint NameHash { get; set; }

    /// <inheritdoc cref="NameHash"/>
    internal Dentry? NextOfChain { get; set; }

    /// <inheritdoc cref="NameHash"/>
    internal int Order { get; set; }

    /// <summary>True while something refers to it from one try to the next.</summary>
    public bool IsHeld => users > 0;

    /// <summary>An open file, a working directory or a mount refers to it: until <see cref="Release"/> it is the only object for this name.</summary>
    public void Hold()
    {
        if (users++ == 0)
            HoldChanged();
    }

    /// <summary>A reference is gone.</summary>
    public void Release()
    {
        if (--users == 0)
            HoldChanged();
    }

    /// <summary>The place of a file without a name (O_TMPFILE) that was made in this directory.</summary>
    public virtual Dentry CreateUnnamed(Inode inode) => new(this, [(byte)'#'], inode) { IsRemoved = true };

    /// <summary><see cref="IsHeld"/> has changed.</summary>
    protected virtual void HoldChanged()
    {
    }

    /// <summary>True if this is <paramref name="other"/> or lies below it.</summary>
    public bool IsWithin(Dentry other)
    {
        for (Dentry? at = this; at != null; at = at.Parent)
        {
            if (ReferenceEquals(at, other))
                return true;
        }

        return false;
    }
}
