namespace Servers.Vfs.Pages;

// Pages of the mapped object: there is a frame for each that is there, and nothing for the others.
internal sealed partial class StoredPages
{
    /// <summary>A mapping touches a page of the file that the object lacks.</summary>
    public Supplied Supply(long page, MissingPage missing)
    {
        cache.Reclaim.Meet(file, page, page + 1);
        while (true)
        {
            if (TryShare(page))
                return Supplied.Ready;
            if (file.Index[page] is var slot and > 0)
            {
                if ((cache.States[slot].Flags & SlotFlags.Reading) != 0)
                    return Keep(Find(page), missing);
                // No memory for the object's tables.
                return (cache.TryGiveFrames() && TryShare(page)) ? Supplied.Ready : cache.Transfers.KeepForRoom(missing) ? Supplied.Later : Supplied.Refused;
            }

            int run = 1;
            if (!TryReadMissing(page, 1, out PageTransfer? transfer, out int begun))
                return begun == 0 && cache.Transfers.KeepForRoom(missing) ? Supplied.Later : Supplied.Refused;
            if (transfer != null)
                return Keep(transfer, missing);
            if (TakeFailure(page, ref run))
                return Supplied.Refused;
        }
    }

    /// <summary>Shares a page and those around it, if it is there. False: it is not, or there is no memory for the object's tables.</summary>
    public bool TryShare(long page)
    {
        int slot = file.Index[page];
        if (slot == 0)
            return false;
        ref SlotState state = ref cache.States[slot];
        state.Flags |= SlotFlags.Referenced;
        if ((state.Flags & SlotFlags.Reading) != 0)
            return false;
        long first = page & -PageIndex.LeafPages;
        bool isShared = Share(first, Math.Min(first + PageIndex.LeafPages, CachedFile.Pages(file.Size)), page);
        ReadOn(page, page + 1);
        return isShared;
    }

    /// <summary>Shares the pages of a range that are there. False: not the one that is needed.</summary>
    public bool Share(long first, long end, long needed)
    {
        bool hasNeeded = true;
        for (long page = file.Index.Next(first, end); page < end; page = file.Index.Next(page, end))
        {
            int run = file.Index.Run(page, (int)(end - page), out int slot);
            int ready = 0;
            while (ready < run && (cache.States[slot + ready].Flags & SlotFlags.Reading) == 0)
                ready++;
            if (ready > 0 && file.Mapped!.Pages.Share(page, slot, ready))
                MarkShared(slot, ready);
            else if (ready > 0 && needed >= page && needed < page + ready)
                hasNeeded = false;
            page += Math.Max(ready, 1);
        }

        return hasNeeded;
    }

    /// <summary>Takes a page out of the object and out of all mappings; what they wrote is dirty then.</summary>
    public void Unshare(long page, ref SlotState state)
    {
        state.Flags &= ~SlotFlags.Shared;
        if (file.Mapped is not { } mapped)
            return;
        if ((mapped.Pages.Discard(page, 1, copies: false) & 1) == 0 || !file.IsWritableShared)
            return;
        MarkDirty(page);
        store.WrittenByMapping();
    }

    /// <summary>The object is let go: its pages are the file's alone.</summary>
    public void ObjectCloses()
    {
        Collect();
        Errors.ForgetLabels();
        long end = CachedFile.Pages(file.Size);
        for (long page = file.Index.Next(0, end); page < end; page = file.Index.Next(page + 1, end))
            cache.States[file.Index[page]].Flags &= ~SlotFlags.Shared;
    }

    /// <summary>Nobody maps it any more.</summary>
    public void Unmapped() => store.Unused();

    private void MarkShared(int slot, int count)
    {
        for (int number = 0; number < count; number++)
            cache.States[slot + number].Flags |= SlotFlags.Shared;
    }

    private static Supplied Keep(PageTransfer transfer, MissingPage missing)
    {
        (transfer.Missing ??= []).Add(missing);
        return Supplied.Later;
    }
}
