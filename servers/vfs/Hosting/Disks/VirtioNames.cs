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
    public (string Name, uint Number) Disk(DiskPosition position) =>
        ("vd" + Letter(position.Function), DeviceNumber.Make(Major, (uint)position.Function * NumbersOfDisk));

    /// <inheritdoc/>
    public (string Name, uint Number) Partition(DiskPosition position, int partition) => (
        string.Create(CultureInfo.InvariantCulture, $"vd{Letter(position.Function)}{partition}"),
        DeviceNumber.Make(Major, (uint)position.Function * NumbersOfDisk + (uint)partition));

    /// <inheritdoc/>
    public void Free(uint number)
    {
        // It stays its disk's.
    }

    // The n-th device of virtio: other kinds have no driver.
    /// <inheritdoc/>
    public string Place(DiskPosition position, string function) =>
        string.Create(CultureInfo.InvariantCulture, $"{function}/virtio{position.Function}/block");

    // a to z, then aa and so on.
    private static string Letter(int index) => (index < Letters ? "" : Letter(index / Letters - 1)) + (char)('a' + index % Letters);
}
