namespace Servers.Vfs.Ext4;

/// <summary>Where the blocks of the journal lie on the device.</summary>
internal sealed class JournalPlace
{
    // More runs than that has no journal that mke2fs has made; a larger number costs memory for nothing.
    private const int MostRuns = 0x10000;

    private readonly List<BlockRun> runs = [];

    /// <summary>Blocks of the inode.</summary>
    public long Blocks => runs.Count == 0 ? 0 : runs[^1].End;

    /// <summary>Reads where the journal's inode has its blocks.</summary>
    public static Errno Find(BlockReader reader, uint number, out JournalPlace place)
    {
        place = new JournalPlace();
        Volume volume = reader.Volume;
        Errno error = volume.ReadInode(reader, number, out InodeRecord record);
        if (error != Errno.None)
            return error;
        if (InodeMode.Type(record.Mode) != InodeMode.Regular || record.Links == 0 || record.Has(InodeRecord.InlineData))
            return volume.Corrupted("the journal's inode is no file");
        long end = Math.Min(record.Size >> volume.BlockBits, uint.MaxValue);
        for (long block = 0; block < end;)
        {
            error = BlockMap.Find(reader, number, record, block, out BlockRun run);
            if (error != Errno.None)
                return error;
            if (!run.HasData || place.runs.Count == MostRuns)
                return volume.Corrupted("the journal has holes or lies in too many pieces");
            run = run with { Count = Math.Min(run.Count, end - block) };
            place.runs.Add(run);
            block = run.End;
        }

        return place.runs.Count == 0 ? volume.Corrupted("the journal is empty") : Errno.None;
    }

    /// <summary>Where a block of the journal lies.</summary>
    public long this[long block]
    {
        get
        {
            int low = 0, high = runs.Count - 1;
            while (low < high)
            {
                int middle = (low + high + 1) >> 1;
                if (runs[middle].First <= block)
                    low = middle;
                else
                    high = middle - 1;
            }

            return runs[low].Physical + block - runs[low].First;
        }
    }
}
