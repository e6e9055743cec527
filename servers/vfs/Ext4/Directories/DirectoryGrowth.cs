namespace Servers.Vfs.Ext4;

/// <summary>Blocks of a directory that are changed, and new ones.</summary>
internal sealed class DirectoryGrowth(Change change, Ext4Directory directory)
{
    private readonly InodeRecord record = change[directory];

    private Volume Volume => change.Volume;

    private uint Number => (uint)directory.Number;

    /// <summary>Bytes at the end of a block of names that have its checksum.</summary>
    public int Tail => Volume.Super.HasMetadataChecksums ? DirectoryBlock.TailLength : 0;

    /// <summary>A block of names, checked, whose bytes may be written.</summary>
    public Errno EditNames(long block, out byte[] bytes)
    {
        bytes = [];
        Errno error = DirectoryReader.Find(change, Number, record, block, out long physical);
        if (error == Errno.None)
            error = change.Edit(physical, out bytes);
        if (error == Errno.None)
            error = DirectoryReader.CheckNames(change, Number, record, block, physical, bytes);
        if (error == Errno.None)
            Seal(physical, 0);
        return error;
    }

    /// <summary>A block gets its checksum when all is done. <paramref name="start"/>: of an index's node in it; 0: a block of names.</summary>
    public void Seal(long physical, int start)
    {
        change.SetUse(physical, new BlockUse(start == 0 ? BlockKindOfUse.Names : BlockKindOfUse.Index, Number));
        if (!Volume.Super.HasMetadataChecksums)
            return;
        uint seed = record.Seed(Volume.Super, Number);
        change.SealAtEnd(physical, start == 0 ? bytes => DirectoryBlock.Seal(bytes, seed) : bytes => new IndexNode(bytes, start).Seal(seed));
    }

    /// <summary>A new block at the end, for names, or for a node of the index that begins at an offset.</summary>
    public Errno Append(out byte[] bytes, int start = 0)
    {
        bytes = [];
        long block = DirectoryReader.BlocksOf(Volume, record);
        long goal = Volume.Super.FirstBlockOf((Number - 1) / Volume.Super.InodesPerGroup);
        if (block > 0 && BlockMap.Find(change, Number, record, block - 1, out BlockRun last) == Errno.None)
            goal = last.Physical + 1;
        Errno error = change.Disk.Allocator.TakeBlock(change, goal, out long physical);
        if (error == Errno.None)
            error = new ExtentEditor(change, Number, record).Insert(block, 1, physical, isUnwritten: false);
        if (error != Errno.None)
            return error;
        record.SetSectors(Volume.Super, record.Sectors(Volume.Super) + Volume.Sector(1));
        record.Size += Volume.BlockSize;
        bytes = change.Make(physical);
        Seal(physical, start);
        if (Tail > 0 && start == 0)
            DirectoryBlock.Seal(bytes, 0);
        return Errno.None;
    }
}
