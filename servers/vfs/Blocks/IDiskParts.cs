using Servers.Vfs.Objects;

namespace Servers.Vfs.Blocks;

/// <summary>Whoever shows a disk's partitions. Sectors are those of the disk, and lie within it.</summary>
public interface IDiskParts
{
    /// <summary>Finds the partitions of a disk anew, and shows those that there are now; waits. EBUSY: one that there is, is in use.</summary>
    Errno Await(OperationContext context, BlockDevice disk);

    /// <summary>Shows one more. EBUSY: there is one of that number, or one with some of its sectors. EINVAL: there is no such number.</summary>
    Errno Add(BlockDevice disk, int number, long firstSector, long sectors);

    /// <summary>Shows one no more; waits until its pages are written. ENXIO: there is none; EBUSY: it is in use.</summary>
    Errno Delete(OperationContext context, BlockDevice disk, int number);

    /// <summary>
    /// Has one, which may be in use, end elsewhere; waits. ENXIO: there is none; EINVAL: it begins elsewhere; EBUSY: its neighbour is in the way.
    /// </summary>
    Errno Resize(OperationContext context, BlockDevice disk, int number, long firstSector, long sectors);
}
