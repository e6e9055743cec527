using Servers.Vfs.Files;
using Servers.Vfs.Linux;
using Servers.Vfs.Names;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Inodes;

/// <summary>
/// A file of any kind, apart from its names. The members that change directories answer by default what Linux answers for a file system
/// without the operation.
/// </summary>
public abstract class Inode
{
    /// <summary>An inode of a file system.</summary>
    protected Inode(FileSystem fileSystem, ulong number, uint mode)
    {
        FileSystem = fileSystem;
        Number = number;
        Mode = mode;
    }

    /// <summary>The file system that it belongs to.</summary>
    public FileSystem FileSystem { get; }

    /// <summary>st_ino.</summary>
    public ulong Number { get; }

    /// <summary>Type and permission bits.</summary>
    public uint Mode { get; set; }

    /// <summary>Owner.</summary>
    public virtual uint UserId { get; set; }

    /// <summary>Group.</summary>
    public virtual uint GroupId { get; set; }

    /// <summary>Number of names.</summary>
    public virtual uint LinkCount { get; set; } = 1;

    /// <summary>st_rdev of a device node.</summary>
    public uint Device { get; init; }

    /// <summary>Nanoseconds since 1970 of the last access.</summary>
    public virtual long AccessTime { get; set; }

    /// <summary>Nanoseconds since 1970 of the last change of content.</summary>
    public virtual long ModifyTime { get; set; }

    /// <summary>Nanoseconds since 1970 of the last change of the inode.</summary>
    public virtual long ChangeTime { get; set; }

    /// <summary>st_size.</summary>
    public virtual long Size => 0;

    /// <summary>st_blocks in units of 512 bytes.</summary>
    public virtual long Blocks => 0;

    /// <summary>st_blksize.</summary>
    public virtual long BlockSize => 4096;

    /// <summary>Locks held on the file; made when the first one is taken.</summary>
    public FileLocks? Locks { get; set; }

    /// <summary>True for a directory.</summary>
    public bool IsDirectory => InodeMode.Type(Mode) == InodeMode.Directory;

    /// <summary>True for a symbolic link.</summary>
    public bool IsSymbolicLink => InodeMode.Type(Mode) == InodeMode.SymbolicLink;

    /// <summary>True for a regular file.</summary>
    public bool IsRegular => InodeMode.Type(Mode) == InodeMode.Regular;

    /// <summary>Finds a name in this directory; ENOENT if there is none.</summary>
    public virtual Errno Lookup(Dentry self, ReadOnlySpan<byte> name, ClientProcess process, out Dentry? child)
    {
        child = null;
        return Errno.ENOTDIR;
    }

    /// <summary>Text of a symbolic link.</summary>
    public virtual Errno ReadLink(ClientProcess process, out ReadOnlyMemory<byte> text)
    {
        text = default;
        return Errno.EINVAL;
    }

    /// <summary>Target of a link that names an object rather than a path (/proc/PID/fd/N); false for ordinary links.</summary>
    public virtual bool TryFollow(ClientProcess process, out Location target, out Errno error)
    {
        target = default;
        error = Errno.None;
        return false;
    }

    /// <summary>Opens the file; permissions have been checked.</summary>
    public abstract Errno Open(in OpenRequest request, out OpenFile? file);

    /// <summary>Creates a file of any type but directory and symbolic link.</summary>
    public virtual Errno Create(Dentry self, ReadOnlySpan<byte> name, uint mode, uint device, Credentials credentials, out Dentry? child)
    {
        child = null;
        return Errno.EPERM;
    }

    /// <summary>What open(2) with O_CREAT says where files cannot be created.</summary>
    public virtual bool CanCreate => false;

    /// <summary>Creates a directory.</summary>
    public virtual Errno MakeDirectory(Dentry self, ReadOnlySpan<byte> name, uint mode, Credentials credentials, out Dentry? child)
    {
        child = null;
        return Errno.EPERM;
    }

    /// <summary>Creates a symbolic link.</summary>
    public virtual Errno SymbolicLink(Dentry self, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text, Credentials credentials) => Errno.EPERM;

    /// <summary>Gives <paramref name="target"/> a further name.</summary>
    public virtual Errno Link(Dentry self, ReadOnlySpan<byte> name, Inode target) => Errno.EPERM;

    /// <summary>Removes a name that is not a directory.</summary>
    public virtual Errno Unlink(Dentry self, Dentry child) => Errno.EPERM;

    /// <summary>Removes an empty directory.</summary>
    public virtual Errno RemoveDirectory(Dentry self, Dentry child) => Errno.EPERM;

    /// <summary>Moves a name; the caller has checked types, loops and permissions. <paramref name="replaced"/> goes away.</summary>
    public virtual Errno Rename(Dentry self, Dentry child, Dentry newParent, ReadOnlySpan<byte> newName, Dentry? replaced) => Errno.EPERM;

    /// <summary>Swaps two names (RENAME_EXCHANGE).</summary>
    public virtual Errno Exchange(Dentry first, Dentry second) => Errno.EINVAL;

    /// <summary>Creates an unnamed file (O_TMPFILE).</summary>
    public virtual Errno CreateUnnamed(uint mode, Credentials credentials, out Inode? inode)
    {
        inode = null;
        return Errno.EOPNOTSUPP;
    }

    /// <summary>Sets the length of a regular file.</summary>
    public virtual Errno Truncate(long length) => Errno.EINVAL;

    /// <summary>Whether attributes may be changed at all; procfs says EPERM.</summary>
    public virtual Errno CheckAttributeChange() => Errno.None;
}
