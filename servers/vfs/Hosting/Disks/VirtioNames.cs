using System.Globalization;
using Servers.Vfs.Blocks;
using Servers.Vfs.Devices;

namespace Servers.Vfs.Hosting.Disks;

/// <summary>Disks of virtio: vda with vda1 and so on, and numbers for 15 partitions each.</summary>
internal sealed class VirtioNames : IDiskNames
{
    // What Debian's Linux gives them.
    private const uint Major = 254;

    private static readonly uint NumbersOfDisk = (uint)DiskKind.Virtio.Numbers;

    private const int Letters = 26;

    /// <inheritdoc/>
    public DiskKind Kind => DiskKind.Virtio;

    /// <inheritdoc/>
    public int MostPartitions => (int)NumbersOfDisk - 1;

    /// <inheritdoc/>
    public (string Name, uint Number) Disk(int index) => ("vd" + Letter(index), DeviceNumber.Make(Major, (uint)index * NumbersOfDisk));

    /// <inheritdoc/>
    public (string Name, uint Number) Partition(int index, int partition) => (
        string.Create(CultureInfo.InvariantCulture, $"vd{Letter(index)}{partition}"),
        DeviceNumber.Make(Major, (uint)index * NumbersOfDisk + (uint)partition));

    /// <inheritdoc/>
    public void Free(uint number)
    {
        // It stays its disk's.
    }

    // The n-th device of virtio: other kinds have no driver.
    /// <inheritdoc/>
    public string Place(int index, string function) => string.Create(CultureInfo.InvariantCulture, $"{function}/virtio{index}/block");

    // a to z, then aa and so on.
    private static string Letter(int index) => (index < Letters ? "" : Letter(index / Letters - 1)) + (char)('a' + index % Letters);
}
