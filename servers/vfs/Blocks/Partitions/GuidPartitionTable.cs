using System.Buffers.Binary;
using System.IO.Hashing;

namespace Servers.Vfs.Blocks.Partitions;

/// <summary>GPT, UEFI 2.10 §5.3: a header with a checksum, and entries with another.</summary>
internal static class GuidPartitionTable
{
    /// <summary>Most bytes of entries: more than the 128 of 128 bytes that every tool makes.</summary>
    public const int MostEntryBytes = 64 << 10;

    private const int HeaderLength = 12, HeaderChecksum = 16, OwnBlock = 24, EntryBlock = 72, EntryCount = 80, EntryLength = 84, EntryChecksum = 88;
    private const int LeastHeader = 92, TypeLength = 16, FirstBlock = 32, LastBlock = 40, LeastEntry = 128;

    private static ReadOnlySpan<byte> Signature => "EFI PART"u8;

    /// <summary>What a header says of the entries.</summary>
    public readonly record struct Header(long FirstBlock, int Count, int Length, uint Checksum);

    /// <summary>Reads the block of a header.</summary>
    /// <param name="block">A logical block.</param>
    /// <param name="number">Which it is.</param>
    /// <param name="header">What it says.</param>
    /// <returns>False: it is none, or damaged.</returns>
    public static bool TryReadHeader(ReadOnlySpan<byte> block, long number, out Header header)
    {
        header = default;
        if (!block.StartsWith(Signature))
            return false;
        uint length = Word(block, HeaderLength);
        if (length < LeastHeader || length > (uint)block.Length)
            return false;
        byte[] copy = block[..(int)length].ToArray();
        copy.AsSpan(HeaderChecksum, sizeof(uint)).Clear();
        if (Crc32.HashToUInt32(copy) != Word(block, HeaderChecksum) || BinaryPrimitives.ReadInt64LittleEndian(block[OwnBlock..]) != number)
            return false;
        (uint count, uint entry) = (Word(block, EntryCount), Word(block, EntryLength));
        long first = BinaryPrimitives.ReadInt64LittleEndian(block[EntryBlock..]);
        if (entry < LeastEntry || count is 0 || (ulong)count * entry > MostEntryBytes || first <= number)
            return false;
        header = new Header(first, (int)count, (int)entry, Word(block, EntryChecksum));
        return true;
    }

    /// <summary>Reads the entries; null: they are damaged.</summary>
    /// <param name="entries">Their bytes.</param>
    /// <param name="header">The header.</param>
    /// <param name="sectorsOfBlock">Sectors of a logical block.</param>
    public static List<Partition>? ReadEntries(ReadOnlySpan<byte> entries, in Header header, int sectorsOfBlock)
    {
        entries = entries[..(header.Count * header.Length)];
        if (Crc32.HashToUInt32(entries) != header.Checksum)
            return null;
        var found = new List<Partition>();
        for (int number = 0; number < header.Count; number++)
        {
            ReadOnlySpan<byte> entry = entries.Slice(number * header.Length, header.Length);
            long first = BinaryPrimitives.ReadInt64LittleEndian(entry[FirstBlock..]), last = BinaryPrimitives.ReadInt64LittleEndian(entry[LastBlock..]);
            bool isUsed = entry[..TypeLength].ContainsAnyExcept((byte)0);
            if (isUsed && first > 0 && last >= first && last < long.MaxValue / sectorsOfBlock)
                found.Add(new Partition(number + 1, first * sectorsOfBlock, (last - first + 1) * sectorsOfBlock));
        }

        return found;
    }

    private static uint Word(ReadOnlySpan<byte> block, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(block[offset..]);
}
