using System.Buffers.Binary;
using CsCheck;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests;

/// <summary>What of sockets no program shows: words in memory, lies, what is on its way and nobody can reach. docs/unix-sockets.md.</summary>
public sealed partial class UnixSocketTests
{
    private const ulong Stream = 1, Datagram = 2, ReadPlace = Window.Streams, WritePlace = Window.Streams + Window.StreamStride;

    private readonly TestSystem system = new();

    [Fact]
    public void Who_reads_in_memory_is_told_where_descriptors_begin()
    {
        TestClient client = system.NewClient(1);
        (long first, long second) = Pair(client, Stream);
        Assert.Equal(0, client.Call(VfsOperation.MapStream, a0: (ulong)second, a1: ReadPlace, a2: 1));
        Assert.Equal(1ul | StreamLayout.OfSocket, client.Last.V2);
        MappedMemory memory = client.Channel.Sources[ReadPlace].Memory;
        client.Write(first, "abc"u8);
        Assert.Equal(0u, memory.ReadUInt32(StreamLayout.Asks));
        Assert.Equal(3, SendRights(client, first, "def"u8, first));
        client.Write(first, "ghi"u8);
        Assert.Equal(2, SendRights(client, first, "jk"u8, first));
        Assert.Equal((StreamLayout.HasMark, 3u), (memory.ReadUInt32(StreamLayout.Asks), memory.ReadUInt32(StreamLayout.Mark)));
        Assert.Equal(6, Receive(client, second, 20, out int rights));
        Assert.Equal(1, rights);
        Assert.Equal((StreamLayout.HasMark, 9u), (memory.ReadUInt32(StreamLayout.Asks), memory.ReadUInt32(StreamLayout.Mark)));
        Assert.Equal(5, client.Read(second, 20, out _));
        Assert.Equal((0u, 0), (memory.ReadUInt32(StreamLayout.Asks), system.Sockets.InFlight.Count));
    }

    [Fact]
    public void Who_has_a_time_out_or_wants_to_know_senders_asks()
    {
        TestClient client = system.NewClient(1);
        (long first, long second) = Pair(client, Stream);
        client.Call(VfsOperation.MapStream, a0: (ulong)second, a1: ReadPlace, a2: 1);
        client.Call(VfsOperation.MapStream, a0: (ulong)second, a1: WritePlace, a2: 2);
        MappedMemory reads = client.Channel.Sources[ReadPlace].Memory, writes = client.Channel.Sources[WritePlace].Memory;
        byte[] time = new byte[16];
        time[0] = 1;
        SetOption(client, second, 20, time);
        Assert.Equal((StreamLayout.ReadersAsk, 0u), (reads.ReadUInt32(StreamLayout.Asks), writes.ReadUInt32(StreamLayout.Asks)));
        SetOption(client, second, 20, new byte[16]);
        SetOption(client, first, 16, [1, 0, 0, 0]);
        Assert.Equal((StreamLayout.ReadersAsk | StreamLayout.WritersAsk, StreamLayout.ReadersAsk | StreamLayout.WritersAsk),
            (reads.ReadUInt32(StreamLayout.Asks) | StreamLayout.WritersAsk, writes.ReadUInt32(StreamLayout.Asks) | StreamLayout.ReadersAsk));
        SetOption(client, first, 16, [0, 0, 0, 0]);
        Assert.Equal((0u, 0u), (reads.ReadUInt32(StreamLayout.Asks), writes.ReadUInt32(StreamLayout.Asks)));
        client.Write(second, "unread"u8);
        client.Close(first);
        Assert.Equal(StreamLayout.HasError, reads.ReadUInt32(StreamLayout.Asks));
        Assert.Equal(-(long)Errno.ECONNRESET, client.Read(second, 1, out _));
        Assert.Equal(0, client.Read(second, 1, out _));
        Assert.Equal(0u, reads.ReadUInt32(StreamLayout.Asks));
    }

    [Fact]
    public void A_side_writes_what_is_its_own_only()
    {
        TestClient client = system.NewClient(1);
        (_, long second) = Pair(client, Stream);
        client.Call(VfsOperation.MapStream, a0: (ulong)second, a1: ReadPlace, a2: 1);
        client.Call(VfsOperation.MapStream, a0: (ulong)second, a1: WritePlace, a2: 2);
        Assert.Equal([false, true, false, false, false, true], client.Channel.Parts.Select(static part => part.IsWritable));
        long alone = client.Call(VfsOperation.CreateSocket, a0: 1 | Stream << 16);
        Assert.Equal(-(long)Errno.ENOTCONN, client.Call(VfsOperation.MapStream, a0: (ulong)alone, a1: ReadPlace, a2: 1));
    }

