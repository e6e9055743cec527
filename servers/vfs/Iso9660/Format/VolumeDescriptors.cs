using System.Buffers.Binary;
using Servers.Vfs.Blocks;
using Servers.Vfs.Objects;
using Servers.Vfs.Volumes;

namespace Servers.Vfs.Iso9660;

/// <summary>A volume descriptor, ECMA-119 8.4 and 8.5: a private copy, checked.</summary>
/// <param name="BlockBits">Blocks have 1 &lt;&lt; so many bytes.</param>
/// <param name="BlockCount">How many the volume has.</param>
/// <param name="Root">The root directory's record.</param>
internal sealed record VolumeDescriptor(int BlockBits, uint BlockCount, DirectoryRecord Root);

/// <summary>Finds the descriptors of a volume: the primary one, and one with names in UCS-2 (Joliet).</summary>
internal static class VolumeDescriptors
{
    private const int SectorLength = 2048, FirstSector = 16;

    // As many as Linux looks at.
    private const int MostSectors = 84;

    private const byte Primary = 1, Supplementary = 2, Terminator = 255;
    private const int BlockCountAt = 80, EscapeAt = 88, BlockSizeAt = 128, RootAt = 156;

    /// <summary>Reads them; EINVAL: there is no primary one, or one that cannot be mounted.</summary>
    public static Errno Read(
        OperationContext context, BlockDevice device, long startSector, out VolumeDescriptor? primary, out VolumeDescriptor? joliet, out string why)
    {
        (primary, joliet, why) = (null, null, "");
        byte[] bytes = new byte[SectorLength];
        for (long sector = startSector + FirstSector, end = sector + MostSectors; sector < end; sector++)
        {
            if ((sector + 1) * SectorLength > device.Content.Size)
                break;
            Errno error = VolumeFileSystem.Read(context, device, sector * SectorLength, bytes);
            if (error != Errno.None)
                return error;
            if (!bytes.AsSpan(1, 5).SequenceEqual("CD001"u8) || bytes[0] == Terminator)
                break;
            if (bytes[0] == Primary && primary == null && !TryTake(bytes, out primary, out why))
                return Errno.EINVAL;
            if (bytes[0] == Supplementary && joliet == null && IsJoliet(bytes.AsSpan(EscapeAt, 3)))
                TryTake(bytes, out joliet, out _);
        }

        if (primary == null)
            why = "no volume descriptor";
        return primary == null ? Errno.EINVAL : Errno.None;
    }

    // UCS-2 of level 1, 2 or 3: Joliet specification.
    private static bool IsJoliet(ReadOnlySpan<byte> escape) => escape is [(byte)'%', (byte)'/', (byte)'@' or (byte)'C' or (byte)'E'];

    private static bool TryTake(byte[] bytes, out VolumeDescriptor? taken, out string why)
    {
        (taken, why) = (null, "");
        int size = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(BlockSizeAt));
        if (size is not (512 or 1024 or 2048))
        {
            why = $"blocks of {size} bytes";
            return false;
        }

        byte[] root = bytes[RootAt..(RootAt + DirectoryRecord.Shortest)];
        // The record's own length and that of its name are not looked at: they cannot be others.
        (root[0], root[32]) = (DirectoryRecord.Shortest, 1);
        int bits = int.Log2(size);
        taken = new VolumeDescriptor(bits, BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(BlockCountAt)), new DirectoryRecord(root, 0, 0));
        return true;
    }
}
