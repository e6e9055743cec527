namespace Servers.Vfs.Ext4;

// Nodes of the tree: the way to a leaf, new ones, and those that are empty.
internal sealed partial class ExtentEditor
{
    // Splits the lowest node whose parent has room, or puts the root's entries a level lower.
    private Errno MakeRoom(long goal)
    {
        int level = steps.Count - 2;
        while (level >= 0 && steps[level].Node.Count == steps[level].Node.Most)
            level--;
        Errno error = change.Disk.Allocator.TakeBlock(change, goal, out long block);
        if (error != Errno.None)
            return error;
        record.SetSectors(Volume.Super, record.Sectors(Volume.Super) + Volume.Sector(1));
        byte[] bytes = change.Make(block);
        SealLater(block);
        if (level < 0)
        {
            ExtentNode root = steps[0].Node;
            if (root.Depth == ExtentNode.DeepestLevel)
                return Errno.EFBIG;
            var lower = ExtentNode.Create(bytes, root.Depth, isRoot: false);
            Move(root, 0, lower);
            int depth = root.Depth + 1;
            long first = lower.First(0);
            ExtentNode upper = ExtentNode.Create(record.Map, depth, isRoot: true);
            upper.Insert(0);
            upper.SetFirst(0, first);
            upper.SetChild(0, block);
            return Errno.None;
        }

        ExtentNode parent = steps[level].Node, full = steps[level + 1].Node;
        var right = ExtentNode.Create(bytes, full.Depth, isRoot: false);
        // Who writes from front to back fills nodes: only the last entry goes on.
        bool isAtEnd = steps[level + 1].Entry == full.Count - 1 && steps[level].Entry == parent.Count - 1;
        Move(full, isAtEnd ? full.Count - 1 : full.Count / 2, right);
        int at = steps[level].Entry + 1;
        parent.Insert(at);
        parent.SetFirst(at, right.First(0));
        parent.SetChild(at, block);
        return Errno.None;
    }

    private static void Move(ExtentNode from, int first, ExtentNode to)
    {
        int count = from.Count - first, start = ExtentNode.HeaderLength + first * ExtentNode.EntryLength;
        from.Bytes.Slice(start, count * ExtentNode.EntryLength).CopyTo(to.Bytes[ExtentNode.HeaderLength..]);
        to.Count = count;
        from.Bytes.Slice(start, count * ExtentNode.EntryLength).Clear();
        from.Count = first;
    }

    // Nodes that are empty go, and indexes name the first block that is below them.
    private Errno Tidy()
    {
        for (int level = steps.Count - 1; level > 0; level--)
        {
            ExtentNode node = steps[level].Node, parent = steps[level - 1].Node;
            int entry = steps[level - 1].Entry;
            if (node.Count > 0)
            {
                parent.SetFirst(entry, node.First(0));
                continue;
            }

            long block = parent.Child(entry);
            parent.Remove(entry);
            change.Forget(block);
            Errno error = Free(block, 1);
            if (error != Errno.None)
                return error;
            if (parent.Count == 0 && level == 1)
                ExtentNode.Create(record.Map, 0, isRoot: true);
        }

        return Errno.None;
    }

    // The way to the leaf where a block is or would be; every node on it is changed here.
    private Errno Walk(long block)
    {
        steps.Clear();
        // Checks every node on the way.
        Errno error = BlockMap.Find(change, number, record, block, out _);
        if (error != Errno.None)
            return error;
        var step = new Step(record, null);
        for (; ; )
        {
            ExtentNode node = step.Node;
            step.Entry = node.Find(block);
            steps.Add(step);
            if (node.Depth == 0)
                return Errno.None;
            step.Entry = Math.Max(step.Entry, 0);
            long child = node.Child(step.Entry);
            error = BlockMap.ReadNode(change, number, record, child, node.Depth - 1, out byte[] bytes);
            if (error == Errno.None)
                error = change.Edit(child, out bytes);
            if (error != Errno.None)
                return error;
            SealLater(child);
            step = new Step(record, bytes);
        }
    }

    private void SealLater(long block)
    {
        change.SetUse(block, new BlockUse(BlockKindOfUse.Extents, number));
        if (!Volume.Super.HasMetadataChecksums)
            return;
        uint seed = record.Seed(Volume.Super, number);
        change.SealAtEnd(block, bytes => new ExtentNode(bytes).Seal(seed));
    }

    /// <summary>A node on the way: in a block, or the root in the inode.</summary>
    private sealed class Step(InodeRecord record, byte[]? bytes)
    {
        public int Entry { get; set; }

        public ExtentNode Node => new(bytes ?? record.Map);
    }
}
