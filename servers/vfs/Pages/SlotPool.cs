using System.Numerics;

namespace Servers.Vfs.Pages;

/// <summary>Which slots of the arena are in use. Slots that are taken have frames.</summary>
public sealed class SlotPool
{
    // Committing costs a call whatever its length: fresh slots come in runs, of which the rest is kept for the next file that grows.
    private const int Ahead = 32;

    // Free slots that keep their frames: what small files take and give back all the time. 1 MiB. All of them may be promised.
    private const int MostKept = 256;

    private readonly IPageArena arena;

    // A bit a slot: taken, kept or ahead.
    private readonly ulong[] taken;
    private int[] kept = new int[MostKept];
    private int keptCount;
    private int promised;
    private int aheadFirst;
    private int aheadCount;
    private int searchFrom;

    // Neighbours that are given back one by one, while frames are wanted elsewhere: their frames go with one call.
    private bool isGathering;
    private int gatheredFirst, gatheredCount;

    /// <summary>All slots of an arena but number 0 are free.</summary>
    public SlotPool(IPageArena arena)
    {
        this.arena = arena;
        taken = new ulong[(arena.Slots + 63) / 64];
        Mark(0, 1);
        if (arena.Slots % 64 != 0)
            taken[^1] |= ulong.MaxValue << (arena.Slots % 64);
    }

    /// <summary>Slots that hold pages of files.</summary>
    public int Used { get; private set; }

    /// <summary>Bytes of a run of taken slots.</summary>
    public Span<byte> Span(int first, int count) => arena.Span(first, count);

    /// <summary>Takes up to <paramref name="wanted"/> neighbouring slots, and tells whether they are zero. 0: no memory.</summary>
    public int Take(int wanted, out int first, out bool isZero)
    {
        isZero = aheadCount > 0 || keptCount <= promised;
        int count = isZero ? TakeFresh(wanted, out first) : TakeKept(wanted, out first);
        Used += count;
        return count;
    }

    /// <summary>Makes sure that so many can be taken, one after the other. False: no memory.</summary>
    public bool TryEnsure(int count)
    {
        while (keptCount - promised + aheadCount < count)
        {
            if (!KeepMore(count - keptCount + promised - aheadCount))
                return false;
        }

        return true;
    }

    /// <summary>
    /// Sets so many free slots aside, with their frames, which nobody takes until <see cref="Keep"/>. False: no memory, or as many as may be are promised.
    /// </summary>
    public bool TryPromise(int count)
    {
        if (promised + count > MostKept)
            return false;
        while (keptCount < promised + count)
        {
            if (!KeepMore(promised + count - keptCount))
                return false;
        }

        promised += count;
        return true;
    }

    /// <summary>What was promised is about to be taken, or is wanted no more.</summary>
    public void Keep(int count) => promised -= count;

    /// <summary>Takes slots back.</summary>
    /// <param name="first">First of a run.</param>
    /// <param name="count">Length of the run.</param>
    /// <param name="isShared">Somebody else may still have the frames: they must not show another file's bytes.</param>
    public void Give(int first, int count, bool isShared)
    {
        Used -= count;
        // The last is put down first, so that they are taken again in order.
        while (!isShared && !isGathering && count > 0 && keptCount < MostKept)
            kept[keptCount++] = first + --count;
        if (count > 0)
            Uncommit(first, count);
    }

    /// <summary>What is given back from now on goes to others, and so do slots that hold nothing. False: there were none.</summary>
    public bool BeginGathering()
    {
        bool any = Trim();
        isGathering = true;
        return any;
    }

    /// <summary>Ends that: the frames are gone.</summary>
    public void EndGathering()
    {
        isGathering = false;
        if (gatheredCount > 0)
            Uncommit(gatheredFirst, gatheredCount);
        gatheredCount = 0;
    }

    /// <summary>Gives up the frames of slots that hold nothing. False: there were none.</summary>
    public bool Trim()
    {
        bool any = keptCount + aheadCount > promised;
        while (keptCount > promised)
            Uncommit(kept[--keptCount], 1);
        if (aheadCount > 0)
            Uncommit(aheadFirst, aheadCount);
        aheadCount = 0;
        return any;
    }

    private void Uncommit(int first, int count)
    {
        if (isGathering)
        {
            if (gatheredCount > 0 && first == gatheredFirst + gatheredCount)
            {
                gatheredCount += count;
                return;
            }

            (first, gatheredFirst) = (gatheredFirst, first);
            (count, gatheredCount) = (gatheredCount, count);
            if (count == 0)
                return;
        }

        arena.Discard(first, count);
        Unmark(first, count);
    }

    private int TakeKept(int wanted, out int first)
    {
        first = kept[--keptCount];
        int count = 1;
        while (count < wanted && keptCount > promised && kept[keptCount - 1] == first + count)
        {
            keptCount--;
            count++;
        }

        return count;
    }

    private int TakeFresh(int wanted, out int first)
    {
        if (aheadCount == 0 && !Refill(Math.Max(wanted, Ahead)) && !Refill(1))
        {
            first = 0;
            return 0;
        }

        int count = Math.Min(wanted, aheadCount);
        first = aheadFirst;
        aheadFirst += count;
        aheadCount -= count;
        return count;
    }

    private bool Refill(int wanted)
    {
        aheadCount = Commit(wanted, out aheadFirst);
        return aheadCount > 0;
    }

    private bool KeepMore(int wanted)
    {
        int run = Commit(wanted, out int first);
        if (keptCount + run > kept.Length)
            Array.Resize(ref kept, keptCount + run);
        for (int rest = run; rest > 0;)
            kept[keptCount++] = first + --rest;
        return run > 0;
    }

    // Commits a run of free slots, at most as long. 0: there are none, or no memory.
    private int Commit(int wanted, out int first)
    {
        int count = FindFree(wanted, out first);
        if (count == 0)
            return 0;
        if (!arena.Commit(first, count))
        {
            arena.Discard(first, count);
            return 0;
        }

        Mark(first, count);
        return count;
    }

    // A run of free slots, next fit: files that grow get neighbours.
    private int FindFree(int wanted, out int first)
    {
        first = 0;
        int word = searchFrom >> 6;
        for (int looked = 0; looked <= taken.Length; looked++, word = word + 1 < taken.Length ? word + 1 : 0)
        {
            ulong free = ~taken[word];
            if (looked == 0)
                free &= ulong.MaxValue << (searchFrom & 63);
            if (free == 0)
                continue;
            first = (word << 6) + BitOperations.TrailingZeroCount(free);
            int count = 1;
            while (count < wanted && first + count < arena.Slots && (taken[(first + count) >> 6] >> (first + count) & 1) == 0)
                count++;
            searchFrom = first + count < arena.Slots ? first + count : 0;
            return count;
        }

        return 0;
    }

    private void Mark(int first, int count)
    {
        for (int slot = first; slot < first + count; slot++)
            taken[slot >> 6] |= 1ul << slot;
    }

    private void Unmark(int first, int count)
    {
        for (int slot = first; slot < first + count; slot++)
            taken[slot >> 6] &= ~(1ul << slot);
    }
}
