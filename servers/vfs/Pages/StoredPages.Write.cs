using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Pages;

// What has to be there before a file is changed.
internal sealed partial class StoredPages
{
    /// <summary>Makes sure that a write cannot fail: pages of which a part stays, slots for the others, and that they may be dirty.</summary>
    public Errno PrepareWrite(OperationContext context, long offset, int length)
    {
        long first = offset >> CachedFile.PageBits, end = CachedFile.Pages(offset + length);
        cache.WriteBack.Meet(context);
        Errno error = cache.WriteBack.AwaitRoom(context, (int)(end - first));
        if (error == Errno.None && offset > file.Size)
            error = PrepareTail(context);
        if (error != Errno.None)
            return error;
        cache.Reclaim.Meet(context, file, Math.Min(first, file.Size >> CachedFile.PageBits), end);
        bool waits = false;
        int missing = 0;
        for (long page = first; page < end;)
        {
            int run = file.Index.Run(page, (int)(end - page), out int slot);
            if (slot > 0)
                error = Meet(context, page, ref run, slot);
            else if (KeepsPart(page, offset, offset + length))
                error = FetchOne(context, page, out run);
            else
                (run, missing) = (1, missing + 1);
            if (error == Errno.Wait)
                waits = true;
            else if (error != Errno.None)
                return error;
            page += run;
        }

        if (waits)
            return Errno.Wait;
        return cache.TryEnsure(missing) ? Errno.None : cache.Transfers.WaitForRoom(context);
    }

    /// <summary>What lies behind the end in the last page is zeroed when the file grows: a mapping may have written there, and reclaim have taken it.</summary>
    public Errno PrepareTail(OperationContext context)
    {
        int one = 1;
        return file.IsWritableShared && file.Size % CachedFile.PageSize != 0 ? BringIn(context, file.Size - 1, ref one) : Errno.None;
    }

    /// <summary>Zeroes a part of a page.</summary>
    public void Clear(long from, int slot, int length)
    {
        if ((cache.States[slot].Flags & SlotFlags.Reading) != 0)
            return;
        Span<byte> bytes = cache.Slots.Span(slot, 1).Slice((int)(from % CachedFile.PageSize), length);
        if (!bytes.ContainsAnyExcept((byte)0))
            return;
        bytes.Clear();
        MarkDirty(from >> CachedFile.PageBits);
    }

    // True if some bytes of the file in a page are not among those [from, to) that are going to be written.
    private bool KeepsPart(long page, long from, long to)
    {
        long start = page << CachedFile.PageBits;
        long end = Math.Min(start + CachedFile.PageSize, file.Size);
        return start < end && (from > start || to < end);
    }

    private Errno FetchOne(OperationContext context, long page, out int run)
    {
        run = 1;
        int fetched = 1;
        return Fetch(context, page, ref fetched, page + 1);
    }
}
