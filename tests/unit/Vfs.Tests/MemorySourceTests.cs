using System.Buffers.Binary;
using CsCheck;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Vfs.Tests;

/// <summary>eventfd(2) by messages and in memory at once: docs/memory-sources.md.</summary>
public sealed class MemorySourceTests
{
    private const ulong Place = Window.MemorySources;

    private readonly TestSystem system = new();

    /// <summary>What a program does with a page that it has mapped: the steps of the personality.</summary>
    private sealed class Program(TestClient client, long handle, MappedMemory page, bool isSemaphore)
    {
        public bool TryAdd(ulong value)
        {
            ulong found = page.ReadUInt64(EventCounterPage.State);
            if (!EventCounterPage.TryAdd(found, value, out ulong sum))
                return false;
            Assert.Equal(found, page.CompareExchangeUInt64(EventCounterPage.State, sum, found));
            Changed(EventCounterPage.Rises);
            return true;
        }

        public bool TryTake(out ulong taken)
        {
            ulong found = page.ReadUInt64(EventCounterPage.State);
            if (!EventCounterPage.TryTake(found, isSemaphore, out taken))
                return false;
            Assert.Equal(found, page.CompareExchangeUInt64(EventCounterPage.State, found - taken, found));
            Changed(EventCounterPage.Falls);
            return true;
        }

        private void Changed(uint number)
        {
            page.IncrementUInt32(number);
            if (page.ReadUInt32(EventCounterPage.Watched) != 0)
                client.Submit(VfsOperation.SourceChanged, (ulong)handle);
        }
    }

