using System.Globalization;
using System.Text;
using Libsys.Hosting;
using Servers.Vfs.Blocks;
using Servers.Vfs.Blocks.Partitions;
using Servers.Vfs.Devices;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;
using Servers.Vfs.Sys.Pci;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Hosting.Disks;

/// <summary>Shows the disks that drivers have found, by the names and numbers of their kind, and finds their partitions.</summary>
/// <param name="devices">All block devices.</param>
/// <param name="numbers">What can be opened by number.</param>
/// <param name="nodes">Root of devtmpfs.</param>
/// <param name="cache">Has their pages.</param>
/// <param name="log">Is told what there is.</param>
internal sealed partial class DiskRegistry(BlockDevices devices, DeviceTable numbers, Dentry nodes, PageCache cache, Log log)
{
    private const uint OwnerOnly = 0x180; // 0600: devtmpfs of Linux, before anybody changes it

    private readonly BlockDevices devices = devices;
    private int left = 1;
    private int sequence;

    /// <summary>Everything that the drivers found at the start has its nodes.</summary>
    public required Action Ready { get; init; }

    /// <summary>Told where in the tree of devices there is a disk.</summary>
    public required Action<string> Appeared { get; init; }

    /// <summary>A driver of disks will say what it has.</summary>
    public void Expect() => left++;

    /// <summary>All drivers are known.</summary>
    public void Begin() => Done();

    /// <summary>A driver has said what it has: each disk gets its nodes, one after the other, since numbers may be given out in that order.</summary>
    public void Add(IReadOnlyList<DriverDisk> disks, IDiskNames names) => Add(disks, 0, new DiskPosition(-1, 0), names);

    // Disks of one function stand together.
    private void Add(IReadOnlyList<DriverDisk> disks, int index, DiskPosition last, IDiskNames names)
    {
        if (index == disks.Count)
        {
            Done();
            return;
        }

        DriverDisk disk = disks[index];
        bool isSameFunction = index > 0 && disks[index - 1].Function == disk.Function;
        DiskPosition position = isSameFunction ? last with { Namespace = last.Namespace + 1 } : new DiskPosition(last.Function + 1, 1);
        if (disk.Traits.Sectors == 0)
        {
            // Its device is dead, as its driver's log says. Those behind it have the names that they have otherwise.
            log.Write(string.Create(CultureInfo.InvariantCulture, $"{disk.Function:x4} is the function of a dead disk"));
            Add(disks, index + 1, position, names);
            return;
        }

        (string name, uint number) = names.Disk(position);
        string place = "pci0000:00/" + names.Place(position, FunctionText.Name(disk.Function));
        var whole = new BlockDevice(disk, name, number, 0, disk.Traits.Sectors, cache) { Place = place, Kind = names.Kind, Sequence = ++sequence };
        whole.Parts = new DiskParts(this, names, position);
        Appeared(place);
        Show(whole);
        Scan(whole, names, position, () => Add(disks, index + 1, position, names));
    }

    private void Scan(BlockDevice whole, IDiskNames names, DiskPosition position, Action ended) =>
        new PartitionScan(whole, cache.Slots, (partitions, wrong) =>
        {
            foreach (Partition partition in partitions.Where(found => found.Number <= names.MostPartitions))
                Show(whole, names, position, partition);
            log.Write(string.Create(CultureInfo.InvariantCulture, $"{whole.Name}: {whole.Sectors} sectors, {partitions.Count} partitions")
                + (wrong == null ? "" : ": " + wrong));
            ended();
        }).Start();

    private void Show(BlockDevice whole, IDiskNames names, DiskPosition position, Partition partition)
    {
        (string name, uint number) = names.Partition(position, partition.Number);
        Show(new BlockDevice(whole.Disk, name, number, partition.FirstSector, partition.Sectors, cache)
        {
            Whole = whole, Partition = partition.Number, Place = whole.Place, Kind = whole.Kind, Sequence = whole.Sequence,
        });
    }

    private void Show(BlockDevice device)
    {
        if (!devices.TryAdd(device) || !numbers.TryAddBlock(device.Number, new BlockNode(device)))
            return;
        byte[] name = Encoding.ASCII.GetBytes(device.Name);
        var context = new ImmediateContext();
        if (nodes.Inode.Lookup(context, nodes, name, out _) == Errno.ENOENT)
            nodes.Inode.Create(context, nodes, name, InodeMode.Block | OwnerOnly, device.Number, out _);
    }

    private void Hide(BlockDevice device)
    {
        devices.Remove(device);
        numbers.RemoveBlock(device.Number);
        var context = new ImmediateContext();
        if (nodes.Inode.Lookup(context, nodes, Encoding.ASCII.GetBytes(device.Name), out Dentry? node) == Errno.None && node!.Inode.Device == device.Number)
            nodes.Inode.Unlink(context, nodes, node);
    }

    private void Done()
    {
        if (--left == 0)
            Ready();
    }
}
