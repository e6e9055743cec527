using Servers.Vfs.Blocks;
using Servers.Vfs.Blocks.Partitions;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Hosting.Disks;

// Partitions that come and go while programs run: BLKRRPART, BLKPG.
internal sealed partial class DiskRegistry
{
    // What was read of a partition's node is forgotten with it, so nobody may have it open, or what is on it mounted.
    private sealed class DiskParts(DiskRegistry registry, IDiskNames names, DiskPosition position) : IDiskParts
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
            if (Array.Exists(parts, IsInUse))
                return Errno.EBUSY;
            foreach (BlockDevice part in parts)
                Drop(part);

            var scanned = new Scanned();
            context.State = scanned;
            isScanning = true;
            registry.Scan(disk, names, position, () =>
            {
                isScanning = false;
                scanned.IsDone = true;
                ended.Wake();
            });
            return scanned.IsDone ? Errno.None : context.WaitOn(ended);
        }

        public Errno Add(BlockDevice disk, int number, long firstSector, long sectors)
        {
            if (number > names.MostPartitions)
                return Errno.EINVAL;
            if (isScanning || Find(disk, number) != null || Overlaps(disk, number, firstSector, sectors))
                return Errno.EBUSY;
            registry.Show(disk, names, position, new Partition(number, firstSector, sectors));
            return Errno.None;
        }

        public Errno Delete(OperationContext context, BlockDevice disk, int number)
        {
            if (Find(disk, number) is not { } part)
                return Errno.ENXIO;
            if (part.Users > 0 || part.Owner != null)
                return Errno.EBUSY;
            Errno error = part.Content.Sync(context);
            if (error != Errno.None)
                return error;
            if (IsInUse(part))
                return Errno.EBUSY;
            Drop(part);
            return Errno.None;
        }

        public Errno Resize(OperationContext context, BlockDevice disk, int number, long firstSector, long sectors)
        {
            if (Find(disk, number) is not { } part)
                return Errno.ENXIO;
            if (part.FirstSector != firstSector)
                return Errno.EINVAL;
            if (Overlaps(disk, number, firstSector, sectors))
                return Errno.EBUSY;
            Errno error = part.PrepareResize(context, sectors);
            return error == Errno.None ? part.Resize(sectors) : error;
        }

        private static bool IsInUse(BlockDevice part) => part.Users > 0 || part.Owner != null || part.Content.IsInUse;

        private BlockDevice? Find(BlockDevice disk, int number) => registry.devices.PartsOf(disk).FirstOrDefault(part => part.Partition == number);

        private bool Overlaps(BlockDevice disk, int number, long firstSector, long sectors) => registry.devices.PartsOf(disk).Any(
            part => part.Partition != number && part.FirstSector < firstSector + sectors && firstSector < part.FirstSector + part.Sectors);

        private void Drop(BlockDevice part)
        {
            registry.Hide(part);
            names.Free(part.Number);
            part.Content.Release();
        }

        private sealed class Scanned
        {
            public bool IsDone { get; set; }
        }
    }
}
