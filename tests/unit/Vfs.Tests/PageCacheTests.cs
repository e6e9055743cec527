using System.Globalization;
using System.Text;
using CsCheck;
using Libsys.Abi;
using Libsys.Hosting;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Tests;

/// <summary>Files in the page cache against an array of bytes, with clients that map them, little memory, and images.</summary>
public sealed class PageCacheTests
{
    private const int Page = CachedFile.PageSize;

    private readonly HeapArena arena = new();
    private readonly TestMappings mappings;
    private readonly Budget kept = new(1 << 20);
    private readonly Budget budget = new(1 << 14);
    private readonly PageCache cache;

    public PageCacheTests()
    {
        mappings = new TestMappings(arena);
        cache = new PageCache(arena, mappings, kept);
    }

    [Fact]
    public void Random_operations_give_what_an_array_of_bytes_gives()
    {
        Gen.Select(Gen.Int[0, 13], Gen.Int[0, 40 * Page], Gen.Int[0, 6 * Page], Gen.Byte).Array[1, 60].Sample(
            operations =>
            {
                string? difference = new Comparison(operations.Length % 3, operations.Length % 5 == 0 ? 40 : int.MaxValue).Run(operations);
                Assert.True(difference == null, difference);
            },
            iter: 4000,
            threads: 1);
    }

