namespace Servers.Vfs.Objects;

/// <summary>One instance of a file system, a superblock: what mounts show.</summary>
/// <remarks>What takes an <see cref="OperationContext"/> may wait, before its first visible effect: docs/decisions/waiting-before-effects.md.</remarks>
public abstract class FileSystem
{
    private bool isFinished;

    /// <summary>An instance with its anonymous device number (st_dev).</summary>
    protected FileSystem(uint device) => Device = device;

    /// <summary>st_dev of its inodes.</summary>
    public uint Device { get; }

    /// <summary>Type name, as in /proc/filesystems.</summary>
    public abstract string TypeName { get; }

    /// <summary>f_type, statfs(2).</summary>
    public abstract ulong Magic { get; }

    /// <summary>
    /// The device or server that it lies on; null for one that lies on nothing. Shown first in /proc/mounts, there in place of what mount(2) was told.
    /// </summary>
    public virtual string? Source => null;

    /// <summary>Restrictions of all its mounts together: <see cref="MountFlags.ReadOnly"/> and <see cref="MountFlags.Synchronous"/>.</summary>
    public MountFlags Restrictions { get; protected set; }

    /// <summary>Mount options beyond the generic ones, starting with a comma, as /proc/mounts shows them.</summary>
    public virtual string OptionText => "";

    /// <summary>Frames of files that lie in memory only: "Shmem" of /proc/meminfo.</summary>
    public virtual long MemoryPages => 0;

    /// <summary>Root directory.</summary>
    public abstract Dentry Root { get; }

    /// <summary>Where paths have led lately: one for all that is mounted in a tree, from when it is mounted there.</summary>
    public KnownDirectories Known { get; internal set; } = new();

    /// <summary>False where looking up a name that does not exist is an error even for those who want to create it (procfs): they get ENOENT.</summary>
    public virtual bool AllowsNewNames => true;

    /// <summary>Whether inodes in memory keep extended attributes of a name, xattr(7): EOPNOTSUPP, or EINVAL for a namespace with nothing behind it.</summary>
    public virtual Errno CheckAttribute(ReadOnlySpan<byte> name) => Errno.EOPNOTSUPP;

    /// <summary>So many bytes more of them; false: there is no room.</summary>
    public virtual bool TryKeepAttributes(int bytes) => true;

    /// <summary>So many bytes less.</summary>
    public virtual void ForgetAttributes(int bytes)
    {
    }

    /// <summary>Numbers for statfs(2).</summary>
    public virtual Errno StatFs(OperationContext context, out FileSystemUsage usage)
    {
        usage = default;
        return Errno.None;
    }

    /// <summary>
    /// sync(2), syncfs(2): what had been changed when the request first asked is safe afterwards. What it keeps in <see cref="OperationContext.State"/>
    /// while it waits is its own.
    /// </summary>
    public virtual Errno Sync(OperationContext context) => Errno.None;

    /// <summary>Changes <see cref="Restrictions"/>, mount(2) with MS_REMOUNT. One that turns read-only first has nothing left to write.</summary>
    public virtual Errno Reconfigure(OperationContext context, MountFlags restrictions)
    {
        Restrictions = restrictions;
        return Errno.None;
    }

    /// <summary>
    /// EBUSY while a file may be written that is not open for writing through the mount: a mapping of it can outlive all descriptions, mount(2).
    /// </summary>
    public virtual Errno CheckReadOnly(Mount mount) => Errno.None;

    /// <summary>EBUSY while there are files without a name, which will have to be freed, mount(2).</summary>
    public virtual Errno CheckUnnamed() => Errno.None;

    /// <summary>Takes over the options that mount(2) was given, where one instance is mounted again and again. EINVAL for those that it refuses.</summary>
    public virtual Errno Configure(ReadOnlySpan<byte> options) => Errno.None;

    /// <summary>
    /// The last mount is about to go and nobody uses it: everything is written and nothing is left afterwards, neither memory nor a claim on the device. While
    /// this waits the file system goes on as before.
    /// </summary>
    public Errno Unmount(OperationContext context)
    {
        Errno error = Finish(context);
        isFinished = error == Errno.None;
        return error;
    }

    /// <summary>Mounts that show it, and those that were detached while somebody used them (MNT_DETACH) and still does.</summary>
    public int MountCount { get; private set; }

    /// <summary>A mount shows it.</summary>
    internal void MountBegins()
    {
        MountCount++;
        isFinished = false;
    }

    /// <summary>A mount and its last user are gone.</summary>
    internal void MountEnded()
    {
        if (--MountCount == 0 && !isFinished)
            Abandon();
    }

    /// <summary><see cref="Unmount"/>.</summary>
    protected virtual Errno Finish(OperationContext context) => Errno.None;

    /// <summary>The last user of a file system that was detached is gone. Nobody waits: what is left to write it writes by itself, and then it ends.</summary>
    protected virtual void Abandon()
    {
    }
}

/// <summary>Numbers of a mounted file system, statfs(2).</summary>
/// <param name="Blocks">All that files can have.</param>
/// <param name="FreeBlocks">Those that are free.</param>
/// <param name="Files">Inodes.</param>
/// <param name="FreeFiles">Those that are free.</param>
public readonly record struct FileSystemUsage(long Blocks, long FreeBlocks, long Files, long FreeFiles)
{
    /// <summary>Bytes of a block; 0: 4096.</summary>
    public long BlockSize { get; init; }

    /// <summary>Free blocks that are set aside for root.</summary>
    public long ReservedBlocks { get; init; }

    /// <summary>f_fsid; null: the device's number.</summary>
    public ulong? Identity { get; init; }
}
