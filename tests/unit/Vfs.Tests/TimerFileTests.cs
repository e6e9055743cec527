using System.Buffers.Binary;
using CsCheck;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Vfs.Tests;

/// <summary>timerfd_create(2) and signalfd(2) at vfs: docs/memory-sources.md.</summary>
public sealed class TimerFileTests
{
    private const ulong Place = Window.MemorySources, Monotonic = 1, RealTime = 0;

    private readonly TestSystem system = new();

    private long Now => system.Clock.Monotonic;

    // One step of a timer's life: what is done, and the time that passes before.
    private static readonly Gen<(int Kind, int Time, int Interval, int Passes)> Step =
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 50], Gen.Int[0, 20], Gen.Int[0, 40]);

    [Fact]
    public void Requests_and_memory_are_one_timer_and_count_as_one_that_ticks()
    {
        Step.Array[1, 50].Sample(steps =>
        {
            var other = new TestSystem();
            TestClient client = other.NewClient(1);
            long handle = Create(client, OpenFlags.NonBlock);
            Assert.Equal(0, client.Call(VfsOperation.MapSource, a0: (ulong)handle, a1: Place));
            MappedMemory page = client.Channel.Sources[Place].Memory;
            // The model counts each expiration when it comes.
            ulong next = 0, interval = 0, ticks = 0;
            foreach ((int kind, int time, int every, int passes) in steps)
            {
                for (int passed = 0; passed < passes; passed++)
                {
                    other.Clock.Advance(1);
                    if (next == 0 || (ulong)other.Clock.Monotonic < next)
                        continue;
                    ticks++;
                    next = interval == 0 ? 0 : next + interval;
                }

                if (kind is 0 or 1)
                {
                    ulong now = (ulong)other.Clock.Monotonic;
                    if (kind == 0)
                    {
                        Assert.Equal(0, client.Call(VfsOperation.SetTimer, a0: (ulong)handle, a1: 0, a2: (ulong)time, a3: (ulong)every));
                    }
                    else
                    {
                        (ulong, ulong) found = (page.ReadUInt64(TimerPage.Expiry), page.ReadUInt64(TimerPage.Interval));
                        Assert.True(page.TryCompareExchangePair(
                            TimerPage.Expiry, (TimerPage.First((ulong)time, false, now, 0), (ulong)every), ref found));
                    }

                    (next, interval, ticks) = (time == 0 ? 0 : now + (ulong)time, (ulong)every, 0);
                    continue;
                }

                Assert.Equal(0, client.Call(VfsOperation.SetTimer, a0: (ulong)handle, a1: (ulong)TimerSetting.Look));
                ulong left = TimerPage.Remaining(client.Last.V0, client.Last.V1, (ulong)other.Clock.Monotonic);
                Assert.Equal((next == 0 ? 0 : next - (ulong)other.Clock.Monotonic, interval), (left, client.Last.V1));
                Assert.Equal(ticks != 0 ? PollEvents.In : 0, Poll(client, handle));
                if (kind == 2)
                    continue;
                long result = client.Read(handle, 8, out byte[] data);
                Assert.Equal(ticks == 0 ? (-(long)Errno.EAGAIN, 0UL) : (8, ticks), (result, result == 8 ? BitConverter.ToUInt64(data) : 0));
                ticks = 0;
            }
        }, iter: 300);
    }

    [Fact]
    public void Who_waits_is_woken_by_time_and_by_who_sets_it_in_memory()
    {
        TestClient waiter = system.NewClient(1);
        long handle = Create(waiter, 0);
        TestClient other = system.NewClient(2, 1);
        Assert.Equal(0, other.Call(VfsOperation.MapSource, a0: (ulong)handle, a1: Place));
        MappedMemory page = other.Channel.Sources[Place].Memory;
        Assert.Equal(0, other.Call(VfsOperation.SetTimer, a0: (ulong)handle, a2: 1000));
        (ulong tag, int at) = waiter.Background(VfsOperation.Read, default, 8, (ulong)handle, ulong.MaxValue);
        Assert.Equal(Now + 1000, system.Alarms.Next);
        system.Clock.Advance(999);
        Assert.Equal(0, system.Alarms.Run(Now));
        Assert.False(waiter.TryFinish(tag, out _));
        system.Clock.Advance(1);
        Assert.Equal(1, system.Alarms.Run(Now));
        Assert.True(waiter.TryFinish(tag, out long result));
        Assert.Equal((8, 1UL), (result, BitConverter.ToUInt64(waiter.Channel.Pool[at..])));
        Assert.Null(system.Alarms.Next);

        // Disarmed: no alarm. Then a program sets it, and rings because the page says so.
        (tag, _) = waiter.Background(VfsOperation.Read, default, 8, (ulong)handle, ulong.MaxValue);
        Assert.Null(system.Alarms.Next);
        Assert.NotEqual(0u, page.ReadUInt32(EventCounterPage.Watched));
        (ulong, ulong) pair = default;
        Assert.True(page.TryCompareExchangePair(TimerPage.Expiry, ((ulong)Now + 70, 0), ref pair));
        other.Submit(VfsOperation.SourceChanged, (ulong)handle);
        Assert.False(waiter.TryFinish(tag, out _));
        Assert.Equal(Now + 70, system.Alarms.Next);
        system.Clock.Advance(70);
        system.Alarms.Run(Now);
        Assert.True(waiter.TryFinish(tag, out result));
        Assert.Equal(8, result);
    }

    [Fact]
    public void An_expired_timer_sets_no_alarms_whatever_its_interval_and_a_closed_one_has_none()
    {
        TestClient client = system.NewClient(1);
        long handle = Create(client, 0);
        Assert.Equal(0, client.Call(VfsOperation.SetTimer, a0: (ulong)handle, a2: 1, a3: 1));
        system.Clock.Advance(10);
        // Nobody reads, and nobody wants to.
        byte[] entry = PollEntry(handle, PollEvents.Out);
        (ulong tag, _) = client.Background(VfsOperation.Poll, entry, entry.Length, 1, 1);
        Assert.False(client.TryFinish(tag, out _));
        Assert.Null(system.Alarms.Next);
        long second = Create(client, 0);
        Assert.Equal(0, client.Call(VfsOperation.SetTimer, a0: (ulong)second, a2: 500));
        (tag, _) = client.Background(VfsOperation.Poll, PollEntry(second, PollEvents.In), 8, 1, 1);
        Assert.NotNull(system.Alarms.Next);
        client.Call(VfsOperation.Cancel, a0: tag);
        Assert.True(client.TryFinish(tag, out _));
        Assert.Equal(0, client.Close(second));
        Assert.Null(system.Alarms.Next);
    }

    [Fact]
    public void Any_values_in_the_page_are_harmless()
    {
        TestClient client = system.NewClient(1);
        long handle = Create(client, OpenFlags.NonBlock);
        Assert.Equal(0, client.Call(VfsOperation.MapSource, a0: (ulong)handle, a1: Place));
        MappedMemory page = client.Channel.Sources[Place].Memory;
        Gen<ulong> word = Gen.OneOf(Gen.ULong, Gen.OneOfConst(0UL, 1UL, 2UL, ulong.MaxValue, (ulong)long.MaxValue, long.MaxValue + 1UL, (ulong)Now));
        Gen.Select(word, word, word).Sample((expiry, interval, rest) =>
        {
            page.WriteUInt64(TimerPage.Expiry, expiry);
            page.WriteUInt64(TimerPage.Interval, interval);
            page.WriteUInt64(EventCounterPage.State, rest);
            page.WriteUInt64(EventCounterPage.Watched, rest);
            page.WriteUInt64(EventCounterPage.Falls, rest);
            bool hasExpired = expiry != 0 && (ulong)Now >= expiry;
            Assert.Equal(hasExpired ? PollEvents.In : 0, Poll(client, handle));
            Assert.Equal(hasExpired ? 8 : -(long)Errno.EAGAIN, client.Read(handle, 8, out _));
            byte[] entry = PollEntry(handle, PollEvents.In);
            (ulong tag, _) = client.Background(VfsOperation.Poll, entry, entry.Length, 1, 1);
            client.Call(VfsOperation.Cancel, a0: tag);
            client.TryFinish(tag, out _);
            client.Call(VfsOperation.SetTimer, a0: (ulong)handle, a1: rest, a2: expiry, a3: interval);
        }, iter: 1000, threads: 1);
    }

    [Fact]
    public void What_a_timer_and_a_mask_may_be()
    {
        TestClient client = system.NewClient(1);
        Assert.Equal(-(long)Errno.EINVAL, client.Call(VfsOperation.CreateTimer, a0: 2));
        Assert.Equal(-(long)Errno.EINVAL, client.Call(VfsOperation.CreateTimer, a0: Monotonic, a1: 1));
        long signals = client.Call(VfsOperation.CreateSignalFile, a0: 0x200), timer = Create(client, 0);
        Assert.Equal(-(long)Errno.EINVAL, client.Call(VfsOperation.SetTimer, a0: (ulong)signals));
        Assert.Equal(-(long)Errno.EINVAL, client.Call(VfsOperation.SetSignalFile, a0: (ulong)timer));
        Assert.Equal(-(long)Errno.EBADF, client.Call(VfsOperation.SetTimer, a0: 1234));
        Assert.Equal(0, client.Call(VfsOperation.MapSource, a0: (ulong)signals, a1: Place));
        MappedMemory page = client.Channel.Sources[Place].Memory;
        Assert.Equal(0, client.Call(VfsOperation.SetSignalFile, a0: (ulong)signals, a1: 1, a2: 0x400));
        Assert.Equal((0x400UL, 0x400UL), (client.Last.V0, page.ReadUInt64(EventCounterPage.State)));
        Assert.Equal(0, client.Call(VfsOperation.SetFlags, a0: (ulong)signals, a1: OpenFlags.NonBlock));
        Assert.NotEqual(0u, page.ReadUInt32(EventCounterPage.Flags) & OpenFlags.NonBlock);
        Assert.Equal(-(long)Errno.EINVAL, client.Read(signals, 128, out _));
        Assert.Equal(0, Poll(client, signals));
    }

    [Fact]
    public void Times_of_the_wall_clock_count_from_1970()
    {
        TestClient client = system.NewClient(1);
        long handle = client.Call(VfsOperation.CreateTimer, a0: RealTime);
        Assert.Equal(0, client.Call(VfsOperation.SetTimer, a0: (ulong)handle, a1: (ulong)TimerSetting.Absolute, a2: (ulong)system.Clock.Wall + 1_000_000));
        Assert.Equal(0, Poll(client, handle));
        system.Clock.Advance(1_000_000);
        Assert.Equal(PollEvents.In, Poll(client, handle));
    }

    private static long Create(TestClient client, uint flags)
    {
        long handle = client.Call(VfsOperation.CreateTimer, a0: Monotonic, a1: flags);
        Assert.True(handle >= 0);
        return handle;
    }

    private static byte[] PollEntry(long handle, ushort events)
    {
        var entry = new byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, (uint)handle);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(4), events);
        return entry;
    }

    private static ushort Poll(TestClient client, long handle)
    {
        client.Call(VfsOperation.Poll, PollEntry(handle, PollEvents.In | PollEvents.Out), a0: 1);
        return BinaryPrimitives.ReadUInt16LittleEndian(client.Channel.Pool[6..]);
    }
}
