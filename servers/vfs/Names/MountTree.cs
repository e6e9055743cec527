using Servers.Vfs.Objects;

namespace Servers.Vfs.Names;

/// <summary>All mounts. There is one mount namespace.</summary>
public sealed class MountTree
{
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
