namespace Servers.Vfs.Pages;

/// <summary>An access through a mapping that waits for its page.</summary>
/// <param name="cache">The cache.</param>
/// <param name="number">The mapped object's number.</param>
/// <param name="page">Page of the file.</param>
/// <param name="isWrite">It is to be written.</param>
public sealed class MissingPage(PageCache cache, ulong number, long page, bool isWrite)
{
    /// <summary>Who is to be told: true, the access is tried again; false, it fails.</summary>
    public Action<bool>? Answered { get; set; }

    /// <summary>What it waited for has ended.</summary>
    internal void Retry()
    {
        Supplied answer = cache.Supply(number, page, isWrite, this);
        if (answer != Supplied.Later)
            Answer(answer == Supplied.Ready);
    }

    /// <summary>Ends it.</summary>
    internal void Answer(bool isThere)
    {
        cache.Transfers.MissingPages--;
        Answered?.Invoke(isThere);
    }
}

/// <summary>What becomes of an access to a page that a mapped object lacks.</summary>
public enum Supplied
{
    /// <summary>It is to be tried again now.</summary>
    Ready,

    /// <summary>It fails.</summary>
    Refused,

    /// <summary>The page is on its way.</summary>
    Later,
}
