using Servers.Vfs.Inodes;

namespace Servers.Vfs.Names;

/// <summary>A name in a directory. File systems in memory keep their tree in dentries; procfs makes them at lookup.</summary>
public sealed class Dentry
{
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
