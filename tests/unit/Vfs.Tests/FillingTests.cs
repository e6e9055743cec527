using Libsys.Abi;
using Libsys.Hosting;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Tests;

/// <summary>Files whose holes are filled through a mapping: pages are made beforehand, and who does not write them never has them.</summary>
public sealed class FillingTests
{
    private const int Page = CachedFile.PageSize;

    // Most pages that a file may have beyond those that were touched, and files that may have such.
    private const int MostAhead = 63, MostFiles = 32;

    private readonly HeapArena arena = new();
    private readonly TestMappings mappings;
    private readonly Budget kept = new(1 << 20);
    private readonly Budget budget = new(1 << 14);
    private readonly PageCache cache;

    public FillingTests()
    {
        mappings = new TestMappings(arena);
        cache = new PageCache(arena, mappings, kept);
    }

    [Theory]
    [InlineData(16, 0, true)]
    [InlineData(64, 2, true)]
    [InlineData(1024, 20, true)]
    [InlineData(16, 0, false)]
    [InlineData(64, 2, false)]
    [InlineData(1024, 20, false)]
    public void Who_fills_a_file_or_reads_it_asks_seldom(int pages, int mostAsked, bool writes)
    {
        CachedFile file = Mapped(pages, out TestMappedPages client);
        for (int page = 0; page < pages; page++)
            Assert.NotNull(writes ? client.Store(cache, page, 1, (byte)page) ? [] : null : client.Touch(cache, page, write: false));
        Assert.InRange(client.Asked, 0, mostAsked);
        Assert.Equal(pages, file.CountTouchedPages());
        Assert.Equal(pages, budget.Used);
    }

    [Fact]
    public void Who_maps_a_file_and_touches_nothing_has_nothing()
    {
        CachedFile file = Mapped(100, out TestMappedPages client);
        Assert.InRange(file.PageCount, 1, MostAhead);
        Assert.Equal(0, file.CountTouchedPages());
        Assert.Equal(0, budget.Used);
        Assert.NotNull(client.Touch(cache, 3, write: false));
        Assert.Equal(1, file.CountTouchedPages());
    }

    /// <summary>Also with the steps by which runs grow.</summary>
    [Fact]
    public void Who_leaves_pages_out_does_not_have_them()
    {
        const int pages = 4000;
        for (int step = 2; step < 130; step++)
        {
            CachedFile file = Mapped(pages, out TestMappedPages client);
            int touched = 0;
            for (int page = 0; page < pages; page += step)
            {
                Assert.True(client.Store(cache, page, 1, 7));
                touched++;
                Assert.InRange(file.PageCount, touched, touched + MostAhead);
            }

            Assert.Equal(touched, file.CountTouchedPages());
            Assert.Equal(touched, budget.Used);
            for (int page = 0; page < pages; page++)
                Assert.Equal(page % step == 0 ? 7 : 0, Byte(file, page));
            client.Mappings = 0;
            file.Release();
            Assert.Equal(0, budget.Used);
        }
    }

    [Fact]
    public void What_is_made_beforehand_is_bounded_over_all_files()
    {
        var files = new List<CachedFile>();
        for (int number = 0; number < 500; number++)
        {
            files.Add(Mapped(1000, out TestMappedPages client));
            client.Store(cache, 0, 0, 1);
            Assert.InRange(budget.Used, files.Count, files.Count + MostFiles * MostAhead);
            Assert.Equal(budget.Used, files.Sum(file => file.PageCount));
        }

        Assert.True(cache.SettleAhead());
        Assert.Equal(500, budget.Used);
        Assert.False(cache.SettleAhead());
    }

    [Fact]
    public void Who_lacks_memory_gets_what_was_made_beforehand()
    {
        CachedFile file = Mapped(100, out TestMappedPages client);
        Assert.True(client.Store(cache, 0, 0, 1));
        budget.Limit = budget.Used;
        var other = new CachedFile(cache, budget);
        for (int page = 0; page < 15; page++)
            Assert.Equal(Page, other.Write(new byte[Page], page * Page));
        Assert.Equal(-(long)Errno.ENOSPC, other.Write([1], 15 * Page));
        Assert.False(client.Store(cache, 1, 0, 1));
        Assert.Equal(1, Byte(file, 0));
    }

    /// <summary>Between the kernel's word about what was written and the end of the page.</summary>
    [Fact]
    public void What_is_written_at_the_last_moment_is_not_lost()
    {
        CachedFile file = Mapped(100, out TestMappedPages client);
        Assert.True(client.Store(cache, 0, 0, 1));
        client.Collected = () => Assert.True(client.Store(cache, 5, 0, 9));
        Assert.Equal(2, file.CountTouchedPages());
        client.Collected = null;
        Assert.Equal(9, Byte(file, 5));
        Assert.Equal(9, client.Touch(cache, 5, write: false)![0]);
    }

    [Fact]
    public void What_a_call_writes_into_a_page_made_beforehand_stays()
    {
        CachedFile file = Mapped(100, out TestMappedPages client);
        Assert.True(client.Store(cache, 0, 0, 1));
        Assert.Equal(1, file.Write([8], 3 * Page));
        Assert.Equal(2, file.CountTouchedPages());
        Assert.Equal(8, client.Touch(cache, 3, write: false)![0]);
        Assert.Equal(8, Byte(file, 3));
    }

    /// <summary>The object goes, and with it what the kernel knows.</summary>
    [Fact]
    public void A_file_that_nobody_maps_any_more_has_what_was_written()
    {
        CachedFile file = Mapped(100, out TestMappedPages client);
        Assert.True(client.Store(cache, 0, 0, 1));
        Assert.True(client.Store(cache, 4, 0, 2));
        client.Mappings = 0;
        Assert.True(file.TryCloseMapping());
        Assert.Equal(2, file.CountTouchedPages());
        Assert.Equal(2, Byte(file, 4));
    }

    private CachedFile Mapped(int pages, out TestMappedPages client)
    {
        var file = new CachedFile(cache, budget);
        Assert.Equal(Errno.None, file.Truncate((long)pages * Page));
        Assert.Equal(
            Errno.None,
            file.Map(new TestChannel(), default, 0x10000, 0, (long)pages * Page, MapFlags.Read | MapFlags.Write | MapFlags.Shared));
        client = mappings.Made[^1];
        return file;
    }

    private static byte Byte(CachedFile file, int page)
    {
        byte[] found = new byte[Page];
        Assert.Equal(Page, file.Read(found, (long)page * Page));
        return found.Max();
    }
}
