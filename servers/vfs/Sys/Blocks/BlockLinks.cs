using System.Globalization;
using System.Text;
using Servers.Vfs.Blocks;
using Servers.Vfs.Generated;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Sys.Blocks;

/// <summary>A directory with a link to each device: /sys/block (disks), /sys/class/block (all by name), /sys/dev/block (all by number).</summary>
/// <param name="fileSystem">Where it is.</param>
/// <param name="number">Its inode number.</param>
/// <param name="time">Its times.</param>
/// <param name="up">The way to /sys.</param>
/// <param name="devices">The devices that it shows.</param>
/// <param name="name">Name of a device's link.</param>
internal sealed class BlockLinks(
    FileSystem fileSystem, ulong number, long time, string up, Func<IEnumerable<BlockDevice>> devices, Func<BlockDevice, string> name)
    : GeneratedDirectory(fileSystem, number, 0x16D, time)
{
    private readonly long time = time;

    /// <summary>By number, as /sys/dev/block names them.</summary>
    public static string Numbers(BlockDevice device) =>
        string.Create(CultureInfo.InvariantCulture, $"{DeviceNumber.Major(device.Number)}:{DeviceNumber.Minor(device.Number)}");

    /// <summary>Where a device's directory is, from /sys/devices on.</summary>
    public static string PathOf(BlockDevice device) =>
        device.Whole is { } whole ? $"{whole.Place}/{whole.Name}/{device.Name}" : $"{device.Place}/{device.Name}";

    /// <inheritdoc/>
    public override List<GeneratedName> List() =>
        [.. devices().Select(device => new GeneratedName(name(device), InodeMode.SymbolicLink, BlockDirectory.NumberOf(device, Number)))];

    /// <inheritdoc/>
    public override Errno Lookup(OperationContext context, Dentry self, ReadOnlySpan<byte> wanted, out Dentry? child)
    {
        child = null;
        string text = Encoding.UTF8.GetString(wanted);
        if (devices().FirstOrDefault(device => name(device) == text) is not { } found)
            return Errno.ENOENT;
        byte[] target = Encoding.UTF8.GetBytes($"{up}devices/{PathOf(found)}");
        child = new Dentry(self, wanted.ToArray(), new GeneratedLink(FileSystem, BlockDirectory.NumberOf(found, Number), time, _ => target));
        return Errno.None;
    }
}
