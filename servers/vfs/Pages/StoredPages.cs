using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Pages;

/// <summary>The part of a <see cref="CachedFile"/> that has a store: what is there, what is on its way, and who waits for it.</summary>
/// <param name="file">The file.</param>
/// <param name="cache">Its cache.</param>
/// <param name="store">Its store.</param>
internal sealed partial class StoredPages(CachedFile file, PageCache cache, IPageStore store)
{
    private readonly List<PageTransfer> transfers = [];

    // Pages that could not be read and whose reader has not been told.
    private readonly List<(long Page, long End)> failed = [];

    // Where something could not be read: pages are read one by one there, so that one bad sector is the error of its own page, as on Linux.
    private readonly List<(long Page, long End)> suspect = [];
    /// <summary>The cache.</summary>
    public PageCache Cache => cache;

    /// <summary>The file.</summary>
    public CachedFile File => file;

    /// <summary>Where its pages are kept.</summary>
    public IPageStore Store => store;

    /// <summary>Nothing is dirty, nothing on its way.</summary>
    public bool IsSettled => Dirty.IsEmpty && transfers.Count == 0;

    /// <summary>
    /// Makes sure that the bytes of a range are in memory, as far as they are in the file; <paramref name="length"/> may become less, but not 0. Wait: they are
    /// on their way. An error is that of a first page that could not be read, told once.
    /// </summary>
    public Errno BringIn(OperationContext context, long offset, ref int length)
    {
        long page = offset >> CachedFile.PageBits;
        long end = Math.Min(CachedFile.Pages(offset + length), page + cache.MostAtOnce);
        end = Math.Min(end, CachedFile.Pages(file.Size));
        length = (int)Math.Min(length, (end << CachedFile.PageBits) - offset);
        cache.WriteBack.Meet(context);
        cache.Reclaim.Meet(context, file, page, end);
        long there = -1;
        while (page < end)
        {
            int run = file.Index.Run(page, (int)(end - page), out int slot);
            Errno error = slot > 0 ? Meet(context, page, ref run, slot) : Fetch(context, page, ref run, end);
            bool isWaiting = error == Errno.Wait;
            if (error != Errno.None && !isWaiting)
            {
                // Who asked for more than this page gets what lies before it; the next request begins with the error.
                if (page << CachedFile.PageBits <= offset)
                    return error;
                length = (int)((page << CachedFile.PageBits) - offset);
                break;
            }

            if (isWaiting && there < 0)
                there = page;
            // One by one here: the answer to this page is needed before that to others would take its place among those that are remembered.
            if (isWaiting && IsSuspect(page))
                break;
            page += run;
        }

        if (there < 0)
            return Errno.None;
        // Others need pages as much: who has been tried often takes what is there.
        if (context.Tries <= PageReclaim.MostTries || (there << CachedFile.PageBits) <= offset)
            return Errno.Wait;
        length = (int)((there << CachedFile.PageBits) - offset);
        return Errno.None;
    }

    /// <summary>A page has got a slot, with bytes that are right or will be when the same try ends.</summary>
    public void Took(long page, int slot) => cache.States.Own(slot, this, page, SlotFlags.Referenced);

    /// <summary>The file gives up a run of pages: slots that are on their way are freed when they arrive.</summary>
    public void GiveUp(long page, int slot, int count)
    {
        cache.WriteBack.Forget(this, Dirty.Forget(page, page + count));
        for (int number = 0; number < count; number++)
        {
            ref SlotState state = ref cache.States[slot + number];
            if ((state.Flags & SlotFlags.Reading) != 0 || Dirty.Contains(page + number))
                state.Flags |= SlotFlags.Orphan;
            else
                Free(slot + number);
        }
    }

    /// <summary>Reclaim takes a page that is clean and not shared.</summary>
    public void Evict(long page, int slot)
    {
        file.Evicted(page);
        Free(slot);
    }

    /// <summary>A transfer has ended.</summary>
    public void Ended(PageTransfer transfer, Errno error)
    {
        transfers.Remove(transfer);
        cache.Transfers.Ended(transfer.IsWrite);
        if (transfer.IsWrite)
            Written(transfer, error);
        else
            Arrived(transfer, error);
        transfer.Ended.Wake();
        foreach (MissingPage missing in transfer.Missing ?? [])
        {
            if (error == Errno.None || IsSuspect(transfer.Page, transfer.Count))
                missing.Retry();
            else
                missing.Answer(isThere: false);
        }

        cache.Transfers.WakeRoom();
        cache.WriteBack.Pump();
        if (IsSettled && file.IsReleased)
            store.Unused();
    }

    private void Free(int slot)
    {
        cache.States.Disown(slot);
        cache.Slots.Give(slot, 1, file.WasMapped);
    }

