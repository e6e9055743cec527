using Servers.Vfs.Inodes;

namespace Servers.Vfs.Names;

/// <summary>A name as seen through a mount: what the kernel manual calls a struct path.</summary>
public readonly record struct Location(Mount Mount, Dentry Dentry)
{
    /// <summary>The inode there.</summary>
    public Inode Inode => Dentry.Inode;
}
