using Servers.Vfs.Pages;

namespace Servers.Vfs.Blocks.Partitions;

/// <summary>
/// Finds the partitions of a disk: GPT where a protective MBR says so (and its header stands up), else the four of the MBR and the chain of logical ones. What
/// does not lie within the disk is left out, as on Linux.
/// </summary>
/// <param name="disk">The whole disk.</param>
/// <param name="slots">Where its blocks are read to.</param>
/// <param name="done">Told once, with the partitions and what was wrong, if anything.</param>
public sealed class PartitionScan(BlockDevice disk, SlotPool slots, Action<List<Partition>, string?> done)
{
    // As many as there are numbers for, on Linux too: 15 of a virtio disk.
    private const int MostLogical = 59, FirstLogical = 5;

    private readonly List<Partition> found = [];
    private readonly BlockRequest request = new();
    private string? wrong;

    private int SectorsOfBlock => disk.Traits.LogicalBlock / BlockRequest.SectorLength;

    /// <summary>Begins.</summary>
    public void Start() => Read(0, BlockRequest.SectorLength, ReadFirst);

    private void ReadFirst(ReadOnlySpan<byte> sector)
    {
        MasterBootRecord.Entry[]? table = MasterBootRecord.Read(sector);
        if (table == null)
        {
            End();
            return;
        }

        if (Array.Exists(table, static entry => entry.Type == MasterBootRecord.Protective))
        {
            Read(SectorsOfBlock, disk.Traits.LogicalBlock, block => ReadHeader(block, 1));
            return;
        }

        long extended = 0;
        for (int number = 0; number < table.Length; number++)
        {
            if (!table[number].IsUsed)
                continue;
            // Of an extended one Linux shows the first blocks, so that a boot loader can be put there.
            long sectors = table[number].IsExtended ? Math.Min(2, table[number].Count) : table[number].Count;
            Add(number + 1, table[number].First, sectors);
            if (table[number].IsExtended && extended == 0)
                extended = table[number].First;
        }

        if (extended > 0)
            Follow(extended, extended, FirstLogical);
        else
            End();
    }

    // A table of the chain: a partition, counted from the table, and the next table, counted from the extended partition.
    private void Follow(long at, long extended, int number)
    {
        Read(at * SectorsOfBlock, BlockRequest.SectorLength, sector =>
        {
            MasterBootRecord.Entry[]? table = MasterBootRecord.Read(sector);
            if (table == null)
            {
                wrong = $"no table at block {at}";
                End();
                return;
            }

            MasterBootRecord.Entry logical = Array.Find(table, static entry => entry is { IsUsed: true, IsExtended: false });
            MasterBootRecord.Entry next = Array.Find(table, static entry => entry is { IsUsed: true, IsExtended: true });
            if (logical.IsUsed)
                Add(number++, at + logical.First, logical.Count);
            // Forwards only, so that it ends.
            if (next.IsUsed && extended + next.First > at && number < FirstLogical + MostLogical)
                Follow(extended + next.First, extended, number);
            else
                End();
        });
    }

    private void ReadHeader(ReadOnlySpan<byte> block, long number)
    {
        if (GuidPartitionTable.TryReadHeader(block, number, out GuidPartitionTable.Header header))
        {
            Read(header.FirstBlock * SectorsOfBlock, header.Count * header.Length, entries =>
            {
                if (GuidPartitionTable.ReadEntries(entries, header, SectorsOfBlock) is { } partitions)
                    found.AddRange(partitions.Where(partition => partition.FitsInto(disk.Sectors)));
                else
                    wrong = "the entries of the GPT are damaged";
                End();
            });
            return;
        }

        wrong = "the header of the GPT is damaged";
        End();
    }

    private void Add(int number, long first, long count)
    {
        var partition = new Partition(number, first * SectorsOfBlock, count * SectorsOfBlock);
        if (partition.FitsInto(disk.Sectors))
            found.Add(partition);
        else
            wrong = $"partition {number} lies beyond the end of the disk";
    }

    private void Read(long sector, int length, ReadBytes bytes)
    {
        int pages = (length + CachedFile.PageSize - 1) / CachedFile.PageSize;
        long sectors = (long)pages * CachedFile.PageSize / BlockRequest.SectorLength;
        bool isInside = sector >= 0 && sector < disk.Sectors && length <= (disk.Sectors - sector) * BlockRequest.SectorLength;
        if (!isInside || !TryTake(pages, out int[] taken))
        {
            wrong = isInside ? "no memory to read partitions" : $"a table of partitions at sector {sector}, beyond the end";
            End();
            return;
        }

        request.Begin(BlockKind.Read, sector);
        long rest = Math.Min(sectors, disk.Sectors - sector) * BlockRequest.SectorLength;
        for (int page = 0; rest > 0; rest -= CachedFile.PageSize, page++)
            request.TryAdd(new BlockSegment(taken[page], 0, (int)Math.Min(rest, CachedFile.PageSize)));
        request.Completed = (_, error) =>
        {
            byte[] copy = [.. taken.SelectMany(slot => slots.Span(slot, 1).ToArray())];
            foreach (int slot in taken)
                slots.Give(slot, 1, isShared: false);
            if (error == Errno.None)
            {
                bytes(copy.AsSpan(0, length));
                return;
            }

            wrong = $"sector {sector} cannot be read";
            End();
        };
        disk.Submit(request);
    }

    private bool TryTake(int pages, out int[] taken)
    {
        taken = new int[pages];
        for (int page = 0; page < pages; page++)
        {
            if (slots.Take(1, out taken[page], out _) == 1)
                continue;
            while (page > 0)
                slots.Give(taken[--page], 1, isShared: false);
            return false;
        }

        return true;
    }

    private void End() => done(found, wrong);

    private delegate void ReadBytes(ReadOnlySpan<byte> bytes);
}