    // Pages that have slots: they are there, or on their way.
    private Errno Meet(OperationContext context, long page, ref int run, int slot)
    {
        for (int number = 0; number < run; number++)
        {
            ref SlotState state = ref cache.States[slot + number];
            state.Flags |= SlotFlags.Referenced;
            if ((state.Flags & SlotFlags.Reading) == 0)
                continue;
            if (number > 0)
            {
                run = number;
                break;
            }

            PageTransfer transfer = Find(page);
            run = (int)Math.Min(run, transfer.Page + transfer.Count - page);
            return context.WaitOn(transfer.Ended);
        }

        return Errno.None;
    }

    // Pages that have none. The run is the part of it that is on its way or there now.
    private Errno Fetch(OperationContext context, long page, ref int run, long end)
    {
        if (TakeFailure(page, ref run))
            return Errno.EIO;
        int wanted = run, failure = 1;
        do
        {
            if (!TryReadMissing(page, wanted, out PageTransfer? transfer, out run))
            {
                bool isIndexFull = run < 0;
                run = (int)(end - page);
                return isIndexFull ? Errno.ENOMEM : cache.Transfers.WaitForRoom(context);
            }

            if (transfer != null)
                return context.WaitOn(transfer.Ended);
            if (TakeFailure(page, ref failure))
                return Errno.EIO;
        }
        // It has ended at once. If that failed for more than one page, each is tried by itself now.
        while (file.Index[page] <= 0);
        return Errno.None;
    }

    /// <summary>
    /// Begins to read missing pages. False: no slots (0), or no memory for the index (−1). A transfer that has ended at once is not answered.
    /// </summary>
    private bool TryRead(long page, int wanted, int count, out PageTransfer? transfer, out int begun)
    {
        transfer = null;
        count = Math.Min(count, PageIndex.LeafPages - (int)(page & (PageIndex.LeafPages - 1)));
        count = IsSuspect(page, count) ? 1 : Math.Max(file.Index.Run(page, count, out _), 1);
        begun = 0;
        if (!cache.Transfers.MayRead)
            return false;
        // Only what is wanted, or will be by who goes on, is worth a page that others use.
        begun = cache.Slots.Take(count, out int slot, out _);
        if (begun == 0)
            begun = cache.TakeOthers(Math.Min(count, wanted), out slot, out _);
        if (begun == 0)
            return false;
        if (!cache.TryReserve(file.Index, page, begun))
        {
            cache.Slots.Give(slot, begun, isShared: false);
            begun = -1;
            return false;
        }

        for (int number = 0; number < begun; number++)
        {
            file.Index.Set(page + number, slot + number);
            cache.States.Own(slot + number, this, page + number, SlotFlags.Reading | SlotFlags.Referenced);
        }

        file.CountPages(begun);
        var made = new PageTransfer(this, page, begun, slot, isWrite: false);
        transfers.Add(made);
        cache.Transfers.Began(isWrite: false);
        store.BeginRead(made);
        transfer = transfers.Contains(made) ? made : null;
        return true;
    }

    private void Arrived(PageTransfer transfer, Errno error)
    {
        for (int number = 0; number < transfer.Count; number++)
        {
            int slot = transfer.Slot + number;
            ref SlotState state = ref cache.States[slot];
            state.Flags &= ~SlotFlags.Reading;
            if ((state.Flags & SlotFlags.Orphan) != 0)
                Free(slot);
            else if (error != Errno.None)
                Evict(transfer.Page + number, slot);
        }

        // An access of a mapping that waited is told right away; others when they ask again.
        long end = transfer.Page + transfer.Count;
        if (error != Errno.None)
            StopAhead();
        if (error == Errno.None)
            failed.RemoveAll(failure => failure.Page < end && failure.End > transfer.Page);
        else if (transfer.Count > 1)
            Remember(suspect, transfer.Page, end);
        else if (transfer.Missing == null)
            Remember(failed, transfer.Page, end);
    }

    private bool IsSuspect(long page) => suspect.Exists(range => page >= range.Page && page < range.End);

    // Part of a longer range, since a page by itself has no others to spare.
    private bool IsSuspect(long page, int count) => count > 1 && suspect.Exists(range => page < range.End && page + count > range.Page);

    private static void Remember(List<(long Page, long End)> ranges, long page, long end)
    {
        // Whoever asked may be gone. Those that are forgotten are read again.
        const int most = 8;
        if (ranges.Count == most)
            ranges.RemoveAt(0);
        ranges.Add((page, end));
    }

    // A failure is the answer to one request. The run ends where one begins.
    private bool TakeFailure(long page, ref int run)
    {
        for (int number = 0; number < failed.Count; number++)
        {
            (long first, long end) = failed[number];
            if (page >= first && page < end)
            {
                failed.RemoveAt(number);
                return true;
            }

            if (first > page && first < page + run)
                run = (int)(first - page);
        }

        return false;
    }

    private PageTransfer Find(long page) => transfers.Find(transfer => !transfer.IsWrite && page >= transfer.Page && page < transfer.Page + transfer.Count
        && file.Index[page] == transfer.Slot + (int)(page - transfer.Page))!;
}