    [Fact]
    public void Any_value_in_the_words_is_harmless()
    {
        uint[] words = [.. new[] { StreamLayout.ReaderSide, StreamLayout.WriterSide }.SelectMany(side => new[]
        {
            side + StreamSide.Index, side + StreamSide.Lock, side + StreamSide.Changes, side + StreamSide.Awaited,
        })];
        var values = Gen.OneOf(Gen.UInt, Gen.OneOfConst(0u, 1u, 2u, StreamLayout.Owner, StreamLayout.Wanted | 1, uint.MaxValue, 65536u, 65537u));
        Gen.Select(Gen.OneOfConst(words), values, Gen.Int[0, 6]).Array[1, 60].Sample(steps =>
        {
            var other = new TestSystem();
            TestClient client = other.NewClient(1);
            (long first, long second) = Pair(client, Stream, OpenFlags.NonBlock);
            client.Call(VfsOperation.MapStream, a0: (ulong)second, a1: ReadPlace, a2: 1);
            client.Call(VfsOperation.MapStream, a0: (ulong)first, a1: WritePlace, a2: 1);
            foreach ((uint place, uint value, int step) in steps)
            {
                client.Channel.Sources[ReadPlace].Memory.WriteUInt32(place, value);
                ulong tag = step switch
                {
                    0 => client.Submit(VfsOperation.Read, (ulong)second, ulong.MaxValue, length: 5000),
                    1 => client.Submit(VfsOperation.Write, (ulong)first, ulong.MaxValue, payload: new byte[5000]),
                    2 => client.Submit(VfsOperation.Control, (ulong)second, Ioctl.BytesReadable, length: 4),
                    3 => client.Submit(VfsOperation.SourceChanged, (ulong)second),
                    4 => client.Submit(VfsOperation.Send, (ulong)first, 0, SendArguments.Of(0, 1), payload: [(byte)second, 0, 0, 0, 1, 2, 3]),
                    5 => client.Submit(VfsOperation.Receive, (ulong)second, 2, ReceiveArguments.Of(0, 1) | ReceiveArguments.HasHeader, 64, length: 3000),
                    _ => client.Submit(VfsOperation.Receive, (ulong)second, 0, ReceiveArguments.Of(112, 0), length: 3000),
                };
                if (!client.TryFinish(tag, out _))
                    Assert.Equal(0, client.Call(VfsOperation.Cancel, a0: tag)); // somebody who lives holds it, or so it says
            }

            for (long handle = 0; handle < 200; handle++)
                client.Close(handle);
            other.Sockets.InFlight.Collect(); // one that lies in itself waits for the end of another
            Assert.Equal((0, 0), (other.SourcePages.Count, other.Sockets.InFlight.Count));
        }, iter: 300);
    }

    [Fact]
    public void Sockets_that_lie_in_each_other_are_collected()
    {
        TestClient client = system.NewClient(1);
        for (int round = 0; round < 50; round++)
        {
            (long first, long second) = Pair(client, Stream);
            (long third, long fourth) = Pair(client, Datagram);
            Assert.Equal(1, SendRights(client, first, "x"u8, first));
            Assert.Equal(1, SendRights(client, second, "x"u8, third));
            Assert.Equal(1, SendRights(client, fourth, "x"u8, second));
            long[] all = [first, second, third, fourth];
            Assert.All(all, handle => Assert.Equal(0, client.Close(handle)));
        }

        // What can still be received stays.
        (long kept, long to) = Pair(client, Stream);
        (long inner, long outer) = Pair(client, Stream);
        SendRights(client, kept, "x"u8, inner);
        client.Write(outer, "inside"u8);
        client.Close(inner);
        system.Sockets.InFlight.Collect();
        Assert.Equal(1, system.Sockets.InFlight.Count);
        Assert.Equal(1, Receive(client, to, 10, out int rights));
        Assert.Equal(1, rights);
        uint handle = BinaryPrimitives.ReadUInt32LittleEndian(client.Channel.Pool);
        Assert.Equal(6, client.Read(handle, 10, out _));
        Assert.Equal(0, system.Sockets.InFlight.Count);
    }

    [Fact]
    public void Sockets_in_sockets_in_sockets_end_one_after_the_other()
    {
        const int deep = 3000;
        TestClient client = system.NewClient(1);
        (long outer, long inner) = Pair(client, Datagram);
        for (int level = 0; level < deep; level++)
        {
            (long next, long end) = Pair(client, Datagram);
            Assert.Equal(1, SendRights(client, next, "x"u8, inner));
            client.Close(inner);
            client.Close(next);
            inner = end;
        }

        Assert.Equal(deep, system.Sockets.InFlight.Count);
        client.Close(inner);
        client.Close(outer);
        Assert.Equal(0, system.Sockets.InFlight.Count);
    }

