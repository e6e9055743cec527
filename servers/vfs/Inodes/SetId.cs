using Servers.Vfs.Linux;

namespace Servers.Vfs.Inodes;

/// <summary>When the set-user-ID and set-group-ID bits fall, write(2) and chown(2).</summary>
public static class SetId
{
    /// <summary>After a write by anyone but root.</summary>
    public static void DropOnWrite(Inode inode, Credentials credentials)
    {
        if ((inode.Mode & (InodeMode.SetUid | InodeMode.SetGid)) != 0 && inode.IsRegular && !credentials.IsPrivileged)
            Drop(inode);
    }

    /// <summary>Takes the bits away. A set-group-ID bit without group execute means something else (mandatory locking) and stays.</summary>
    public static void Drop(Inode inode)
    {
        inode.Mode &= ~InodeMode.SetUid;
        if ((inode.Mode & InodeMode.GroupExecute) != 0)
            inode.Mode &= ~InodeMode.SetGid;
    }
}
