using System.Buffers.Binary;

namespace Servers.Vfs.Ext4;

/// <summary>Where the blocks of a file lie: by extents, or by the block maps of ext2 and ext3.</summary>
internal static class BlockMap
{
    /// <summary>Blocks that a file can have: they have 32-bit numbers.</summary>
    public const long MostBlocks = 1L << 32;

    private const int Direct = 12, Levels = 3;

    /// <summary>The run that begins at a block: as long as one look tells.</summary>
    /// <param name="reader">Reads nodes of the tree.</param>
    /// <param name="number">The file.</param>
    /// <param name="record">Its inode.</param>
    /// <param name="block">Of the file.</param>
    /// <param name="run">What is there.</param>
    /// <param name="known">Looks for the leaf, and gets it; null for a record that is being changed.</param>
    public static Errno Find(BlockReader reader, uint number, InodeRecord record, long block, out BlockRun run, KnownLeaves? known = null)
    {
        if (known?.TryFind(record, block, out run) == true)
            return Errno.None;
        run = new BlockRun(block, Math.Max(MostBlocks - block, 1), 0, false);
        if (block is < 0 or >= MostBlocks || record.Has(InodeRecord.InlineData))
            return Errno.None;
        return record.Has(InodeRecord.Extents) ? FindExtent(reader, number, record, block, known, out run)
            : FindMapped(reader, record, block, out run);
    }

    /// <summary>A node of an extent tree below the root, checked.</summary>
    public static Errno ReadNode(BlockReader reader, uint number, InodeRecord record, long block, int depth, out byte[] bytes)
    {
        Errno error = reader.Read(block, out bytes);
        if (error != Errno.None)
            return error;
        var node = new ExtentNode(bytes);
        Volume volume = reader.Volume;
        if (!node.IsSound(depth, isRoot: false))
            return volume.Corrupted($"inode {number}: no extents in block {block}");
        bool mustCheck = volume.Super.HasMetadataChecksums && !reader.IsChecked(block, new BlockUse(BlockKindOfUse.Extents, number));
        return !mustCheck || node.IsIntact(record.Seed(volume.Super, number))
            ? Errno.None : volume.BadChecksum($"inode {number}: extents in block {block}");
    }

    private static Errno FindExtent(BlockReader reader, uint number, InodeRecord record, long block, KnownLeaves? known, out BlockRun run)
    {
        Volume volume = reader.Volume;
        run = default;
        var node = new ExtentNode(record.Map);
        int depth = node.Depth;
        if (depth > ExtentNode.DeepestLevel || !node.IsSound(depth, isRoot: true))
            return volume.Corrupted($"inode {number}: no extents");
        long end = MostBlocks;
        byte[]? bytes = null;
        for (long first = 0; ; depth--)
        {
            if (!node.AreEntriesSound(volume, first, end))
                return volume.Corrupted($"inode {number}: extents out of order or beyond the device");
            int entry = node.Find(block);
            if (depth == 0 && bytes != null)
                known?.Add(record, bytes, first, end);
            if (entry + 1 < node.Count)
                end = node.First(entry + 1);
            if (entry < 0 || depth == 0)
            {
                run = InLeaf(node, entry, block, end);
                return Errno.None;
            }

            first = node.First(entry);
            Errno error = ReadNode(reader, number, record, node.Child(entry), depth - 1, out bytes);
            if (error != Errno.None)
                return error;
            node = new ExtentNode(bytes);
        }
    }

    /// <summary>What a leaf says of a block: of the entry at it or before it, and where the next one begins.</summary>
    public static BlockRun InLeaf(ExtentNode leaf, int entry, long block, long end)
    {
        long within = entry < 0 ? 0 : block - leaf.First(entry);
        if (entry < 0 || within >= leaf.Length(entry))
            return new BlockRun(block, end - block, 0, false);
        return new BlockRun(block, leaf.Length(entry) - within, leaf.Physical(entry) + within, leaf.IsUnwritten(entry));
    }

    // Twelve blocks, then one, two and three levels of blocks full of numbers.
    private static Errno FindMapped(BlockReader reader, InodeRecord record, long block, out BlockRun run)
    {
        Volume volume = reader.Volume;
        run = default;
        ReadOnlySpan<byte> numbers = record.Map;
        int bits = volume.BlockBits - 2;
        if (block < Direct)
            return Neighbours(volume, numbers[..(Direct * sizeof(uint))], (int)block, block, out run);
        long rest = block - Direct;
        int level = 1;
        for (; level <= Levels && rest >= 1L << bits * level; level++)
            rest -= 1L << bits * level;
        if (level > Levels)
            return volume.Corrupted("a block beyond what a block map can have");
        uint next = Number(numbers, Direct + level - 1);
        for (; ; level--)
        {
            long below = 1L << bits * (level - 1), each = below << bits;
            if (next == 0)
            {
                run = new BlockRun(block, each - (rest & (each - 1)), 0, false);
                return Errno.None;
            }

            Errno error = reader.Read(next, out byte[] bytes);
            if (error != Errno.None)
                return error;
            int index = (int)(rest >> bits * (level - 1)) & ((1 << bits) - 1);
            if (level == 1)
                return Neighbours(volume, bytes, index, block, out run);
            next = Number(bytes, index);
        }
    }

    private static Errno Neighbours(Volume volume, ReadOnlySpan<byte> numbers, int index, long block, out BlockRun run)
    {
        uint first = Number(numbers, index);
        int count = 1;
        for (int most = numbers.Length / sizeof(uint) - index; count < most; count++)
        {
            uint next = Number(numbers, index + count);
            if (first == 0 ? next != 0 : next != first + (uint)count)
                break;
        }

        run = new BlockRun(block, count, first, false);
        return first == 0 || volume.AreBlocks(first, count) ? Errno.None : volume.Corrupted($"a file has block {first}");
    }

    private static uint Number(ReadOnlySpan<byte> numbers, int index) => BinaryPrimitives.ReadUInt32LittleEndian(numbers[(index * sizeof(uint))..]);
}
