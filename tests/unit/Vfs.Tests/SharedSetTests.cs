using System.Buffers.Binary;
using CsCheck;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Sets;

namespace Servers.Vfs.Tests;

/// <summary>Sets of epoll(7) that vfs has: docs/epoll.md.</summary>
public sealed class SharedSetTests
{
    private const uint In = PollEvents.In, Out = PollEvents.Out;

    private readonly TestSystem system = new();
    private readonly TestClient client;

    public SharedSetTests() => client = system.NewClient(1);

    [Fact]
    public void A_member_stays_while_any_process_has_the_description()
    {
        long set = Create(client), counter = client.Call(VfsOperation.CreateEventCounter, a0: 1);
        Assert.Equal(0, Change(client, set, SetEntry.Add, 5, counter, In, 50));
        TestClient child = system.NewClient(2, parent: 1);
        client.Close(counter);
        Assert.Equal([(In, 50UL)], Wait(client, set));
        child.Close(counter);
        Assert.Empty(Wait(client, set));
        Assert.Empty(Wait(child, set));
    }

    [Fact]
    public void A_member_is_known_by_description_and_number()
    {
        long set = Create(client), counter = client.Call(VfsOperation.CreateEventCounter, a0: 1);
        long same = client.Call(VfsOperation.Duplicate, a0: (ulong)counter);
        Assert.Equal(0, Change(client, set, SetEntry.Add, 5, counter, In, 1));
        Assert.Equal(-(long)Errno.EEXIST, Change(client, set, SetEntry.Add, 5, same, In, 1));
        Assert.Equal(0, Change(client, set, SetEntry.Add, 6, same, In, 2));
        Assert.Equal(-(long)Errno.ENOENT, Change(client, set, SetEntry.Modify, 7, counter, In));
        Assert.Equal(0, Change(client, set, SetEntry.Delete, 5, same, 0));
        Assert.Equal([(In, 2UL)], Wait(client, set));
    }

    [Fact]
    public void Whoever_comes_before_it_is_complete_waits()
    {
        long set = client.Call(VfsOperation.CreateSet, a0: 2), counter = client.Call(VfsOperation.CreateEventCounter, a0: 1);
        TestClient child = system.NewClient(2, parent: 1);
        (ulong waits, _) = child.Background(VfsOperation.WaitSet, new byte[SetEntry.EventLength], -1, (ulong)set, 1);
        Assert.True(child.TryFinish(waits, out long none) && none == 0); // A2: does not wait
        ulong changes = child.Submit(VfsOperation.ChangeSet, (ulong)set, 1, payload: Entry(SetEntry.Modify, 5, counter, Out, 9));
        child.RunReady();
        Assert.False(child.HasAnswer(changes));
        Assert.Equal(0, Give(set, SetEntry.Given, Entry(SetEntry.Add, 5, counter, In, 1), Entry(SetEntry.Add, 6, 999, In, 2)));
        Assert.False(child.HasAnswer(changes));
        Assert.Equal(0, Give(set, SetEntry.Given | SetEntry.Completes));
        Assert.Equal(0, child.TakeAnswer(changes));
        Assert.Equal([(Out, 9UL)], Wait(client, set));
        Assert.Equal(-(long)Errno.EINVAL, Give(set, SetEntry.Given, Entry(SetEntry.Add, 7, counter, In, 1)));
    }

    [Fact]
    public void Who_waits_hears_of_changes_in_memory_and_by_requests_and_of_new_members()
    {
        long set = Create(client), counter = client.Call(VfsOperation.CreateEventCounter);
        (long read, long write) = client.Pipe();
        Assert.Equal(0, client.Call(VfsOperation.MapSource, a0: (ulong)counter, a1: Window.MemorySources));
        MappedMemory page = client.Channel.Sources[Window.MemorySources].Memory;
        TestClient child = system.NewClient(2, parent: 1);
        Change(client, set, SetEntry.Add, 5, counter, In, 1);
        ulong tag = Await(child, set);
        Assert.Equal(1u, page.ReadUInt32(EventCounterPage.Watched));
        page.CompareExchangeUInt64(EventCounterPage.State, 1, 0);
        page.IncrementUInt32(EventCounterPage.Rises);
        client.Call(VfsOperation.SourceChanged, a0: (ulong)counter);
        Assert.Equal(1, child.TakeAnswer(tag));
        client.Read(counter, 8, out _);
        tag = Await(child, set);
        Change(client, set, SetEntry.Add, 6, read, In, 2);
        Assert.False(child.HasAnswer(tag));
        client.Write(write, "x"u8);
        Assert.Equal(1, child.TakeAnswer(tag));
        Assert.Equal([(In, 2UL)], Wait(client, set));
    }

