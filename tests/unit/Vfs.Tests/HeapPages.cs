using Servers.Vfs.Pages;

namespace Servers.Vfs.Tests;

/// <summary>Slots on the test's own heap. Touching one that has no frame fails, as it does for the real one when there is no memory.</summary>
internal sealed class HeapArena(int slots = 1 << 16) : IPageArena
{
    private readonly bool[] committed = new bool[slots];
    private byte[]? bytes;

    public int Slots => slots;

    /// <summary>Slots that have frames.</summary>
    public int Committed { get; private set; }

    /// <summary>Frames there are.</summary>
    public int Room { get; set; } = int.MaxValue;

    /// <summary>Takes a frame for something else, if there is one.</summary>
    public bool TryTakeFrame()
    {
        if (Committed >= Room)
            return false;
        Room--;
        return true;
    }

    /// <summary>Slots that were given up, in order; what has them elsewhere keeps the bytes.</summary>
    public event Action<int, int>? Discarded;

    public Span<byte> Span(int first, int count)
    {
        for (int slot = first; slot < first + count; slot++)
            Assert.True(committed[slot], $"slot {slot} has no frame");
        return Bytes.AsSpan(first * CachedFile.PageSize, count * CachedFile.PageSize);
    }

    public bool Commit(int first, int count)
    {
        for (int slot = first; slot < first + count; slot++)
        {
            if (committed[slot])
                continue;
            if (Committed == Room)
                return false;
            committed[slot] = true;
            Committed++;
            Bytes.AsSpan(slot * CachedFile.PageSize, CachedFile.PageSize).Clear();
        }

        return true;
    }

    public void Discard(int first, int count)
    {
        Discarded?.Invoke(first, count);
        for (int slot = first; slot < first + count; slot++)
        {
            Committed -= committed[slot] ? 1 : 0;
            committed[slot] = false;
        }
    }

    private byte[] Bytes => bytes ??= new byte[slots * CachedFile.PageSize];
}

/// <summary>An image on the test's heap.</summary>
internal sealed class HeapImage(byte[] bytes) : IFileImage
{
    public int Length => bytes.Length;

    public ReadOnlySpan<byte> Bytes(long offset, int length) => bytes.AsSpan((int)offset, length);
}

/// <summary>What the kernel does with an object, in the test: which page shows which slot or image page.</summary>
internal sealed class TestMappedPages(ulong number, HeapArena arena) : IMappedPages
{
    private readonly Dictionary<long, (int Slot, IFileImage? Image, long Offset)> pages = [];
    private readonly HashSet<long> written = [];

    // Reading is writing, until somebody collects.
    private bool countsReads;

    // Tables of the object, each for as many pages; they are paid by who pays for the slots.
    private readonly HashSet<long> tables = [];

    public bool NeedsTables { get; init; }

    public ulong Number => number;

    public ulong Identity => 1000 + number;

    public int Mappings { get; set; }

    /// <summary>A client writes through it alone.</summary>
    public bool IsWindow { get; set; }

    public bool IsClosed { get; private set; }

    public long DetachedPages { get; private set; } = -1;

    public int Count => pages.Count;

    public long CountMappings() => Mappings;

    public long CountWriters() => Mappings;

    /// <summary>How often the cache was asked for a page.</summary>
    public int Asked { get; private set; }

    /// <summary>Called when it has been collected which pages were written.</summary>
    public Action? Collected { get; set; }

    public bool Share(long page, int slot, int count, bool isAhead = false)
    {
        Assert.False(IsClosed);
        countsReads |= isAhead;
        arena.Span(slot, count);
        for (int index = 0; index < count; index++)
        {
            if (NeedsTables && !tables.Contains((page + index) / 512) && (!arena.TryTakeFrame() || !tables.Add((page + index) / 512)))
                return false;
            pages.TryAdd(page + index, (slot + index, null, 0));
        }

        return true;
    }

    public bool Lend(long page, IFileImage image, long offset, int count)
    {
        Assert.False(IsClosed);
        Assert.True(offset % CachedFile.PageSize == 0 && offset + (long)count * CachedFile.PageSize <= ((HeapImage)image).Length);
        for (int index = 0; index < count; index++)
            pages.TryAdd(page + index, (0, image, offset + (long)index * CachedFile.PageSize));
        return true;
    }

