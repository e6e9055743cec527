namespace Servers.Vfs.Objects;

/// <summary>A file system, or a directory of one, at a place in the tree.</summary>
public sealed class Mount
{
    private readonly List<Mount> children = [];
    private readonly string source;
    private MountFlags flags;
    private bool isEnding;

    /// <summary>A mount that is not yet attached; see <see cref="Attach"/>.</summary>
    public Mount(int id, FileSystem fileSystem, Dentry root, string source, MountFlags flags)
    {
        Id = id;
        FileSystem = fileSystem;
        Root = root;
        this.source = source;
        this.flags = flags;
        root.Hold();
    }

    /// <summary>Number in /proc/PID/mountinfo.</summary>
    public int Id { get; }

    /// <summary>True for mounts that no path leads to (pipes, memory files): their files show a name of their own.</summary>
    public bool IsHidden => Id == 0;

    /// <summary>What is shown.</summary>
    public FileSystem FileSystem { get; }

    /// <summary>The directory of the file system that appears at the mount point.</summary>
    public Dentry Root { get; }

    /// <summary>First column of /proc/mounts.</summary>
    public string Source => FileSystem.Source ?? source;

    /// <summary>Restrictions.</summary>
    public MountFlags Flags
    {
        get => flags;
        set
        {
            flags = value;
            Changed?.Invoke();
        }
    }

    /// <summary>Called when it has got another place, or none, or other flags: what names stand for may have changed.</summary>
    internal Action? Changed { get; init; }

    /// <summary>Mount that the mount point lies in; null for the root mount.</summary>
    public Mount? Parent { get; private set; }

    /// <summary>Covered directory in <see cref="Parent"/>.</summary>
    public Dentry? MountPoint { get; private set; }

    /// <summary>It is not copied by bind mounts, MS_UNBINDABLE of mount(2).</summary>
    public bool IsUnbindable { get; set; }

    /// <summary>A path leads to it: it is the root, or covers something, or lies in what does.</summary>
    public bool IsAttached => !IsHidden && (Parent != null || !isEnding);

    /// <summary>Mounts on directories of this one, oldest first.</summary>
    public IReadOnlyList<Mount> Children => children;

    /// <summary>Open files and working directories in this mount; while there are any, umount(2) says EBUSY.</summary>
    public int Users { get; private set; }

    /// <summary>Open descriptions that may write to regular files in it; while there are any, it cannot be made read-only.</summary>
    public int Writers { get; private set; }

    /// <summary>One more of them, or one less.</summary>
    public void CountWriter(int change) => Writers += change;

    /// <summary>One more user.</summary>
    public void Enter() => Users++;

    /// <summary>A user is gone.</summary>
    public void Leave()
    {
        if (--Users == 0 && isEnding)
            End();
    }

    /// <summary>EROFS unless the mount and its file system may be written.</summary>
    public Errno CheckWritable() => ((Flags | FileSystem.Restrictions) & MountFlags.ReadOnly) != 0 ? Errno.EROFS : Errno.None;

    /// <summary>Covers a directory.</summary>
    public void Attach(Location place)
    {
        Parent = place.Mount;
        MountPoint = place.Dentry;
        place.Dentry.MountCount++;
        place.Dentry.Hold();
        place.Mount.children.Add(this);
        FileSystem.Known.Forget();
        FileSystem.Known = place.Mount.FileSystem.Known;
        FileSystem.Known.Forget();
        Changed?.Invoke();
    }

    /// <summary>Uncovers the directory. The mount ends now, or with its last user.</summary>
    public void Detach()
    {
        if (Parent == null)
            return;
        Uncover();
        isEnding = true;
        Changed?.Invoke();
        if (Users == 0)
            End();
    }

    /// <summary>Covers another directory in place of the one that it covers, MS_MOVE of mount(2). What is mounted in it goes along.</summary>
    public void Move(Location place)
    {
        // Before the old place is let go: it may be what keeps the new one.
        place.Dentry.Hold();
        Uncover();
        Attach(place);
        place.Dentry.Release();
    }

    /// <summary>A hidden mount is not needed any more; it ends with its last user.</summary>
    internal void Close()
    {
        isEnding = true;
        if (Users == 0)
            End();
    }

    private void Uncover()
    {
        MountPoint!.MountCount--;
        MountPoint.Release();
        Parent!.children.Remove(this);
        Parent = null;
        MountPoint = null;
        FileSystem.Known.Forget();
    }

    private void End()
    {
        Root.Release();
        FileSystem.MountEnded();
    }

    /// <summary>The newest mount that covers <paramref name="dentry"/> of this mount, or null.</summary>
    public Mount? ChildAt(Dentry dentry)
    {
        for (int index = children.Count - 1; index >= 0; index--)
        {
            if (ReferenceEquals(children[index].MountPoint, dentry))
                return children[index];
        }

        return null;
    }
}

/// <summary>Restrictions of a mount, with the numbers of mount(2).</summary>
[Flags]
public enum MountFlags : ulong
{
#pragma warning disable CS1591 // mount(2)
    None = 0, ReadOnly = 1, NoSetUid = 2, NoDevices = 4, NoExecute = 8, Synchronous = 16, Remount = 32, NoAccessTime = 0x400, NoDirectoryAccessTime = 0x800,
    Bind = 0x1000, Move = 0x2000, Recursive = 0x4000, Silent = 0x8000, Unbindable = 0x20000, Private = 0x40000, Slave = 0x80000, Shared = 0x100000,
    RelativeAccessTime = 0x200000, StrictAccessTime = 0x1000000,
#pragma warning restore CS1591
}
