using Bare;
using ConnectionChecks;

namespace SocketChecks;

/// <summary>sendmmsg(2) and recvmmsg(2).</summary>
internal static class BatchChecks
{
    private const int Headers = 65536, Vectors = 66560, Buffers = 67584, HeaderLength = 64, BufferLength = 256;
    private const int ResultAt = 56, FlagsAt = 48, WaitForOne = 0x10000;
    private const long NumberOfSendMany = 307, NumberOfReceiveMany = 299;

    public static void Run()
    {
        foreach (int type in (System.ReadOnlySpan<int>)[Sockets.Datagram, Sockets.Packet, Sockets.Stream])
        {
            Several(type);
            Parts(type);
            Times(type);
        }

        Errors();
    }

    private static void Close(int first, int second)
    {
        Sys.Close(first);
        Sys.Close(second);
    }

    // So many headers, each with a buffer of its own.
    private static void Prepare(int count, int length, bool isFilled)
    {
        for (int index = 0; index < count; index++)
        {
            long header = Sockets.At(Headers + index * HeaderLength), vector = Sockets.At(Vectors + index * 16);
            Sockets.Clear(header, HeaderLength);
            Sys.Word(header + 16) = (ulong)vector;
            Sys.Word(header + 24) = 1;
            Sys.Word(vector) = (ulong)Sockets.At(Buffers + index * BufferLength);
            Sys.Word(vector + 8) = (ulong)(length + (isFilled ? index : 0));
            Sys.Word(Sockets.At(Buffers + index * BufferLength)) = isFilled ? (ulong)('a' + index) : 0;
        }
    }

    private static long SendMany(int socket, int count, int flags = 0) => Linux.Call(NumberOfSendMany, socket, Sockets.At(Headers), count, flags);

    private static long ReceiveMany(int socket, int count, int flags = 0, long time = 0) =>
        Linux.Call(NumberOfReceiveMany, socket, Sockets.At(Headers), count, flags, time, 0);

    private static void ReportEach(int count)
    {
        for (int index = 0; index < count; index++)
        {
            long header = Sockets.At(Headers + index * HeaderLength);
            Report.Number("bytes"u8, Sys.Half(header + ResultAt));
            Report.Number("flags"u8, Sys.Half(header + FlagsAt));
            Report.Number("first"u8, Linux.MemoryAt(Sockets.At(Buffers + index * BufferLength)));
        }
    }

    private static void Several(int type)
    {
        Sockets.Pair(type, out int first, out int second);
        Prepare(5, 3, isFilled: true);
        Report.Number("sent"u8, SendMany(first, 5));
        ReportEach(5);
        Prepare(8, 5, isFilled: false);
        Report.Number("received"u8, ReceiveMany(second, 8, Sockets.DontWait));
        ReportEach(8);
        Report.Number("none"u8, ReceiveMany(second, 8, Sockets.DontWait));
        Report.Number("of none"u8, ReceiveMany(second, 0, Sockets.DontWait) * 1000 + SendMany(first, 0));
        Close(first, second);
    }

    // The error of the second is told by the next call, if it is still there.
    private static void Parts(int type)
    {
        Sockets.Pair(type, out int first, out int second);
        Prepare(3, 4, isFilled: true);
        Sys.Word(Sockets.At(Vectors + 16)) = 8;
        Report.Number("up to the bad one"u8, SendMany(first, 3));
        Report.Number("bad"u8, Linux.Call(NumberOfSendMany, first, Sockets.At(Headers + HeaderLength), 2, 0));
        Prepare(3, 9, isFilled: false);
        Report.Number("received"u8, ReceiveMany(second, 3, Sockets.DontWait));
        Prepare(3, 4, isFilled: true);
        SendMany(first, 3);
        Prepare(3, 9, isFilled: false);
        Report.Number("for one"u8, ReceiveMany(second, 3, WaitForOne));
        ReportEach(3);
        Sys.Close(first);
        Report.Number("at the end"u8, ReceiveMany(second, 1, Sockets.DontWait));
        Sys.Close(second);
    }

    // A time-out is looked at behind each message.
    private static void Times(int type)
    {
        Sockets.Pair(type, out int first, out int second);
        Prepare(2, 4, isFilled: true);
        SendMany(first, 1);
        long time = Sockets.At(Headers - 64);
        Sys.Word(time) = 0;
        Sys.Word(time + 8) = 0;
        Prepare(2, 9, isFilled: false);
        Report.Number("at once"u8, ReceiveMany(second, 2, 0, time));
        Sys.Word(time + 8) = 1_000_000_000;
        Report.Number("no time"u8, ReceiveMany(second, 2, Sockets.DontWait, time));
        Sys.Word(time + 8) = 0;
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Sleep(30);
            Prepare(2, 4, isFilled: true);
            Linux.Exit((int)SendMany(first, 2));
        }

        Prepare(2, 4, isFilled: false);
        Report.Number("awaited"u8, ReceiveMany(second, 2));
        Report.Number("sender"u8, Sys.Wait(child));
        Close(first, second);
    }

    private static void Errors()
    {
        Sys.Pipe(out int read, out int write);
        Report.Number("no socket"u8, SendMany(write, 1) * 1000 + ReceiveMany(read, 1));
        Report.Number("not open"u8, SendMany(900, 1) * 1000 + ReceiveMany(900, 1));
        Close(read, write);
        Sockets.Pair(Sockets.Datagram, out int first, out int second);
        Report.Number("no headers"u8, Linux.Call(NumberOfSendMany, first, 8, 1, 0));
        Report.Number("none for what comes"u8, Linux.Call(NumberOfReceiveMany, second, 8, 1, Sockets.DontWait, 0, 0));
        Report.Number("no time"u8, ReceiveMany(second, 1, Sockets.DontWait, 8));
        Close(first, second);
    }
}
