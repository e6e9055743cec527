namespace Servers.Vfs.Blocks.Partitions;

/// <summary>A part of a disk.</summary>
/// <param name="Number">Its number, from 1 on.</param>
/// <param name="FirstSector">Where it begins, in sectors of 512 bytes.</param>
/// <param name="Sectors">How long it is.</param>
public readonly record struct Partition(int Number, long FirstSector, long Sectors)
{
    /// <summary>It has sectors, and all lie within the disk.</summary>
    public bool FitsInto(long diskSectors) => Sectors > 0 && FirstSector > 0 && FirstSector < diskSectors && Sectors <= diskSectors - FirstSector;
}
