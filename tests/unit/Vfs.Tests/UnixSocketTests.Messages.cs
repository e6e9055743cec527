using System.Buffers.Binary;
using CsCheck;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests;

// Datagrams and sequenced packets in memory. What a program does there is done by hand.
public sealed partial class UnixSocketTests
{
    private const ulong SequencedPacket = 5;
    private const uint AllAsk = StreamLayout.ReadersAsk | StreamLayout.WritersAsk, OfReader = StreamLayout.ReaderSide, OfWriter = StreamLayout.WriterSide;

    [Theory]
    [InlineData(Datagram)]
    [InlineData(SequencedPacket)]
    public void Requests_and_memory_are_one_queue(ulong kind)
    {
        TestClient client = system.NewClient(1);
        (long first, long second) = Pair(client, kind, OpenFlags.NonBlock);
        client.Write(first, "sent before"u8);
        client.Write(first, default);
        MappedMemory memory = MapEnd(client, second, ReadPlace, 1);
        Assert.Equal(1ul | StreamLayout.OfSocket | StreamLayout.OfMessages | StreamLayout.HasOtherEnd, client.Last.V2);
        Assert.Equal("sent before", Take(memory));
        Put(memory, "by a program");
        client.Write(first, "by a request"u8);
        Assert.Equal("", Take(memory));
        Assert.Equal(12, client.Read(second, 100, out byte[] data));
        Assert.Equal("by a program"u8, data);
        Assert.Equal(12, client.Call(VfsOperation.Receive, default, 4, (ulong)second, SocketNumbers.MsgTruncated | SocketNumbers.MsgPeek));
        Assert.Equal(SocketAnswer.IsCut, client.Last.V0 & SocketAnswer.IsCut);
        Assert.Equal(3, client.Read(second, 3, out data));
        Assert.Equal("by "u8, data);
        Assert.Equal(-(long)Errno.EAGAIN, client.Read(second, 3, out _));
        Assert.Equal(memory.ReadUInt64(OfReader), memory.ReadUInt64(OfWriter));
    }

    [Fact]
    public void A_request_that_waits_sees_what_a_program_sends()
    {
        TestClient client = system.NewClient(1), other = system.NewClient(2);
        (long first, long second) = Pair(client, SequencedPacket);
        (ulong tag, int offset) = client.Background(VfsOperation.Read, default, 100, (ulong)second, ulong.MaxValue);
        MappedMemory memory = MapEnd(client, first, WritePlace, 2);
        Assert.False(client.TryFinish(tag, out _));
        Assert.Equal(1u, memory.ReadUInt32(StreamLayout.Watched));
        Put(memory, "now");
        Assert.Equal(0, client.Call(VfsOperation.SourceChanged, a0: (ulong)first));
        Assert.True(client.TryFinish(tag, out long length));
        Assert.Equal("now"u8, client.Channel.Pool.Slice(offset, (int)length));
        Assert.Equal(0, other.Handles);
    }

    [Fact]
    public void What_has_more_than_bytes_goes_by_requests_from_then_on_and_keeps_its_place()
    {
        TestClient client = system.NewClient(1);
        foreach (int reason in (int[])[0, 1, 2])
        {
            (long first, long second) = Pair(client, Datagram, OpenFlags.NonBlock);
            MappedMemory memory = MapEnd(client, second, ReadPlace, 1);
            Put(memory, "one");
            client.Write(first, "two"u8);
            uint changes = memory.ReadUInt32(OfWriter + StreamSide.Changes);
            long sent = reason switch
            {
                0 => SendRights(client, first, "three"u8, first),
                1 => client.Call(VfsOperation.Send, "three"u8, a0: (ulong)first, a2: SendArguments.HasCredentials, a3: 1, a4: 7),
                _ => client.Call(VfsOperation.Connect, [1, 0, .. "\0nobody"u8], a0: (ulong)first, a1: SocketNumbers.UnspecifiedFamily),
            };
            Assert.Equal(reason == 2 ? 0 : 5, sent);
            Assert.Equal(StreamLayout.Elsewhere | AllAsk, memory.ReadUInt32(StreamLayout.Asks));
            Assert.NotEqual(changes, memory.ReadUInt32(OfWriter + StreamSide.Changes));
            Assert.Equal(-(long)Errno.ENODEV, client.Call(VfsOperation.MapStream, a0: (ulong)second, a1: ReadPlace, a2: 1));
            Assert.Equal(3, client.Read(second, 100, out byte[] data));
            Assert.Equal("one"u8, data);
            Assert.Equal(3, client.Read(second, 100, out data));
            Assert.Equal("two"u8, data);
            Assert.Equal(reason == 2 ? -(long)Errno.EAGAIN : 5, Receive(client, second, 100, out int rights));
            Assert.Equal(reason == 0 ? 1 : 0, rights);
            client.Close(first);
            client.Close(second);
        }
    }

