using Servers.Vfs.Objects;

namespace Servers.Vfs.Attributes;

/// <summary>
/// When the set-user-ID and set-group-ID bits fall, write(2), truncate(2) and chown(2). Whoever writes takes the new mode over in the same step.
/// </summary>
public static class SetId
{
    /// <summary>The mode after a write or a truncation: the bits stay for root only.</summary>
    public static uint AfterWrite(Inode inode, Credentials credentials)
    {
        uint mode = inode.Mode;
        return (mode & (InodeMode.SetUid | InodeMode.SetGid)) != 0 && inode.IsRegular && !credentials.IsPrivileged ? Without(mode) : mode;
    }

    /// <summary>A mode without the bits. A set-group-ID bit without group execute means something else (mandatory locking) and stays.</summary>
    public static uint Without(uint mode)
    {
        mode &= ~InodeMode.SetUid;
        return (mode & InodeMode.GroupExecute) != 0 ? mode & ~InodeMode.SetGid : mode;
    }
}
