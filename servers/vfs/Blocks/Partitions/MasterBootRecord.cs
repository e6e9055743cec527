using System.Buffers.Binary;

namespace Servers.Vfs.Blocks.Partitions;

/// <summary>The table of partitions in the first sector of a disk, and of each extended partition; UEFI 2.10 §5.2.1.</summary>
internal static class MasterBootRecord
{
    /// <summary>Entries of a table.</summary>
    public const int Entries = 4;

    /// <summary>The type of the entry that says that the disk has a GPT.</summary>
    public const byte Protective = 0xEE;

    private const int Table = 446, EntryLength = 16, Type = 4, First = 8, Count = 12, Signature = 510;
    private const ushort SignatureValue = 0xAA55;

    // First byte of an entry: 0, or 0x80 for the one that is started. Anything else and the sector is no table but, say, a FAT's first.
    private const byte ActiveMask = 0x7F;

    /// <summary>An entry: type, first logical block and number of them, counted from where the table says.</summary>
    public readonly record struct Entry(byte Type, uint First, uint Count)
    {
        /// <summary>It stands for a chain of further tables.</summary>
        public bool IsExtended => Type is 0x05 or 0x0F or 0x85;

        /// <summary>It stands for something.</summary>
        public bool IsUsed => Type != 0 && Count > 0;
    }

    /// <summary>Reads a sector; null: it is no table.</summary>
    public static Entry[]? Read(ReadOnlySpan<byte> sector)
    {
        if (BinaryPrimitives.ReadUInt16LittleEndian(sector[Signature..]) != SignatureValue)
            return null;
        var entries = new Entry[Entries];
        for (int number = 0; number < Entries; number++)
        {
            ReadOnlySpan<byte> entry = sector.Slice(Table + number * EntryLength, EntryLength);
            if ((entry[0] & ActiveMask) != 0)
                return null;
            entries[number] = new Entry(entry[Type], BinaryPrimitives.ReadUInt32LittleEndian(entry[First..]),
                BinaryPrimitives.ReadUInt32LittleEndian(entry[Count..]));
        }

        return entries;
    }
}
