namespace Servers.Vfs.Pages;

/// <summary>How many pages the files of a tmpfs may hold; Linux' default is half of the memory, tmpfs(5).</summary>
public sealed class PageBudget
{
    /// <summary>A budget of <paramref name="limit"/> pages.</summary>
    public PageBudget(long limit) => Limit = limit;

    /// <summary>Pages that may be used.</summary>
    public long Limit { get; set; }

    /// <summary>Pages in use.</summary>
    public long Used { get; private set; }

    /// <summary>Takes pages, or says no.</summary>
    public bool TryTake(long pages)
    {
        if (Used + pages > Limit)
            return false;
        Used += pages;
        return true;
    }

    /// <summary>Takes as many pages as there are, up to a number; that many may have to be given back at once.</summary>
    public int TakeSome(int pages)
    {
        int taken = (int)Math.Clamp(Limit - Used, 0, pages);
        Used += taken;
        return taken;
    }

    /// <summary>Gives pages back.</summary>
    public void Give(long pages) => Used -= pages;
}
