using Libsys.Hosting;

namespace Servers.Vfs.Pages;

/// <summary>
/// What each page of a file is: 0 by default, or a number that somebody set. A tree of 64 entries a node, as high as the highest page needs; a leaf is as long
/// as its last entry needs, so that a small file costs little.
/// </summary>
/// <param name="memory">Pays for the nodes.</param>
internal sealed class PageIndex(Budget memory)
{
    /// <summary>Pages of a leaf. A run does not cross from one to the next.</summary>
    public const int LeafPages = 1 << Bits;

    private const int Bits = 6;
    private const int Header = 24; // of an array

    // int[] at height 0, else object?[] of nodes one less high.
    private object? root;
    private int height;
    private int[]? lastLeaf;
    private long lastNumber = -1;

    /// <summary>True while every page is 0 and nothing is kept.</summary>
    public bool IsEmpty => root == null;

    /// <summary>What a page is.</summary>
    public int this[long page]
    {
        get
        {
            int[]? leaf = Leaf(page >> Bits);
            int within = (int)(page & (LeafPages - 1));
            return leaf != null && within < leaf.Length ? leaf[within] : 0;
        }
    }

    /// <summary>
    /// How many pages from <paramref name="page"/> on, up to a limit, go on as it begins: all 0, all the same negative number, or positive numbers that follow
    /// each other.
    /// </summary>
    public int Run(long page, int limit, out int entry)
    {
        entry = 0;
        if (root == null)
            return limit;
        int within = (int)(page & (LeafPages - 1));
        limit = Math.Min(limit, LeafPages - within);
        int[]? leaf = Leaf(page >> Bits);
        if (leaf == null || within >= leaf.Length)
            return limit;
        entry = leaf[within];
        int step = entry > 0 ? 1 : 0;
        int count = 1;
        while (count < limit && (within + count < leaf.Length ? leaf[within + count] : 0) == entry + count * step)
            count++;
        return count;
    }

    /// <summary>Makes room for a run of pages of one leaf, so that setting them cannot fail. False: no memory.</summary>
    public bool Reserve(long page, int count)
    {
        int needed = (int)((page + count - 1) & (LeafPages - 1)) + 1;
        if (Leaf(page >> Bits) is { } leaf && needed <= leaf.Length)
            return true;
        return MakeLeaf(page >> Bits, needed);
    }

    /// <summary>Sets a page that there is room for.</summary>
    public void Set(long page, int entry) => Leaf(page >> Bits)![(int)(page & (LeafPages - 1))] = entry;

    /// <summary>The first page in [first, end) that is not 0; <paramref name="end"/>: none.</summary>
    public long Next(long first, long end)
    {
        while (first < end)
        {
            long number = first >> Bits;
            int[]? leaf = Leaf(number);
            if (leaf == null)
            {
                first = SkipMissing(number) << Bits;
                continue;
            }

            for (int within = (int)(first & (LeafPages - 1)); within < leaf.Length; within++)
            {
                if (leaf[within] != 0)
                    return Math.Min((number << Bits) + within, end);
            }

            first = (number + 1) << Bits;
        }

        return end;
    }

    /// <summary>Lets the leaf of a page go if all its pages are 0.</summary>
    public void Trim(long page)
    {
        if (Leaf(page >> Bits) is { } leaf && !leaf.AsSpan().ContainsAnyExcept(0))
            Drop(page & -LeafPages, (page & -LeafPages) + LeafPages);
    }

    /// <summary>Makes the pages [first, end) 0 again and lets go of nodes that cover no others.</summary>
    public void Drop(long first, long end)
    {
        lastNumber = -1;
        if (root != null && !Drop(root, height, 0, first, end))
            return;
        root = null;
        height = 0;
    }

    private static long Cost(int entries, int size) => Header + (long)entries * size;

    private int[]? Leaf(long number)
    {
        if (number == lastNumber)
            return lastLeaf;
        object? node = root;
        if (number >> (Bits * height) != 0)
            return null;
        for (int level = height; level > 0 && node != null; level--)
            node = ((object?[])node)[(int)(number >> (Bits * (level - 1))) & (LeafPages - 1)];
        if (node == null)
            return null;
        lastNumber = number;
        return lastLeaf = (int[])node;
    }

    // The first leaf number behind the subtree that is missing where a leaf would be.
    private long SkipMissing(long number)
    {
        if (number >> (Bits * height) != 0)
            return long.MaxValue >> Bits;
        object? node = root;
        int level = height;
        for (; level > 0 && node != null; level--)
            node = ((object?[])node)[(int)(number >> (Bits * (level - 1))) & (LeafPages - 1)];
        return ((number >> (Bits * level)) + 1) << (Bits * level);
    }

    private bool MakeLeaf(long number, int needed)
    {
        if (!Grow(number))
            return false;
        int length = 1;
        while (length < needed)
            length *= 2;
        object?[]? parent = null;
        int place = 0;
        object? node = root;
        for (int level = height; level > 0; level--)
        {
            if (node == null)
            {
                if (!memory.TryTake(Cost(LeafPages, 8)))
                    return false;
                node = Put(parent, place, new object?[LeafPages]);
            }

            parent = (object?[])node;
            place = (int)(number >> (Bits * (level - 1))) & (LeafPages - 1);
            node = parent[place];
        }

        var old = (int[]?)node;
        if (!memory.TryTake(Cost(length, 4) - (old == null ? 0 : Cost(old.Length, 4))))
            return false;
        var leaf = new int[length];
        old?.CopyTo(leaf, 0);
        Put(parent, place, leaf);
        lastNumber = number;
        lastLeaf = leaf;
        return true;
    }

    private object Put(object?[]? parent, int place, object node)
    {
        if (parent == null)
            root = node;
        else
            parent[place] = node;
        return node;
    }

    private bool Grow(long number)
    {
        while (number >> (Bits * height) != 0)
        {
            // Nothing is a root of any height.
            if (root != null)
            {
                if (!memory.TryTake(Cost(LeafPages, 8)))
                    return false;
                var above = new object?[LeafPages];
                above[0] = root;
                root = above;
            }

            height++;
        }

        return true;
    }

    // True: the node holds nothing any more and has been given back.
    private bool Drop(object node, int level, long start, long first, long end)
    {
        bool isWhole;
        if (level == 0)
        {
            var leaf = (int[])node;
            int from = (int)Math.Clamp(first - start, 0, leaf.Length);
            int to = (int)Math.Clamp(end - start, 0, leaf.Length);
            isWhole = from == 0 && to == leaf.Length;
            if (isWhole)
                memory.Give(Cost(leaf.Length, 4));
            else if (from < to)
                leaf.AsSpan(from, to - from).Clear();
            return isWhole;
        }

        var children = (object?[])node;
        long span = (long)LeafPages << (Bits * (level - 1));
        isWhole = true;
        for (int place = 0; place < LeafPages; place++)
        {
            if (children[place] is not { } child)
                continue;
            long at = start + place * span;
            if (at < end && at + span > first && Drop(child, level - 1, at, first, end))
                children[place] = null;
            isWhole &= children[place] == null;
        }

        if (isWhole)
            memory.Give(Cost(LeafPages, 8));
        return isWhole;
    }
}
