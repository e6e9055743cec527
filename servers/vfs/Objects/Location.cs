namespace Servers.Vfs.Objects;

/// <summary>A name as seen through a mount: what the kernel manual calls a struct path.</summary>
public readonly record struct Location(Mount Mount, Dentry Dentry)
{
    /// <summary>The inode there.</summary>
    public Inode Inode => Dentry.Inode;

    /// <summary>Something refers to the place from one try to the next: the mount is in use (EBUSY) and the dentry stays.</summary>
    public void Hold()
    {
        Mount.Enter();
        Dentry.Hold();
    }

    /// <summary>The reference is gone.</summary>
    public void Release()
    {
        Dentry.Release();
        Mount.Leave();
    }
}
