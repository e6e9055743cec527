using Bare;
using ConnectionChecks;

namespace SocketChecks;

/// <summary>Messages of more than 64 KiB, up to what SO_SNDBUF lets through.</summary>
internal static class LongChecks
{
    private const int Longest = 212960, SendBuffer = 7, PageLength = 4096, VectorAt = 4096, HeaderAt = 4352;
    private const long NumberOfRead = 0, NumberOfWrite = 1, NumberOfMmap = 9, NumberOfProtect = 10, NumberOfReadv = 19, NumberOfSendMessage = 46,
        NumberOfReceiveMessage = 47, NumberOfReceiveFrom = 45, NumberOfSendTo = 44;

    private static long source, target;

    public static void Run()
    {
        source = Linux.Call(NumberOfMmap, 0, 1 << 20, 3, 0x22, -1);
        target = Linux.Call(NumberOfMmap, 0, 1 << 20, 3, 0x22, -1);
        for (int at = 0; at < 1 << 19; at += sizeof(ulong))
            Sys.Word(source + at) = (ulong)at * 0x9E37_79B9_7F4A_7C15 + 1;
        foreach (int type in (System.ReadOnlySpan<int>)[Sockets.Datagram, Sockets.Packet])
        {
            Lengths(type);
            Cut(type);
            Plain(type);
            With(type);
            Bounds(type);
            BadAddresses(type);
            Awaited(type);
        }
    }

    private static long Send(int socket, long address, int length, int flags = 0) => Linux.Call(NumberOfSendTo, socket, address, length, flags, 0, 0);

    private static long Receive(int socket, int most, int flags = 0) => Linux.Call(NumberOfReceiveFrom, socket, target, most, flags, 0, 0);

    // How many of so many bytes are as they were sent.
    private static int Right(int length)
    {
        int right = 0;
        for (int at = 0; at < length; at++)
            right += Linux.MemoryAt(source + at) == Linux.MemoryAt(target + at) ? 1 : 0;
        return right;
    }

    private static void Clear(int length)
    {
        for (int at = 0; at < length; at += sizeof(ulong))
            Sys.Word(target + at) = 0;
    }

    private static void Close(int first, int second)
    {
        Sys.Close(first);
        Sys.Close(second);
    }

    private static void Lengths(int type)
    {
        Sockets.Pair(type, out int first, out int second);
        foreach (int length in (System.ReadOnlySpan<int>)[65535, 65536, 65537, 100000, 131072, 131073, Longest - 1, Longest, Longest + 1, 400000])
        {
            Clear(length);
            Report.Number("sent"u8, Send(first, source, length));
            long received = Receive(second, 1 << 19, Sockets.DontWait);
            Report.Number("received"u8, received);
            Report.Number("right"u8, received > 0 ? Right((int)received) : 0);
        }

        Close(first, second);
    }

    private static void Cut(int type)
    {
        Sockets.Pair(type, out int first, out int second);
        foreach (int room in (System.ReadOnlySpan<int>)[10, 65536, 70000, 150000, 150001])
        {
            Clear(150008);
            Send(first, source, 150000);
            Report.Number("peek"u8, Receive(second, room, Sockets.Peek));
            Report.Number("peek at all"u8, Receive(second, room, Sockets.Peek | Sockets.Truncate));
            Report.Number("right"u8, Right(room < 150000 ? room : 150000));
            Clear(150008);
            Sys.Word(Sockets.At(VectorAt)) = (ulong)target;
            Sys.Word(Sockets.At(VectorAt + 8)) = (ulong)room;
            Header(1, 0);
            Report.Number("cut"u8, Linux.Call(NumberOfReceiveMessage, second, Sockets.At(HeaderAt), 0));
            Report.Number("flags"u8, Sys.Half(Sockets.At(HeaderAt + 48)));
            Report.Number("right"u8, Right(room < 150000 ? room : 150000));
            Report.Number("behind it"u8, (long)Sys.Word(target + (room < 150000 ? room + 7 & ~7 : 150000)));
            Report.Number("nothing left"u8, Receive(second, 10, Sockets.DontWait));
        }

        Close(first, second);
    }

    // read(2), write(2), readv(2).
    private static void Plain(int type)
    {
        Sockets.Pair(type, out int first, out int second);
        Clear(200000);
        Report.Number("written"u8, Linux.Call(NumberOfWrite, first, source, 200000));
        Report.Number("read"u8, Linux.Call(NumberOfRead, second, target, 300000));
        Report.Number("right"u8, Right(200000));
        Clear(200000);
        Linux.Call(NumberOfWrite, first, source, 200000);
        for (int index = 0; index < 2; index++)
        {
            Sys.Word(Sockets.At(VectorAt + index * 16)) = (ulong)(target + index * 70001);
            Sys.Word(Sockets.At(VectorAt + index * 16 + 8)) = index == 0 ? 70001ul : 200000;
        }

        Report.Number("by two"u8, Linux.Call(NumberOfReadv, second, Sockets.At(VectorAt), 2));
        Report.Number("right"u8, Right(200000));
        Report.Number("too long"u8, Linux.Call(NumberOfWrite, first, source, Longest + 1));
        Report.Number("none came"u8, Receive(second, 10, Sockets.DontWait));
        Close(first, second);
    }

