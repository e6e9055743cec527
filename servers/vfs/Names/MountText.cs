using System.Globalization;
using System.Text;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Names;

/// <summary>Mounts as text and as ST_* bits: /proc/PID/mounts and mountinfo, proc(5), and statfs(2).</summary>
public static class MountText
{
    /// <summary>f_flags of statfs(2).</summary>
    public static ulong StatFlags(Mount mount)
    {
        // ST_RDONLY, NOSUID, NODEV and NOEXEC have the numbers of mount(2); the access-time bits do not.
        const ulong same = 15, noAccessTime = 0x400, noDirectoryAccessTime = 0x800, relativeAccessTime = 0x1000;
        ulong flags = (ulong)(mount.Flags | mount.FileSystem.Restrictions) & same;
        if ((mount.Flags & MountFlags.NoAccessTime) != 0)
            flags |= noAccessTime;
        if ((mount.Flags & MountFlags.NoDirectoryAccessTime) != 0)
            flags |= noDirectoryAccessTime;
        if ((mount.Flags & MountFlags.RelativeAccessTime) != 0)
            flags |= relativeAccessTime;
        return flags;
    }

    /// <summary>A line of /proc/PID/mounts, or nothing if the mount cannot be seen from <paramref name="root"/>.</summary>
    public static void AppendMounts(StringBuilder text, Mount mount, Location root)
    {
        if (!TryPlace(mount, root, out string place))
            return;
        text.Append(Escape(mount.Source)).Append(' ').Append(Escape(place)).Append(' ').Append(mount.FileSystem.TypeName)
            .Append(' ').Append(Options(mount, mount.Flags | mount.FileSystem.Restrictions)).Append(mount.FileSystem.OptionText).Append(" 0 0\n");
    }

    /// <summary>A line of /proc/PID/mountinfo.</summary>
    public static void AppendMountInfo(StringBuilder text, Mount mount, Location root)
    {
        if (!TryPlace(mount, root, out string place))
            return;
        uint device = mount.FileSystem.Device;
        string top = Top(mount.Root);
        text.Append(CultureInfo.InvariantCulture, $"{mount.Id} {mount.Parent?.Id ?? mount.Id} {DeviceNumber.Major(device)}:{DeviceNumber.Minor(device)} ")
            .Append(Escape(top)).Append(' ').Append(Escape(place)).Append(' ').Append(Options(mount, mount.Flags))
            .Append(mount.IsUnbindable ? " unbindable - " : " - ")
            .Append(mount.FileSystem.TypeName).Append(' ').Append(Escape(mount.Source)).Append(IsReadOnly(mount.FileSystem.Restrictions) ? " ro"
                : " rw").Append(mount.FileSystem.OptionText).Append('\n');
    }

    private static bool TryPlace(Mount mount, Location root, out string place)
    {
        place = "/";
        if (ReferenceEquals(mount, root.Mount) && ReferenceEquals(mount.Root, root.Dentry))
            return true;
        // What lies below the root that is asked for, as the first root lies below one on a disk, has no place in it.
        if (mount is not { Parent: { } parent, MountPoint: { } point })
            return false;
        place = Encoding.UTF8.GetString(PathText.Of(new Location(parent, point), root));
        return place.StartsWith('/');
    }

    // Where in its file system a mount begins, whatever path leads there.
    private static string Top(Dentry root)
    {
        var text = new StringBuilder(root.IsRemoved ? "//deleted" : "");
        for (Dentry at = root; at.Parent is { } parent; at = parent)
            text.Insert(0, "/" + Encoding.UTF8.GetString(at.Name));
        return text.Length == 0 ? "/" : text.ToString();
    }

    private static bool IsReadOnly(MountFlags flags) => (flags & MountFlags.ReadOnly) != 0;

    // A file system that is read-only is shown so in mounts; mountinfo tells it from a mount that is.
    private static string Options(Mount mount, MountFlags shown)
    {
        var text = new StringBuilder(IsReadOnly(shown) ? "ro" : "rw");
        Add(text, mount, MountFlags.NoSetUid, ",nosuid");
        Add(text, mount, MountFlags.NoDevices, ",nodev");
        Add(text, mount, MountFlags.NoExecute, ",noexec");
        Add(text, mount, MountFlags.NoAccessTime, ",noatime");
        Add(text, mount, MountFlags.NoDirectoryAccessTime, ",nodiratime");
        Add(text, mount, MountFlags.RelativeAccessTime, ",relatime");
        return text.ToString();
    }

    private static void Add(StringBuilder text, Mount mount, MountFlags flag, string name)
    {
        if ((mount.Flags & flag) != 0)
            text.Append(name);
    }

    // Blanks would break the columns: octal escapes, as Linux writes them.
    private static string Escape(string text) => text
        .Replace("\\", "\\134", StringComparison.Ordinal).Replace(" ", "\\040", StringComparison.Ordinal)
        .Replace("\t", "\\011", StringComparison.Ordinal).Replace("\n", "\\012", StringComparison.Ordinal);
}
