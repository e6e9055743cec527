namespace Servers.Vfs.Pages;

// Which pages there are: truncation, holes, room made beforehand.
public sealed partial class CachedFile
{
    private const long MostPages = Limit >> PageBits;

    /// <summary>Cuts the file or extends it with a hole.</summary>
    public Errno Truncate(long length)
    {
        if (length > Limit)
            return Errno.EFBIG;
        Inode?.EndWriting();
        Inode?.Changing();
        SettleAhead();
        if (length < Size)
        {
            // The rest of the last page is zeroed, which an image's page cannot be.
            if ((length & PageMask) != 0 && !Own(length >> PageBits))
                return Errno.ENOSPC;
            Cut(Pages(length), MostPages);
            imagePages = Math.Min(imagePages, Pages(length));
        }
        else
        {
            ClearTail();
        }

        Size = length;
        ClearTail();
        return Errno.None;
    }

    /// <summary>fallocate(2): makes sure that pages exist; the size grows unless <paramref name="keepSize"/>.</summary>
    public Errno Allocate(long offset, long length, bool keepSize)
    {
        long end = offset + length;
        if (end > Limit)
            return Errno.EFBIG;
        Inode?.EndWriting();
        SettleAhead();
        if (!budget.HasRoom(Pages(end) - (offset >> PageBits) - PageCount))
            return Errno.ENOSPC;
        if (end > Size)
            ClearTail();
        for (long page = offset >> PageBits; page < Pages(end);)
        {
            int run = index.Run(page, (int)Math.Min(Pages(end) - page, PageIndex.LeafPages), out int entry);
            if (entry <= 0)
                run = Make(page, run, 0, 0, out _);
            if (run == 0)
                return Errno.ENOSPC;
            page += run;
        }

        if (!keepSize && end > Size)
            Size = end;
        hasPagesBehind |= end > Size;
        return Errno.None;
    }

    /// <summary>FALLOC_FL_PUNCH_HOLE: the range reads as zero; whole pages are freed.</summary>
    public Errno PunchHole(long offset, long length)
    {
        long end = Math.Min(offset + length, Pages(Size) << PageBits);
        if (offset >= end)
            return Errno.None;
        Inode?.EndWriting();
        Inode?.Changing();
        SettleAhead();
        long first = Pages(offset);
        long last = end >> PageBits;
        if (!ReserveHoles(Math.Min(first, last), Math.Max(first, last)) || !OwnPartial(offset) || !OwnPartial(end))
            return Errno.ENOSPC;
        if (first > last)
        {
            Clear(offset, end);
            return Errno.None;
        }

        Clear(offset, first << PageBits);
        Cut(first, last, isHole: true);
        for (long page = first; page < Math.Min(last, imagePages); page++)
            index.Set(page, Hole);
        Clear(last << PageBits, end);
        return Errno.None;
    }

    /// <summary>SEEK_DATA and SEEK_HOLE, lseek(2): the next data or hole at or after <paramref name="offset"/>, −1 if there is none.</summary>
    public long Seek(long offset, bool data)
    {
        if (offset >= Size || offset < 0)
            return -1;
        SettleAhead();
        long end = Pages(Size);
        for (long page = offset >> PageBits; page < end;)
        {
            int run = index.Run(page, (int)Math.Min(end - page, int.MaxValue), out int entry);
            bool fromImage = entry == 0 && page < imagePages;
            if (data == (entry > 0 || fromImage))
                return Math.Max(page << PageBits, offset);
            if (fromImage)
                page += Math.Min(run, imagePages - page);
            else
                page = entry == 0 ? index.Next(page, end) : page + run;
        }

        return data ? -1 : Size;
    }

    /// <summary>The file is gone: nobody can open it any more. Who has it mapped keeps its pages.</summary>
    public void Release()
    {
        Inode?.EndWriting();
        Inode?.Changing();
        LeaveMapping();
        IsReleased = true;
        Cut(0, MostPages);
        image = null;
        imagePages = 0;
        PageCount = 0;
        Size = 0;
    }

    /// <summary>Gives up the pages [first, end), in all mappings first.</summary>
    private void Cut(long first, long end, bool isHole = false)
    {
        long ofImage = Math.Max(Math.Min(end, imagePages) - first, 0);
        // A hole leaves private copies alone, the end of a file does not: truncate(2), fallocate(2).
        Mapped?.Pages.Discard(first, end - first, copies: !isHole);
        if (index.IsEmpty && ofImage == 0)
            return;
        long slots = 0;
        for (long page = index.Next(first, end); page < end;)
        {
            int run = index.Run(page, (int)Math.Min(end - page, PageIndex.LeafPages), out int entry);
            if (page < imagePages)
                ofImage -= Math.Min(run, imagePages - page);
            if (entry > 0)
            {
                if (stored != null)
                    stored.GiveUp(page, entry, run);
                else
                    cache.Slots.Give(entry, run, WasMapped);
                slots += run;
            }

            page = index.Next(page + run, end);
        }

        budget.Give(slots);
        PageCount -= slots + ofImage;
        // Holes of an image are entries that must have room again right away.
        if (isHole && stored == null)
            ForgetRange(first, end);
        else
            index.Drop(first, end);
    }

    private void ForgetRange(long first, long end)
    {
        for (long page = index.Next(first, end); page < end; page = index.Next(page + 1, end))
            index.Set(page, 0);
    }

    private bool ReserveHoles(long first, long last)
    {
        long end = Math.Min(last, imagePages);
        while (first < end)
        {
            int count = (int)Math.Min(end - first, PageIndex.LeafPages - (first & (PageIndex.LeafPages - 1)));
            if (!index.Reserve(first, count))
                return false;
            first += count;
        }

        return true;
    }

    /// <summary>Makes sure that a page is not the image's, so that part of it can be zeroed.</summary>
    private bool Own(long page) => page >= imagePages || index[page] != 0 || Make(page, 1, 0, 0, out _) > 0;

    private bool OwnPartial(long offset) => (offset & PageMask) == 0 || Own(offset >> PageBits);

    /// <summary>Zeroes what lies beyond the end in the last page: a shared mapping may have written there.</summary>
    internal void ClearTail()
    {
        if ((Size & PageMask) != 0)
            Clear(Size, Pages(Size) << PageBits);
    }

    /// <summary>Zeroes a range within one page, if it has a slot.</summary>
    private void Clear(long from, long to)
    {
        if (from >= to || index[from >> PageBits] is not (var slot and > 0))
            return;
        if (stored == null)
            cache.Slots.Span(slot, 1)[(int)(from & PageMask)..][..(int)(to - from)].Clear();
        else
            stored.Clear(from, slot, (int)(to - from));
    }
}
