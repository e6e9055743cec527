using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Pages;

// What is newer than the store.
internal sealed partial class StoredPages
{
    // A mapping's writes are looked for in as many pages with one call.
    private const int CollectedAtOnce = 2 * PageIndex.LeafPages;

    // The last request for which mappings were asked what they had written.
    private long collectedFor;

    /// <summary>Pages that are newer than the store.</summary>
    public DirtyPages Dirty { get; } = new();

    /// <summary>Nanoseconds since boot when the first page that is dirty now became so.</summary>
    public long DirtySince { get; set; }

    /// <summary>What was dirty at this stamp or before has reached its age.</summary>
    public long DueStamp { get; set; }

    /// <summary>Write-back has it in the queue of those.</summary>
    public bool IsDue { get; set; }

    /// <summary>Write-back looks from time to time what mappings do.</summary>
    public bool IsWatched { get; set; }

    /// <summary>Place among the files with dirty pages.</summary>
    public LinkedListNode<StoredPages>? Place { get; set; }

    /// <summary>Requests that wait for pages to be written.</summary>
    public WaitQueue Cleaned { get; } = new();

    /// <summary>What write-back could not write.</summary>
    public WriteErrors Errors { get; } = new(cache.Kept);

    /// <summary>A page was changed in memory.</summary>
    public void MarkDirty(long page)
    {
        if (Dirty.Add(page, cache.WriteBack.Stamp))
            cache.WriteBack.Add(this);
    }

    /// <summary>All that was changed before the request began is in the store; or waits for it.</summary>
    public Errno Sync(OperationContext context)
    {
        cache.WriteBack.Meet(context);
        // Who has no number cannot wait.
        long stamp = context.Serial == 0 ? long.MaxValue : context.Serial;
        if (collectedFor < stamp)
        {
            collectedFor = context.Serial;
            Collect();
        }

        BeginAll(stamp);
        return Dirty.IsSafe(stamp) ? Errno.None : context.WaitOn(Cleaned);
    }

    /// <summary>Nothing is newer than the store when the try goes on; or waits for that, as long as others go on writing.</summary>
    public Errno Settle(OperationContext context)
    {
        cache.WriteBack.Meet(context);
        Collect();
        BeginAll(cache.WriteBack.Stamp);
        return Dirty.IsEmpty ? Errno.None : context.WaitOn(Cleaned);
    }

    /// <summary><see cref="Sync"/> for all that belongs to the file: only its file system knows what that is.</summary>
    public Errno SyncFile(OperationContext context) => store.Sync(context);

    /// <summary>Waits until none of the pages [first, end) is being written.</summary>
    public Errno AwaitWrites(OperationContext context, long first, long end) => Dirty.IsWriting(first, end) ? context.WaitOn(Cleaned) : Errno.None;

    /// <summary>Begins to write what was dirty at a stamp or before, as much as may be under way. Returns the number of leaves.</summary>
    public int BeginWrites(long stamp, int most)
    {
        int begun = 0;
        for (long leaf = -1; begun < most && cache.Transfers.MayWrite && (leaf = Dirty.Next(leaf + 1, stamp)) >= 0; begun++)
            BeginWrite(leaf);
        return begun;
    }

    /// <summary>Begins to write the leaf of a page that reclaim would take if it were clean.</summary>
    public void BeginWriteOf(long page)
    {
        long leaf = page / PageIndex.LeafPages;
        if (cache.Transfers.MayWrite && Dirty.Next(leaf, long.MaxValue) == leaf)
            BeginWrite(leaf);
    }

    /// <summary>Asks the mapped object what was written through it.</summary>
    public void Collect()
    {
        if (file.Mapped is not { } mapped || !file.IsWritableShared)
            return;
        bool found = false;
        long end = CachedFile.Pages(file.Size);
        for (long page = file.Index.Next(0, end); page < end; page = file.Index.Next(page + CollectedAtOnce, end))
        {
            page &= -PageIndex.LeafPages;
            int count = (int)Math.Min(CollectedAtOnce, end - page);
            mapped.Pages.CollectDirty(page, count, out ulong low, out ulong high);
            found |= Collected(page, low) | Collected(page + PageIndex.LeafPages, high);
        }

        if (found)
            store.WrittenByMapping();
    }

    /// <summary>A bit for each page from a multiple of a leaf on that mappings have written.</summary>
    public bool Collected(long page, ulong bits)
    {
        bool found = false;
        for (; bits != 0; bits &= bits - 1)
        {
            long written = page + System.Numerics.BitOperations.TrailingZeroCount(bits);
            if (file.Index[written] <= 0 || written >= CachedFile.Pages(file.Size))
                continue;
            MarkDirty(written);
            found = true;
        }

        return found;
    }

    // What others' writes leave no room for follows them.
    private void BeginAll(long stamp)
    {
        BeginWrites(stamp, int.MaxValue);
        if (!cache.Transfers.MayWrite && !Dirty.IsSafe(stamp))
            cache.WriteBack.MakeDue(this, stamp);
    }

    private void BeginWrite(long leaf)
    {
        file.ClearTail();
        ulong bits = Dirty.BeginWrite(leaf);
        cache.WriteBack.Began(this, System.Numerics.BitOperations.PopCount(bits));
        var begun = new List<PageTransfer>();
        while (bits != 0)
        {
            int first = System.Numerics.BitOperations.TrailingZeroCount(bits);
            int ones = System.Numerics.BitOperations.TrailingZeroCount(~(bits >> first));
            long page = leaf * PageIndex.LeafPages + first;
            int count = file.Index.Run(page, ones, out int slot);
            bits &= ~((count == PageIndex.LeafPages ? ulong.MaxValue : (1ul << count) - 1) << first);
            begun.Add(new PageTransfer(this, page, count, slot, isWrite: true));
        }

        // One may end while the next begins.
        transfers.AddRange(begun);
        foreach (PageTransfer transfer in begun)
        {
            cache.Transfers.Began(isWrite: true);
            store.BeginWrite(transfer);
        }
    }

    // As on Linux the page counts as clean also when it could not be written: a store that is gone must not fill the memory. Who syncs is told.
    private void Written(PageTransfer transfer, Errno error)
    {
        Dirty.EndWrite(transfer.Page, transfer.Count);
        if (error != Errno.None)
            Errors.Add(error);
        for (int number = 0; number < transfer.Count; number++)
        {
            if ((cache.States[transfer.Slot + number].Flags & SlotFlags.Orphan) != 0)
                Free(transfer.Slot + number);
        }

        cache.WriteBack.Ended(this, transfer.Count);
        Cleaned.Wake();
    }
}
