using System.Buffers.Binary;
using CsCheck;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Vfs.Tests;

/// <summary>Pipes by messages and in memory at once: docs/streams.md.</summary>
public sealed partial class PipeStreamTests
{
    private const ulong ReadPlace = Window.Streams, WritePlace = Window.Streams + Window.StreamStride, ThirdPlace = Window.Streams + Window.StreamPairStride;
    private const uint Reader = StreamLayout.ReaderSide, Writer = StreamLayout.WriterSide;

    private readonly TestSystem system = new();

    /// <summary>What a program does with an end that it has mapped: the steps of the personality.</summary>
    private sealed class Program(TestClient client, long handle, MappedMemory memory, uint number, uint flags)
    {
        public MappedMemory Memory => memory;

        public uint Number => number;

        public bool IsNonBlocking => (memory.ReadUInt32(StreamLayout.Flags + (flags * 4)) & OpenFlags.NonBlock) != 0;

        /// <summary>Bytes moved, or −1: nothing can be decided in memory.</summary>
        public int Write(ReadOnlySpan<byte> data, bool publishes = true)
        {
            if (memory.CompareExchangeUInt32(Writer + StreamSide.Lock, number, 0) != 0)
                return -1;
            uint tail = memory.ReadUInt32(Writer + StreamSide.Index);
            int length = 0;
            if (StreamLayout.TryCount(memory.ReadUInt32(Reader + StreamSide.Index), tail, out uint count))
                length = (int)StreamLayout.Acceptable(count, (uint)data.Length, isWhole: true);
            for (int at = 0; at < length; at++)
                memory.Write(StreamLayout.Data + ((tail + (uint)at) % StreamLayout.Capacity), data[at]);
            if (!publishes)
                return length;
            if (length > 0)
            {
                memory.WriteUInt32(Writer + StreamSide.Index, tail + (uint)length);
                Announce(Writer);
            }

            Unlock(Writer);
            return length;
        }

        public byte[]? Read(int length)
        {
            if (memory.CompareExchangeUInt32(Reader + StreamSide.Lock, number, 0) != 0)
                return null;
            uint head = memory.ReadUInt32(Reader + StreamSide.Index);
            byte[] bytes = [];
            if (StreamLayout.TryCount(head, memory.ReadUInt32(Writer + StreamSide.Index), out uint count) && count > 0)
            {
                bytes = new byte[Math.Min(length, (int)count)];
                for (int at = 0; at < bytes.Length; at++)
                    bytes[at] = memory.Read<byte>(StreamLayout.Data + ((head + (uint)at) % StreamLayout.Capacity));
                memory.ExchangeUInt32(Reader + StreamSide.Index, head + (uint)bytes.Length);
                if (StreamLayout.MakesRoom(head, memory.ReadUInt32(Writer + StreamSide.Index), (uint)bytes.Length))
                    Announce(Reader);
            }

            Unlock(Reader);
            return bytes;
        }

        public void Unlock(uint side)
        {
            if ((memory.ExchangeUInt32(side + StreamSide.Lock, 0) & StreamLayout.Wanted) != 0)
                client.Submit(VfsOperation.SourceChanged, (ulong)handle);
        }

        private void Announce(uint side)
        {
            memory.IncrementUInt32(side + StreamSide.Changes);
            if (memory.ReadUInt32(StreamLayout.Watched) != 0)
                client.Submit(VfsOperation.SourceChanged, (ulong)handle);
        }
    }