    [Fact]
    public void An_edge_is_told_once_whether_it_is_in_memory_or_not()
    {
        foreach (bool isMapped in new[] { false, true })
        {
            long set = Create(client), counter = client.Call(VfsOperation.CreateEventCounter);
            (long read, long write) = client.Pipe();
            Change(client, set, SetEntry.Add, 5, counter, In | EpollEvents.EdgeTriggered, 1);
            Change(client, set, SetEntry.Add, 6, read, In | EpollEvents.EdgeTriggered, 2);
            TestClient child = system.NewClient(isMapped ? 3u : 2u, parent: 1);
            if (isMapped)
            {
                Assert.Equal(0, client.Call(VfsOperation.MapSource, a0: (ulong)counter, a1: Window.MemorySources));
                Assert.Equal(0, client.Call(VfsOperation.MapStream, a0: (ulong)read, a1: Window.Streams));
            }

            ulong first = Await(client, set), second = Await(child, set);
            client.Write(counter, BitConverter.GetBytes(1UL));
            Assert.True(client.HasAnswer(first) && !child.HasAnswer(second));
            client.Write(write, "xy"u8);
            Assert.True(child.HasAnswer(second));
            Assert.Empty(Wait(client, set));
            client.Read(read, 1, out _); // room is no edge for who reads
            Assert.Empty(Wait(client, set));
            client.Write(write, "z"u8);
            Assert.Equal([(In, 2UL)], Wait(child, set));
            Assert.Empty(Wait(client, set));
        }
    }

    [Fact]
    public void Mapping_a_pipe_is_no_edge()
    {
        long set = Create(client);
        (long read, long write) = client.Pipe();
        client.Write(write, "x"u8);
        Change(client, set, SetEntry.Add, 6, read, In | EpollEvents.EdgeTriggered, 2);
        Assert.Equal([(In, 2UL)], Wait(client, set));
        Assert.Equal(0, client.Call(VfsOperation.MapStream, a0: (ulong)read, a1: Window.Streams));
        Assert.Empty(Wait(client, set));
        client.Write(write, "x"u8);
        Assert.Equal([(In, 2UL)], Wait(client, set));
    }

