using Servers.Vfs.Objects;

namespace Servers.Vfs.Attributes;

/// <summary>When a read changes st_atime, mount(8) relatime.</summary>
public static class AccessTimes
{
    private const long Day = 86_400L * 1_000_000_000;

    /// <summary>Each read changes it, whatever the times are: strictatime.</summary>
    public static bool ChangeAlways(Mount mount) =>
        (mount.Flags & (MountFlags.NoAccessTime | MountFlags.ReadOnly | MountFlags.RelativeAccessTime)) == 0;

    /// <summary>The access time after a read at <paramref name="now"/>.</summary>
    public static long After(Mount mount, Inode inode, long now)
    {
        if ((mount.Flags & (MountFlags.NoAccessTime | MountFlags.ReadOnly)) != 0)
            return inode.AccessTime;
        if ((mount.Flags & MountFlags.RelativeAccessTime) == 0)
            return now;
        bool isStale = inode.AccessTime <= inode.ModifyTime || inode.AccessTime <= inode.ChangeTime || now - inode.AccessTime >= Day;
        return isStale ? now : inode.AccessTime;
    }
}
