using System.Globalization;
using System.Text;
using Libsys.Hosting;
using Servers.Vfs.Blocks;
using Servers.Vfs.Blocks.Partitions;
using Servers.Vfs.Devices;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;
using Servers.Vfs.Waiting;

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

    private readonly BlockDevices devices = devices;
    private int left = 1;
    private uint virtioDisks;
    private int sequence;

    /// <summary>Everything that the drivers found at the start has its nodes.</summary>
    public required Action Ready { get; init; }

    /// <summary>Told where in the tree of devices there is a disk.</summary>
    public required Action<string> Appeared { get; init; }

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
        var whole = new BlockDevice(disk, name, number, 0, disk.Traits.Sectors, cache) { Place = disk.Place, Sequence = ++sequence };
        whole.Rescan = new Rescan(this, mostPartitions);
        Appeared(whole.Place);
        Show(whole);
        left++;
        Scan(whole, mostPartitions, Done);
    }

    private void Scan(BlockDevice whole, int mostPartitions, Action ended) => new PartitionScan(whole, cache.Slots, (partitions, wrong) =>
    {
        foreach (Partition partition in partitions.Where(found => found.Number <= mostPartitions))
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{whole.Name}{partition.Number}");
            uint number = whole.Number + (uint)partition.Number;
            Show(new BlockDevice(whole.Disk, name, number, partition.FirstSector, partition.Sectors, cache)
            {
                Whole = whole, Partition = partition.Number, Place = whole.Place, Sequence = whole.Sequence,
            });
        }

        log.Write(string.Create(CultureInfo.InvariantCulture, $"{whole.Name}: {whole.Sectors} sectors, {partitions.Count} partitions")
            + (wrong == null ? "" : ": " + wrong));
        ended();
    }).Start();

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

    // BLKRRPART. What was read of a partition's node is forgotten with it, so nobody may have it open, or what is on it mounted.
    private sealed class Rescan(DiskRegistry registry, int mostPartitions) : IPartitionRescan
    {
        private readonly WaitQueue ended = new();
        private bool isScanning;

        public Errno Await(OperationContext context, BlockDevice disk)
        {
            if (context.State is Scanned { IsDone: true })
                return Errno.None;
            if (isScanning)
                return context.WaitOn(ended);
            Errno error = disk.Content.Sync(context);
            if (error != Errno.None)
                return error;
            BlockDevice[] parts = [.. registry.devices.PartsOf(disk)];
            if (Array.Exists(parts, static part => part.Users > 0 || part.Owner != null || part.Content.IsInUse))
                return Errno.EBUSY;
            foreach (BlockDevice part in parts)
            {
                registry.Hide(part);
                part.Content.Release();
            }

            var scanned = new Scanned();
            context.State = scanned;
            isScanning = true;
            registry.Scan(disk, mostPartitions, () =>
            {
                isScanning = false;
                scanned.IsDone = true;
                ended.Wake();
            });
            return scanned.IsDone ? Errno.None : context.WaitOn(ended);
        }

        private sealed class Scanned
        {
            public bool IsDone { get; set; }
        }
    }
}
