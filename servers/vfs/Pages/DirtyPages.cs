using System.Numerics;

namespace Servers.Vfs.Pages;

/// <summary>
/// Which pages of a file are newer than its store, by leaf of the index, and since when: in numbers of requests, so that a sync knows what was there when it
/// began.
/// </summary>
internal sealed class DirtyPages
{
    private readonly Dictionary<long, Leaf> leaves = [];

    /// <summary>True while no page is dirty or being written.</summary>
    public bool IsEmpty => leaves.Count == 0;

    /// <summary>Pages that are dirty and not yet being written.</summary>
    public int Count { get; private set; }

    /// <summary>A page is dirty. False: it was.</summary>
    public bool Add(long page, long stamp)
    {
        if (!leaves.TryGetValue(page / PageIndex.LeafPages, out Leaf? leaf))
            leaves.Add(page / PageIndex.LeafPages, leaf = new Leaf());
        ulong bit = 1ul << (int)(page % PageIndex.LeafPages);
        if ((leaf.Dirty & bit) != 0)
            return false;
        if (leaf.Dirty == 0)
            leaf.DirtySince = stamp;
        leaf.Dirty |= bit;
        Count++;
        return true;
    }

    /// <summary>True if a page is dirty or being written.</summary>
    public bool Contains(long page) => Find(page) is { } leaf && ((leaf.Dirty | leaf.Writing) >> (int)(page % PageIndex.LeafPages) & 1) != 0;

    /// <summary>True if one of the pages [first, end) is being written.</summary>
    public bool IsWriting(long first, long end)
    {
        foreach ((long number, Leaf leaf) in leaves)
        {
            if ((leaf.Writing & Mask(number, first, end)) != 0)
                return true;
        }

        return false;
    }

    /// <summary>The pages [first, end) need not be written any more; what is being written is until it ends. Returns how many were dirty.</summary>
    public int Forget(long first, long end)
    {
        int count = 0;
        foreach ((long number, Leaf leaf) in leaves)
        {
            ulong gone = leaf.Dirty & Mask(number, first, end);
            count += BitOperations.PopCount(gone);
            leaf.Dirty &= ~gone;
            if ((leaf.Dirty | leaf.Writing) == 0)
                leaves.Remove(number);
        }

        Count -= count;
        return count;
    }

    /// <summary>The first leaf with dirty pages since a stamp or before, at or after a leaf, that is not being written; −1: none.</summary>
    public long Next(long from, long stamp)
    {
        long best = -1;
        foreach ((long number, Leaf leaf) in leaves)
        {
            if (number >= from && (best < 0 || number < best) && leaf.Dirty != 0 && leaf.Writing == 0 && leaf.DirtySince <= stamp)
                best = number;
        }

        return best;
    }

    /// <summary>True if nothing is left that was dirty at a stamp or before.</summary>
    public bool IsSafe(long stamp)
    {
        foreach (Leaf leaf in leaves.Values)
        {
            if ((leaf.Dirty != 0 && leaf.DirtySince <= stamp) || (leaf.Writing != 0 && leaf.WritingSince <= stamp))
                return false;
        }

        return true;
    }

    /// <summary>The dirty pages of a leaf are going to be written: a bit for each.</summary>
    public ulong BeginWrite(long number)
    {
        Leaf leaf = leaves[number];
        (leaf.Writing, leaf.WritingSince, leaf.Dirty) = (leaf.Dirty, leaf.DirtySince, 0);
        Count -= BitOperations.PopCount(leaf.Writing);
        return leaf.Writing;
    }

    /// <summary>Some pages of a leaf have been.</summary>
    public void EndWrite(long page, int count)
    {
        Leaf leaf = Find(page)!;
        leaf.Writing &= ~Mask(page / PageIndex.LeafPages, page, page + count);
        if ((leaf.Dirty | leaf.Writing) == 0)
            leaves.Remove(page / PageIndex.LeafPages);
    }

    /// <summary>Bits of the pages [first, end) in a leaf.</summary>
    private static ulong Mask(long number, long first, long end)
    {
        long start = number * PageIndex.LeafPages;
        int from = (int)Math.Clamp(first - start, 0, PageIndex.LeafPages), to = (int)Math.Clamp(end - start, 0, PageIndex.LeafPages);
        if (from >= to)
            return 0;
        return (to - from == PageIndex.LeafPages ? ulong.MaxValue : (1ul << (to - from)) - 1) << from;
    }

    private Leaf? Find(long page) => leaves.GetValueOrDefault(page / PageIndex.LeafPages);

    private sealed class Leaf
    {
        /// <summary>Bits of pages that are dirty, and of those that are being written; a page can be both.</summary>
        public ulong Dirty, Writing;

        /// <summary>The oldest change that is not yet being written, and the oldest that is.</summary>
        public long DirtySince, WritingSince;
    }
}