    [Fact]
    public void Nothing_is_taken_back_while_a_program_sends_a_message()
    {
        TestClient client = system.NewClient(1);
        (long first, long second) = Pair(client, Datagram);
        MappedMemory memory = MapEnd(client, first, WritePlace, 2);
        uint number = (uint)client.Last.V0;
        Put(memory, "kept");
        memory.WriteUInt32(OfWriter + StreamSide.Lock, number);
        ulong tag = client.Submit(VfsOperation.Send, (ulong)first, 0, SendArguments.Of(0, 1), payload: [(byte)first, 0, 0, 0, 1]);
        ulong parted = client.Submit(VfsOperation.Connect, (ulong)first, SocketNumbers.UnspecifiedFamily, payload: [0, 0]);
        Assert.False(client.TryFinish(tag, out _) || client.TryFinish(parted, out _));
        Assert.Equal((number | StreamLayout.Wanted, 0u), (memory.ReadUInt32(OfWriter + StreamSide.Lock), memory.ReadUInt32(StreamLayout.Asks)));
        memory.WriteUInt32(OfWriter + StreamSide.Lock, 0);
        client.Call(VfsOperation.SourceChanged, a0: (ulong)first);
        Assert.True(client.TryFinish(tag, out long sent) && client.TryFinish(parted, out _));
        Assert.Equal(1, sent);
        Assert.Equal(4, client.Read(second, 100, out _));
    }

    [Fact]
    public void Who_has_both_ends_never_waits_for_himself_and_others_wait_for_room()
    {
        byte[] message = new byte[8192];
        TestClient client = system.NewClient(1);
        (long first, long second) = Pair(client, Datagram, OpenFlags.NonBlock);
        MappedMemory memory = MapEnd(client, first, WritePlace, 2);
        int sent = 0;
        for (; client.Write(first, message) > 0; sent++)
            ;
        Assert.Equal(212992 / (8192 + (int)MessageLayout.Overhead), sent);
        Assert.Equal(StreamLayout.Elsewhere | AllAsk, memory.ReadUInt32(StreamLayout.Asks));
        for (; client.Read(second, 8192, out _) > 0; sent--)
            ;
        Assert.Equal(0, sent);

        // Another process has the other end.
        TestClient other = system.NewClient(2);
        (first, second) = Pair(client, Datagram, OpenFlags.NonBlock);
        (long carrier, long to) = Pair(client, Stream);
        SendRights(client, carrier, "x"u8, second);
        Assert.Equal(-(long)Errno.EBADF, other.Close(second));
        client.Close(second);
        memory = MapEnd(client, first, WritePlace, 2);
        Assert.Equal(2ul | StreamLayout.OfSocket | StreamLayout.OfMessages, client.Last.V2);
        for (sent = 0; client.Write(first, message) > 0; sent++)
            ;
        Assert.Equal((7, 0u), (sent, memory.ReadUInt32(StreamLayout.Asks)));
        Assert.Equal(1, Receive(client, to, 10, out _));
    }

    [Fact]
    public void SO_SNDBUF_bounds_what_is_in_memory_and_is_shown_there()
    {
        TestClient client = system.NewClient(1);
        (long first, long second) = Pair(client, SequencedPacket, OpenFlags.NonBlock);
        SetOption(client, first, 7, [0, 16, 0, 0]);
        MappedMemory memory = MapEnd(client, first, WritePlace, 2);
        Assert.Equal(8192u, memory.ReadUInt32(StreamLayout.SendBuffer));
        int sent = 0;
        for (; client.Write(first, "x"u8) == 1; sent++)
            ;
        Assert.Equal(8192 / 577, sent);
        Assert.Equal(0, Poll(client, first));
        SetOption(client, first, 7, [0, 0, 1, 0]);
        Assert.Equal(131072u, memory.ReadUInt32(StreamLayout.SendBuffer));
        Assert.Equal((int)PollEvents.Writable, Poll(client, first));
        Assert.Equal("x", Take(memory));
        Assert.Equal(-(long)Errno.EMSGSIZE, client.Call(VfsOperation.Send, new byte[60000], a0: (ulong)second, a2: SendArguments.IsPartial));
    }