    [Fact]
    public void Requests_and_memory_are_one_counter()
    {
        Gen.Select(Gen.Int[0, 4].Array[1, 60], Gen.Bool, Gen.OneOfConst(0UL, 1UL, EventCounterPage.Highest - 2)).Sample((steps, isSemaphore, first) =>
        {
            var other = new TestSystem();
            TestClient client = other.NewClient(1);
            long handle = Create(client, isSemaphore ? 1u | OpenFlags.NonBlock : OpenFlags.NonBlock);
            if (first != 0)
                Assert.Equal(8, client.Write(handle, BitConverter.GetBytes(first)));
            Program? program = null;
            ulong model = first;
            foreach (int step in steps)
            {
                if (step == 4)
                    program ??= Map(client, handle, isSemaphore);
                bool adds = step is 0 or 1, inMemory = step is 1 or 3 && program is not null;
                if (adds)
                {
                    bool fits = model + 2 <= EventCounterPage.Highest && model <= EventCounterPage.Highest - 2;
                    Assert.Equal(fits, inMemory ? program!.TryAdd(2) : client.Write(handle, BitConverter.GetBytes(2UL)) == 8);
                    model += fits ? 2ul : 0;
                }
                else if (step != 4)
                {
                    ulong expected = isSemaphore ? Math.Min(model, 1) : model;
                    ulong taken = 0;
                    bool isThere = inMemory ? program!.TryTake(out taken) : TryRead(client, handle, out taken);
                    Assert.Equal((expected != 0, expected), (isThere, taken));
                    model -= expected;
                }

                int bits = (model > 0 ? PollEvents.In : 0) | (model < EventCounterPage.Highest ? PollEvents.Out : 0);
                Assert.Equal((ushort)bits, Poll(client, handle, PollEvents.In | PollEvents.Out));
            }
        }, iter: 300);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_change_at_any_moment_wakes_who_is_about_to_wait(bool polls)
    {
        int moments = 0;
        for (int moment = 1; moment <= 40; moment++)
        {
            var other = new TestSystem();
            TestClient client = other.NewClient(1);
            long handle = Create(client, 0);
            Program program = Map(client, handle, false);
            int seen = 0;
            other.SourcePages.Touched = () =>
            {
                if (++seen == moment)
                    Assert.True(program.TryAdd(3));
            };
            byte[] entry = PollEntry(handle, PollEvents.In);
            (ulong tag, _) = polls ? client.Background(VfsOperation.Poll, entry, entry.Length, 1, 1)
                : client.Background(VfsOperation.Read, default, 8, (ulong)handle, ulong.MaxValue);
            bool isDone = client.TryFinish(tag, out long result);
            // Later than vfs looked at all: it waits, and would be rung.
            Assert.True(seen < moment ? !isDone : isDone && result == (polls ? 1 : 8), $"moment {moment} of {seen}: {isDone} {result}");
            moments += isDone ? 1 : 0;
        }

        Assert.InRange(moments, 5, 39);
    }

    [Fact]
    public void Who_waits_is_woken_by_memory_and_by_the_end_of_a_program()
    {
        TestClient waiter = system.NewClient(1);
        long handle = Create(waiter, 0);
        TestClient other = system.NewClient(2, 1);
        Program program = Map(other, handle, false);
        (ulong tag, int at) = waiter.Background(VfsOperation.Read, default, 8, (ulong)handle, ulong.MaxValue);
        Assert.False(waiter.TryFinish(tag, out _));
        Assert.True(program.TryAdd(5));
        Assert.True(waiter.TryFinish(tag, out long result));
        Assert.Equal((8, 5UL), (result, BitConverter.ToUInt64(waiter.Channel.Pool[at..])));

        // Ended between its change and the ring.
        (tag, at) = waiter.Background(VfsOperation.Read, default, 8, (ulong)handle, ulong.MaxValue);
        MappedMemory page = other.Channel.Sources[Place].Memory;
        page.CompareExchangeUInt64(EventCounterPage.State, 7, 0);
        Assert.False(waiter.TryFinish(tag, out _));
        system.Registry.Detach(other.Connection.Id);
        Assert.True(waiter.TryFinish(tag, out result));
        Assert.Equal((8, 7UL), (result, BitConverter.ToUInt64(waiter.Channel.Pool[at..])));
    }

    [Fact]
    public void Any_value_in_the_page_is_harmless()
    {
        TestClient client = system.NewClient(1);
        long handle = Create(client, OpenFlags.NonBlock);
        Map(client, handle, false);
        MappedMemory page = client.Channel.Sources[Place].Memory;
        Gen.OneOf(Gen.ULong, Gen.OneOfConst(ulong.MaxValue, ulong.MaxValue - 1, 0UL)).Sample(value =>
        {
            page.WriteUInt64(EventCounterPage.State, value);
            page.WriteUInt32(EventCounterPage.Watched, (uint)value);
            page.WriteUInt32(EventCounterPage.Rises, (uint)(value >> 7));
            int bits = (value > 0 ? PollEvents.In : 0) | (value < ulong.MaxValue - 1 ? PollEvents.Out : 0) | (value == ulong.MaxValue ? PollEvents.Error : 0);
            Assert.Equal((ushort)bits, Poll(client, handle, PollEvents.In | PollEvents.Out));
            bool fits = value < ulong.MaxValue - 1;
            Assert.Equal(fits ? 8 : -(long)Errno.EAGAIN, client.Write(handle, BitConverter.GetBytes(1UL)));
            Assert.Equal(value + (fits ? 1UL : 0), page.ReadUInt64(EventCounterPage.State));
            Assert.True(TryRead(client, handle, out ulong taken));
            Assert.Equal(value + (fits ? 1UL : 0), taken);
            Assert.Equal(0UL, page.ReadUInt64(EventCounterPage.State));
        }, iter: 1000, threads: 1);
    }

    [Fact]
    public void Only_who_has_a_handle_maps_and_the_page_goes_with_the_last_one()
    {
        TestClient first = system.NewClient(1), second = system.NewClient(2);
        long handle = Create(first, 0);
        Assert.Equal(-(long)Errno.EBADF, second.Call(VfsOperation.MapSource, a0: (ulong)handle, a1: Place));
        (long read, _) = second.Pipe();
        Assert.Equal(-(long)Errno.ENODEV, second.Call(VfsOperation.MapSource, a0: (ulong)read, a1: Place));
        Assert.Equal(-(long)Errno.ENODEV, second.Call(VfsOperation.SourceChanged, a0: (ulong)read));
        Assert.Equal(-(long)Errno.EBADF, second.Call(VfsOperation.SourceChanged, a0: 1234));
        ulong[] wrong = [0, Place + 1, Place - 4096, Place + Window.MemorySourceCount * 4096, ulong.MaxValue & ~0xFFFul, Window.Heap, 0x10000];
        Assert.All(wrong, address => Assert.Equal(-(long)Errno.EINVAL, first.Call(VfsOperation.MapSource, a0: (ulong)handle, a1: address)));
        Assert.Equal(0, system.SourcePages.Count);
        for (int times = 0; times < 3; times++)
            Map(first, handle, false);
        TestClient child = system.NewClient(3, 1);
        Map(child, handle, false);
        Assert.Equal(1, system.SourcePages.Count);
        Assert.Single(child.Connection.Grants);
        Assert.Equal(0, first.Close(handle));
        Assert.Equal(1, system.SourcePages.Count);
        Assert.Equal(0, child.Close(handle));
        Assert.Equal(0, system.SourcePages.Count);
        Assert.Empty(first.Connection.Grants);
        Assert.Empty(child.Connection.Grants);
    }

    [Fact]
    public void Without_a_page_requests_do()
    {
        TestClient client = system.NewClient(1);
        system.SourcePages.Most = 1;
        long first = Create(client, 0), second = Create(client, 0);
        Map(client, first, false);
        Assert.Equal(-(long)Errno.ENOMEM, client.Call(VfsOperation.MapSource, a0: (ulong)second, a1: Place + 4096));
        Assert.Equal(8, client.Write(second, BitConverter.GetBytes(4UL)));
        Assert.True(TryRead(client, second, out ulong taken));
        Assert.Equal(4UL, taken);
    }

    [Fact]
    public void A_poll_waits_for_the_next_edge_of_what_is_ready()
    {
        TestClient client = system.NewClient(1);
        long handle = Create(client, 0);
        Program program = Map(client, handle, false);
        Assert.True(program.TryAdd(1));
        MappedMemory page = client.Channel.Sources[Place].Memory;
        uint number = page.ReadUInt32(EventCounterPage.Rises);
        Assert.Equal(0, Poll(client, handle, PollEvents.In, number));
        Assert.Equal(PollEvents.In, Poll(client, handle, PollEvents.In, number - 1));
        byte[] entry = PollEntry(handle, PollEvents.In, number);
        (ulong tag, int at) = client.Background(VfsOperation.Poll, entry, entry.Length, 1, 1);
        Assert.False(client.TryFinish(tag, out _));
        Assert.True(program.TryTake(out _)); // no edge for who wants to read
        Assert.False(client.TryFinish(tag, out _));
        Assert.True(program.TryAdd(1));
        Assert.True(client.TryFinish(tag, out long result));
        Assert.Equal((1, PollEvents.In), (result, BinaryPrimitives.ReadUInt16LittleEndian(client.Channel.Pool[(at + 6)..])));
    }

    private static long Create(TestClient client, uint flags)
    {
        long handle = client.Call(VfsOperation.CreateEventCounter, a0: 0, a1: flags);
        Assert.True(handle >= 0);
        return handle;
    }

    private static Program Map(TestClient client, long handle, bool isSemaphore)
    {
        Assert.Equal(0, client.Call(VfsOperation.MapSource, a0: (ulong)handle, a1: Place));
        Assert.Equal(isSemaphore ? 1ul : 0, client.Last.V0);
        return new Program(client, handle, client.Channel.Sources[Place].Memory, isSemaphore);
    }

    private static bool TryRead(TestClient client, long handle, out ulong taken)
    {
        long result = client.Read(handle, 8, out byte[] data);
        taken = result == 8 ? BitConverter.ToUInt64(data) : 0;
        return result == 8;
    }

    private static byte[] PollEntry(long handle, ushort events, uint? number = null)
    {
        var entry = new byte[8];
        uint upper = number is { } seen ? seen << VfsPollEntry.NumberShift : 0;
        BinaryPrimitives.WriteUInt32LittleEndian(entry, (uint)handle | upper);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(4), (ushort)(events | (number is null ? 0 : VfsPollEntry.Changed)));
        return entry;
    }

    private static ushort Poll(TestClient client, long handle, ushort events, uint? number = null)
    {
        long result = client.Call(VfsOperation.Poll, PollEntry(handle, events, number), a0: 1);
        ushort found = BinaryPrimitives.ReadUInt16LittleEndian(client.Channel.Pool[6..]);
        Assert.Equal(found != 0 ? 1 : 0, result);
        return found;
    }
}
