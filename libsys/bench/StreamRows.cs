namespace Libsys.Bench;

/// <summary>Pipes and sockets: a byte by oneself, a byte to another process and back, many bytes, and a byte round a ring of processes.</summary>
internal static unsafe class StreamRows
{
    private const int StreamLength = 64 << 10;
    private const long UnixFamily = 1, InternetFamily = 2, Stream = 1, SequencedPacket = 5;

    private static readonly nint Buffer = Memory.Allocate(StreamLength);

    public static IEnumerable<Row> All() =>
    [
        new("pipe write + read by oneself", PipeByOneself),
        new("pipe ping-pong of two processes", PipePingPong),
        new("socketpair ping-pong", () => SocketPairPingPong(Stream)),
        new("sequenced packet ping-pong", () => SocketPairPingPong(SequencedPacket)),
        new("unix stream ping-pong", () => SocketPingPong(UnixFamily)),
        new("TCP ping-pong", () => SocketPingPong(InternetFamily)),
        new("context switch of 2 processes", () => Ring(2)),
        new("context switch of 8 processes", () => Ring(8)),
        new("context switch of 16 processes", () => Ring(16)),
        new("pipe bandwidth for 64 KiB", PipeBandwidth),
    ];

    private static long Close(long file) => Linux.Call(Numbers.Close, file);

    private static long RoundTrip(long write, long read) => Linux.Call(Numbers.Write, write, Buffer, 1) | Linux.Call(Numbers.Read, read, Buffer, 1);

    private static Prepared PipeByOneself()
    {
        Pipe pipe = Pipe.Create();
        return new(() => RoundTrip(pipe.Write, pipe.Read), pipe.Close);
    }

    private static Prepared PipePingPong()
    {
        Pipe there = Pipe.Create(), back = Pipe.Create();
        long child = Child.Start(() =>
        {
            Close(there.Write);
            Child.PassOn(there.Read, back.Write, Buffer);
        });
        return new(() => RoundTrip(there.Write, back.Read), () =>
        {
            there.Close();
            back.Close();
            Child.Wait(child);
        });
    }

    private static Prepared BothWays(long mine, long other)
    {
        long child = Child.Start(() =>
        {
            Close(mine);
            Child.PassOn(other, other, Buffer);
        });
        Close(other);
        return new(() => RoundTrip(mine, mine), () =>
        {
            Close(mine);
            Child.Wait(child);
        });
    }

    private static Prepared SocketPairPingPong(long type)
    {
        int* ends = stackalloc int[2];
        Linux.Check(Linux.Call(Numbers.SocketPair, UnixFamily, type, 0, (nint)ends));
        return BothWays(ends[0], ends[1]);
    }

    // Connected before there is a second process: connect(2) does not wait for accept(2).
    private static Prepared SocketPingPong(long family)
    {
        const int AddressLength = 128;
        byte* address = stackalloc byte[AddressLength];
        new Span<byte>(address, AddressLength).Clear();
        *(short*)address = (short)family;
        int length = 16;
        if (family == UnixFamily)
            "/tmp/bench/s"u8.CopyTo(new Span<byte>(address + 2, length));
        else
            *(uint*)(address + 4) = 0x0100007F; // 127.0.0.1, in the order of bytes that the network uses

        Linux.Call(Numbers.Unlink, Linux.Text("/tmp/bench/s\0"u8));
        long listener = Linux.Check(Linux.Call(Numbers.Socket, family, Stream));
        Linux.Check(Linux.Call(Numbers.Bind, listener, (nint)address, length));
        Linux.Check(Linux.Call(Numbers.Listen, listener, 1));
        int named = AddressLength;
        Linux.Check(Linux.Call(Numbers.GetSocketName, listener, (nint)address, (nint)(&named)));
        long mine = Linux.Check(Linux.Call(Numbers.Socket, family, Stream));
        Linux.Check(Linux.Call(Numbers.Connect, mine, (nint)address, named));
        long other = Linux.Check(Linux.Call(Numbers.Accept, listener, 0, 0));
        Close(listener);
        return BothWays(mine, other);
    }

    // A byte goes round through all processes, this one among them; a part is one step, from process to process.
    private static Prepared Ring(int processes)
    {
        Pipe first = Pipe.Create();
        Pipe before = first;
        var children = new List<long>();
        for (int number = 1; number < processes; number++)
        {
            Pipe from = before, to = Pipe.Create();
            children.Add(Child.Start(() =>
            {
                Close(from.Write);
                if (from != first)
                    Close(first.Write);
                Child.PassOn(from.Read, to.Write, Buffer);
            }));
            Close(from.Read);
            if (from != first)
                Close(from.Write);
            before = to;
        }

        Close(before.Write);
        return new(
            () => RoundTrip(first.Write, before.Read),
            () =>
            {
                Close(first.Write);
                Close(before.Read);
                children.ForEach(child => Child.Wait(child));
            },
            processes);
    }

    private static Prepared PipeBandwidth()
    {
        Pipe pipe = Pipe.Create();
        long child = Child.Start(() =>
        {
            Close(pipe.Write);
            while (Linux.Call(Numbers.Read, pipe.Read, Buffer, StreamLength) > 0)
                Counters.PublishRequests();
        });
        Close(pipe.Read);
        return new(() => Linux.Call(Numbers.Write, pipe.Write, Buffer, StreamLength), () =>
        {
            Close(pipe.Write);
            Child.Wait(child);
        });
    }
}