    [Theory]
    [InlineData(Datagram)]
    [InlineData(SequencedPacket)]
    public void Ends_errors_time_outs_and_senders_are_asked_for(ulong kind)
    {
        TestClient client = system.NewClient(1);
        (long first, long second) = Pair(client, kind, OpenFlags.NonBlock);
        MappedMemory reads = MapEnd(client, second, ReadPlace, 1), writes = MapEnd(client, second, WritePlace, 2);
        byte[] time = new byte[16];
        time[0] = 1;
        foreach ((ulong option, byte[] on, byte[] off) in ((ulong, byte[], byte[])[])[(20, time, new byte[16]), (21, time, new byte[16]),
            (16, [1, 0, 0, 0], [0, 0, 0, 0])])
        {
            SetOption(client, first, option, on);
            Assert.Equal((AllAsk, AllAsk), (reads.ReadUInt32(StreamLayout.Asks), writes.ReadUInt32(StreamLayout.Asks)));
            SetOption(client, first, option, off);
            Assert.Equal((0u, 0u), (reads.ReadUInt32(StreamLayout.Asks), writes.ReadUInt32(StreamLayout.Asks)));
        }

        Put(reads, "last");
        Put(writes, "lost");
        uint changes = reads.ReadUInt32(OfWriter + StreamSide.Changes);
        client.Close(first);
        Assert.Equal((AllAsk, AllAsk), (reads.ReadUInt32(StreamLayout.Asks), writes.ReadUInt32(StreamLayout.Asks)));
        Assert.NotEqual(changes, reads.ReadUInt32(OfWriter + StreamSide.Changes));
        if (kind == SequencedPacket)
        {
            // What the other one has not read is an error, and what it has sent is still there.
            Assert.Equal(-(long)Errno.ECONNRESET, client.Read(second, 10, out _));
            Assert.Equal(4, client.Read(second, 10, out _));
            Assert.Equal(0, client.Read(second, 10, out _));
            Assert.Equal(-(long)Errno.EPIPE, client.Write(second, "x"u8));
        }
        else
        {
            Assert.Equal(4, client.Read(second, 10, out _));
            Assert.Equal(-(long)Errno.EAGAIN, client.Read(second, 10, out _));
            Assert.Equal(-(long)Errno.ECONNREFUSED, client.Write(second, "x"u8));
            Assert.Equal(-(long)Errno.ENOTCONN, client.Write(second, "x"u8));
        }

        client.Close(second);
        Assert.Equal(0, system.SourcePages.Count);
    }

    [Fact]
    public void Only_two_that_are_each_others_peers_have_memory()
    {
        TestClient client = system.NewClient(1);
        long alone = client.Call(VfsOperation.CreateSocket, a0: 1 | Datagram << 16), server = client.Call(VfsOperation.CreateSocket, a0: 1 | Datagram << 16);
        byte[] name = [1, 0, .. "\0server"u8];
        Assert.Equal(0, client.Call(VfsOperation.BindSocket, name[2..], a0: (ulong)server));
        Assert.Equal(0, client.Call(VfsOperation.Connect, name[2..], a0: (ulong)alone, a1: SocketNumbers.UnixFamily));
        Assert.Equal(-(long)Errno.ENODEV, client.Call(VfsOperation.MapStream, a0: (ulong)alone, a1: WritePlace, a2: 2));
        Assert.Equal(-(long)Errno.ENODEV, client.Call(VfsOperation.MapStream, a0: (ulong)server, a1: ReadPlace, a2: 1));
        (long first, long second) = Pair(client, Datagram);
        SendRights(client, first, "x"u8, first);
        Assert.Equal(-(long)Errno.EAGAIN, client.Call(VfsOperation.MapStream, a0: (ulong)second, a1: ReadPlace, a2: 1));
        Receive(client, second, 10, out _);
        MapEnd(client, second, ReadPlace, 1);
        Assert.Equal([false, true, false], client.Channel.Parts.Select(static part => part.IsWritable));
    }

