namespace Servers.Vfs.Ext4;

/// <summary>Free blocks, by the maps of groups.</summary>
internal sealed class Allocator
{
    // Blocks that were given to data which is being written: the maps say so when it has been.
    private readonly List<(long Block, long Count)> claims = [];

    /// <summary>Blocks that are claimed.</summary>
    public long Claimed { get; private set; }

    /// <summary>Finds a run of free blocks, the first from a goal on; ENOSPC. Wait or EAGAIN: there will be some when the log has been committed.</summary>
    public Errno Find(BlockReader reader, Transactions log, long goal, long wanted, out long block, out long count)
    {
        for (; ; )
        {
            Errno error = FindNow(reader, log, goal, wanted, out block, out count);
            if (error != Errno.ENOSPC || !log.HasFreed || log.IsBroken)
                return error;
            log.Begin();
            if (log.HasFreed)
                return reader.WaitFor(log);
        }
    }

    /// <summary>Takes blocks for data that is about to be written.</summary>
    public void Claim(long block, long count)
    {
        claims.Add((block, count));
        Claimed += count;
    }

    /// <summary>They are in the maps, or not needed.</summary>
    public void Unclaim(long block, long count)
    {
        claims.Remove((block, count));
        Claimed -= count;
    }

    /// <summary>Marks blocks in the maps. Those of a run may lie in two groups when they are freed.</summary>
    public static Errno Mark(Change change, long block, long count, bool isUsed)
    {
        Volume volume = change.Volume;
        SuperBlock super = volume.Super;
        while (count > 0)
        {
            uint group = (uint)((block - super.FirstDataBlock) / super.BlocksPerGroup);
            int bit = (int)((block - super.FirstDataBlock) % super.BlocksPerGroup);
            int part = (int)Math.Min(count, super.BlocksOf(group) - bit);
            Errno error = change.EditGroup(group, out GroupDescriptor descriptor);
            byte[] map = [];
            if (error == Errno.None)
                error = GroupMaps.EditBlocks(change, group, descriptor, out map);
            if (error != Errno.None)
                return error;
            for (int number = bit; number < bit + part; number++)
            {
                if (Bitmap.Has(map, number) == isUsed)
                    return volume.Corrupted($"block {block + number - bit} is {(isUsed ? "used" : "free")} already");
                Bitmap.Set(map, number, isUsed);
            }

            descriptor.FreeBlocks = (uint)(descriptor.FreeBlocks + (isUsed ? -part : part));
            change.FreeBlocks += isUsed ? -part : part;
            if (!isUsed)
                change.Freed(block, part);
            (block, count) = (block + part, count - part);
        }

        return Errno.None;
    }

    /// <summary>Finds and takes a block for metadata.</summary>
    public Errno TakeBlock(Change change, long goal, out long block)
    {
        Errno error = Find(change, change.Disk.Log!, goal, 1, out block, out _);
        return error == Errno.None ? Mark(change, block, 1, isUsed: true) : error;
    }

    private Errno FindNow(BlockReader reader, Transactions log, long goal, long wanted, out long block, out long count)
    {
        (block, count) = (0, 0);
        Volume volume = reader.Volume;
        SuperBlock super = volume.Super;
        goal = volume.IsBlock(goal) ? goal : super.FirstDataBlock + 1;
        uint first = (uint)((goal - super.FirstDataBlock) / super.BlocksPerGroup);
        // The goal's group twice: what lies before the goal comes last.
        for (uint number = 0; number <= super.GroupCount; number++)
        {
            uint group = (uint)(((ulong)first + number) % super.GroupCount);
            Errno error = volume.ReadGroup(reader, group, out GroupDescriptor descriptor);
            if (error != Errno.None)
                return error;
            if (descriptor.FreeBlocks == 0)
                continue;
            error = GroupMaps.ReadBlocks(reader, group, descriptor, out byte[] map);
            if (error != Errno.None)
                return error;
            UseTaken(super, group, map, claims);
            UseTaken(super, group, map, log.Freed);
            if (reader is Change change)
                UseTaken(super, group, map, change.FreedBlocks);
            int start = number == 0 ? (int)((goal - super.FirstDataBlock) % super.BlocksPerGroup) : 0, end = (int)super.BlocksOf(group);
            int bit = Bitmap.FindFree(map, start, end);
            if (bit >= 0)
            {
                block = super.FirstBlockOf(group) + bit;
                for (count = 1; count < wanted && bit + count < end && !Bitmap.Has(map, bit + (int)count);)
                    count++;
            }

            volume.GiveBlock(map);
            if (bit >= 0)
                return Errno.None;
        }

        return Errno.ENOSPC;
    }

    // What somebody has, or may have again, although the map does not show it.
    private static void UseTaken(SuperBlock super, uint group, byte[] map, IEnumerable<(long Block, long Count)> taken)
    {
        long first = super.FirstBlockOf(group), end = first + super.BlocksOf(group);
        foreach ((long block, long count) in taken)
        {
            for (long number = Math.Max(block, first); number < Math.Min(block + count, end); number++)
                Bitmap.Set(map, (int)(number - first), true);
        }
    }
}
