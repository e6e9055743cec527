using System.Buffers.Binary;
using Servers.Vfs.Files;

namespace Servers.Vfs.Tests;

/// <summary>Records of getdents64(2): every byte of them, for names of each length and buffers in which they fit or do not.</summary>
public sealed class DirectoryRecordTests
{
    private const int Header = 19, Longest = 255;
    private const byte Before = 0xEE, Type = 0x9C;
    private const ulong Number = 0xF123_4567_89AB_CDEF;
    private const long Next = -0x7654_3210_FEDC_BA98;

    [Fact]
    public void Each_byte_of_a_record_is_written_and_none_behind_it()
    {
        for (int length = 0; length <= Longest; length++)
        {
            byte[] name = Name(length), expected = Expected(name);
            byte[] buffer = new byte[expected.Length + sizeof(ulong)];
            buffer.AsSpan().Fill(Before);
            var records = new DirectoryRecords(buffer);
            Assert.True(records.TryAdd(Number, Next, Type, name));
            Assert.Equal(expected.Length, records.Length);
            Assert.Equal(expected, buffer[..expected.Length]);
            Assert.All(buffer[expected.Length..], static value => Assert.Equal(Before, value));
        }
    }

    [Fact]
    public void A_record_that_does_not_fit_changes_nothing()
    {
        for (int length = 1; length <= Longest; length++)
        {
            byte[] name = Name(length), first = Expected(Name(3)), expected = Expected(name);
            byte[] buffer = new byte[first.Length + expected.Length - 1];
            buffer.AsSpan().Fill(Before);
            var records = new DirectoryRecords(buffer);
            Assert.True(records.TryAdd(Number, Next, Type, Name(3)));
            Assert.False(records.TryAdd(Number, Next, Type, name));
            Assert.Equal(first.Length, records.Length);
            Assert.All(buffer[first.Length..], static value => Assert.Equal(Before, value));
            Assert.False(new DirectoryRecords(default).TryAdd(Number, Next, Type, name));
        }
    }

    // All letters are different from those around them, and none is zero.
    private static byte[] Name(int length) => [.. Enumerable.Range(0, length).Select(static at => (byte)(255 - at % 251))];

    private static byte[] Expected(byte[] name)
    {
        byte[] record = new byte[(Header + name.Length + 1 + 7) & ~7];
        BinaryPrimitives.WriteUInt64LittleEndian(record, Number);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(8), Next);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(16), (ushort)record.Length);
        record[18] = Type;
        name.CopyTo(record, Header);
        return record;
    }
}
