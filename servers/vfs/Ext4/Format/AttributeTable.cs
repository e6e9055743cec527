using System.Buffers.Binary;
using System.Text;

namespace Servers.Vfs.Ext4;

/// <summary>
/// Extended attributes as they lie behind an inode's fields and in a block of their own. Layout: the Linux kernel's documentation, "Extended Attributes".
/// Values that lie in inodes of their own (ea_inode) are left out.
/// </summary>
internal static class AttributeTable
{
    /// <summary>Header of a block of attributes; the values' offsets count from its beginning.</summary>
    public const int BlockHeaderLength = 32;

    private const uint Magic = 0xEA020000;
    private const int EntryLength = 16, BlockChecksumOffset = 16, RecordPrefix = 5;
    private const byte SystemIndex = 7;

    private static readonly Dictionary<byte, string> Prefixes = new()
    {
        [1] = "user.", [2] = "system.posix_acl_access", [3] = "system.posix_acl_default", [4] = "trusted.", [6] = "security.", [SystemIndex] = "system.",
    };

    /// <summary>Attributes in an inode. False: what lies there is none.</summary>
    public static bool TryReadInode(InodeRecord record, SortedDictionary<string, byte[]> into)
    {
        int start = InodeRecord.ShortLength + record.ExtraLength;
        ReadOnlySpan<byte> bytes = record.Bytes;
        // Where there is no header there are none.
        if (record.ExtraLength == 0 || start + sizeof(uint) > bytes.Length || BinaryPrimitives.ReadUInt32LittleEndian(bytes[start..]) != Magic)
            return true;
        ReadOnlySpan<byte> entries = bytes[(start + sizeof(uint))..];
        return TryRead(entries, 0, into);
    }

    /// <summary>Attributes in a block. False: what lies there is none.</summary>
    public static bool TryReadBlock(ReadOnlySpan<byte> block, SortedDictionary<string, byte[]> into) =>
        BinaryPrimitives.ReadUInt32LittleEndian(block) == Magic && BinaryPrimitives.ReadUInt32LittleEndian(block[8..]) == 1
            && TryRead(block, BlockHeaderLength, into);

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

    /// <summary>The form in which vfs keeps attributes: name and value one after the other, sorted.</summary>
    public static byte[] Pack(SortedDictionary<string, byte[]> attributes)
    {
        var packed = new List<byte>();
        foreach ((string name, byte[] value) in attributes)
        {
            byte[] letters = Encoding.Latin1.GetBytes(name);
            byte[] prefix = new byte[RecordPrefix];
            prefix[0] = (byte)Math.Min(letters.Length, byte.MaxValue);
            BinaryPrimitives.WriteInt32LittleEndian(prefix.AsSpan(1), value.Length);
            packed.AddRange(prefix);
            packed.AddRange(letters.AsSpan(0, prefix[0]));
            packed.AddRange(value);
        }

        return [.. packed];
    }

    private static uint ChecksumOf(ReadOnlySpan<byte> bytes, uint seed, long block)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(number, block);
        uint sum = Checksums.Castagnoli(Checksums.Castagnoli(seed, number), bytes[..BlockChecksumOffset]);
        return Checksums.Castagnoli(Checksums.Castagnoli(sum, 0u), bytes[(BlockChecksumOffset + sizeof(uint))..]);
    }

    // Four zero bytes end the list; values lie anywhere behind it.
    private static bool TryRead(ReadOnlySpan<byte> bytes, int at, SortedDictionary<string, byte[]> into)
    {
        while (at + sizeof(uint) <= bytes.Length && BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]) != 0)
        {
            if (at + EntryLength > bytes.Length || at + EntryLength + bytes[at] > bytes.Length)
                return false;
            ReadOnlySpan<byte> entry = bytes[at..];
            int offset = BinaryPrimitives.ReadUInt16LittleEndian(entry[2..]);
            uint owner = BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]), length = BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]);
            if (owner == 0 && length > bytes.Length - Math.Min(offset, bytes.Length))
                return false;
            if (owner == 0 && Prefixes.TryGetValue(entry[1], out string? prefix))
                into[prefix + Encoding.Latin1.GetString(entry.Slice(EntryLength, entry[0]))] = length == 0 ? [] : bytes.Slice(offset, (int)length).ToArray();
            at += EntryLength + entry[0] + 3 & ~3;
        }

        return true;
    }
}
