using System.Buffers.Binary;

namespace Servers.Vfs.Ext4;

/// <summary>Adds names to a directory with an index, which grows.</summary>
internal sealed class IndexEditor(Change change, Ext4Directory directory)
{
    private readonly InodeRecord record = change[directory];
    private readonly DirectoryGrowth blocks = new(change, directory);

    private Volume Volume => change.Volume;

    private uint Number => (uint)directory.Number;

    /// <summary>Adds a name, which is not there.</summary>
    public Errno Add(ReadOnlySpan<byte> name, uint inode, byte type)
    {
        // A leaf that was split has room for a name, and the next look finds it; before that each level may have to be split.
        for (int tries = 0; tries < IndexNode.MostLevelsLarge + 3; tries++)
        {
            var walk = new IndexWalk(change, Number, record);
            Errno error = walk.Begin();
            if (error == Errno.None)
                error = walk.Descend(walk.Hash(name).Major);
            byte[] bytes = [];
            if (error == Errno.None)
                error = blocks.EditNames(walk.Leaf, out bytes);
            if (error != Errno.None)
                return error;
            if (NameBlock.TryInsert(bytes, name, inode, type))
                return Errno.None;
            error = Split(walk, bytes);
            if (error != Errno.None)
                return error;
        }

        return Errno.ENOSPC;
    }

    /// <summary>The first block becomes the root of an index, and its names go to a new one.</summary>
    public Errno Make()
    {
        Errno error = DirectoryReader.ReadNames(change, Number, record, 0, out byte[] root, out long physical);
        if (error == Errno.None)
            error = change.Edit(physical, out root);
        byte[] leaf = [];
        if (error == Errno.None)
            error = blocks.Append(out leaf);
        if (error != Errno.None)
            return error;
        if (!DirectoryBlock.TryRead(root, 12, Volume.Super.InodeCount, out DirectoryEntry parent) || !parent.Name(root).SequenceEqual(".."u8))
            return Volume.Corrupted($"directory {Number} has no parent");
        List<IndexedName> names = NameBlock.Sorted(root, parent.Offset + parent.Length, static _ => 0);
        NameBlock.Fill(leaf, names, blocks.Tail);
        byte type = Volume.Super.Has(IncompatibleFeatures.FileType) ? (byte)2 : (byte)0;
        root.AsSpan(DirectoryEntry.Needs(1)).Clear();
        DirectoryBlock.Write(root, DirectoryEntry.Needs(1), root.Length - DirectoryEntry.Needs(1), parent.Inode, ".."u8, type);
        IndexNode.SetInfo(root, (HashVersion)Volume.Super.DefaultHash, 0);
        var node = new IndexNode(root, IndexNode.RootStart) { Most = IndexNode.RoomIn(root.Length, IndexNode.RootStart, blocks.Tail > 0), Count = 1 };
        node.Set(0, 0, 1);
        record.Flags |= InodeRecord.Indexed;
        blocks.Seal(physical, IndexNode.RootStart);
        return Errno.None;
    }

    // Half of the names, those with the greater hashes, go to a new block, which the index names behind the old one.
    private Errno Split(IndexWalk walk, byte[] full)
    {
        IndexWalk.Step parent = walk.Steps[^1];
        if (parent.Node.Count == parent.Node.Most)
            return MakeRoom(walk);
        Errno error = change.Edit(parent.Physical, out byte[] index);
        if (error != Errno.None)
            return error;
        blocks.Seal(parent.Physical, parent.Block == 0 ? IndexNode.RootStart : IndexNode.NodeStart);
        List<IndexedName> names = NameBlock.Sorted(full, 0, name => walk.Hash(name).Major);
        if (names.Count < 2)
            return Errno.ENOSPC;
        int half = 0, length = 0;
        while (half < names.Count - 1 && length < (Volume.BlockSize - blocks.Tail) / 2)
            length += DirectoryEntry.Needs(names[half++].Name.Length);
        long block = DirectoryReader.BlocksOf(Volume, record);
        error = blocks.Append(out byte[] right);
        if (error != Errno.None)
            return error;
        NameBlock.Fill(full, names.GetRange(0, half), blocks.Tail);
        NameBlock.Fill(right, names.GetRange(half, names.Count - half), blocks.Tail);
        uint hash = names[half].Hash | (names[half].Hash == names[half - 1].Hash ? 1u : 0);
        new IndexNode(index, parent.Block == 0 ? IndexNode.RootStart : IndexNode.NodeStart).Insert(parent.Entry + 1, hash, block);
        return Errno.None;
    }

    // Splits the highest of the full nodes at the end of the way, or puts the root's entries a level lower.
    private Errno MakeRoom(IndexWalk walk)
    {
        int level = walk.Steps.Count - 1;
        while (level > 0 && walk.Steps[level - 1].Node.Count == walk.Steps[level - 1].Node.Most)
            level--;
        IndexWalk.Step step = walk.Steps[level];
        int levels = IndexNode.LevelsOf(walk.Steps[0].Bytes);
        int most = Volume.Super.Has(IncompatibleFeatures.LargeDirectories) ? IndexNode.MostLevelsLarge : IndexNode.MostLevels;
        if (level == 0 && levels + 1 >= most)
            return Errno.ENOSPC;
        Errno error = change.Edit(step.Physical, out byte[] bytes);
        byte[] above = bytes;
        if (error == Errno.None && level > 0)
            error = change.Edit(walk.Steps[level - 1].Physical, out above);
        long block = DirectoryReader.BlocksOf(Volume, record);
        byte[] made = [];
        if (error == Errno.None)
            error = blocks.Append(out made, IndexNode.NodeStart);
        if (error != Errno.None)
            return error;
        BinaryPrimitives.WriteUInt16LittleEndian(made.AsSpan(4), (ushort)made.Length);
        var right = new IndexNode(made, IndexNode.NodeStart) { Most = IndexNode.RoomIn(made.Length, IndexNode.NodeStart, blocks.Tail > 0) };
        var full = new IndexNode(bytes, StartOf(step));
        blocks.Seal(step.Physical, StartOf(step));
        if (level == 0)
        {
            Move(full, 0, right);
            full.Count = 1;
            full.Set(0, 0, block);
            IndexNode.SetLevels(bytes, levels + 1);
            return Errno.None;
        }

        IndexWalk.Step parent = walk.Steps[level - 1];
        int half = full.Count / 2;
        uint hash = full.Hash(half);
        Move(full, half, right);
        blocks.Seal(parent.Physical, StartOf(parent));
        new IndexNode(above, StartOf(parent)).Insert(parent.Entry + 1, hash, block);
        return Errno.None;
    }

    private static int StartOf(IndexWalk.Step step) => step.Block == 0 ? IndexNode.RootStart : IndexNode.NodeStart;

    private static void Move(IndexNode from, int first, IndexNode to)
    {
        to.Count = from.Count - first;
        for (int entry = first; entry < from.Count; entry++)
            to.Set(entry - first, from.Hash(entry), from.Block(entry));
        from.Count = first;
    }
}
