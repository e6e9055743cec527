using Servers.Vfs.Waiting;

namespace Servers.Vfs.Pages;

/// <summary>A run of pages on its way between its slots and a store. The slots are used for nothing else until it ends.</summary>
public sealed class PageTransfer
{
    private readonly StoredPages pages;
    private bool isEnded;

    internal PageTransfer(StoredPages pages, long page, int count, int slot, bool isWrite)
    {
        this.pages = pages;
        (Page, Count, Slot, IsWrite) = (page, count, slot, isWrite);
    }

    /// <summary>First page of the file.</summary>
    public long Page { get; }

    /// <summary>Pages, at most <see cref="PageIndex.LeafPages"/>.</summary>
    public int Count { get; }

    /// <summary>First slot of the arena; the others follow.</summary>
    public int Slot { get; }

    /// <summary>From the slots to the store.</summary>
    public bool IsWrite { get; }

    /// <summary>The slots' bytes, until it ends.</summary>
    public Span<byte> Bytes => pages.Cache.Slots.Span(Slot, Count);

    /// <summary>Requests that wait for it.</summary>
    internal WaitQueue Ended { get; } = new();

    /// <summary>Accesses of mappings that wait for it.</summary>
    internal List<MissingPage>? Missing { get; set; }

    /// <summary>It has ended; an error says that none of its pages can be relied on.</summary>
    /// <exception cref="InvalidOperationException">It had ended.</exception>
    public void Complete(Errno error)
    {
        if (isEnded)
            throw new InvalidOperationException("page transfer: ended twice");
        isEnded = true;
        pages.Ended(this, error);
    }
}
