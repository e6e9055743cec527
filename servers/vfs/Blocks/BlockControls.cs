using System.Buffers.Binary;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Blocks;

/// <summary>
/// ioctl(2) of block devices that tells something: linux/fs.h, linux/hdreg.h and linux/nvme_ioctl.h have the numbers. What changes something is in
/// <see cref="BlockChanges"/>.
/// </summary>
internal static class BlockControls
{
    private const uint GetGeometry = 0x301, GetReadOnly = 0x125E, GetSectors = 0x1260, FlushBuffers = 0x1261, GetReadAhead = 0x1263,
        GetFileReadAhead = 0x1265, GetMostSectors = 0x1267, GetLogicalBlock = 0x1268, GetLeastTransfer = 0x1278, GetBestTransfer = 0x1279,
        GetAlignment = 0x127A, GetPhysicalBlock = 0x127B, GetDiscardZeroes = 0x127C, IsRotational = 0x127E, GetNamespace = 0x4E40, GetBlock = 0x8008_1270,
        GetLength = 0x8008_1272;

    // Sectors of a transfer, as the page cache has them: 256 KiB.
    private const ushort MostSectors = 512;

    /// <summary>The answer, or −errno; what it tells is in the request's buffer.</summary>
    public static long Control(BlockDevice device, BlockFile file, FileRequest request, uint operation, ulong argument)
    {
        DiskTraits traits = device.Traits;
        switch (operation)
        {
            case GetLength:
                return Tell(request, (ulong)(device.Sectors * BlockRequest.SectorLength));
            case GetSectors:
                return Tell(request, (ulong)device.Sectors);
            case GetReadAhead or GetFileReadAhead:
                return Tell(request, (device.Whole ?? device).ReadAhead);
            case GetLogicalBlock:
                return Tell(request, (uint)traits.LogicalBlock);
            case GetPhysicalBlock or GetLeastTransfer:
                return Tell(request, (uint)traits.PhysicalBlock);
            case GetBestTransfer:
                return Tell(request, (uint)traits.OptimalTransfer);
            case GetAlignment or GetDiscardZeroes:
                return Tell(request, 0u);
            case GetBlock:
                return Tell(request, (uint)Pages.CachedFile.PageSize);
            case GetReadOnly:
                return Tell(request, device.IsReadOnly ? 1u : 0);
            case IsRotational:
                return Tell(request, (ushort)(traits.IsRotational ? 1 : 0));
            case GetMostSectors:
                return Tell(request, MostSectors);
            case GetGeometry:
                return TellGeometry(device, request);
            case FlushBuffers:
                return !request.Credentials.IsPrivileged ? -(long)Errno.EACCES : -(long)FlushBuffersOf(device, file, request);
            case GetNamespace when device.Namespace > 0:
                return device.Namespace;
            default:
                return BlockChanges.Control(device, file, request, operation, argument) ?? -(long)Errno.ENOTTY;
        }
    }

    // What nobody uses is read from the disk again.
    private static Errno FlushBuffersOf(BlockDevice device, BlockFile file, FileRequest request)
    {
        Errno error = file.Sync(request, dataOnly: false);
        if (error == Errno.None)
            device.Content.Forget();
        return error;
    }

    private static long TellGeometry(BlockDevice device, FileRequest request)
    {
        // struct hd_geometry: heads, sectors, cylinders, first sector.
        Span<byte> geometry = request.Payload;
        if (geometry.Length < 16)
            return -(long)Errno.EFAULT;
        (byte heads, byte sectors) = (device.Kind.Heads, device.Kind.SectorsOfTrack);
        (geometry[0], geometry[1]) = (heads, sectors);
        BinaryPrimitives.WriteUInt16LittleEndian(geometry[2..], (ushort)((device.Whole ?? device).Sectors / (heads * sectors)));
        BinaryPrimitives.WriteInt64LittleEndian(geometry[8..], device.FirstSector);
        return 0;
    }

    private static long Tell(FileRequest request, ulong value) =>
        BinaryPrimitives.TryWriteUInt64LittleEndian(request.Payload, value) ? 0 : -(long)Errno.EFAULT;

    private static long Tell(FileRequest request, uint value) =>
        BinaryPrimitives.TryWriteUInt32LittleEndian(request.Payload, value) ? 0 : -(long)Errno.EFAULT;

    private static long Tell(FileRequest request, ushort value) =>
        BinaryPrimitives.TryWriteUInt16LittleEndian(request.Payload, value) ? 0 : -(long)Errno.EFAULT;
}