    [Fact]
    public void A_user_sends_so_many_and_root_too()
    {
        TestClient client = system.NewClient(1), user = system.NewClient(2);
        system.Registry.SetCredentials(2, new Credentials(1000, 1000, 1000, 1000, []));
        Assert.Equal(-(long)Errno.ETOOMANYREFS, Fill(user));
        Assert.InRange(system.Sockets.InFlight.Count, 1000, 1024);
        Assert.Equal(-(long)Errno.ETOOMANYREFS, Fill(client));
        Assert.InRange(system.Sockets.InFlight.Count, 16_000, 16_384);

        static long Fill(TestClient client)
        {
            for (;;)
            {
                (long first, _) = Pair(client, Datagram, OpenFlags.NonBlock);
                long sent = 0;
                for (int message = 0; message < 10 && sent >= 0; message++)
                    sent = SendRights(client, first, "x"u8, [.. Enumerable.Repeat(first, 100)]);
                if (sent < 0)
                    return sent;
            }
        }
    }

    [Fact]
    public void Nobody_is_believed_who_it_is()
    {
        TestClient client = system.NewClient(1), user = system.NewClient(2);
        system.Registry.SetCredentials(2, new Credentials(1000, 1000, 1000, 1000, []));
        (long first, _) = Pair(user, Datagram);
        (long own, _) = Pair(client, Datagram);
        Assert.Equal(1, Claim(user, first, 2, 1000, 1000));
        (uint, uint, uint)[] lies = [(1, 1000, 1000), (2, 0, 1000), (2, 1000, 0), (3, 1000, 1000)];
        Assert.All(lies, lie => Assert.Equal(-(long)Errno.EPERM, Claim(user, first, lie.Item1, lie.Item2, lie.Item3)));
        Assert.Equal(1, Claim(client, own, 2, 77, 88));
        Assert.Equal(-(long)Errno.ESRCH, Claim(client, own, 3, 77, 88));

        static long Claim(TestClient client, long handle, uint pid, uint user, uint group) =>
            client.Call(VfsOperation.Send, "x"u8, a0: (ulong)handle, a2: SendArguments.HasCredentials, a3: pid, a4: user | (ulong)group << 32);
    }

    [Fact]
    public void What_waits_with_descriptors_keeps_them_until_it_is_cancelled()
    {
        TestClient client = system.NewClient(1);
        (long first, long second) = Pair(client, Stream);
        byte[] piece = new byte[4096];
        for (int page = 0; page < 16; page++)
            Assert.Equal(4096, client.Write(first, piece));
        (long read, long write) = client.Pipe();
        ulong tag = client.Submit(VfsOperation.Send, (ulong)first, 0, SendArguments.Of(0, 1), payload: [(byte)write, 0, 0, 0, 1]);
        client.Close(write);
        Assert.False(client.TryFinish(tag, out _));
        Assert.Equal(1, system.Sockets.InFlight.Count);
        client.Call(VfsOperation.Cancel, a0: tag);
        Assert.True(client.TryFinish(tag, out long result));
        Assert.Equal((-(long)Errno.EINTR, 0), (result, system.Sockets.InFlight.Count));
        Assert.Equal(0, client.Read(read, 1, out _));
        client.Close(second);
    }

    private static (long First, long Second) Pair(TestClient client, ulong type, ulong flags = 0)
    {
        long first = client.Call(VfsOperation.CreateSocket, a0: 1 | type << 16, a1: flags, a2: 1);
        Assert.InRange(first, 0, int.MaxValue);
        return (first, (long)client.Last.V0);
    }

    private static long SendRights(TestClient client, long socket, ReadOnlySpan<byte> data, params ReadOnlySpan<long> handles)
    {
        byte[] payload = new byte[handles.Length * 4 + data.Length];
        for (int index = 0; index < handles.Length; index++)
            BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(index * 4), (uint)handles[index]);
        data.CopyTo(payload.AsSpan(handles.Length * 4));
        return client.Call(VfsOperation.Send, payload, a0: (ulong)socket, a2: SendArguments.Of(0, (uint)handles.Length));
    }

    private static long Receive(TestClient client, long socket, int length, out int rights)
    {
        ulong what = ReceiveArguments.Of(0, 1) | ReceiveArguments.HasHeader;
        long result = client.Call(VfsOperation.Receive, default, length + SocketRight.Length, a0: (ulong)socket, a2: what, a3: 64);
        rights = (int)SocketAnswer.RightsOf(client.Last.V0);
        return result;
    }

    private static void SetOption(TestClient client, long socket, ulong option, byte[] value) =>
        Assert.Equal(0, client.Call(VfsOperation.SocketOption, value, a0: (ulong)socket, a1: 1 | option << 32, a2: 1));
}
