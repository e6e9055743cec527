using System.Buffers.Binary;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Blocks;

/// <summary>ioctl(2) of block devices that change one: linux/fs.h and linux/blkpg.h have the numbers and structures.</summary>
internal static class BlockChanges
{
    private const uint SetReadOnly = 0x125D, RereadPartitions = 0x125F, SetReadAhead = 0x1262, SetFileReadAhead = 0x1264, ChangePartitions = 0x1269,
        Discard = 0x1277, DiscardSecurely = 0x127D, WriteZeroes = 0x127F;

    // What to do with a partition, struct blkpg_ioctl_arg; behind it what the personality has put there of struct blkpg_partition: first byte, length, number.
    private const uint AddPartition = 1, DeletePartition = 2, ResizePartition = 3;
    private const int StartField = 8, LengthField = 16, NumberField = 24, PartitionLength = 28;

    private const int SectorLength = BlockRequest.SectorLength;

    /// <summary>The answer, or −errno; null: it is none of these.</summary>
    public static long? Control(BlockDevice device, BlockFile file, FileRequest request, uint operation, ulong argument)
    {
        switch (operation)
        {
            case Discard:
                return -(long)Erase(device, file, request, BlockKind.Discard);
            case WriteZeroes:
                return -(long)Erase(device, file, request, BlockKind.WriteZeroes);
            case DiscardSecurely:
                // No driver offers it.
                return file.CanWrite ? -(long)Errno.EOPNOTSUPP : -(long)Errno.EBADF;
            case SetReadOnly or RereadPartitions or SetReadAhead or SetFileReadAhead or ChangePartitions when !request.Credentials.IsPrivileged:
                return -(long)Errno.EACCES;
            case SetReadOnly:
                if (!BinaryPrimitives.TryReadUInt32LittleEndian(request.Payload, out uint isReadOnly))
                    return -(long)Errno.EFAULT;
                device.IsLocked = isReadOnly != 0;
                return 0;
            case SetReadAhead or SetFileReadAhead:
                (device.Whole ?? device).ReadAhead = argument & uint.MaxValue;
                return 0;
            case RereadPartitions:
                return device.Parts == null ? -(long)Errno.EINVAL : -(long)device.Parts.Await(request, device);
            case ChangePartitions:
                return device.Parts == null ? -(long)Errno.EINVAL : -(long)Change(device, device.Parts, request);
            default:
                return null;
        }
    }

    private static Errno Erase(BlockDevice device, BlockFile file, FileRequest request, BlockKind kind)
    {
        if (!file.CanWrite)
            return Errno.EBADF;
        if (kind == BlockKind.Discard && !device.Traits.CanDiscard)
            return Errno.EOPNOTSUPP;
        if (request.Payload.Length < 2 * sizeof(ulong))
            return Errno.EFAULT;
        // Read once: the program may write there.
        ulong start = BinaryPrimitives.ReadUInt64LittleEndian(request.Payload);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(request.Payload[sizeof(ulong)..]);
        ulong size = (ulong)device.Sectors * SectorLength;
        if (((start | length) & (SectorLength - 1)) != 0 || length == 0 || start > size || length > size - start)
            return Errno.EINVAL;
        if (device.IsReadOnly)
            return Errno.EPERM;
        if (((start | length) & (ulong)(device.Traits.LogicalBlock - 1)) != 0)
            return Errno.EINVAL;
        // Writing zeroes as bytes is left to who wants that.
        if (kind == BlockKind.WriteZeroes && !device.Traits.CanWriteZeroes)
            return Errno.EOPNOTSUPP;
        return RangeErasure.Await(request, device, kind, (long)(start / SectorLength), (long)(length / SectorLength));
    }

    private static Errno Change(BlockDevice disk, IDiskParts parts, FileRequest request)
    {
        if (request.Payload.Length < PartitionLength)
            return Errno.EFAULT;
        uint what = BinaryPrimitives.ReadUInt32LittleEndian(request.Payload);
        long start = BinaryPrimitives.ReadInt64LittleEndian(request.Payload[StartField..]);
        long length = BinaryPrimitives.ReadInt64LittleEndian(request.Payload[LengthField..]);
        int number = BinaryPrimitives.ReadInt32LittleEndian(request.Payload[NumberField..]);
        if (number <= 0)
            return Errno.EINVAL;
        if (what == DeletePartition)
            return parts.Delete(request, disk, number);
        if (what is not (AddPartition or ResizePartition))
            return Errno.EINVAL;
        long size = disk.Sectors * SectorLength;
        // Linux lets a partition lie behind its disk's end; here none does.
        if (start < 0 || length <= 0 || start > size || length > size - start || ((start | length) & (disk.Traits.LogicalBlock - 1L)) != 0)
            return Errno.EINVAL;
        return what == AddPartition ? parts.Add(disk, number, start / SectorLength, length / SectorLength)
            : parts.Resize(request, disk, number, start / SectorLength, length / SectorLength);
    }
}
