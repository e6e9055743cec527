using Libsys.Hosting;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Tests;

/// <summary>What is read before it is asked for, docs/page-cache.md.</summary>
public sealed class ReadAheadTests
{
    private const int Page = CachedFile.PageSize, Pages = 600;

    private readonly PendingStore store = new();
    private readonly WaitingContext context = new();
    private readonly PageCache cache;
    private readonly CachedFile file;

    public ReadAheadTests()
    {
        var arena = new HeapArena(8192);
        cache = new PageCache(arena, new TestMappings(arena), new Budget(1 << 20));
        file = new CachedFile(cache, store, Pages * Page);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(100)]
    public void Who_reads_from_front_to_back_waits_once_if_the_disk_is_fast_enough(int pages)
    {
        int waits = 0;
        for (int page = 0; page < Pages; page += pages)
        {
            waits += Read(page, pages) ? 0 : 1;
            store.EndAll();
            Assert.True(Read(page, pages));
            store.EndAll();
        }

        Assert.Equal(1, waits);
        Assert.Equal(Pages, store.PagesRead);
    }

    [Fact]
    public void Who_goes_on_while_the_disk_has_not_answered_waits_for_what_is_on_its_way()
    {
        int transfers = 0;
        for (int page = 0; page < Pages; page++)
        {
            while (!Read(page, 1))
            {
                Assert.InRange(++transfers, 1, Pages / 64 + 10);
                store.EndFirst();
            }
        }

        Assert.Equal(Pages, store.PagesRead);
    }

    [Fact]
    public void Who_jumps_about_has_little_read_that_he_does_not_ask_for()
    {
        const int step = 37, least = 4;
        for (int count = 0; count < Pages; count++)
        {
            int page = count * step % Pages;
            long before = store.PagesRead + store.Pending.Sum(static transfer => transfer.Count);
            Read(page, 1);
            store.EndAll();
            Assert.True(Read(page, 1));
            Assert.InRange(store.PagesRead - before, 0, 2 * least);
        }
    }

    [Fact]
    public void What_fails_before_it_is_asked_for_is_tried_again_for_who_asks()
    {
        for (int page = 0; page < 20; page++)
        {
            Read(page, 1);
            store.EndAll();
        }

        while (store.Pending.Count == 0)
            Assert.True(Read(20, 1) | Read(27, 1) | Read(40, 1));
        (long first, long count) = (store.Pending[0].Page, store.Pending[0].Count);
        Assert.True(count > 1);
        store.EndAll(Errno.EIO);
        for (long page = first; page < first + count; page++)
        {
            Read((int)page, 1);
            store.EndAll();
            Assert.True(Read((int)page, 1));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(100)]
    public void A_disk_that_is_gone_is_an_error_for_who_reads_and_not_a_wait_for_ever(int pages)
    {
        Assert.False(Read(0, pages));
        store.EndAll();
        Assert.True(Read(0, pages));
        int tries = 0;
        long length;
        do
        {
            store.EndAll(Errno.EIO);
            length = file.Read(context, new byte[pages * Page], Pages / 2 * Page);
            Assert.InRange(++tries, 1, 10);
        }
        while (length == -(long)Errno.Wait);
        Assert.Equal(-(long)Errno.EIO, length);
    }

    [Fact]
    public void A_full_cache_gives_what_was_read_long_ago_to_who_goes_on()
    {
        var arena = new HeapArena(256);
        var few = new CachedFile(new PageCache(arena, new TestMappings(arena), new Budget(1 << 20)), store, Pages * Page);
        int waits = 0;
        for (int page = 0; page < Pages; page++)
        {
            waits += few.Read(context, new byte[Page], page * Page) > 0 ? 0 : 1;
            store.EndAll();
            Assert.Equal(Page, few.Read(context, new byte[Page], page * Page));
            store.EndAll();
        }

        // At the start, and where the cache has become full.
        Assert.InRange(waits, 1, 3);
    }

    [Fact]
    public void What_is_clean_can_be_dropped()
    {
        for (int round = 0; round < 2; round++)
        {
            for (int page = 0; page < Pages; page++)
            {
                while (!Read(page, 1))
                    store.EndAll();
            }

            cache.DropClean();
            store.EndAll();
            Assert.Equal(0, cache.States.Count);
        }

        Assert.Equal(2 * Pages, store.PagesRead);
    }

    private bool Read(int page, int pages)
    {
        var bytes = new byte[Math.Min(pages, Pages - page) * Page];
        long length = file.Read(context, bytes, page * Page);
        Assert.True(length == bytes.Length || length == -(long)Errno.Wait, $"{page}: {length}");
        for (int number = 0; number * Page < length; number++)
            Assert.Equal((byte)(page + number), bytes[number * Page]);
        return length > 0;
    }

    private sealed class WaitingContext : OperationContext
    {
        public override Errno WaitOn(WaitQueue queue) => Errno.Wait;
    }

    private sealed class PendingStore : IPageStore
    {
        public List<PageTransfer> Pending { get; } = [];

        public long PagesRead { get; private set; }

        public void BeginRead(PageTransfer transfer) => Pending.Add(transfer);

        public void BeginWrite(PageTransfer transfer) => transfer.Complete(Errno.None);

        public void EndFirst(Errno error = Errno.None)
        {
            PageTransfer transfer = Pending[0];
            Pending.RemoveAt(0);
            for (int number = 0; number < transfer.Count; number++)
                transfer.Bytes[number * Page] = (byte)(transfer.Page + number);
            PagesRead += error == Errno.None ? transfer.Count : 0;
            transfer.Complete(error);
        }

        public void EndAll(Errno error = Errno.None)
        {
            while (Pending.Count > 0)
                EndFirst(error);
        }

        public Errno Sync(OperationContext context) => Errno.None;

        public void WrittenByMapping()
        {
        }

        public void Unused()
        {
        }
    }
}
