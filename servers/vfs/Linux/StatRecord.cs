using System.Buffers.Binary;
using Servers.Vfs.Inodes;

namespace Servers.Vfs.Linux;

/// <summary>Writes Linux' x86-64 struct stat, stat(2): 144 bytes.</summary>
public static class StatRecord
{
    /// <summary>Bytes of the structure.</summary>
    public const int Length = 144;

    /// <summary>Unit of st_blocks, stat(2).</summary>
    public const int BlockUnit = 512;

    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Fills <paramref name="record"/> from <paramref name="inode"/>.</summary>
    public static void Write(Inode inode, Span<byte> record)
    {
        record[..Length].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(record, inode.FileSystem.Device);
        BinaryPrimitives.WriteUInt64LittleEndian(record[8..], inode.Number);
        BinaryPrimitives.WriteUInt64LittleEndian(record[16..], inode.LinkCount);
        BinaryPrimitives.WriteUInt32LittleEndian(record[24..], inode.Mode);
        BinaryPrimitives.WriteUInt32LittleEndian(record[28..], inode.UserId);
        BinaryPrimitives.WriteUInt32LittleEndian(record[32..], inode.GroupId);
        BinaryPrimitives.WriteUInt64LittleEndian(record[40..], inode.Device);
        BinaryPrimitives.WriteInt64LittleEndian(record[48..], inode.Size);
        BinaryPrimitives.WriteInt64LittleEndian(record[56..], inode.BlockSize);
        BinaryPrimitives.WriteInt64LittleEndian(record[64..], inode.Blocks);
        WriteTime(record[72..], inode.AccessTime);
        WriteTime(record[88..], inode.ModifyTime);
        WriteTime(record[104..], inode.ChangeTime);
    }

    private static void WriteTime(Span<byte> at, long nanoseconds)
    {
        long seconds = Math.DivRem(nanoseconds, NanosecondsPerSecond, out long rest);
        if (rest < 0)
        {
            seconds--;
            rest += NanosecondsPerSecond;
        }

        BinaryPrimitives.WriteInt64LittleEndian(at, seconds);
        BinaryPrimitives.WriteInt64LittleEndian(at[8..], rest);
    }
}
