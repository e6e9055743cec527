using System.Buffers.Binary;

namespace Servers.Vfs.Ext4;

/// <summary>A name in a directory's block: where it lies there.</summary>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Bytes to the next one.</param>
/// <param name="Inode">What it stands for; 0: nothing, a gap.</param>
/// <param name="NameLength">Bytes of the name.</param>
/// <param name="Type">Its type, as directories have it; 0: unknown.</param>
internal readonly record struct DirectoryEntry(int Offset, int Length, uint Inode, int NameLength, byte Type)
{
    /// <summary>Bytes before the name.</summary>
    public const int HeaderLength = 8;

    /// <summary>Bytes that an entry with such a name needs.</summary>
    public static int Needs(int nameLength) => HeaderLength + nameLength + 3 & ~3;

    /// <summary>The name.</summary>
    public ReadOnlySpan<byte> Name(ReadOnlySpan<byte> block) => block.Slice(Offset + HeaderLength, NameLength);

    /// <summary>d_type of getdents64(2).</summary>
    public byte RecordType => Type switch { 1 => 8, 2 => 4, 3 => 2, 4 => 6, 5 => 1, 6 => 12, 7 => 10, _ => 0 };

    /// <summary>The type that a mode has in a directory.</summary>
    public static byte TypeOf(uint mode) => InodeMode.Type(mode) switch
    {
        InodeMode.Regular => 1,
        InodeMode.Directory => 2,
        InodeMode.Character => 3,
        InodeMode.Block => 4,
        InodeMode.Fifo => 5,
        InodeMode.Socket => 6,
        _ => 7,
    };
}

/// <summary>
/// A block of names: entries that fill it, one after the other, and with metadata_csum one without a name that has the checksum. Layout: the Linux kernel's
/// documentation, "Linear (Classic) Directories".
/// </summary>
internal static class DirectoryBlock
{
    /// <summary>Bytes of the entry with the checksum.</summary>
    public const int TailLength = 12;

    private const byte TailType = 0xDE;
    private const int TailSum = 8;

    /// <summary>Reads the entry at an offset. False: it is none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> block, int offset, uint inodes, out DirectoryEntry entry)
    {
        entry = default;
        if (offset > block.Length - DirectoryEntry.HeaderLength)
            return false;
        ReadOnlySpan<byte> bytes = block[offset..];
        uint inode = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        int length = BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]), nameLength = bytes[6];
        entry = new DirectoryEntry(offset, length, inode, nameLength, bytes[7]);
        if (length < DirectoryEntry.HeaderLength + 4 || length % 4 != 0 || length > bytes.Length || inode > inodes)
            return false;
        return DirectoryEntry.Needs(nameLength) <= length && (inode == 0 || IsName(entry.Name(block)));
    }

    /// <summary>The entry at an offset where one begins, of a block that is sound.</summary>
    public static DirectoryEntry Read(ReadOnlySpan<byte> block, int offset)
    {
        ReadOnlySpan<byte> bytes = block.Slice(offset, DirectoryEntry.HeaderLength);
        return new DirectoryEntry(
            offset, BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]), BinaryPrimitives.ReadUInt32LittleEndian(bytes), bytes[6], bytes[7]);
    }

    /// <summary>True if all entries are, and fill the block.</summary>
    public static bool IsSound(ReadOnlySpan<byte> block, uint inodes)
    {
        for (int offset = 0; offset < block.Length;)
        {
            if (!TryRead(block, offset, inodes, out DirectoryEntry entry))
                return false;
            offset += entry.Length;
        }

        return true;
    }

    /// <summary>Finds a name in a block that is sound.</summary>
    public static bool TryFind(ReadOnlySpan<byte> block, ReadOnlySpan<byte> name, out DirectoryEntry found)
    {
        found = default;
        for (int offset = 0; offset < block.Length; offset += found.Length)
        {
            found = Read(block, offset);
            if (found.Inode != 0 && found.NameLength == name.Length && found.Name(block).SequenceEqual(name))
                return true;
        }

        return false;
    }

    /// <summary>True if its checksum is right.</summary>
    public static bool IsIntact(ReadOnlySpan<byte> block, uint seed)
    {
        ReadOnlySpan<byte> tail = block[^TailLength..];
        return IsTail(tail) && BinaryPrimitives.ReadUInt32LittleEndian(tail[TailSum..]) == Checksums.Castagnoli(seed, block[..^TailLength]);
    }

    /// <summary>Makes the entry with the checksum.</summary>
    public static void Seal(Span<byte> block, uint seed)
    {
        Span<byte> tail = block[^TailLength..];
        tail.Clear();
        tail[4] = TailLength;
        tail[7] = TailType;
        BinaryPrimitives.WriteUInt32LittleEndian(tail[TailSum..], Checksums.Castagnoli(seed, block[..^TailLength]));
    }

    /// <summary>Writes an entry.</summary>
    public static void Write(Span<byte> block, int offset, int length, uint inode, ReadOnlySpan<byte> name, byte type)
    {
        Span<byte> entry = block.Slice(offset, length);
        BinaryPrimitives.WriteUInt32LittleEndian(entry, inode);
        BinaryPrimitives.WriteUInt16LittleEndian(entry[4..], (ushort)length);
        entry[6] = (byte)name.Length;
        entry[7] = type;
        name.CopyTo(entry[DirectoryEntry.HeaderLength..]);
    }

    private static bool IsTail(ReadOnlySpan<byte> tail) => BinaryPrimitives.ReadUInt32LittleEndian(tail) == 0
        && BinaryPrimitives.ReadUInt16LittleEndian(tail[4..]) == TailLength && tail[6] == 0 && tail[7] == TailType;

    private static bool IsName(ReadOnlySpan<byte> name) => !name.IsEmpty && !name.ContainsAny((byte)0, (byte)'/');
}