    // Descriptors, and vectors.
    private static void With(int type)
    {
        Sockets.Pair(type, out int first, out int second);
        Sys.Pipe(out int read, out int write);
        Clear(180000);
        for (int index = 0; index < 3; index++)
        {
            Sys.Word(Sockets.At(VectorAt + index * 16)) = (ulong)(source + index * 60000);
            Sys.Word(Sockets.At(VectorAt + index * 16 + 8)) = 60000;
        }

        Sys.Half(Sockets.PutControl(0, 1, 4)) = write;
        Header(3, 24);
        Report.Number("sent with one"u8, Linux.Call(NumberOfSendMessage, first, Sockets.At(HeaderAt), 0));
        Sys.Close(write);
        Sockets.Clear(Sockets.At(1024), 64);
        for (int index = 0; index < 3; index++)
            Sys.Word(Sockets.At(VectorAt + index * 16)) = (ulong)(target + index * 60000);
        Header(3, 64);
        Report.Number("received"u8, Linux.Call(NumberOfReceiveMessage, second, Sockets.At(HeaderAt), 0));
        Report.Number("right"u8, Right(180000));
        Report.Number("control"u8, Sys.Half(Sockets.At(HeaderAt + 40)) * 1000 + Sockets.ControlWord(0));
        int mine = Sockets.ControlWord(16);
        Report.Number("it works"u8, Sys.Write(mine, "w"u8) + Sys.Read(read, 1));
        Close(mine, read);
        Close(first, second);
    }

    private static void Bounds(int type)
    {
        Sockets.Pair(type, out int first, out int second);
        Sockets.SetOption(first, SendBuffer, 50000);
        Report.Number("as long as it may be"u8, Send(first, source, 100000 - 32));
        Report.Number("longer"u8, Send(first, source, 100000 - 31, Sockets.DontWait));
        Report.Number("full"u8, Send(first, source, 70000, Sockets.DontWait));
        Report.Number("received"u8, Receive(second, 1 << 19));
        Close(first, second);
    }

    private static void BadAddresses(int type)
    {
        Sockets.Pair(type, out int first, out int second);
        long end = source + (1 << 20);
        Linux.Call(NumberOfProtect, end - PageLength, PageLength, 0);
        Report.Number("over the edge"u8, Send(first, end - PageLength - 150000, 150000 + 10));
        Report.Number("its last piece only"u8, Send(first, end - PageLength - 131072, 131072 + 10));
        Report.Number("none came"u8, Receive(second, 10, Sockets.DontWait));
        Linux.Call(NumberOfProtect, end - PageLength, PageLength, 3);
        Send(first, source, 150000);
        end = target + (1 << 20);
        Linux.Call(NumberOfProtect, end - PageLength, PageLength, 0);
        Report.Number("over the edge"u8, Linux.Call(NumberOfReceiveFrom, second, end - PageLength - 100000, 150000, 0, 0, 0));
        Linux.Call(NumberOfProtect, end - PageLength, PageLength, 3);
        Send(first, source, 100);
        Report.Number("the next"u8, Receive(second, 1 << 19, Sockets.DontWait));
        Close(first, second);
    }

    // Who waits for room, and for a message.
    private static void Awaited(int type)
    {
        const int messages = 6, length = 150000;
        Sockets.Pair(type, out int first, out int second);
        int child = Sys.Fork();
        if (child == 0)
        {
            int sent = 0;
            for (int message = 0; message < messages; message++)
                sent += Send(first, source, length - message) == length - message ? 1 : 0;
            Linux.Exit(sent);
        }

        Sys.Sleep(30);
        int right = 0;
        for (int message = 0; message < messages; message++)
        {
            Clear(length);
            right += Receive(second, 1 << 19) == length - message && Right(length - message) == length - message ? 1 : 0;
        }

        Report.Number("awaited"u8, right * 100 + Sys.Wait(child));
        Close(first, second);
    }

    private static void Header(int vectors, int controlLength)
    {
        Sockets.Clear(Sockets.At(HeaderAt), 64);
        Sys.Word(Sockets.At(HeaderAt + 16)) = (ulong)Sockets.At(VectorAt);
        Sys.Word(Sockets.At(HeaderAt + 24)) = (ulong)vectors;
        Sys.Word(Sockets.At(HeaderAt + 32)) = controlLength == 0 ? 0 : (ulong)Sockets.At(1024);
        Sys.Word(Sockets.At(HeaderAt + 40)) = (ulong)controlLength;
    }
}
