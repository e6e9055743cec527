using System;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Libsys.Personality;

/// <summary>One bit for each unit of the largest pool, 1 = taken.</summary>
[InlineArray(PoolBlocks.MostWords)]
internal struct PoolBitmap
{
    private ulong first;
}

/// <summary>
/// Which parts of a pool are lent to requests: blocks of a power of two of 256-byte units, aligned to their own size. Small blocks are taken
/// from the end of the pool and large ones from its start, so that paths do not break up the space that reads and writes need. Holds no lock and
/// touches no pool memory: the bookkeeping is private, because the pool itself is open to vfs.
/// </summary>
internal struct PoolBlocks
{
    /// <summary>Bytes of the smallest block: struct stat (144) and a path of ordinary length.</summary>
    public const int UnitLength = 256;

    /// <summary>Largest order: 256 units = 64 KiB, a full Linux pipe buffer. Two of them fit the large pool.</summary>
    public const int LargestOrder = 8;

    /// <summary>Words of the bitmap for the large pool.</summary>
    public const int MostWords = (Libsys.Messages.VfsLimits.LargePoolLength / UnitLength + 63) / 64;

    private PoolBitmap taken;
    private int units, freeUnits;

    /// <summary>Units that no request holds.</summary>
    public readonly int FreeUnits => freeUnits;

    /// <summary>Units in all; 0: there is no pool.</summary>
    public readonly int Units => units;

    /// <summary>Frees everything: a fresh connection, or a forked child whose parent's requests are not its own.</summary>
    /// <param name="length">Bytes of the pool, at most as many as the large one has; 0: there is none.</param>
    public void Reset(uint length)
    {
        units = freeUnits = (int)(length / UnitLength);
        for (int i = 0; i < MostWords; i++)
        {
            int left = units - i * 64;
            taken[i] = left >= 64 ? 0 : left <= 0 ? ulong.MaxValue : ulong.MaxValue << left;
        }
    }

    /// <summary>Smallest order whose blocks hold <paramref name="length"/> bytes; may exceed <see cref="LargestOrder"/>.</summary>
    public static int OrderOf(uint length)
    {
        int order = 0;
        while (order <= LargestOrder && LengthOf(order) < length)
            order++;
        return order;
    }

    /// <summary>Bytes of a block of this order.</summary>
    public static uint LengthOf(int order) => (uint)UnitLength << order;

    /// <summary>Takes a block and returns its offset in the pool in bytes, or −1 when none is free.</summary>
    public int Take(int order)
    {
        int unit = order <= 6 ? TakeWithinWord(order) : TakeWords(1 << (order - 6));
        if (unit < 0)
            return -1;
        freeUnits -= 1 << order;
        return unit * UnitLength;
    }

    /// <summary>Gives a block back. False if it was not taken as such: a bug of the caller, nothing has changed.</summary>
    public bool Give(int offset, int order)
    {
        int unit = offset / UnitLength;
        if (offset < 0 || unit + (1 << order) > units || (unit & ((1 << order) - 1)) != 0)
            return false;
        if (order <= 6)
        {
            ulong mask = MaskOf(order) << (unit & 63);
            if ((taken[unit >> 6] & mask) != mask)
                return false;
            taken[unit >> 6] &= ~mask;
        }
        else
        {
            int first = unit >> 6, count = 1 << (order - 6);
            for (int i = first; i < first + count; i++)
            {
                if (taken[i] != ulong.MaxValue)
                    return false;
            }
            for (int i = first; i < first + count; i++)
                taken[i] = 0;
        }
        freeUnits += 1 << order;
        return true;
    }

    private int TakeWithinWord(int order)
    {
        for (int word = (units - 1) >> 6; word >= 0; word--)
        {
            // Bit i of run: the units i .. i + 2^order − 1 are free. Doubling the run length each step needs no loop over units.
            ulong run = ~taken[word];
            for (int i = 0; i < order; i++)
                run &= run >> (1 << i);
            run &= AlignedStarts(order);
            if (run == 0)
                continue;
            int bit = BitOperations.TrailingZeroCount(run);
            taken[word] |= MaskOf(order) << bit;
            return word * 64 + bit;
        }
        return -1;
    }

    private int TakeWords(int count)
    {
        for (int first = 0; first + count <= units >> 6; first += count)
        {
            bool free = true;
            for (int i = first; i < first + count; i++)
                free &= taken[i] == 0;
            if (!free)
                continue;
            for (int i = first; i < first + count; i++)
                taken[i] = ulong.MaxValue;
            return first * 64;
        }
        return -1;
    }

    private static ulong MaskOf(int order) => order == 6 ? ulong.MaxValue : (1UL << (1 << order)) - 1;

    /// <summary>Bits at which an aligned block of this order may start.</summary>
    private static ulong AlignedStarts(int order) => order switch
    {
        0 => ulong.MaxValue,
        1 => 0x5555_5555_5555_5555,
        2 => 0x1111_1111_1111_1111,
        3 => 0x0101_0101_0101_0101,
        4 => 0x0001_0001_0001_0001,
        5 => 0x0000_0001_0000_0001,
        _ => 1,
    };
}
