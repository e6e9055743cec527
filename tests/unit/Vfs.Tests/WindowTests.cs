using Libsys.Abi;
using Libsys.Messages;

namespace Servers.Vfs.Tests;

/// <summary>docs/decisions/fixed-window.md, "Pages and page tables".</summary>
public sealed class WindowTests
{
    private const ulong Page = 4096, PageTable = 0x20_0000, Sets = 64;

    // What calls of a program with one thread touch. The first page of the image has the table of calls.
    private static readonly Dictionary<string, ulong> Used = new()
    {
        ["image"] = Window.Base,
        ["kernel page"] = Window.KernelPageAddress,
        ["block"] = Window.ThreadBlockOf(0),
        ["second block"] = Window.ThreadBlockOf(1),
        ["stack"] = Window.StackTopOf(0) - Page,
        ["stack, below"] = Window.StackTopOf(0) - 2 * Page,
        ["heap"] = Window.Heap,
        ["heap, above"] = Window.Heap + Page,
        ["rings"] = Window.VfsConnection,
        ["slots"] = Window.VfsConnection + Page,
        ["memory source"] = Window.MemorySources,
        ["ids"] = Window.PublishedIds,
        ["files"] = Window.FileArea,
        ["names"] = Window.PublishedNames,
        ["file page"] = Window.FileContents,
        ["written page"] = Window.FileWrites,
        ["stream"] = Window.Streams,
        ["stream, reader's page"] = Window.Streams + StreamLayout.ReaderSide,
        ["stream, writer's page"] = Window.Streams + StreamLayout.WriterSide,
        ["program's stack"] = Window.Vdso - Page,
    };

    [Fact]
    public void Parts_that_are_used_together_have_different_places_in_a_translation_cache()
    {
        IEnumerable<string> shared = Used.GroupBy(part => part.Value / Page % Sets).Where(group => group.Count() > 1)
            .Select(group => string.Join(" = ", group.Select(part => part.Key)));
        Assert.Empty(shared);
    }

    [Fact]
    public void All_parts_are_under_one_page_directory()
    {
        ulong[] inner = [.. Used.Values.Where(address => address >= Window.Base), Window.Streams + (2 * Window.StreamsHalf), Window.StartTableAddress];
        Assert.Single(inner.Select(address => address >> 30).Distinct());
    }

    [Fact]
    public void Parts_that_each_call_needs_are_in_two_page_tables()
    {
        string[] always = ["image", "kernel page", "block", "second block", "stack", "stack, below", "heap", "heap, above"];
        Assert.Equal(2, always.Select(part => Used[part] / PageTable).Distinct().Count());
    }

    [Theory]
    [InlineData(64)]
    [InlineData(128)]
    public void The_same_page_of_many_streams_has_different_places_in_a_translation_cache(uint sets)
    {
        for (uint end = 0; end < 2; end++)
            Assert.Equal((int)sets, Enumerable.Range(0, (int)sets).Select(pair => Window.StreamOf((2 * (uint)pair) + end) / Page % sets).Distinct().Count());
    }

    [Fact]
    public void The_two_streams_of_a_socket_have_different_places_in_a_translation_cache()
    {
        ulong[] used = [0, StreamLayout.ReaderSide, StreamLayout.Data, StreamLayout.WriterSide];
        ulong[] streams = [Window.StreamOf(0), Window.StreamOf(Window.StreamCount / 2)];
        Assert.Equal(8, streams.SelectMany(stream => used.Select(offset => (stream + offset) / Page % Sets)).Distinct().Count());
    }

    [Fact]
    public void Streams_lie_where_they_may_and_apart()
    {
        ulong[] places = [.. Enumerable.Range(0, (int)Window.StreamCount).Select(index => Window.StreamOf((uint)index))];
        Assert.All(places, place => Assert.True(Window.IsStream(place)));
        Assert.All(places.Zip(places.Skip(1)), pair => Assert.True(pair.First + StreamLayout.Length < pair.Second));
        IEnumerable<ulong> pages = Enumerable.Range(0, (int)(2 * Window.StreamsHalf / Page) + 2).Select(page => Window.Streams - Page + ((ulong)page * Page));
        Assert.Equal(places, pages.Where(Window.IsStream));
    }

    [Fact]
    public void No_part_reaches_into_the_next()
    {
        (ulong Start, ulong Length)[] parts =
        [
            (Window.KernelPageAddress, Page),
            (Window.ThreadBlocks, Window.ThreadSlots * Page),
            (Window.Stacks, Window.ThreadSlots * Window.StackStride),
            (Window.Heap, Window.HeapLength),
            (Window.StartTableAddress, Window.StartTableLimit),
            (Window.VfsConnection, Page),
            (Window.MemorySources, Window.MemorySourceCount * Page),
            (Window.PoolOf(1), Page),
            (Window.FileArea, FileSlots.AreaLength),
            (Window.PublishedIds, PublishedIds.Length),
            (Window.PublishedNames, PublishedNames.Length),
            (Window.ConnectionOf(1), Page),
            (Window.FileContents, FileSlots.Count * FileSlots.Stretch),
            (Window.FileWrites, FileSlots.Count * FileSlots.Stretch),
            (Window.Streams, 2 * Window.StreamsHalf),
            (Window.LongContents, FileSlots.LongPlaces * FileSlots.LongStretch),
            (Window.Top, Page),
        ];

        (ulong Start, ulong Length)[] ordered = [.. parts.OrderBy(part => part.Start)];
        Assert.All(ordered.Zip(ordered.Skip(1)), pair => Assert.True(pair.First.Start + pair.First.Length <= pair.Second.Start, $"{pair.First} {pair.Second}"));
    }
}
