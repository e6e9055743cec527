using System.Buffers.Binary;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Attributes;

/// <summary>Writes Linux' x86-64 struct statfs: 120 bytes.</summary>
public static class StatFsRecord
{
    private const int PageSize = 4096, LongestName = 255;

    /// <summary>Fills <paramref name="record"/>; <paramref name="mountFlags"/> are ST_* bits.</summary>
    public static void Write(Span<byte> record, ulong magic, in FileSystemUsage usage, ulong device, ulong mountFlags)
    {
        // ST_VALID says that f_flags is filled in.
        const ulong valid = 0x20;
        long blockSize = usage.BlockSize > 0 ? usage.BlockSize : PageSize;
        record[..StatFsLayout.Length].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(record, magic);
        BinaryPrimitives.WriteInt64LittleEndian(record[8..], blockSize);
        BinaryPrimitives.WriteInt64LittleEndian(record[16..], usage.Blocks);
        BinaryPrimitives.WriteInt64LittleEndian(record[24..], usage.FreeBlocks);
        BinaryPrimitives.WriteInt64LittleEndian(record[32..], Math.Max(usage.FreeBlocks - usage.ReservedBlocks, 0));
        BinaryPrimitives.WriteInt64LittleEndian(record[40..], usage.Files);
        BinaryPrimitives.WriteInt64LittleEndian(record[48..], usage.FreeFiles);
        BinaryPrimitives.WriteUInt64LittleEndian(record[56..], usage.Identity ?? device);
        BinaryPrimitives.WriteInt64LittleEndian(record[64..], LongestName);
        BinaryPrimitives.WriteInt64LittleEndian(record[72..], blockSize);
        BinaryPrimitives.WriteUInt64LittleEndian(record[80..], mountFlags | valid);
    }
}