    [Fact]
    public void Requests_and_memory_are_one_pipe()
    {
        Gen.Select(Gen.Int[0, 5], Gen.OneOf(Gen.Int[1, 100], Gen.Int[4000, 5000], Gen.Int[1, 70_000])).Array[1, 60].Sample(steps =>
        {
            var other = new TestSystem();
            TestClient client = other.NewClient(1);
            (long read, long write) = client.Pipe(OpenFlags.NonBlock);
            Program? reader = null, writer = null;
            var model = new Queue<byte>();
            byte next = 0;
            foreach ((int step, int length) in steps)
            {
                if (step == 4)
                    reader ??= Map(client, read, ReadPlace);
                else if (step == 5)
                    writer ??= Map(client, write, WritePlace);
                else if (step is 0 or 1)
                {
                    byte[] data = [.. Enumerable.Range(0, length).Select(_ => next++)];
                    int free = 65536 - model.Count, fits = length <= 4096 && free < length ? 0 : Math.Min(length, free);
                    long written = step == 1 && writer is not null ? writer.Write(data) : client.Write(write, data);
                    Assert.Equal(fits, Math.Max(written, 0));
                    next -= (byte)(length - fits);
                    foreach (byte one in data.AsSpan(0, fits))
                        model.Enqueue(one);
                }
                else
                {
                    byte[] bytes = step == 3 && reader is not null ? reader.Read(length)! : Read(client, read, length);
                    Assert.Equal(Math.Min(length, model.Count), bytes.Length);
                    foreach (byte one in bytes)
                        Assert.Equal(model.Dequeue(), one);
                }

                Assert.Equal(model.Count > 0 ? PollEvents.In : 0, Poll(client, read, PollEvents.In));
                Assert.Equal(65536 - model.Count >= 4096 ? PollEvents.Out : 0, Poll(client, write, PollEvents.Out));
            }
        }, iter: 200);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_change_at_any_moment_wakes_who_is_about_to_wait(bool polls)
    {
        int moments = 0;
        for (int moment = 1; moment <= 60; moment++)
        {
            var other = new TestSystem();
            TestClient client = other.NewClient(1);
            (long read, long write) = client.Pipe();
            Map(client, read, ReadPlace);
            Program writer = Map(client, write, WritePlace);
            int seen = 0;
            other.SourcePages.Touched = () =>
            {
                if (++seen == moment)
                    Assert.Equal(3, writer.Write("abc"u8));
            };
            byte[] entry = PollEntry(read, PollEvents.In);
            (ulong tag, _) = polls ? client.Background(VfsOperation.Poll, entry, entry.Length, 1, 1)
                : client.Background(VfsOperation.Read, default, 8, (ulong)read, ulong.MaxValue);
            bool isDone = client.TryFinish(tag, out long result);
            // Later than vfs looked at all: it waits, and would be rung.
            Assert.True(seen < moment ? !isDone : isDone && result == (polls ? 1 : 3), $"moment {moment} of {seen}: {isDone} {result}");
            moments += isDone ? 1 : 0;
        }

        Assert.InRange(moments, 5, 59);
    }

    [Fact]
    public void Who_moves_data_is_waited_for_and_who_has_ended_is_not()
    {
        TestClient client = system.NewClient(1), other = system.NewClient(2, 1);
        (long read, long write) = client.Pipe(OpenFlags.NonBlock);
        TestClient child = system.NewClient(3, 1);
        Program living = Map(client, write, WritePlace), ended = Map(child, write, WritePlace);
        Assert.Equal(5, living.Write("after"u8, publishes: false));
        (ulong tag, _) = client.Background(VfsOperation.Write, "now"u8, 3, (ulong)write, ulong.MaxValue);
        Assert.False(client.TryFinish(tag, out _), "O_NONBLOCK does not mean that");
        Assert.Equal(-1, ended.Write("x"u8));
        living.Unlock(Writer);
        Assert.True(client.TryFinish(tag, out long result));
        Assert.Equal(3, result);
        Assert.Equal("now"u8.ToArray(), Read(client, read, 10));

        Assert.Equal(5, ended.Write("never"u8, publishes: false));
        (tag, _) = client.Background(VfsOperation.Write, "then"u8, 4, (ulong)write, ulong.MaxValue);
        Assert.False(client.TryFinish(tag, out _));
        system.Registry.Detach(child.Connection.Id);
        Assert.True(client.TryFinish(tag, out result));
        Assert.Equal(4, result);
        Assert.Equal("then"u8.ToArray(), Read(client, read, 10));
        Assert.Equal(0u, living.Memory.ReadUInt32(Writer + StreamSide.Lock));
        Assert.NotNull(other);
    }

    [Fact]
    public void The_end_of_a_program_is_made_up_for()
    {
        TestClient client = system.NewClient(1);
        (long read, long write) = client.Pipe();
        TestClient child = system.NewClient(2, 1);
        Map(client, read, ReadPlace);
        Program writer = Map(child, write, WritePlace);
        (ulong tag, _) = client.Background(VfsOperation.Read, default, 8, (ulong)read, ulong.MaxValue);
        Assert.False(client.TryFinish(tag, out _));
        // Published, and ended before it counted or rang.
        writer.Memory.Write(StreamLayout.Data, (byte)'p');
        writer.Memory.WriteUInt32(Writer + StreamSide.Index, 1);
        Assert.False(client.TryFinish(tag, out _));
        system.SourcePages.Woken.Clear();
        system.Registry.Detach(child.Connection.Id);
        Assert.True(client.TryFinish(tag, out long result));
        Assert.Equal(1, result);
        Assert.Contains(Writer + StreamSide.Changes, system.SourcePages.Woken);
        Assert.Contains(Reader + StreamSide.Changes, system.SourcePages.Woken);
    }

    [Fact]
    public void Requests_and_ends_wake_who_sleeps_in_memory()
    {
        TestClient client = system.NewClient(1);
        (long read, long write) = client.Pipe();
        Program reader = Map(client, read, ReadPlace), writer = Map(client, write, WritePlace);
        MappedMemory memory = reader.Memory;
        system.SourcePages.Woken.Clear();
        Sleeps(Reader);
        client.Write(write, "x"u8);
        Assert.Equal([Writer + StreamSide.Changes], system.SourcePages.Woken);
        client.Write(write, "x"u8); // nobody has said that it waits again
        Assert.Single(system.SourcePages.Woken);
        client.Write(write, new byte[65534]);
        Sleeps(Writer);
        Read(client, read, 10); // no room for an atomic write yet
        Assert.Single(system.SourcePages.Woken);
        Read(client, read, 5000);
        Assert.Equal([Writer + StreamSide.Changes, Reader + StreamSide.Changes], system.SourcePages.Woken);
        Assert.Equal((1u, 1u), (memory.ReadUInt32(StreamLayout.Readers), memory.ReadUInt32(StreamLayout.Writers)));
        client.Close(write);
        Assert.Equal((1u, 0u, 1u), (memory.ReadUInt32(StreamLayout.Readers), memory.ReadUInt32(StreamLayout.Writers),
            memory.ReadUInt32(StreamLayout.HasHadWriter)));
        Assert.True(system.SourcePages.Woken.Count >= 4);
        Assert.NotNull(writer);

        void Sleeps(uint side)
        {
            uint changes = (side == Reader ? Writer : Reader) + StreamSide.Changes;
            memory.WriteUInt32(side + StreamSide.Awaited, memory.ReadUInt32(changes));
        }
    }

    [Fact]
    public void Each_end_writes_its_own_side_only()
    {
        TestClient client = system.NewClient(1);
        (long read, long write) = client.Pipe();
        client.MakeNode("/fifo", InodeMode.Fifo | 0x1A4);
        long both = client.Open("/fifo", OpenFlags.ReadWrite);
        Map(client, read, ReadPlace);
        Map(client, write, WritePlace);
        Map(client, both, ThirdPlace);
        bool[] writable = [.. client.Channel.Parts.Select(static part => part.IsWritable)];
        Assert.Equal([false, true, false, false, false, true, false, true, true], writable);
        Assert.All(client.Channel.Parts, static part => Assert.True(Window.IsStream(part.Address - part.Offset)));
        Assert.Equal(StreamLayout.Length, client.Channel.Parts.Take(3).Aggregate(0u, static (sum, part) => sum + part.Length));
    }

    [Fact]
    public void Any_value_in_the_memory_is_harmless()
    {
        var places = Gen.OneOfConst(
            Reader + StreamSide.Index, Reader + StreamSide.Lock, Reader + StreamSide.Changes, Reader + StreamSide.Awaited, Writer + StreamSide.Index,
            Writer + StreamSide.Lock, Writer + StreamSide.Changes, Writer + StreamSide.Awaited);
        var values = Gen.OneOf(Gen.UInt, Gen.OneOfConst(0u, 1u, 2u, StreamLayout.Owner, StreamLayout.Wanted | 1, uint.MaxValue, 65536u, 65537u));
        Gen.Select(places, values, Gen.Int[0, 5]).Array[1, 60].Sample(steps =>
        {
            var other = new TestSystem();
            TestClient client = other.NewClient(1);
            (long read, long write) = client.Pipe(OpenFlags.NonBlock);
            (long target, long into) = client.Pipe(OpenFlags.NonBlock);
            Program reader = Map(client, read, ReadPlace);
            Map(client, write, WritePlace);
            foreach ((uint place, uint value, int step) in steps)
            {
                reader.Memory.WriteUInt32(place, value);
                (ulong tag, _) = step switch
                {
                    0 => client.Background(VfsOperation.Read, default, 5000, (ulong)read, ulong.MaxValue),
                    1 => client.Background(VfsOperation.Write, new byte[5000], 5000, (ulong)write, ulong.MaxValue),
                    2 => client.Background(VfsOperation.Poll, PollEntry(read, PollEvents.In), 8, 1),
                    3 => client.Background(VfsOperation.Control, default, 4, (ulong)read, Ioctl.BytesReadable),
                    4 => client.Background(VfsOperation.SourceChanged, default, 0, (ulong)read),
                    _ => client.Background(VfsOperation.Tee, default, 0, (ulong)into, (ulong)read),
                };
                if (!client.TryFinish(tag, out _))
                    Assert.Equal(0, client.Call(VfsOperation.Cancel, a0: tag)); // somebody who lives holds it, or so it says
            }

            Read(client, target, 65536);
            client.Close(read);
            client.Close(write);
            Assert.Equal(0, other.SourcePages.Count);
        }, iter: 300);
    }

    [Fact]
    public void Only_who_has_an_end_maps_and_the_memory_goes_with_the_last_one()
    {
        TestClient first = system.NewClient(1), second = system.NewClient(2);
        (long read, long write) = first.Pipe();
        Assert.Equal(-(long)Errno.EBADF, second.Call(VfsOperation.MapStream, a0: (ulong)read, a1: ReadPlace));
        long file = second.Open("/file", OpenFlags.Create | OpenFlags.ReadWrite);
        Assert.Equal(-(long)Errno.ENODEV, second.Call(VfsOperation.MapStream, a0: (ulong)file, a1: ReadPlace));
        ulong[] wrong = [4096, ReadPlace + 4096, ReadPlace - Window.StreamPairStride, WritePlace + Window.StreamStride, ReadPlace + 2 * Window.StreamsHalf];
        Assert.All(wrong, address => Assert.Equal(-(long)Errno.EINVAL, first.Call(VfsOperation.MapStream, a0: (ulong)read, a1: address)));
        Assert.Equal(0, system.SourcePages.Count);
        uint number = Map(first, read, ReadPlace).Number;
        for (int times = 0; times < 3; times++)
            Assert.Equal(number, Map(first, read, ReadPlace).Number);
        TestClient child = system.NewClient(3, 1);
        Assert.NotEqual(number, Map(child, read, ReadPlace).Number);
        Assert.Single(first.Connection.Grants);
        Assert.Equal(1, system.SourcePages.Count);
        Assert.Equal(0, first.Close(read));
        Assert.Equal(0, first.Close(write));
        Assert.Equal(1, system.SourcePages.Count);
        Assert.Equal(0, child.Close(read));
        Assert.Empty(child.Connection.Grants);
        Assert.Equal(0, child.Close(write));
        Assert.Equal(0, system.SourcePages.Count);
        Assert.Empty(first.Connection.Grants);
    }

    [Fact]
    public void Without_memory_requests_do()
    {
        TestClient client = system.NewClient(1);
        system.SourcePages.Most = 0;
        (long read, long write) = client.Pipe();
        client.Write(write, "ab"u8);
        Assert.Equal(-(long)Errno.ENOMEM, client.Call(VfsOperation.MapStream, a0: (ulong)read, a1: ReadPlace));
        Assert.Equal("ab"u8.ToArray(), Read(client, read, 10));
    }

    [Fact]
    public void Flags_of_a_description_are_shown_as_they_change()
    {
        TestClient client = system.NewClient(1);
        (long read, long write) = client.Pipe(OpenFlags.NonBlock);
        Program reader = Map(client, read, ReadPlace), writer = Map(client, write, WritePlace);
        Assert.True(reader.IsNonBlocking && writer.IsNonBlocking);
        Assert.Equal(0, client.Call(VfsOperation.SetFlags, a0: (ulong)read, a1: 0));
        Assert.True(!reader.IsNonBlocking && writer.IsNonBlocking);
    }

    [Fact]
    public void A_poll_waits_for_the_next_edge_of_what_is_ready()
    {
        TestClient client = system.NewClient(1);
        (long read, long write) = client.Pipe();
        Map(client, read, ReadPlace);
        Program writer = Map(client, write, WritePlace);
        Assert.Equal(1, writer.Write("x"u8));
        uint number = writer.Memory.ReadUInt32(Writer + StreamSide.Changes);
        Assert.Equal(0, Poll(client, read, PollEvents.In, number));
        Assert.Equal(PollEvents.In, Poll(client, read, PollEvents.In, number - 1));
        byte[] entry = PollEntry(read, PollEvents.In, number);
        (ulong tag, _) = client.Background(VfsOperation.Poll, entry, entry.Length, 1, 1);
        Assert.False(client.TryFinish(tag, out _));
        Assert.Equal(1, writer.Write("y"u8));
        Assert.True(client.TryFinish(tag, out long result));
        Assert.Equal(1, result);
    }

    private static Program Map(TestClient client, long handle, ulong place)
    {
        Assert.Equal(0, client.Call(VfsOperation.MapStream, a0: (ulong)handle, a1: place));
        return new Program(client, handle, client.Channel.Sources[place].Memory, (uint)client.Last.V0, (uint)client.Last.V1);
    }

    private static byte[] Read(TestClient client, long handle, int length) => client.Read(handle, length, out byte[] data) > 0 ? data : [];

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
        client.Call(VfsOperation.Poll, PollEntry(handle, events, number), a0: 1);
        return BinaryPrimitives.ReadUInt16LittleEndian(client.Channel.Pool[6..]);
    }
}
