using System.Globalization;
using System.Text;
using Libsys.Hosting;
using Servers.Vfs.Blocks;
using Servers.Vfs.Blocks.Partitions;
using Servers.Vfs.Devices;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Hosting.Disks;

/// <summary>Gives the disks that drivers have found names, numbers and nodes, and finds their partitions.</summary>
/// <param name="devices">All block devices.</param>
/// <param name="numbers">What can be opened by number.</param>
/// <param name="nodes">Root of devtmpfs.</param>
/// <param name="cache">Has their pages.</param>
/// <param name="log">Is told what there is.</param>
internal sealed class DiskRegistry(BlockDevices devices, DeviceTable numbers, Dentry nodes, PageCache cache, Log log)
{
    // What Debian's Linux gives disks of virtio, which have numbers for 15 partitions each.
    private const uint VirtioMajor = 254, NumbersOfDisk = 16;

    private const uint OwnerOnly = 0x180; // 0600: devtmpfs of Linux, before anybody changes it

    private const int Letters = 26;

    private int left = 1;
    private uint virtioDisks;

    /// <summary>Everything that the drivers found at the start has its nodes.</summary>
    public required Action Ready { get; init; }

    /// <summary>A driver of disks will say what it has.</summary>
    public void Expect() => left++;

    /// <summary>All drivers are known.</summary>
    public void Begin() => Done();

    /// <summary>A driver of virtio disks has said what it has.</summary>
    public void AddVirtio(IReadOnlyList<DriverDisk> disks)
    {
        foreach (DriverDisk disk in disks)
        {
            uint number = virtioDisks++;
            Add(disk, "vd" + Letter(number), DeviceNumber.Make(VirtioMajor, number * NumbersOfDisk), (int)NumbersOfDisk - 1);
        }

        Done();
    }

    // a to z, then aa and so on.
    private static string Letter(uint number) => (number < Letters ? "" : Letter(number / Letters - 1)) + (char)('a' + number % Letters);

    private void Add(DriverDisk disk, string name, uint number, int mostPartitions)
    {
        var whole = new BlockDevice(disk, name, number, 0, disk.Traits.Sectors, cache);
        Show(whole);
        left++;
        new PartitionScan(whole, cache.Slots, (partitions, wrong) =>
        {
            foreach (Partition partition in partitions.Where(found => found.Number <= mostPartitions))
            {
                string partitionName = string.Create(CultureInfo.InvariantCulture, $"{name}{partition.Number}");
                Show(new BlockDevice(disk, partitionName, number + (uint)partition.Number, partition.FirstSector, partition.Sectors, cache));
            }

            log.Write(string.Create(CultureInfo.InvariantCulture, $"{name}: {disk.Traits.Sectors} sectors, {partitions.Count} partitions")
                + (wrong == null ? "" : ": " + wrong));
            Done();
        }).Start();
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

    private void Done()
    {
        if (--left == 0)
            Ready();
    }
}
