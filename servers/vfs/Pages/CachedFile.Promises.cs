namespace Servers.Vfs.Pages;

// Small writes that cannot fail: docs/posted-calls.md.
public sealed partial class CachedFile
{
    /// <summary>Most bytes of one of them.</summary>
    public const int PromisedLength = PageSize;

    /// <summary>Sets aside what so many writes need. False: there is not enough, or the file's pages are not in memory alone.</summary>
    internal bool TryPromise(int writes) => stored == null && WritePromises.TryMake(cache, budget, writes);

    /// <summary>So many of them are about to be made, and cannot fail then; or will not be made.</summary>
    internal void Keep(int writes) => WritePromises.Keep(cache, budget, writes);
}
