using System.Buffers.Binary;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Attributes;

/// <summary>Writes Linux' x86-64 struct stat, stat(2): 144 bytes.</summary>
public static class StatRecord
{
    /// <summary>Unit of st_blocks, stat(2).</summary>
    public const int BlockUnit = 512;

    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Fills <paramref name="record"/> from <paramref name="inode"/>.</summary>
    public static void Write(Inode inode, Span<byte> record)
    {
        record[..StatLayout.Length].Clear();
        (uint device, ulong number) = inode.Identity;
        BinaryPrimitives.WriteUInt64LittleEndian(record[StatLayout.Device..], device);
        BinaryPrimitives.WriteUInt64LittleEndian(record[StatLayout.Number..], number);
        BinaryPrimitives.WriteUInt64LittleEndian(record[StatLayout.LinkCount..], inode.LinkCount);
        BinaryPrimitives.WriteUInt32LittleEndian(record[StatLayout.Mode..], inode.Mode);
        BinaryPrimitives.WriteUInt32LittleEndian(record[StatLayout.UserId..], inode.UserId);
        BinaryPrimitives.WriteUInt32LittleEndian(record[StatLayout.GroupId..], inode.GroupId);
        BinaryPrimitives.WriteUInt64LittleEndian(record[StatLayout.SpecialDevice..], inode.Device);
        BinaryPrimitives.WriteInt64LittleEndian(record[StatLayout.Size..], inode.Size);
        BinaryPrimitives.WriteInt64LittleEndian(record[StatLayout.BlockSize..], inode.BlockSize);
        BinaryPrimitives.WriteInt64LittleEndian(record[StatLayout.Blocks..], inode.Blocks);
        WriteTime(record[StatLayout.AccessTime..], inode.AccessTime);
        WriteTime(record[StatLayout.ModifyTime..], inode.ModifyTime);
        WriteTime(record[StatLayout.ChangeTime..], inode.ChangeTime);
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
