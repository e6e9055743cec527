using Servers.Vfs.Objects;

namespace Servers.Vfs.Attributes;

/// <summary>Permission checks, path_resolution(7) and capabilities(7).</summary>
public static class Permission
{
    /// <summary>EACCES unless who asks may do all of <paramref name="wanted"/> with <paramref name="inode"/>. The attributes are valid afterwards.</summary>
    public static Errno Check(OperationContext context, Inode inode, AccessMode wanted)
    {
        Errno error = inode.Refresh(context);
        return error != Errno.None ? error : Allows(context.Credentials, inode, wanted) ? Errno.None : Errno.EACCES;
    }

    /// <summary>True if somebody may do all of <paramref name="wanted"/>, by attributes that are valid.</summary>
    public static bool Allows(Credentials credentials, Inode inode, AccessMode wanted)
    {
        uint mode = inode.Mode;
        uint granted = credentials.UserId == inode.UserId ? mode >> 6 : credentials.IsMember(inode.GroupId) ? mode >> 3 : mode;
        if (((uint)wanted & ~granted & 7) == 0)
            return true;

        // CAP_DAC_OVERRIDE: everything, but executing a file needs some execute bit.
        return credentials.IsPrivileged && ((wanted & AccessMode.Execute) == 0 || inode.IsDirectory || (mode & InodeMode.AnyExecute) != 0);
    }

    /// <summary>EPERM unless who asks owns the file or has CAP_FOWNER. The attributes are valid afterwards.</summary>
    public static Errno CheckOwner(OperationContext context, Inode inode)
    {
        Errno error = inode.Refresh(context);
        return error != Errno.None ? error : OwnsOrOverrides(inode, context.Credentials) ? Errno.None : Errno.EPERM;
    }

    /// <summary>True for the owner and for CAP_FOWNER, by attributes that are valid.</summary>
    public static bool OwnsOrOverrides(Inode inode, Credentials credentials) => credentials.IsPrivileged || credentials.UserId == inode.UserId;

    /// <summary>Whether an entry may be taken out of a directory: write and search there, and the rules of the sticky bit, unlink(2).</summary>
    public static Errno CheckRemoval(OperationContext context, Inode directory, Inode victim)
    {
        Errno error = Check(context, directory, AccessMode.Write | AccessMode.Execute);
        if (error == Errno.None)
            error = victim.Refresh(context);
        if (error != Errno.None)
            return error;
        Credentials credentials = context.Credentials;
        bool restricted = (directory.Mode & InodeMode.Sticky) != 0 && !credentials.IsPrivileged
            && credentials.UserId != victim.UserId && credentials.UserId != directory.UserId;
        return restricted ? Errno.EPERM : Errno.None;
    }
}
