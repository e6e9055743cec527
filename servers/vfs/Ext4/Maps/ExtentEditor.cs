namespace Servers.Vfs.Ext4;

/// <summary>Changes where the blocks of a file lie. Extents only: files with block maps are not made longer or shorter.</summary>
internal sealed partial class ExtentEditor(Change change, uint number, InodeRecord record)
{
    private readonly List<Step> steps = [];

    private Volume Volume => change.Volume;

    /// <summary>An empty map.</summary>
    public static void Clear(InodeRecord record)
    {
        record.Flags |= InodeRecord.Extents;
        ExtentNode.Create(record.Map, 0, isRoot: true);
    }

    /// <summary>Puts a run of blocks where there are holes.</summary>
    public Errno Insert(long block, long count, long physical, bool isUnwritten)
    {
        while (count > 0)
        {
            int part = (int)Math.Min(count, isUnwritten ? ExtentNode.MostUnwritten : ExtentNode.MostBlocks);
            Errno error = InsertOne(block, part, physical, isUnwritten);
            if (error != Errno.None)
                return error;
            (block, physical, count) = (block + part, physical + part, count - part);
        }

        return Errno.None;
    }

    /// <summary>
    /// Makes holes of the blocks [first, end), beginning at their end and for no more than a number of extents; <paramref name="left"/> is the new end: what is
    /// before it still has to be done. The blocks are freed, unless they are only to be put there again.
    /// </summary>
    public Errno Remove(long first, long end, bool isFreed, int most, out long left)
    {
        left = end;
        for (int done = 0; left > first; done++)
        {
            if (done == most)
                return Errno.None;
            Errno error = Walk(left - 1);
            if (error != Errno.None)
                return error;
            int entry = steps[^1].Entry;
            ExtentNode leaf = steps[^1].Node;
            if (entry < 0)
            {
                // Nothing at or before it.
                left = first;
                return Errno.None;
            }

            long from = leaf.First(entry), to = from + leaf.Length(entry);
            if (to <= first)
            {
                left = first;
                return Errno.None;
            }

            long cutFrom = Math.Max(from, first), cutTo = Math.Min(to, left);
            if (cutTo > cutFrom)
                error = Cut(leaf, entry, cutFrom, cutTo, isFreed);
            if (error != Errno.None)
                return error;
            left = cutFrom;
        }

        return Errno.None;
    }

    private Errno Cut(ExtentNode leaf, int entry, long cutFrom, long cutTo, bool isFreed)
    {
        long from = leaf.First(entry), to = from + leaf.Length(entry), physical = leaf.Physical(entry);
        bool isUnwritten = leaf.IsUnwritten(entry);
        Errno error = isFreed ? Free(physical + cutFrom - from, cutTo - cutFrom) : Errno.None;
        if (error != Errno.None)
            return error;
        if (cutFrom > from)
        {
            leaf.SetLength(entry, (int)(cutFrom - from), isUnwritten);
        }
        else if (cutTo < to)
        {
            leaf.SetFirst(entry, cutTo);
            leaf.SetLength(entry, (int)(to - cutTo), isUnwritten);
            leaf.SetPhysical(entry, physical + cutTo - from);
        }
        else
        {
            leaf.Remove(entry);
        }

        error = Tidy();
        // What is left behind the hole, in the middle of an extent.
        return error == Errno.None && cutFrom > from && cutTo < to ? InsertOne(cutTo, (int)(to - cutTo), physical + cutTo - from, isUnwritten) : error;
    }

    private Errno Free(long block, long count)
    {
        record.SetSectors(Volume.Super, record.Sectors(Volume.Super) - Volume.Sector(count));
        return Allocator.Mark(change, block, count, isUsed: false);
    }

    // True if an extent goes on where the one before it ends, and both are one.
    private static bool Continues(ExtentNode leaf, int before, int next)
    {
        if (next >= leaf.Count)
            return false;
        int length = leaf.Length(before), most = leaf.IsUnwritten(before) ? ExtentNode.MostUnwritten : ExtentNode.MostBlocks;
        return leaf.First(before) + length == leaf.First(next) && leaf.Physical(before) + length == leaf.Physical(next)
            && leaf.IsUnwritten(before) == leaf.IsUnwritten(next) && length + leaf.Length(next) <= most;
    }

    private Errno InsertOne(long block, int count, long physical, bool isUnwritten)
    {
        for (; ; )
        {
            Errno error = Walk(block);
            if (error != Errno.None)
                return error;
            ExtentNode leaf = steps[^1].Node;
            int before = steps[^1].Entry;
            int most = isUnwritten ? ExtentNode.MostUnwritten : ExtentNode.MostBlocks;
            if (before >= 0 && leaf.First(before) + leaf.Length(before) == block && leaf.Physical(before) + leaf.Length(before) == physical
                && leaf.IsUnwritten(before) == isUnwritten && leaf.Length(before) + count <= most)
            {
                leaf.SetLength(before, leaf.Length(before) + count, isUnwritten);
                if (Continues(leaf, before, before + 1))
                {
                    leaf.SetLength(before, leaf.Length(before) + leaf.Length(before + 1), isUnwritten);
                    leaf.Remove(before + 1);
                }

                return Errno.None;
            }

            // What is written at once ends in any order: the next one may be there already.
            int next = before + 1;
            if (next < leaf.Count && block + count == leaf.First(next) && physical + count == leaf.Physical(next) && leaf.IsUnwritten(next) == isUnwritten
                && leaf.Length(next) + count <= most)
            {
                leaf.SetLength(next, leaf.Length(next) + count, isUnwritten);
                leaf.SetFirst(next, block);
                leaf.SetPhysical(next, physical);
                return Tidy();
            }

            if (leaf.Count < leaf.Most)
            {
                leaf.Insert(before + 1);
                leaf.SetFirst(before + 1, block);
                leaf.SetPhysical(before + 1, physical);
                leaf.SetLength(before + 1, count, isUnwritten);
                return Tidy();
            }

            error = MakeRoom(physical);
            if (error != Errno.None)
                return error;
        }
    }
}
