using System.Buffers.Binary;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Tests;

/// <summary>EPOLLEXCLUSIVE: of those that share wake-ups one is woken at a time, and none is lost. docs/epoll.md.</summary>
public sealed class SharedWakeUpTests
{
    private readonly TestSystem system = new();
    private readonly TestClient client;

    public SharedWakeUpTests() => client = system.NewClient(1);

    private sealed class Waiter : IWaiter
    {
        public bool IsReady { get; set; }

        public void MakeReady() => IsReady = true;
    }

    private sealed class Readiness : IReadiness
    {
        public ushort Now { get; set; }

        public ushort Poll() => Now;
    }

    [Fact]
    public void Who_has_waited_longest_is_woken_and_then_the_next()
    {
        (long read, long write) = client.Pipe();
        TestClient[] others = [system.NewClient(2, parent: 1), system.NewClient(3, parent: 1)];
        ulong[] tags = [Await(client, read), Await(others[0], read), Await(others[1], read)];
        client.Write(write, "x"u8);
        Assert.Equal((true, false, false), (client.HasAnswer(tags[0]), others[0].HasAnswer(tags[1]), others[1].HasAnswer(tags[2])));
        client.Write(write, "x"u8);
        Assert.Equal((true, false), (others[0].HasAnswer(tags[1]), others[1].HasAnswer(tags[2])));
        client.Write(write, "x"u8);
        Assert.True(others[1].HasAnswer(tags[2]));
    }

    [Fact]
    public void Others_are_all_woken()
    {
        (long read, long write) = client.Pipe();
        TestClient[] others = [system.NewClient(2, parent: 1), system.NewClient(3, parent: 1), system.NewClient(4, parent: 1)];
        ulong shared = Await(client, read), second = Await(others[0], read);
        ulong plain = Await(others[1], read, mark: 0), another = Await(others[2], read, mark: 0);
        client.Write(write, "x"u8);
        Assert.True(client.HasAnswer(shared) && others[1].HasAnswer(plain) && others[2].HasAnswer(another));
        Assert.False(others[0].HasAnswer(second));
    }

    [Fact]
    public void A_wake_up_goes_on_from_who_ends_before_it_was_tried()
    {
        (long read, long write) = client.Pipe();
        TestClient other = system.NewClient(2, parent: 1);
        ulong first = Await(client, read), second = Await(other, read);
        // Both in one turn: the write wakes, and before anything is tried again the wait is ended.
        ulong written = other.Submit(VfsOperation.Write, (ulong)write, ulong.MaxValue, payload: "x"u8);
        client.Submit(VfsOperation.Cancel, first);
        Assert.True(other.HasAnswer(written) && client.HasAnswer(first));
        Assert.Equal(-(long)Errno.EINTR, client.TakeAnswer(first));
        client.RunReady();
        Assert.True(other.HasAnswer(second));
    }

    [Fact]
    public void It_goes_to_nobody_who_does_not_find_what_he_wants()
    {
        var queue = new WaitQueue();
        var file = new Readiness { Now = PollEvents.Out };
        Waiter reader = new(), writer = new(), next = new();
        queue.Add(new WaitNode { Waiter = reader }, file, PollEvents.In);
        queue.Add(new WaitNode { Waiter = writer }, file, PollEvents.Out);
        queue.Add(new WaitNode { Waiter = next }, file, PollEvents.Out);
        Assert.False(queue.TryWakeAll());
        // The reader is tried too, and finds nothing: what has changed may not be visible yet.
        Assert.Equal((true, true, false), (reader.IsReady, writer.IsReady, next.IsReady));
        Assert.True(queue.TryWakeAll());
        Assert.True(next.IsReady);
    }

    [Fact]
    public void Programs_ring_on_while_somebody_sleeps()
    {
        long counter = client.Call(VfsOperation.CreateEventCounter);
        Assert.Equal(0, client.Call(VfsOperation.MapSource, a0: (ulong)counter, a1: Window.MemorySources));
        MappedMemory page = client.Channel.Sources[Window.MemorySources].Memory;
        TestClient other = system.NewClient(2, parent: 1);
        ulong first = Await(client, counter), second = Await(other, counter);
        Assert.Equal(1u, page.ReadUInt32(EventCounterPage.Watched));
        page.CompareExchangeUInt64(EventCounterPage.State, 1, 0);
        page.IncrementUInt32(EventCounterPage.Rises);
        client.Call(VfsOperation.SourceChanged, a0: (ulong)counter);
        Assert.Equal((true, false), (client.HasAnswer(first), other.HasAnswer(second)));
        Assert.Equal(1u, page.ReadUInt32(EventCounterPage.Watched));
        client.Call(VfsOperation.SourceChanged, a0: (ulong)counter);
        Assert.True(other.HasAnswer(second));
        Assert.Equal(0u, page.ReadUInt32(EventCounterPage.Watched));
    }

    [Fact]
    public void A_timer_wakes_all()
    {
        long timer = client.Call(VfsOperation.CreateTimer, a0: 1);
        TestClient other = system.NewClient(2, parent: 1);
        ulong first = Await(client, timer), second = Await(other, timer);
        client.Call(VfsOperation.SetTimer, a0: (ulong)timer, a1: (ulong)TimerSetting.Absolute, a2: 1);
        Assert.True(client.HasAnswer(first) && other.HasAnswer(second));
    }

    private static ulong Await(TestClient client, long handle, ushort mark = VfsPollEntry.Exclusive)
    {
        byte[] entry = new byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, (uint)handle);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(4), (ushort)(PollEvents.In | mark));
        (ulong tag, _) = client.Background(VfsOperation.Poll, entry, -1, 1, 1);
        Assert.False(client.HasAnswer(tag));
        return tag;
    }
}
