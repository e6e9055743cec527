using Libsys.Hosting;
using Servers.Vfs.Blocks;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Tests.Blocks;

/// <summary>What a device lets through, and when a flush counts.</summary>
public sealed class BlockDeviceTests
{
    private const int Sectors = 64, First = 16, Length = 32;

    private readonly HeapArena arena = new(256);
    private readonly byte[] bytes = new byte[Sectors * BlockRequest.SectorLength];
    private readonly ArrayDisk disk;
    private readonly BlockDevice device;
    private readonly PageCache cache;

    public BlockDeviceTests()
    {
        disk = new ArrayDisk(bytes, arena);
        cache = new PageCache(arena, new TestMappings(arena), new Budget(1 << 20), static () => 0);
        device = new BlockDevice(disk, "vda1", 1, First, Length, cache);
    }

    [Theory]
    [InlineData(0, 1, true)]
    [InlineData(Length - 1, 1, true)]
    [InlineData(Length, 1, false)]
    [InlineData(Length - 1, 2, false)]
    [InlineData(-1, 1, false)]
    [InlineData(-First, 1, false)]
    [InlineData(long.MaxValue, 8, false)]
    public void A_partition_is_not_left(long sector, int count, bool isAllowed)
    {
        Assert.Equal(1, cache.Slots.Take(1, out int slot, out _));
        arena.Span(slot, 1).Fill(7);
        Errno? answer = null;
        var request = new BlockRequest { Completed = (_, error) => answer = error };
        request.Begin(BlockKind.Write, sector);
        request.TryAdd(new BlockSegment(slot, 0, count * BlockRequest.SectorLength));
        device.Submit(request);
        disk.Step();
        Assert.Equal(isAllowed ? Errno.None : Errno.EIO, answer);
        Assert.Equal(isAllowed ? count * BlockRequest.SectorLength : 0, bytes.Count(static one => one == 7));
        Assert.DoesNotContain((byte)7, bytes[..(First * BlockRequest.SectorLength)]);
        Assert.DoesNotContain((byte)7, bytes[((First + Length) * BlockRequest.SectorLength)..]);
    }

    [Theory]
    [InlineData(BlockKind.Discard)]
    [InlineData(BlockKind.WriteZeroes)]
    public void What_moves_no_bytes_does_not_leave_it_either(BlockKind kind)
    {
        Errno? answer = null;
        var request = new BlockRequest { Completed = (_, error) => answer = error };
        request.Begin(kind, 1, Length);
        device.Submit(request);
        Assert.Equal((Errno.EIO, 0), (answer!.Value, disk.Pending));
        request.Begin(kind, 0, Length);
        device.Submit(request);
        Assert.Equal(1, disk.Pending);
        Assert.Throws<InvalidOperationException>(() => request.Begin(kind, 0, 1));
    }

    [Fact]
    public void A_read_only_disk_is_not_written()
    {
        var other = new BlockDevice(new ArrayDisk(bytes, arena) { Traits = disk.Traits with { IsReadOnly = true } }, "vdb", 2, 0, Sectors, cache);
        Errno? answer = null;
        var request = new BlockRequest { Completed = (_, error) => answer = error };
        foreach (BlockKind kind in (BlockKind[])[BlockKind.Write, BlockKind.Discard, BlockKind.WriteZeroes])
        {
            request.Begin(kind, 0, 1);
            other.Submit(request);
            Assert.Equal(Errno.EIO, answer);
        }
    }

    [Fact]
    public void A_flush_that_began_before_somebody_asked_is_not_his()
    {
        var first = new WaitingContext();
        var second = new WaitingContext();
        Assert.Equal(Errno.Wait, device.Flush.Await(first));
        // The second has written while the first one's flush was under way.
        Assert.Equal(Errno.Wait, device.Flush.Await(second));
        Assert.Equal(1, disk.Pending);
        disk.Step();
        Assert.Equal(Errno.None, device.Flush.Await(first));
        Assert.Equal(Errno.Wait, device.Flush.Await(second));
        disk.Step();
        Assert.Equal(Errno.None, device.Flush.Await(second));
        Assert.Equal(2, disk.Flushes);
    }

    [Fact]
    public void A_flush_that_fails_is_told_to_all_who_waited_for_it_and_to_nobody_else()
    {
        var one = new WaitingContext();
        var other = new WaitingContext();
        disk.Fails = true;
        Assert.Equal(Errno.Wait, device.Flush.Await(one));
        disk.Step();
        disk.Fails = false;
        Assert.Equal(Errno.Wait, device.Flush.Await(other));
        Assert.Equal(Errno.EIO, device.Flush.Await(one));
        disk.Step();
        Assert.Equal(Errno.None, device.Flush.Await(other));
    }

    [Fact]
    public void Without_a_write_cache_there_is_nothing_to_flush()
    {
        var safe = new BlockDevice(new ArrayDisk(bytes, arena, hasWriteCache: false), "vdc", 3, 0, Sectors, cache);
        Assert.Equal(Errno.None, safe.Flush.Await(new WaitingContext()));
    }

    [Fact]
    public void A_range_becomes_zero_in_pieces_and_neither_what_was_written_before_nor_what_was_read_meanwhile_comes_back()
    {
        const int sector = BlockRequest.SectorLength, first = 9, count = 30;
        Array.Fill(bytes, (byte)9);
        var small = new ArrayDisk(bytes, arena) { Traits = disk.Traits with { MostZeroes = 8 } };
        var whole = new BlockDevice(small, "vdd", 4, 0, Sectors, cache);
        byte[] page = new byte[CachedFile.PageSize], read = new byte[Sectors * sector];
        Array.Fill(page, (byte)7);
        while (whole.Content.Write(new WaitingContext(), page, 2 * page.Length) < 0)
            Assert.True(small.Step());
        var erasing = new WaitingContext();
        while (small.Pending == 0)
            Assert.Equal(Errno.Wait, RangeErasure.Await(erasing, whole, BlockKind.WriteZeroes, first, count));
        // Until the zeroes are under way: what of a page lies beside them is read first.
        while (erasing.State is not RangeErasure)
        {
            Assert.True(small.Step());
            Assert.Equal(Errno.Wait, RangeErasure.Await(erasing, whole, BlockKind.WriteZeroes, first, count));
        }

        // The newest requests end first: this reads what has been there.
        while (whole.Content.Read(new WaitingContext(), read, 0) < read.Length)
            Assert.True(small.Step());
        while (RangeErasure.Await(erasing, whole, BlockKind.WriteZeroes, first, count) is var error && error != Errno.None)
            Assert.True(error == Errno.Wait && small.Step());
        Assert.Equal(8, small.Longest);
        while (whole.Content.Read(new WaitingContext(), read, 0) < read.Length)
            Assert.True(small.Step());
        byte[] expected = new byte[read.Length];
        Array.Fill(expected, (byte)9);
        expected.AsSpan(first * sector, count * sector).Clear();
        Assert.Equal(expected, read);
    }

    private sealed class WaitingContext : OperationContext
    {
        public override Errno WaitOn(WaitQueue queue) => Errno.Wait;
    }
}
