using Servers.Vfs.Pages;

namespace Servers.Vfs.Ext4;

/// <summary>Blocks of a directory, checked.</summary>
internal static class DirectoryReader
{
    /// <summary>Blocks that a directory has by its length.</summary>
    public static long BlocksOf(Volume volume, InodeRecord record) => record.Size >> volume.BlockBits;

    /// <summary>Reads a block of names; <paramref name="physical"/> is where it lies.</summary>
    public static Errno ReadNames(BlockReader reader, uint number, InodeRecord record, long block, out byte[] bytes, out long physical)
    {
        Errno error = ReadAny(reader, number, record, block, out bytes, out physical);
        return error == Errno.None ? CheckNames(reader, number, record, block, physical, bytes) : error;
    }

    /// <summary>Checks a block of names; one in memory was checked before it came there.</summary>
    public static Errno CheckNames(BlockReader reader, uint number, InodeRecord record, long block, long physical, ReadOnlySpan<byte> bytes)
    {
        Volume volume = reader.Volume;
        if (reader.IsChecked(physical, new BlockUse(BlockKindOfUse.Names, number)))
            return Errno.None;
        if (volume.Super.HasMetadataChecksums && !DirectoryBlock.IsIntact(bytes, record.Seed(volume.Super, number)))
            return volume.BadChecksum($"directory {number}, block {block}");
        return DirectoryBlock.IsSound(bytes, volume.Super.InodeCount) ? Errno.None : volume.Corrupted($"directory {number}, block {block}: no names");
    }

    /// <summary>Reads a node of the index; the root is block 0.</summary>
    public static Errno ReadNode(BlockReader reader, uint number, InodeRecord record, long block, out byte[] bytes, out long physical)
    {
        Volume volume = reader.Volume;
        Errno error = ReadAny(reader, number, record, block, out bytes, out physical);
        if (error != Errno.None)
            return error;
        if (reader.IsChecked(physical, new BlockUse(BlockKindOfUse.Index, number)))
            return Errno.None;
        int start = block == 0 ? IndexNode.RootStart : IndexNode.NodeStart;
        bool hasSums = volume.Super.HasMetadataChecksums;
        var node = new IndexNode(bytes, start);
        if ((block == 0 && !IndexNode.IsRoot(bytes)) || !node.IsSound(hasSums))
            return volume.Corrupted($"directory {number}, block {block}: no index");
        return !hasSums || node.IsIntact(record.Seed(volume.Super, number)) ? Errno.None : volume.BadChecksum($"directory {number}, block {block}");
    }

    /// <summary>Reads the entry of the parent: the second of the first block, with or without an index.</summary>
    public static Errno ReadAny(BlockReader reader, uint number, InodeRecord record, long block, out byte[] bytes, out long physical)
    {
        bytes = [];
        Errno error = Find(reader, number, record, block, out physical);
        return error == Errno.None ? reader.Read(physical, out bytes) : error;
    }

    /// <summary>Where a block of a directory lies.</summary>
    public static Errno Find(BlockReader reader, uint number, InodeRecord record, long block, out long physical)
    {
        physical = 0;
        Volume volume = reader.Volume;
        if (block < 0 || block >= BlocksOf(volume, record))
            return volume.Corrupted($"directory {number} has no block {block}");
        Errno error = BlockMap.Find(reader, number, record, block, out BlockRun run);
        if (error != Errno.None)
            return error;
        if (!run.HasData)
            return volume.Corrupted($"directory {number} has a hole");
        physical = run.Physical;
        return Errno.None;
    }
}
