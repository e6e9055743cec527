namespace Servers.Vfs.Ext4;

/// <summary>A way through a directory's index to the block in which a hash belongs, and on to the next ones.</summary>
internal sealed class IndexWalk(BlockReader reader, uint number, InodeRecord record)
{
    private readonly List<Step> steps = [];

    /// <summary>How names are hashed here.</summary>
    public HashVersion Version { get; private set; }

    /// <summary>The leaf: a block of the directory.</summary>
    public long Leaf { get; private set; }

    /// <summary>The nodes on the way, from the root.</summary>
    public IReadOnlyList<Step> Steps => steps;

    /// <summary>Begins: reads the root.</summary>
    public Errno Begin()
    {
        Errno error = DirectoryReader.ReadNode(reader, number, record, 0, out byte[] root, out long physical);
        if (error != Errno.None)
            return error;
        Volume volume = reader.Volume;
        Version = IndexNode.VersionOf(root);
        // Flag 2 of the superblock: the machine that made it has unsigned letters.
        if (Version < HashVersion.Unsigned && (volume.Super.Flags & 2) != 0)
            Version += (byte)HashVersion.Unsigned;
        int most = volume.Super.Has(IncompatibleFeatures.LargeDirectories) ? IndexNode.MostLevelsLarge : IndexNode.MostLevels;
        if (IndexNode.LevelsOf(root) >= most)
            return volume.Corrupted($"directory {number}: the index is too deep");
        steps.Clear();
        steps.Add(new Step(root, 0, physical, IndexNode.RootStart));
        return Errno.None;
    }

    /// <summary>Hash of a name here.</summary>
    public DirectoryHash Hash(ReadOnlySpan<byte> name) => DirectoryHash.Of(name, Version, reader.Volume.Super.HashSeed);

    /// <summary>Goes down to the leaf of a hash, from the root.</summary>
    public Errno Descend(uint hash)
    {
        steps.RemoveRange(1, steps.Count - 1);
        steps[0].Entry = steps[0].Node.Find(hash);
        return Down(hash);
    }

    /// <summary>
    /// Goes to the next leaf; false: there is none. <paramref name="hash"/> is where it begins, odd if names of the last hash go on there.
    /// </summary>
    public Errno Next(out bool isThere, out uint hash)
    {
        (isThere, hash) = (false, 0);
        int level = steps.Count - 1;
        while (level >= 0 && steps[level].Entry + 1 >= steps[level].Node.Count)
            level--;
        if (level < 0)
            return Errno.None;
        steps.RemoveRange(level + 1, steps.Count - level - 1);
        hash = steps[level].Node.Hash(++steps[level].Entry);
        isThere = true;
        return Down(0);
    }

    // Below a step that has its entry: to the entry for a hash, or with 0 to the first ones.
    private Errno Down(uint hash)
    {
        int levels = IndexNode.LevelsOf(steps[0].Bytes);
        while (steps.Count <= levels)
        {
            long block = steps[^1].Node.Block(steps[^1].Entry);
            if (block == 0)
                return reader.Volume.Corrupted($"directory {number}: the index leads to its root");
            Errno error = DirectoryReader.ReadNode(reader, number, record, block, out byte[] bytes, out long physical);
            if (error != Errno.None)
                return error;
            var step = new Step(bytes, block, physical, IndexNode.NodeStart);
            step.Entry = step.Node.Find(hash);
            steps.Add(step);
        }

        Leaf = steps[^1].Node.Block(steps[^1].Entry);
        return Leaf == 0 ? reader.Volume.Corrupted($"directory {number}: the index leads to its root") : Errno.None;
    }

    /// <summary>A node on the way, and the entry that it goes on by.</summary>
    public sealed class Step(byte[] bytes, long block, long physical, int start)
    {
        public byte[] Bytes => bytes;

        public long Block => block;

        public long Physical => physical;

        public int Entry { get; set; }

        public IndexNode Node => new(bytes, start);
    }
}
