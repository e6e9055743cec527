using System.Buffers.Binary;

namespace Servers.Vfs.Files;

/// <summary>Writes linux_dirent64 records, getdents64(2), into a client's buffer.</summary>
public ref struct DirectoryRecords
{
    private const int HeaderLength = 19;
    private readonly Span<byte> buffer;

    /// <summary>Starts at the beginning of <paramref name="buffer"/>.</summary>
    public DirectoryRecords(Span<byte> buffer) => this.buffer = buffer;

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>Adds a record; false if it does not fit. <paramref name="next"/> is the offset that continues after it.</summary>
    public bool TryAdd(ulong inode, long next, byte type, ReadOnlySpan<byte> name)
    {
        int length = (HeaderLength + name.Length + 1 + 7) & ~7;
        if (length > buffer.Length - Length)
            return false;
        Span<byte> record = buffer.Slice(Length, length);
        BinaryPrimitives.WriteUInt64LittleEndian(record, inode);
        BinaryPrimitives.WriteInt64LittleEndian(record[8..], next);
        BinaryPrimitives.WriteUInt16LittleEndian(record[16..], (ushort)length);
        record[18] = type;
        name.CopyTo(record[HeaderLength..]);
        record[(HeaderLength + name.Length)..].Clear();
        Length += length;
        return true;
    }
}
