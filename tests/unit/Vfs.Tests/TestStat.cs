using System.Buffers.Binary;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests;

/// <summary>The fields of struct stat that tests look at.</summary>
internal readonly record struct TestStat(ulong Device, ulong Inode, ulong Links, uint Mode, uint User, uint Group, long Size, long Blocks)
{
    public static TestStat Read(ReadOnlySpan<byte> record) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(record), BinaryPrimitives.ReadUInt64LittleEndian(record[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(record[16..]),
        BinaryPrimitives.ReadUInt32LittleEndian(record[24..]), BinaryPrimitives.ReadUInt32LittleEndian(record[28..]),
        BinaryPrimitives.ReadUInt32LittleEndian(record[32..]), BinaryPrimitives.ReadInt64LittleEndian(record[48..]),
        BinaryPrimitives.ReadInt64LittleEndian(record[64..]));
}
