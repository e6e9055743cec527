using System.Text;
using Servers.Vfs.Blocks;
using Servers.Vfs.Generated;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Sys.Blocks;

/// <summary>The directory of a disk or of a partition; of a disk also its partitions', as they are at the moment.</summary>
internal sealed class BlockDirectory : GeneratedDirectory
{
    // Each device has so many numbers, behind all others of sysfs.
    private const ulong FirstNumber = 1ul << 32, NumbersEach = 256;
    private const int QueueNumber = 200;

    private const uint Readable = 0x124;

    private readonly BlockDevices devices;
    private readonly BlockDevice device;
    private readonly long time;
    private readonly (string Name, Func<BlockDevice, string> Text)[] files;
    private readonly string[] directories;

    /// <summary>A device's directory.</summary>
    public BlockDirectory(FileSystem fileSystem, BlockDevices devices, BlockDevice device, long time)
        : base(fileSystem, NumberOf(device, 0), 0x16D, time)
    {
        (this.devices, this.device, this.time) = (devices, device, time);
        bool isDisk = device.Whole == null;
        files = [.. BlockAttributes.Common, .. isDisk ? BlockAttributes.OfDisk : BlockAttributes.OfPartition];
        directories = isDisk ? ["queue", "holders", "slaves"] : ["holders"];
    }

    /// <summary>Number of a device's own inode, or of another that has to do with it.</summary>
    public static ulong NumberOf(BlockDevice device, ulong index) => FirstNumber + device.Number * NumbersEach + index % NumbersEach;

    /// <inheritdoc/>
    public override List<GeneratedName> List() =>
    [
        .. files.Select((file, index) => new GeneratedName(file.Name, InodeMode.Regular, NumberOf(device, (ulong)index + 1))),
        .. directories.Select((name, index) => new GeneratedName(name, InodeMode.Directory, NumberOf(device, (ulong)(QueueNumber + index)))),
        new GeneratedName("subsystem", InodeMode.SymbolicLink, NumberOf(device, NumbersEach - 1)),
        .. devices.PartsOf(device).Select(static part => new GeneratedName(part.Name, InodeMode.Directory, NumberOf(part, 0))),
    ];

    /// <inheritdoc/>
    public override Errno Lookup(OperationContext context, Dentry self, ReadOnlySpan<byte> name, out Dentry? child)
    {
        string wanted = Encoding.UTF8.GetString(name);
        child = null;
        int index = Array.FindIndex(files, file => file.Name == wanted);
        Inode? inode = index >= 0 ? File(files[index].Text, (ulong)index + 1) : null;
        if (wanted == "subsystem")
            inode = new GeneratedLink(FileSystem, NumberOf(device, NumbersEach - 1), time, _ => Encoding.UTF8.GetBytes(Up + "class/block"));
        if (Array.IndexOf(directories, wanted) is >= 0 and int at)
            inode = new StaticDirectory(FileSystem, NumberOf(device, (ulong)(QueueNumber + at)), time);
        if (inode == null && devices.PartsOf(device).FirstOrDefault(part => part.Name == wanted) is { } found)
            inode = new BlockDirectory(FileSystem, devices, found, time);
        if (inode == null)
            return Errno.ENOENT;
        child = new Dentry(self, name.ToArray(), inode);
        if (wanted == "queue")
            FillQueue((StaticDirectory)inode, child);
        return Errno.None;
    }

    // From where the directory is to /sys: a step for each of "devices", what the place has and the names.
    private string Up => string.Concat(Enumerable.Repeat("../", BlockLinks.PathOf(device).Count(static sign => sign == '/') + 2));

    private void FillQueue(StaticDirectory queue, Dentry self)
    {
        ulong index = 0;
        foreach ((string name, Func<BlockDevice, string> text) in BlockAttributes.OfQueue)
            queue.Add(self, name, File(text, 100 + index++));
    }

    private GeneratedFile File(Func<BlockDevice, string> text, ulong index) =>
        new(FileSystem, NumberOf(device, index), Readable, time, _ => Encoding.UTF8.GetBytes(text(device) + "\n"));
}

/// <summary>The directory of a device on a bus that has the disks that it is.</summary>
/// <param name="fileSystem">Where it is.</param>
/// <param name="number">Its inode number.</param>
/// <param name="time">Its times.</param>
/// <param name="devices">All block devices.</param>
/// <param name="place">Where this is, from /sys/devices on.</param>
internal sealed class PlacedDisks(FileSystem fileSystem, ulong number, long time, BlockDevices devices, string place)
    : GeneratedDirectory(fileSystem, number, 0x16D, time)
{
    private readonly long time = time;

    private IEnumerable<BlockDevice> Disks => devices.All.Where(device => device.Whole == null && device.Place == place);

    /// <inheritdoc/>
    public override List<GeneratedName> List() =>
        [.. Disks.Select(static disk => new GeneratedName(disk.Name, InodeMode.Directory, BlockDirectory.NumberOf(disk, 0)))];

    /// <inheritdoc/>
    public override Errno Lookup(OperationContext context, Dentry self, ReadOnlySpan<byte> name, out Dentry? child)
    {
        string wanted = Encoding.UTF8.GetString(name);
        BlockDevice? disk = Disks.FirstOrDefault(found => found.Name == wanted);
        child = disk == null ? null : new Dentry(self, name.ToArray(), new BlockDirectory(FileSystem, devices, disk, time));
        return disk == null ? Errno.ENOENT : Errno.None;
    }
}
