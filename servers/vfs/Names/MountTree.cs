using Servers.Vfs.Objects;

namespace Servers.Vfs.Names;

/// <summary>All mounts. There is one mount namespace.</summary>
public sealed class MountTree
{
    // Linux' bound for a namespace (fs.mount-max): copies of copies would have no end.
    private const int Most = 100_000;

    private readonly List<Mount> mounts = [];
    private readonly Action changed;
    private int nextId = 1;
    private uint nextDevice = 1;

    /// <summary>No mounts.</summary>
    public MountTree() => changed = () => Changed?.Invoke();

    /// <summary>Called when names may stand for something else, because a mount has come, gone, or got other flags.</summary>
    public Action? Changed { get; set; }

    /// <summary>The root mount, once <see cref="MountRoot"/> was called.</summary>
    public Mount Root => mounts[0];

    /// <summary>In the order of /proc/mounts.</summary>
    public IReadOnlyList<Mount> All => mounts;

    /// <summary>An anonymous device number (major 0) for a new file system.</summary>
    public uint AllocateDevice() => DeviceNumber.Make(0, nextDevice++);

    /// <summary>Mounts the root file system; once, at start.</summary>
    public Mount MountRoot(FileSystem fileSystem, string source) =>
        Add(new Mount(nextId++, fileSystem, fileSystem.Root, source, MountFlags.None) { Changed = changed });

    /// <summary>Mounts <paramref name="root"/> of <paramref name="fileSystem"/> over the directory at <paramref name="place"/>.</summary>
    public Mount MountAt(Location place, FileSystem fileSystem, Dentry root, string source, MountFlags flags)
    {
        Mount mount = Add(new Mount(nextId++, fileSystem, root, source, flags) { Changed = changed });
        mount.Attach(place);
        return mount;
    }

    /// <summary>
    /// Shows a directory or file at a second place, mount(2) with MS_BIND; <paramref name="isRecursive"/> (MS_REC): with what is mounted below it. ENOSPC:
    /// there are too many mounts.
    /// </summary>
    public Errno Bind(Location from, Location place, bool isRecursive)
    {
        // All are found before the first is made: the place may lie below what is shown.
        var copied = new List<(Mount Mount, int Parent)> { (from.Mount, -1) };
        for (int number = 0; isRecursive && number < copied.Count && copied.Count + mounts.Count <= Most; number++)
        {
            foreach (Mount child in copied[number].Mount.Children)
            {
                if (!child.IsUnbindable && (number > 0 || child.MountPoint!.IsWithin(from.Dentry)))
                    copied.Add((child, number));
            }
        }

        if (copied.Count + mounts.Count > Most)
            return Errno.ENOSPC;
        var made = new List<Mount>(copied.Count);
        foreach ((Mount mount, int parent) in copied)
        {
            Location at = parent < 0 ? place : new Location(made[parent], mount.MountPoint!);
            made.Add(MountAt(at, mount.FileSystem, parent < 0 ? from.Dentry : mount.Root, mount.Source, mount.Flags));
        }

        return Errno.None;
    }

    /// <summary>
    /// Gives a mount another place, mount(2) with MS_MOVE: EINVAL for the root and for a file over a directory, ELOOP for a place within it.
    /// </summary>
    public static Errno Move(Mount mount, Location place)
    {
        if (mount.Parent == null || mount.Root.Inode.IsDirectory != place.Inode.IsDirectory)
            return Errno.EINVAL;
        for (Mount? above = place.Mount; above != null; above = above.Parent)
        {
            if (ReferenceEquals(above, mount))
                return Errno.ELOOP;
        }

        mount.Move(place);
        return Errno.None;
    }

    /// <summary>A mount is, or is not any more, left out by bind mounts; <paramref name="isRecursive"/>: with all in it.</summary>
    public static void SetUnbindable(Mount mount, bool isUnbindable, bool isRecursive)
    {
        mount.IsUnbindable = isUnbindable;
        for (int number = 0; isRecursive && number < mount.Children.Count; number++)
            SetUnbindable(mount.Children[number], isUnbindable, isRecursive);
    }

    /// <summary>Whether a mount may be taken away; EBUSY while it is used or has mounts in it (unless <paramref name="detach"/>, MNT_DETACH).</summary>
    public Errno CheckUnmount(Mount mount, bool detach)
    {
        if (mount.Parent == null)
            return Errno.EINVAL;
        return !detach && (mount.Users > 0 || mount.Children.Count > 0) ? Errno.EBUSY : Errno.None;
    }

    /// <summary>EBUSY while somebody may write to files of a file system, or will free some, mount(2).</summary>
    public Errno CheckReadOnly(FileSystem fileSystem)
    {
        foreach (Mount mount in mounts)
        {
            if (ReferenceEquals(mount.FileSystem, fileSystem) && CheckReadOnly(mount) != Errno.None)
                return Errno.EBUSY;
        }

        return fileSystem.CheckUnnamed();
    }

    /// <summary>EBUSY while somebody may write to files through a mount, mount(2).</summary>
    public static Errno CheckReadOnly(Mount mount) => mount.Writers > 0 ? Errno.EBUSY : mount.FileSystem.CheckReadOnly(mount);

    /// <summary>Takes a mount away with all in it.</summary>
    public void Unmount(Mount mount)
    {
        while (mount.Children.Count > 0)
            Unmount(mount.Children[^1]);
        mount.Detach();
        mounts.Remove(mount);
    }

    /// <summary>Goes down into the mounts that cover a location.</summary>
    public static Location Descend(Location location)
    {
        while (location.Dentry.MountCount > 0 && location.Mount.ChildAt(location.Dentry) is { } mount)
            location = new Location(mount, mount.Root);
        return location;
    }

    /// <summary>Goes up to the mount point while the location is the root of a mount.</summary>
    public static Location Ascend(Location location)
    {
        while (ReferenceEquals(location.Dentry, location.Mount.Root) && location.Mount is { Parent: { } parent, MountPoint: { } point })
            location = new Location(parent, point);
        return location;
    }

    private Mount Add(Mount mount)
    {
        mounts.Add(mount);
        mount.FileSystem.MountBegins();
        return mount;
    }
}