    [Fact]
    public void A_page_at_the_end_of_16_TiB_costs_little_and_is_found()
    {
        CachedFile file = New();
        Assert.Equal(1, file.Write([7], CachedFile.Limit - 1));
        Assert.Equal(CachedFile.Limit, file.Size);
        Assert.Equal(1, file.PageCount);
        Assert.Equal(-(long)Errno.EFBIG, file.Write([7], CachedFile.Limit));
        Assert.Equal(Errno.EFBIG, file.Truncate(CachedFile.Limit + 1));
        Assert.Equal(CachedFile.Limit - Page, file.Seek(0, data: true));
        Assert.Equal(0, file.Seek(0, data: false));
        Assert.Equal(CachedFile.Limit, file.Seek(CachedFile.Limit - 1, data: false));
        Assert.InRange(kept.Used, 1, 5000);
        Assert.Equal(0, (int)file.Truncate(0));
        Assert.Equal(0, kept.Used);
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public void Many_small_files_cost_a_leaf_each_and_give_all_back()
    {
        var files = new List<CachedFile>();
        for (int number = 0; number < 10_000; number++)
        {
            files.Add(New());
            Assert.Equal(10, files[^1].Write(new byte[10], 0));
        }

        Assert.InRange(kept.Used, 10_000, 400_000);
        foreach (CachedFile file in files)
            file.Release();
        Assert.Equal(0, kept.Used);
        Assert.Equal(0, budget.Used);
        Assert.InRange(arena.Committed, 0, 300);
    }

    [Fact]
    public void Objects_that_nobody_maps_are_bounded_and_those_that_are_mapped_stay()
    {
        var client = new TestChannel();
        CachedFile first = Mapped(client);
        for (int number = 0; number < 3000; number++)
        {
            Mapped(client);
            mappings.Made[^1].Mappings = 0;
        }

        Assert.InRange(cache.MappedFiles, 1, 513);
        Assert.Equal(cache.MappedFiles, mappings.Made.Count(pages => !pages.IsClosed));
        Assert.False(mappings.Made[0].IsClosed);
        Assert.NotNull(cache.FindMapped(mappings.Made[0].Identity));
        Assert.NotNull(mappings.Made[0].Touch(cache, 0, write: true));
        first.Release();
        Assert.True(mappings.Made[0].IsClosed);
        Assert.Equal(1, mappings.Made[0].DetachedPages);
    }

    [Fact]
    public void Without_an_object_mapping_fails_and_nothing_else()
    {
        mappings.Limit = 0;
        CachedFile file = New();
        file.Write(new byte[Page], 0);
        Assert.Equal(Errno.ENOMEM, file.Map(new TestChannel(), default, 0x10000, 0, Page, MapFlags.Read));
        Assert.Equal(Page, file.Read(new byte[Page], 0));
    }

    private CachedFile New() => new(cache, budget);

    private CachedFile Mapped(TestChannel client)
    {
        CachedFile file = New();
        file.Write(new byte[1], 0);
        Assert.Equal(Errno.None, file.Map(client, default(Location), 0x10000, 0, Page, MapFlags.Read));
        return file;
    }

    /// <summary>One file, an array, and a client that maps the whole file.</summary>
    private sealed class Comparison
    {
        private const int Most = 64 * Page;
        private readonly HeapArena arena = new(1 << 10);
        private readonly TestMappings mappings;
        private readonly Budget kept = new(1 << 20);
        private readonly Budget budget;
        private readonly PageCache cache;
        private readonly byte[] imageBytes = new byte[32 * Page];
        private readonly byte[] untouched;
        private readonly byte[] model = new byte[Most];
        private readonly CachedFile file;
        private int size;

        public Comparison(int kind, int room)
        {
            mappings = new TestMappings(arena);
            budget = new Budget(room);
            cache = new PageCache(arena, mappings, kept);
            arena.Discarded += (first, count) =>
            {
                for (int slot = first; slot < first + count; slot++)
                    Assert.DoesNotContain(mappings.Made, pages => pages.Shows(slot));
            };
            file = new CachedFile(cache, budget);
            int length = 20 * Page + 100;
            new Random(1).NextBytes(imageBytes.AsSpan(Page, length));
            untouched = [.. imageBytes];
            if (kind != 0)
            {
                file.Adopt(new HeapImage(imageBytes), Page, length);
                imageBytes.AsSpan(Page, length).CopyTo(model);
                size = length;
            }

            if (kind == 2)
                Map();
        }

        private TestMappedPages? Client => mappings.Made.LastOrDefault(pages => !pages.IsClosed);

        public string? Run((int Kind, int At, int Length, byte Value)[] operations)
        {
            var log = new StringBuilder();
            foreach ((int kind, int at, int length, byte value) in operations)
            {
                log.AppendLine(CultureInfo.InvariantCulture, $"{kind} {at} {length} {value}, size {size}");
                if (Step(kind, at, length, value) is { } difference)
                    return log.AppendLine(difference).ToString();
            }

            if (!imageBytes.AsSpan().SequenceEqual(untouched))
                return log.AppendLine("the image was written").ToString();
            foreach (TestMappedPages pages in mappings.Made)
                pages.Mappings = 0;
            file.Release();
            if (kept.Used != 0 || budget.Used != 0 || cache.Slots.Used != 0)
                return log.AppendLine(CultureInfo.InvariantCulture, $"left: {kept.Used} bytes, {budget.Used} pages, {cache.Slots.Used} slots").ToString();
            return null;
        }

        private void Map() => file.Map(new TestChannel(), default, 0x10000, 0, Most, MapFlags.Read | MapFlags.Write | MapFlags.Shared);

        private string? Step(int kind, int at, int length, byte value)
        {
            switch (kind)
            {
                case 0 or 1 or 2:
                    var data = new byte[length];
                    data.AsSpan().Fill(value);
                    long written = file.Write(data, at);
                    if (written > 0)
                    {
                        data.AsSpan(0, (int)written).CopyTo(model.AsSpan(at));
                        size = Math.Max(size, at + (int)written);
                    }

                    return written == length || budget.Limit < int.MaxValue ? null : $"wrote {written}";
                case 3:
                    if (file.Truncate(at) != Errno.None)
                        return budget.Limit < int.MaxValue ? null : "truncate failed";
                    if (at < size)
                        model.AsSpan(at, size - at).Clear();
                    size = at;
                    return null;
                case 4:
                    if (length == 0 || file.PunchHole(at, length) != Errno.None)
                        return length == 0 || budget.Limit < int.MaxValue ? null : "punch failed";
                    model.AsSpan(at, length).Clear();
                    return null;
                case 5:
                    if (length == 0)
                        return null;
                    Errno error = file.Allocate(at, length, keepSize: value % 2 == 0);
                    if (error == Errno.None && value % 2 != 0)
                        size = Math.Max(size, at + length);
                    return error == Errno.None || budget.Limit < int.MaxValue ? null : "allocate: " + error;
                case 6:
                    Map();
                    return null;
                case 7:
                    if (Client is { } closing)
                        closing.Mappings = value % 2;
                    return null;
                case 8 or 9:
                    return Store(at / Page, at % Page, value);
                case 10:
                    return Look(at / Page);
                case 11:
                    return Holes(at);
                case 12:
                    return file.CountTouchedPages() == file.PageCount && file.PageCount <= (size + Page - 1) / Page + 64 ? null : "count of pages";
                default:
                    var buffer = new byte[length];
                    int read = file.Read(buffer, at);
                    int expected = Math.Clamp(size - at, 0, length);
                    return read == expected && buffer.AsSpan(0, read).SequenceEqual(model.AsSpan(at, read)) ? null
                        : $"read {read} of {expected}, or other bytes";
            }
        }

        // What a client stores behind the end of the last page is gone when the file grows.
        private string? Store(int page, int within, byte value)
        {
            if (Client is not { } client)
                return null;
            bool stored = client.Store(cache, page, within, value);
            bool isThere = page * Page < size;
            if (stored && page * Page + within < size)
                model[page * Page + within] = value;
            return stored == isThere || (isThere && budget.Limit < int.MaxValue) ? null : $"stored {stored}";
        }

        private string? Look(int page)
        {
            if (Client is not { } client)
                return null;
            byte[]? shown = client.Touch(cache, page, write: false);
            if ((shown != null) != (page * Page < size))
                return shown == null && budget.Limit < int.MaxValue ? null : "there: " + (shown != null);
            int length = Math.Min(Page, size - page * Page);
            return shown == null || shown.AsSpan(0, length).SequenceEqual(model.AsSpan(page * Page, length)) ? null : "shows other bytes";
        }

        // Data that is not zero is never in a hole, and what is said to be data or a hole goes on to the next answer.
        private string? Holes(int at)
        {
            long data = file.Seek(at, data: true), hole = file.Seek(at, data: false);
            if (at >= size)
                return data < 0 && hole < 0 ? null : "something behind the end";
            long firstData = data < 0 ? size : data;
            for (int position = at; position < firstData; position++)
            {
                if (model[position] != 0)
                    return $"data at {position} in a hole";
            }

            return (hole == at) == (firstData > at) && hole <= size ? null : $"at {at}: data {data}, hole {hole}";
        }
    }
}
