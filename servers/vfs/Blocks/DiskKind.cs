namespace Servers.Vfs.Blocks;

/// <summary>What Linux shows of all disks of a driver alike.</summary>
/// <param name="Numbers">Numbers that belong to a disk and its partitions, `range` in sysfs; 0: each gets one as it is found.</param>
/// <param name="Heads">Heads of a geometry, HDIO_GETGEO, which means nothing.</param>
/// <param name="SectorsOfTrack">Sectors of its tracks.</param>
public sealed record DiskKind(int Numbers, byte Heads, byte SectorsOfTrack)
{
    /// <summary>Disks of virtio.</summary>
    public static DiskKind Virtio { get; } = new(Numbers: 16, Heads: 16, SectorsOfTrack: 63);

    /// <summary>Disks of NVMe.</summary>
    public static DiskKind Nvme { get; } = new(Numbers: 0, Heads: 64, SectorsOfTrack: 32);
}
