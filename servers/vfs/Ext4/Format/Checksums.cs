using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.Intrinsics.X86;

namespace Servers.Vfs.Ext4;

/// <summary>The sums that ext4 and its journal use. Values go on from one another: nothing is inverted at the end.</summary>
internal static class Checksums
{
    /// <summary>What a sum begins with.</summary>
    public const uint Start = uint.MaxValue;

    private const uint LittleEndian16 = 0xA001, BigEndian32 = 0x04C11DB7;

    /// <summary>CRC-32C (Castagnoli), which metadata_csum and the journal's versions 2 and 3 use.</summary>
    public static uint Castagnoli(uint sum, ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        // The processor is asked once for all words: blocks have hundreds.
        if (Sse42.X64.IsSupported)
        {
            ulong wide = sum;
            for (; at <= bytes.Length - sizeof(ulong); at += sizeof(ulong))
                wide = Sse42.X64.Crc32(wide, BinaryPrimitives.ReadUInt64LittleEndian(bytes.Slice(at, sizeof(ulong))));
            sum = (uint)wide;
        }

        for (; at <= bytes.Length - sizeof(ulong); at += sizeof(ulong))
            sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(bytes.Slice(at, sizeof(ulong))));
        foreach (byte value in bytes[at..])
            sum = BitOperations.Crc32C(sum, value);
        return sum;
    }

    /// <summary>The same of a number, as it lies on the disk.</summary>
    public static uint Castagnoli(uint sum, uint value) => BitOperations.Crc32C(sum, value);

    /// <summary>CRC-16 (ANSI, reflected) of group descriptors of file systems without metadata_csum.</summary>
    public static ushort Ansi(ushort sum, ReadOnlySpan<byte> bytes)
    {
        uint value = sum;
        foreach (byte next in bytes)
        {
            value ^= next;
            for (int bit = 0; bit < 8; bit++)
                value = (value & 1) != 0 ? value >> 1 ^ LittleEndian16 : value >> 1;
        }

        return (ushort)value;
    }

    /// <summary>CRC-32 with the highest bit first, of whole transactions in journals of version 1.</summary>
    public static uint HighestFirst(uint sum, ReadOnlySpan<byte> bytes)
    {
        foreach (byte next in bytes)
        {
            sum ^= (uint)next << 24;
            for (int bit = 0; bit < 8; bit++)
                sum = (sum & 0x80000000) != 0 ? sum << 1 ^ BigEndian32 : sum << 1;
        }

        return sum;
    }
}