    [Fact]
    public void What_was_reported_before_it_was_given_is_not_again()
    {
        long inner = Create(client), counter = client.Call(VfsOperation.CreateEventCounter, a0: 1);
        Change(client, inner, SetEntry.Add, 5, counter, In, 1);
        long set = client.Call(VfsOperation.CreateSet, a0: 2);
        const uint edge = In | EpollEvents.EdgeTriggered;
        byte[][] entries = [Entry(SetEntry.Add, 5, counter, edge, 2), Entry(SetEntry.Add, 6, inner, edge, 3)];
        foreach (byte[] entry in entries)
            BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(SetEntry.Reported), SetEntry.UntilNow);
        Assert.Equal(0, Give(set, SetEntry.Given | SetEntry.Completes, entries));
        Assert.Empty(Wait(client, set));
        client.Write(counter, BitConverter.GetBytes(1UL));
        Assert.Equal([(In, 2UL), (In, 3UL)], Wait(client, set));
        Assert.Empty(Wait(client, set));
    }

    [Fact]
    public void Sets_within_sets_have_no_circles_and_many_ways_cost_no_more_than_is_looked_at()
    {
        const int wide = 24;
        long[] below = [Create(client)];
        for (int level = 0; level < 4; level++)
        {
            long[] above = [.. Enumerable.Range(0, level == 3 ? 1 : wide).Select(_ => Create(client))];
            foreach (long outer in above)
            {
                foreach (long inner in below)
                    Assert.Equal(0, Change(client, outer, SetEntry.Add, 1, inner, In | EpollEvents.EdgeTriggered));
            }

            Assert.Equal(-(long)Errno.ELOOP, Change(client, below[0], SetEntry.Add, 1, above[0], In));
            below = above;
        }

        Assert.Equal(-(long)Errno.ELOOP, Change(client, Create(client), SetEntry.Add, 1, below[0], In));
        Assert.Empty(Wait(client, below[0]));
        Assert.Equal(-(long)Errno.EINVAL, Change(client, below[0], SetEntry.Add, 1, below[0], In));
    }

    [Fact]
    public void A_user_has_half_of_all_members_and_they_come_back()
    {
        for (int round = 0; round < 2; round++)
        {
            long set = client.Call(VfsOperation.CreateSet, a0: EpollFile.MostMembers / 2), counter = client.Call(VfsOperation.CreateEventCounter);
            Assert.True(set >= 0);
            Assert.Equal(-(long)Errno.ENOSPC, client.Call(VfsOperation.CreateSet, a0: 1));
            long other = Create(client);
            Assert.Equal(-(long)Errno.ENOSPC, Change(client, other, SetEntry.Add, 1, counter, In));
            Assert.Equal(0, Give(set, SetEntry.Given | SetEntry.Completes, Entry(SetEntry.Add, 1, counter, In, 1)));
            Assert.Equal(0, Change(client, other, SetEntry.Add, 1, counter, In));
            client.Close(set);
            client.Close(other);
            client.Close(counter);
        }

        Assert.Equal(-(long)Errno.ENOSPC, client.Call(VfsOperation.CreateSet, a0: ulong.MaxValue));
    }

    [Fact]
    public void Any_requests_in_any_order_harm_nobody()
    {
        Gen.Select(Gen.Int[0, 6], Gen.UInt[0, 9], Gen.UInt[0, 5], Gen.UInt, Gen.Int[0, 1]).Array[1, 120].Sample(steps =>
        {
            var other = new TestSystem();
            TestClient[] clients = [other.NewClient(1), other.NewClient(2)];
            TestClient last = other.NewClient(3);
            var waiting = new List<(TestClient Client, ulong Tag)>();
            int waits = 0;
            foreach ((int kind, uint handle, uint number, uint word, int which) in steps)
            {
                TestClient who = clients[which];
                switch (kind)
                {
                    case 0:
                        who.Call(VfsOperation.CreateSet, a0: word % 3);
                        break;
                    case 1:
                        who.Pipe();
                        break;
                    case 2 when waits < 3:
                        waits++;
                        waiting.Add((who, who.Submit(VfsOperation.WaitSet, handle, word, 1, length: 100)));
                        who.RunReady();
                        break;
                    case 3:
                        who.Close(handle);
                        break;
                    case 4:
                        who.Submit(VfsOperation.Write, handle, ulong.MaxValue, payload: "x"u8);
                        who.RunReady();
                        break;
                    default:
                        byte[] entry = Entry(number, number, handle ^ (word & 3), word, word);
                        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(SetEntry.Reported), word & 3);
                        waiting.Add((who, who.Submit(VfsOperation.ChangeSet, handle, 1, word >> 8 & 3, payload: entry)));
                        who.RunReady();
                        break;
                }
            }

            foreach ((TestClient who, ulong tag) in waiting)
                who.Submit(VfsOperation.Cancel, tag);
            foreach (TestClient who in clients)
            {
                for (long handle = 0; handle < 400; handle++)
                    who.Submit(VfsOperation.Close, (ulong)handle);
                who.RunReady();
            }

            // Nothing is left of what they had.
            Assert.True(last.Call(VfsOperation.CreateSet, a0: EpollFile.MostMembers / 2) >= 0);
        }, iter: 300);
    }

    private static long Create(TestClient who) => who.Call(VfsOperation.CreateSet);

    private static byte[] Entry(uint operation, uint number, long handle, uint events, ulong data)
    {
        byte[] entry = new byte[SetEntry.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(SetEntry.Operation), operation);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(SetEntry.Number), number);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(SetEntry.Handle), (uint)handle);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(SetEntry.Events), events);
        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(SetEntry.Data), data);
        return entry;
    }

    private static long Change(TestClient who, long set, uint operation, uint number, long handle, uint events, ulong data = 0) =>
        who.Call(VfsOperation.ChangeSet, Entry(operation, number, handle, events, data), a0: (ulong)set, a1: 1);

    private long Give(long set, ulong kind, params byte[][] entries) =>
        client.Call(VfsOperation.ChangeSet, [.. entries.SelectMany(entry => entry)], a0: (ulong)set, a1: (ulong)entries.Length, a2: kind);

    private static List<(uint Events, ulong Data)> Wait(TestClient who, long set)
    {
        long count = who.Call(VfsOperation.WaitSet, length: 4 * SetEntry.EventLength, a0: (ulong)set, a1: 4);
        return [.. Enumerable.Range(0, (int)count).Select(index => who.Channel.Pool[(index * SetEntry.EventLength)..].ToArray())
            .Select(found => (BinaryPrimitives.ReadUInt32LittleEndian(found), BinaryPrimitives.ReadUInt64LittleEndian(found.AsSpan(4))))];
    }

    private static ulong Await(TestClient who, long set)
    {
        ulong tag = who.Submit(VfsOperation.WaitSet, (ulong)set, 4, 1, length: 4 * SetEntry.EventLength);
        who.RunReady();
        Assert.False(who.HasAnswer(tag));
        return tag;
    }
}
