namespace Servers.Vfs.Pages;

// Small writes that cannot fail: docs/posted-calls.md.
public sealed partial class CachedFile
{
    /// <summary>Most bytes of one of them.</summary>
    public const int PromisedLength = PageSize;

    // As many may be touched by a write of a page, wherever it begins.
    private const int PagesEach = 2;

    // Two leaves, and the nodes above them up to the root, for the largest file; in the unit of the budget.
    private const long IndexEach = 8192;

    /// <summary>Sets aside what so many writes need. False: there is not enough, or the file's pages are not in memory alone.</summary>
    internal bool TryPromise(int writes)
    {
        int pages = PagesEach * writes;
        if (stored != null || !budget.TryPromise(pages))
            return false;
        if (cache.Kept.TryPromise(IndexEach * writes))
        {
            if (cache.Slots.TryPromise(pages))
                return true;
            cache.Kept.Keep(IndexEach * writes);
        }

        budget.Keep(pages);
        return false;
    }

    /// <summary>So many of them are about to be made, and cannot fail then; or will not be made.</summary>
    internal void Keep(int writes)
    {
        budget.Keep(PagesEach * writes);
        cache.Kept.Keep(IndexEach * writes);
        cache.Slots.Keep(PagesEach * writes);
    }
}