    [Fact]
    public void Any_value_in_the_words_of_messages_is_harmless()
    {
        uint[] words = [.. new[] { OfReader, OfWriter }.SelectMany(side => new[]
        {
            side + StreamSide.Index, side + StreamSide.Cost, side + StreamSide.Lock, side + StreamSide.Changes, side + StreamSide.Awaited,
        }), StreamLayout.Data, StreamLayout.Data + 8, StreamLayout.Data + StreamLayout.Capacity - 8];
        var values = Gen.OneOf(Gen.UInt, Gen.OneOfConst(0u, 1u, 8u, StreamLayout.Owner, StreamLayout.Wanted | 1, uint.MaxValue, 65528u, 65536u, 65544u));
        Gen.Select(Gen.OneOfConst(Datagram, SequencedPacket), Gen.Select(Gen.OneOfConst(words), values, Gen.Int[0, 8]).Array[1, 60]).Sample((kind, steps) =>
        {
            var other = new TestSystem();
            TestClient client = other.NewClient(1);
            (long first, long second) = Pair(client, kind, OpenFlags.NonBlock);
            MappedMemory memory = MapEnd(client, second, ReadPlace, 1);
            MapEnd(client, first, WritePlace, 1);
            foreach ((uint place, uint value, int step) in steps)
            {
                memory.WriteUInt32(place, value);
                ulong tag = step switch
                {
                    0 => client.Submit(VfsOperation.Read, (ulong)second, ulong.MaxValue, length: 5000),
                    1 => client.Submit(VfsOperation.Write, (ulong)first, ulong.MaxValue, payload: new byte[5000]),
                    2 => client.Submit(VfsOperation.Control, (ulong)second, Ioctl.BytesReadable, length: 4),
                    3 => client.Submit(VfsOperation.SourceChanged, (ulong)second),
                    4 => client.Submit(VfsOperation.Receive, (ulong)second, 2, ReceiveArguments.Of(0, 1) | ReceiveArguments.HasHeader, 64, length: 3000),
                    5 => client.Submit(VfsOperation.Control, (ulong)first, 0x5411, length: 4),
                    6 => client.Submit(VfsOperation.Write, (ulong)first, ulong.MaxValue, payload: new byte[16000]),
                    7 => client.Submit(VfsOperation.Receive, (ulong)second, 0, ReceiveArguments.Of(112, 0), length: 3000),
                    _ when value % 8 == 0 =>
                        client.Submit(VfsOperation.Send, (ulong)first, 0, SendArguments.Of(0, 1), payload: [(byte)second, 0, 0, 0, 1, 2, 3]),
                    _ => client.Submit(VfsOperation.Read, (ulong)second, ulong.MaxValue, length: 0),
                };
                if (!client.TryFinish(tag, out _))
                    Assert.Equal(0, client.Call(VfsOperation.Cancel, a0: tag));
            }

            for (long handle = 0; handle < 200; handle++)
                client.Close(handle);
            other.Sockets.InFlight.Collect();
            Assert.Equal((0, 0), (other.SourcePages.Count, other.Sockets.InFlight.Count));
            Assert.True(other.Sockets.Messages.TryTake(0, 4 << 20)); // nothing is counted any more
        }, iter: 300);
    }

    // Whether it may be written.
    private static int Poll(TestClient client, long handle)
    {
        byte[] entry = new byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, (uint)handle);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(4), PollEvents.Writable);
        client.Call(VfsOperation.Poll, entry, a0: 1);
        return BinaryPrimitives.ReadUInt16LittleEndian(client.Channel.Pool[6..]);
    }

    private static MappedMemory MapEnd(TestClient client, long handle, ulong place, ulong which)
    {
        Assert.Equal(0, client.Call(VfsOperation.MapStream, a0: (ulong)handle, a1: place, a2: which));
        return client.Channel.Sources[place].Memory;
    }

    // As the personality does it, without a lock.
    private static void Put(MappedMemory memory, string message)
    {
        ulong writer = memory.ReadUInt64(OfWriter);
        uint at = MessageLayout.IndexOf(writer) % StreamLayout.Capacity;
        memory.WriteUInt64(StreamLayout.Data + at, (uint)message.Length);
        for (int index = 0; index < message.Length; index++)
            memory.Span(StreamLayout.Data + ((at + MessageLayout.HeaderLength + (uint)index) % StreamLayout.Capacity), 1)[0] = (byte)message[index];
        memory.WriteUInt64(OfWriter, MessageLayout.Behind(writer, (uint)message.Length));
        memory.IncrementUInt32(OfWriter + StreamSide.Changes);
    }

    private static string Take(MappedMemory memory)
    {
        ulong reader = memory.ReadUInt64(OfReader);
        uint at = MessageLayout.IndexOf(reader) % StreamLayout.Capacity, length = memory.ReadUInt32(StreamLayout.Data + at);
        Assert.True(MessageLayout.TryCount(reader, memory.ReadUInt64(OfWriter), out uint count) && MessageLayout.IsInside(length, count));
        string message = System.Text.Encoding.ASCII.GetString(memory.Span(StreamLayout.Data + at + MessageLayout.HeaderLength, (int)length));
        memory.WriteUInt64(OfReader, MessageLayout.Behind(reader, length));
        memory.IncrementUInt32(OfReader + StreamSide.Changes);
        return message;
    }
}
