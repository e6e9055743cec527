using System.Buffers.Binary;

namespace Servers.Vfs.Ext4;

/// <summary>
/// Extended attributes as they lie behind an inode's fields and in a block of their own: entries from the front, their values from the end, four zero bytes
/// between. Layout: the Linux kernel's documentation, "Extended Attributes".
/// </summary>
internal static class AttributeTable
{
    /// <summary>Header of a block of attributes; the values' offsets count from its beginning.</summary>
    public const int BlockHeaderLength = 32;

    private const uint Magic = 0xEA020000;
    private const int HashOffset = 12, BlockChecksumOffset = 16;

    // Behind the entries, so that there is an end.
    private const int EndLength = sizeof(uint);

    /// <summary>Bytes for entries and values in an inode, behind the magic number; 0 or less: it has no room for any.</summary>
    public static int RoomInInode(InodeRecord record) =>
        record.ExtraLength == 0 ? 0 : record.Bytes.Length - InodeRecord.ShortLength - record.ExtraLength - sizeof(uint);

    /// <summary>Bytes that attributes take, with the end.</summary>
    public static int LengthOf(List<StoredAttribute> attributes) => attributes.Sum(static one => one.NameRoom + one.ValueRoom) + EndLength;

    /// <summary>Attributes in an inode. False: what lies there is none.</summary>
    public static bool TryReadInode(InodeRecord record, List<StoredAttribute> into)
    {
        // Where there is no header there are none.
        if (RoomInInode(record) <= 0)
            return true;
        ReadOnlySpan<byte> bytes = record.Bytes.AsSpan(InodeRecord.ShortLength + record.ExtraLength);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic || TryRead(bytes[sizeof(uint)..], 0, into);
    }

    /// <summary>Attributes in a block. False: what lies there is none.</summary>
    public static bool TryReadBlock(ReadOnlySpan<byte> block, List<StoredAttribute> into) =>
        BinaryPrimitives.ReadUInt32LittleEndian(block) == Magic && BinaryPrimitives.ReadUInt32LittleEndian(block[8..]) == 1
            && TryRead(block, BlockHeaderLength, into);

    /// <summary>Writes those of an inode, which fit.</summary>
    public static void WriteInode(InodeRecord record, List<StoredAttribute> attributes)
    {
        Span<byte> bytes = record.Bytes.AsSpan(InodeRecord.ShortLength + record.ExtraLength);
        bytes.Clear();
        if (attributes.Count == 0)
            return;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        Write(bytes[sizeof(uint)..], 0, attributes, isHashed: false);
    }

    /// <summary>Writes those of a block, which fit: for one inode, without the checksum.</summary>
    public static void WriteBlock(Span<byte> block, List<StoredAttribute> attributes)
    {
        attributes.Sort(StoredAttribute.Compare);
        block.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(block, Magic);
        SetReferences(block, 1);
        BinaryPrimitives.WriteUInt32LittleEndian(block[8..], 1); // blocks
        uint hash = Write(block, BlockHeaderLength, attributes, isHashed: true);
        BinaryPrimitives.WriteUInt32LittleEndian(block[HashOffset..], hash);
    }

    /// <summary>True if the checksum of a block is right.</summary>
    public static bool IsIntact(ReadOnlySpan<byte> bytes, uint seed, long block) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[BlockChecksumOffset..]) == ChecksumOf(bytes, seed, block);

    /// <summary>Sets it.</summary>
    public static void Seal(Span<byte> bytes, uint seed, long block) =>
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[BlockChecksumOffset..], ChecksumOf(bytes, seed, block));

    /// <summary>How many inodes have a block.</summary>
    public static uint ReferencesOf(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);

    /// <summary>Sets it.</summary>
    public static void SetReferences(Span<byte> bytes, uint count) => BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], count);

    private static uint ChecksumOf(ReadOnlySpan<byte> bytes, uint seed, long block)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(number, block);
        uint sum = Checksums.Castagnoli(Checksums.Castagnoli(seed, number), bytes[..BlockChecksumOffset]);
        return Checksums.Castagnoli(Checksums.Castagnoli(sum, 0u), bytes[(BlockChecksumOffset + sizeof(uint))..]);
    }

    // Four zero bytes end the list; values lie anywhere behind it.
    private static bool TryRead(ReadOnlySpan<byte> bytes, int at, List<StoredAttribute> into)
    {
        while (at + EndLength <= bytes.Length && BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]) != 0)
        {
            if (at + StoredAttribute.EntryLength > bytes.Length || at + StoredAttribute.EntryLength + bytes[at] > bytes.Length)
                return false;
            ReadOnlySpan<byte> entry = bytes[at..];
            int offset = BinaryPrimitives.ReadUInt16LittleEndian(entry[2..]);
            uint owner = BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]), length = BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]);
            if (owner == 0 && length > bytes.Length - Math.Min(offset, bytes.Length))
                return false;
            byte[] name = entry.Slice(StoredAttribute.EntryLength, entry[0]).ToArray();
            var found = new StoredAttribute(
                entry[1], name, owner != 0 || length == 0 ? [] : bytes.Slice(offset, (int)length).ToArray(), owner, length);
            into.Add(found);
            at += found.NameRoom;
        }

        return true;
    }

    // The hash of all is that of their hashes in turn.
    private static uint Write(Span<byte> bytes, int at, List<StoredAttribute> attributes, bool isHashed)
    {
        uint all = 0;
        int end = bytes.Length;
        foreach (StoredAttribute one in attributes)
        {
            Span<byte> entry = bytes[at..];
            entry[0] = (byte)one.Name.Length;
            entry[1] = one.Index;
            end -= one.ValueRoom;
            one.Value.CopyTo(bytes[end..]);
            uint hash = isHashed ? one.Hash(bytes.Slice(end, one.ValueRoom)) : 0;
            BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], (ushort)(one.Value.Length > 0 ? end : 0));
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], (uint)one.Value.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], hash);
            one.Name.CopyTo(entry[StoredAttribute.EntryLength..]);
            at += one.NameRoom;
            all = uint.RotateLeft(all, 16) ^ hash;
        }

        return all;
    }
}