    public ulong Discard(long page, long count, bool copies)
    {
        ulong dirty = 0;
        foreach (long known in pages.Keys.Where(known => known >= page && known < page + count).ToList())
        {
            pages.Remove(known);
            if (written.Remove(known) && known - page < 64)
                dirty |= 1ul << (int)(known - page);
        }

        return dirty;
    }

    public void CollectDirty(long page, int count, out ulong low, out ulong high)
    {
        Assert.InRange(count, 1, 128);
        ulong[] words = [0, 0];
        for (int index = 0; index < count; index++)
        {
            if (written.Remove(page + index))
                words[index / 64] |= 1ul << (index % 64);
        }

        (low, high) = (words[0], words[1]);
        countsReads = false;
        Collected?.Invoke();
    }

    public void Detach(long length)
    {
        Assert.True(pages.Keys.All(page => page < length));
        DetachedPages = length;
    }

    public void Close() => IsClosed = true;

    public void Destroy()
    {
        IsClosed = true;
        pages.Clear();
    }

    /// <summary>A client stores a byte through a window, as long as there is one. False: a fault.</summary>
    public bool StoreWithin(long page, int within, byte value)
    {
        if (!pages.TryGetValue(page, out var shown))
            return false;
        arena.Span(shown.Slot, 1)[within] = value;
        return true;
    }

    /// <summary>What a client sees at a page, or null: SIGBUS. Asks the cache as the kernel would.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="page">Page of the file.</param>
    /// <param name="write">It is to be written.</param>
    /// <param name="goOn">Lets what is under way go on, where the page has to be waited for; false: nothing is.</param>
    public byte[]? Touch(PageCache cache, long page, bool write, Func<bool>? goOn = null)
    {
        for (int tries = 0; tries < 100; tries++)
        {
            bool isThere = pages.TryGetValue(page, out var shown) && (!write || shown.Image == null);
            if (isThere && countsReads)
                written.Add(page);
            if (isThere)
                return shown.Image?.Bytes(shown.Offset, CachedFile.PageSize).ToArray() ?? arena.Span(shown.Slot, 1).ToArray();
            bool? answer = null;
            Asked++;
            Supplied supplied = cache.Supply(number, page, write, out MissingPage? missing);
            if (supplied == Supplied.Later)
            {
                missing!.Answered = isThere => answer = isThere;
                while (answer == null)
                    Assert.True(goOn!(), "nothing is under way that the page could come with");
            }

            if ((answer ?? supplied == Supplied.Ready) == false)
                return null;
        }

        Assert.Fail("the cache says that the page is there, and it is not");
        return null;
    }

    /// <summary>A client stores a byte through a shared mapping. False: SIGBUS.</summary>
    public bool Store(PageCache cache, long page, int within, byte value, Func<bool>? goOn = null)
    {
        if (Touch(cache, page, write: true, goOn) == null)
            return false;
        written.Add(page);
        arena.Span(pages[page].Slot, 1)[within] = value;
        return true;
    }

    /// <summary>No page shows a slot that was given up while the object was still asked for.</summary>
    public bool Shows(int slot) => !IsClosed && pages.Values.Any(shown => shown.Image == null && shown.Slot == slot);
}

/// <summary>Makes them.</summary>
internal sealed class TestMappings(HeapArena arena) : IMappedPagesSource
{
    public List<TestMappedPages> Made { get; } = [];

    public int Limit { get; set; } = int.MaxValue;

    /// <summary>Objects made from now on take frames of the arena for their tables.</summary>
    public bool NeedTables { get; set; }

    public IMappedPages? Create(ulong number)
    {
        if (Made.Count(pages => !pages.IsClosed) >= Limit)
            return null;
        var made = new TestMappedPages(number, arena) { NeedsTables = NeedTables };
        Made.Add(made);
        return made;
    }

    public IMappedPages? CreateWindow(int pages)
    {
        IMappedPages? made = Create(0);
        if (made is TestMappedPages window)
            window.IsWindow = true;
        return made;
    }
}
