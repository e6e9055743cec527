using Servers.Vfs.Blocks;

namespace Servers.Vfs.Hosting.Disks;

/// <summary>Names, numbers and places of the disks of a driver, as Linux gives them. A disk's are asked for once, and before its partitions'.</summary>
internal interface IDiskNames
{
    /// <summary>What the disks have in common.</summary>
    DiskKind Kind { get; }

    /// <summary>The highest partition that has a number.</summary>
    int MostPartitions { get; }

    /// <summary>Of a disk.</summary>
    (string Name, uint Number) Disk(DiskPosition position);

    /// <summary>Of a partition of it, whose number is above 0.</summary>
    (string Name, uint Number) Partition(DiskPosition position, int partition);

    /// <summary>A partition has gone: its number may be another's from now on.</summary>
    void Free(uint number);

    /// <summary>The directory of /sys/devices/pci0000:00 that has the disk's own.</summary>
    /// <param name="position">Where the disk is.</param>
    /// <param name="function">Directory of its function.</param>
    string Place(DiskPosition position, string function);
}

/// <summary>Where a disk is among those of its driver.</summary>
/// <param name="Function">Place of its function among those of the driver, from 0 on.</param>
/// <param name="Namespace">Its place among the disks of this function, from 1 on.</param>
internal readonly record struct DiskPosition(int Function, int Namespace);
