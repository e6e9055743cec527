using Servers.Vfs.Objects;

namespace Servers.Vfs.Attributes;

/// <summary>
/// Group and mode of what is made in a directory, chmod(2) and mkdir(2): a set-group-ID directory hands its group down, and the bit to directories.
/// </summary>
public static class NewInode
{
    /// <summary>Group and mode of an inode that is made in <paramref name="directory"/>.</summary>
    public static (uint Group, uint Mode) Inherit(Inode directory, uint mode, Credentials credentials)
    {
        if ((directory.Mode & InodeMode.SetGid) == 0)
            return (credentials.GroupId, mode);
        if (InodeMode.Type(mode) == InodeMode.Directory)
            mode |= InodeMode.SetGid;
        else if ((mode & InodeMode.GroupExecute) != 0 && !credentials.IsPrivileged && !credentials.IsMember(directory.GroupId))
            mode &= ~InodeMode.SetGid;
        return (directory.GroupId, mode);
    }
}
