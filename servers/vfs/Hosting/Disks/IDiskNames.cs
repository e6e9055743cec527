using Servers.Vfs.Blocks;

namespace Servers.Vfs.Hosting.Disks;

/// <summary>Names, numbers and places of the disks of a driver, as Linux gives them. A disk's are asked for once, and before its partitions'.</summary>
internal interface IDiskNames
{
    /// <summary>What the disks have in common.</summary>
    DiskKind Kind { get; }

    /// <summary>The highest partition that has a number.</summary>
    int MostPartitions { get; }

    /// <summary>Of a disk, by its place among those of the driver.</summary>
    (string Name, uint Number) Disk(int index);

    /// <summary>Of a partition of it, whose number is above 0.</summary>
    (string Name, uint Number) Partition(int index, int partition);

    /// <summary>A partition has gone: its number may be another's from now on.</summary>
    void Free(uint number);

    /// <summary>The directory of /sys/devices/pci0000:00 that has the disk's own.</summary>
    /// <param name="index">The disk's place among those of the driver.</param>
    /// <param name="function">Directory of its function.</param>
    string Place(int index, string function);
}
