namespace Servers.Vfs.Pages;

// Pages that are read before they are asked for: of who goes from front to back.
internal sealed partial class StoredPages
{
    // Pages read where one is missing, and twice as many each time that goes on where the last ones ended: up to what one transfer has. Linux stops at half of
    // that (read_ahead_kb); here a transfer costs a message to the driver.
    private const int LeastAhead = 4, MostAhead = PageIndex.LeafPages;

    // Where the next page is missing for who goes on; and from which page on, up to there, a read means that he does: the next ones are begun then.
    private long nextInSequence, trigger = long.MaxValue;
    private int window = LeastAhead;

    /// <summary>
    /// Pages [first, end) are read: those behind them are begun to be, if it is time for that. Nobody waits for what is begun here, and nobody is told that it
    /// failed.
    /// </summary>
    public void ReadOn(long first, long end)
    {
        if (end <= trigger || first >= nextInSequence)
            return;
        trigger = long.MaxValue;
        window = Math.Min(window * 2, cache.MostAhead(MostAhead));
        long page = nextInSequence;
        // Who asks for much at once gets as much the next time.
        long limit = page + Math.Max(window, end - first);
        // A transfer ends with a leaf of the index: from here on they are whole ones.
        if (window == PageIndex.LeafPages)
            limit = (limit + PageIndex.LeafPages - 1) & -PageIndex.LeafPages;
        limit = Math.Min(limit, CachedFile.Pages(file.Size));
        while (page < limit && file.Index[page] != 0)
            page++;
        // A page by itself that fails would be somebody's error.
        for (int count; (count = (int)(limit - page)) > 1 && file.Index[page] == 0 && !IsSuspect(page, count);)
        {
            if (!TryRead(page, count, count, out _, out int begun))
                break;
            trigger = Math.Min(trigger, page);
            page = nextInSequence = page + begun;
        }
    }

    // Something could not be read: what lies behind it may be worse.
    private void StopAhead() => (nextInSequence, trigger) = (-1, long.MaxValue);

    // Begins to read where a page is missing: as much as is asked for, and more of who goes on. Results as those of TryRead.
    private bool TryReadMissing(long page, int wanted, out PageTransfer? transfer, out int begun)
    {
        bool goesOn = page == nextInSequence;
        window = goesOn ? Math.Min(window * 2, cache.MostAhead(MostAhead)) : LeastAhead;
        int count = (int)Math.Min(Math.Max(wanted, window), CachedFile.Pages(file.Size) - page);
        bool isBegun = TryRead(page, goesOn ? count : wanted, count, out transfer, out begun);
        if (isBegun)
            (nextInSequence, trigger) = (page + begun, goesOn ? page + Math.Min(wanted, begun - 1) : long.MaxValue);
        return isBegun;
    }
}
