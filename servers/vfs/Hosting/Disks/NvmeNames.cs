using System.Globalization;
using Servers.Vfs.Blocks;
using Servers.Vfs.Devices;

namespace Servers.Vfs.Hosting.Disks;

/// <summary>Namespaces of controllers of NVMe: nvme0n1 with nvme0n1p1 and so on, nvme0n2, and of the numbers the lowest that nobody has.</summary>
internal sealed class NvmeNames : IDiskNames
{
    // Linux' admin-guide/devices.txt: what has no numbers of its own gets them as it is found.
    private const uint Major = 259;

    private readonly SortedSet<uint> freed = [];
    private uint next;

    /// <inheritdoc/>
    public DiskKind Kind => DiskKind.Nvme;

    /// <inheritdoc/>
    public int MostPartitions => byte.MaxValue; // ext_range of Linux' sysfs, which counts the disk too

    /// <inheritdoc/>
    public (string Name, uint Number) Disk(DiskPosition position) => (Name(position), Take());

    /// <inheritdoc/>
    public (string Name, uint Number) Partition(DiskPosition position, int partition) =>
        (string.Create(CultureInfo.InvariantCulture, $"{Name(position)}p{partition}"), Take());

    /// <inheritdoc/>
    public void Free(uint number) => freed.Add(number);

    /// <inheritdoc/>
    public string Place(DiskPosition position, string function) =>
        string.Create(CultureInfo.InvariantCulture, $"{function}/nvme/nvme{position.Function}");

    private static string Name(DiskPosition position) =>
        string.Create(CultureInfo.InvariantCulture, $"nvme{position.Function}n{position.Namespace}");

    private uint Take()
    {
        if (freed.Count == 0)
            return DeviceNumber.Make(Major, next++);
        uint number = freed.Min;
        freed.Remove(number);
        return number;
    }
}
