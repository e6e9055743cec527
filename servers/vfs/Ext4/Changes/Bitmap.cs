using System.Buffers.Binary;
using System.Numerics;

namespace Servers.Vfs.Ext4;

/// <summary>Bits in a block, the lowest of a byte first.</summary>
internal static class Bitmap
{
    public static bool Has(ReadOnlySpan<byte> map, int bit) => (map[bit >> 3] >> (bit & 7) & 1) != 0;

    public static void Set(Span<byte> map, int bit, bool value) =>
        map[bit >> 3] = (byte)(value ? map[bit >> 3] | 1 << (bit & 7) : map[bit >> 3] & ~(1 << (bit & 7)));

    /// <summary>The first bit from one on that is zero; −1: there is none before the end.</summary>
    public static int FindFree(ReadOnlySpan<byte> map, int from, int end)
    {
        while (from < end)
        {
            int word = from & ~63;
            ulong free = ~BinaryPrimitives.ReadUInt64LittleEndian(map[(word >> 3)..]) & ulong.MaxValue << (from & 63);
            if (free != 0)
                return word + BitOperations.TrailingZeroCount(free) is var found && found < end ? found : -1;
            from = word + 64;
        }

        return -1;
    }
}
