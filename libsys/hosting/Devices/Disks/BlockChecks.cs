using System.Buffers.Binary;
using Libsys.Linux;
using Libsys.Messages;
using Libsys.Rings;

namespace Libsys.Hosting.Devices.Disks;

/// <summary>What of a request is checked whatever the disk is.</summary>
public static class BlockChecks
{
    private const uint PageLength = 4096;

    /// <summary>
    /// 0, or the answer: −ENOSYS for what is no operation, −EOPNOTSUPP for what the disk cannot do, −EINVAL for what does not lie within it or is not made of
    /// its blocks, −EROFS.
    /// </summary>
    public static long Check(IServedDisk disk, in Submission request)
    {
        var operation = (BlockOperation)request.Operation;
        DiskFlags needed = operation switch
        {
            BlockOperation.Flush => DiskFlags.WriteCache,
            BlockOperation.Discard => DiskFlags.Discard,
            BlockOperation.WriteZeroes => DiskFlags.WriteZeroes,
            _ => DiskFlags.None,
        };
        if (operation is < BlockOperation.Read or > BlockOperation.WriteZeroes)
            return -Errno.ENOSYS;
        if ((disk.Flags & needed) != needed)
            return -Errno.EOPNOTSUPP;
        ulong sectors = request.A2, block = disk.LogicalBlock / BlockLimits.SectorLength;
        bool isWithin = sectors > 0 && request.A1 <= disk.Sectors && sectors <= disk.Sectors - request.A1 && request.A1 % block == 0 && sectors % block == 0;
        if (operation != BlockOperation.Flush && !isWithin)
            return -Errno.EINVAL;
        bool isWrite = operation is BlockOperation.Write or BlockOperation.Discard or BlockOperation.WriteZeroes;
        return isWrite && disk.Flags.HasFlag(DiskFlags.ReadOnly) ? -Errno.EROFS : 0;
    }

    /// <summary>
    /// Reads a segment, each word of it once, since the client may write there meanwhile. False: it is no segment, or begins or ends within a block.
    /// </summary>
    /// <param name="segment">Its bytes: <see cref="BlockLimits.SegmentLength"/>.</param>
    /// <param name="block">Bytes of a block, a power of two.</param>
    /// <param name="address">Where the device sees it.</param>
    /// <param name="length">Bytes of it, at most a page.</param>
    public static bool TryReadSegment(ReadOnlySpan<byte> segment, uint block, out ulong address, out uint length)
    {
        address = BinaryPrimitives.ReadUInt64LittleEndian(segment);
        length = BinaryPrimitives.ReadUInt32LittleEndian(segment[sizeof(ulong)..]);
        return length is > 0 and <= PageLength && ((length | address) & (block - 1)) == 0 && address <= ulong.MaxValue - length;
    }
}
