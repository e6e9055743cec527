using Libsys.Hosting;

namespace Servers.Vfs.Pages;

/// <summary>What is set aside for small writes to files in memory, also to files that there are not yet: so they cannot fail (docs/posted-calls.md).</summary>
internal static class WritePromises
{
    // As many pages may be touched by a write of a page, wherever it begins.
    private const int PagesEach = 2;

    // Two leaves, and the nodes above them up to the root, for the largest file; in the unit of the budget.
    private const long IndexEach = 8192;

    /// <summary>Sets aside what so many writes need, of a cache and of the pages of a file system. False: there is not enough.</summary>
    public static bool TryMake(PageCache cache, Budget budget, int writes)
    {
        int pages = PagesEach * writes;
        if (!budget.TryPromise(pages))
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
    public static void Keep(PageCache cache, Budget budget, int writes)
    {
        budget.Keep(PagesEach * writes);
        cache.Kept.Keep(IndexEach * writes);
        cache.Slots.Keep(PagesEach * writes);
    }
}
