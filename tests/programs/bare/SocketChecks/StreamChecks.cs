using Bare;
using ConnectionChecks;

namespace SocketChecks;

/// <summary>Bytes of stream sockets, which were used so much that they are mapped, or were not.</summary>
internal static class StreamChecks
{
    private const int Uses = 40, BytesReadable = 0x541B;
    private const int RemoteHangUp = 0x2000;

    public static void Run(bool isUsed)
    {
        Bytes(isUsed);
        Flags(isUsed);
        Ends(isUsed);
        Shut(isUsed);
        Reset(isUsed);
        Children(isUsed);
    }

    public static void Create(bool isUsed, out int first, out int second, int flags = 0)
    {
        Sockets.Pair(Sockets.Stream, out first, out second, flags);
        for (int round = 0; isUsed && round < Uses; round++)
        {
            Sys.Write(first, "u"u8);
            Sys.Read(second, 1);
            Sys.Write(second, "u"u8);
            Sys.Read(first, 1);
        }
    }

    private static void Close(int first, int second)
    {
        Sys.Close(first);
        Sys.Close(second);
    }

    private static int Ready(int descriptor)
    {
        Sys.Want(0, descriptor, unchecked((short)(0x3FF | RemoteHangUp)));
        Sys.Poll(1, 0);
        return Sys.Found(0);
    }

    private static void Bytes(bool isUsed)
    {
        Create(isUsed, out int first, out int second);
        Report.Number("ready"u8, Ready(first) * 10000L + Ready(second));
        Report.Number("written"u8, Sys.Write(first, "abc"u8) * 10 + Sockets.Send(first, "defg"u8));
        Report.Number("inside"u8, Sys.Control(second, BytesReadable, 0) * 10 + Sys.Control(first, BytesReadable, 0));
        Report.Number("ready"u8, Ready(first) * 10000L + Ready(second));
        Report.Number("peek"u8, Sockets.Receive(second, 2, Sockets.Peek) * 100000 + Sockets.Receive(second, 100, Sockets.Peek));
        Report.Number("read"u8, Sys.Read(second, 2) * 100000 + Sockets.Receive(second, 100));
        Report.Number("back"u8, Sys.Write(second, "z"u8) + Sys.Read(first, 9));
        Report.Number("nothing"u8, Sys.Read(first, 0) * 10 + Sockets.SendLength(first, 0));
        Report.Number("no wait"u8, Sockets.Receive(first, 5, Sockets.DontWait) * 1000 + Sockets.Receive(second, 0, Sockets.DontWait));
        Report.Number("to"u8, Sockets.SendTo(first, "x"u8, "@a"u8));
        Sockets.ReceiveFrom("from"u8, second, 5, Sockets.DontWait);
        int alone = Sockets.Create(Sockets.Stream);
        Report.Number("alone"u8, Sys.Read(alone, 1) * 100000 + Sockets.Send(alone, "x"u8) * 100 + Sockets.SendTo(alone, "x"u8, "@a"u8));
        Report.Number("ready"u8, Ready(alone));
        Report.Number("truncate"u8, Sockets.Send(first, "abcdef"u8) + Sockets.Receive(second, 3, Sockets.Truncate));
        Report.Number("rest"u8, Sockets.Receive(second, 3));
        Sys.Close(alone);
        Close(first, second);
    }

    private static void Flags(bool isUsed)
    {
        Create(isUsed, out int first, out int second, Sockets.NonBlock);
        Report.Number("flags"u8, Sys.Fcntl(first, 3, 0));
        Report.Number("empty"u8, Sys.Read(first, 1));
        long all = 0;
        for (long sent; (sent = Sockets.SendLength(first, 4096)) > 0;)
            all += sent;
        Report.Number("full"u8, all >= 4096 * 10 ? 1 : 0);
        Report.Number("full"u8, Sockets.SendLength(first, 4096) * 100 + Sys.Write(first, "xyz"u8) % 1000 * 0);
        Report.Number("not writable"u8, Ready(first));
        long back = 0;
        for (long received; (received = Sockets.Receive(second, 100000)) > 0;)
            back += received / 1000;
        Report.Number("as much"u8, back >= all ? 1 : 0);
        Report.Number("writable"u8, Ready(first));
        Close(first, second);
    }

    private static void Ends(bool isUsed)
    {
        Create(isUsed, out int first, out int second);
        Sys.Write(first, "rest"u8);
        Sys.Close(first);
        Report.Number("ready"u8, Ready(second));
        Report.Number("rest"u8, Sys.Read(second, 10));
        Report.Number("end"u8, Sys.Read(second, 10));
        Report.Number("ready"u8, Ready(second));
        Report.Number("broken"u8, Sockets.Send(second, "x"u8, Sockets.NoSignal));
        Sockets.Name("peer"u8, second, isPeer: true);
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Write(second, "x"u8);
            Linux.Exit(7);
        }

        Report.Number("signal"u8, Sys.Wait(child));
        Sys.Close(second);
    }

    private static void Shut(bool isUsed)
    {
        for (int what = 0; what < 3; what++)
        {
            Create(isUsed, out int first, out int second);
            Sys.Write(second, "left"u8);
            Sys.Write(first, "right"u8);
            Report.Number("shut"u8, Sockets.Shutdown(first, what));
            Report.Number("ready"u8, Ready(first) * 100000L + Ready(second));
            Report.Number("sends"u8, Sockets.Send(first, "x"u8, Sockets.NoSignal) * 1000 + Sockets.Send(second, "x"u8, Sockets.NoSignal));
            Report.Number("receives"u8, Sockets.Receive(first, 9, Sockets.DontWait) * 1000000 + Sockets.Receive(second, 9, Sockets.DontWait));
            Report.Number("receives"u8, Sockets.Receive(first, 9, Sockets.DontWait) * 1000000 + Sockets.Receive(second, 9, Sockets.DontWait));
            Report.Number("ready"u8, Ready(first) * 100000L + Ready(second));
            Close(first, second);
        }

        Create(isUsed, out int third, out int fourth);
        Report.Number("shut what"u8, Sockets.Shutdown(third, 3) * 100 + Sockets.Shutdown(third, -1));
        Close(third, fourth);
        int alone = Sockets.Create(Sockets.Stream);
        Report.Number("shut alone"u8, Sockets.Shutdown(alone, 2));
        Report.Number("ready"u8, Ready(alone));
        Sys.Close(alone);
    }

    private static void Reset(bool isUsed)
    {
        Create(isUsed, out int first, out int second);
        Sys.Write(first, "unread"u8);
        Sys.Write(second, "read"u8);
        Sys.Close(second);
        Report.Number("ready"u8, Ready(first));
        Report.Number("read"u8, Sys.Read(first, 10));
        Report.Number("reset"u8, Sys.Read(first, 10));
        Report.Number("once"u8, Sys.Read(first, 10));
        Report.Number("ready"u8, Ready(first));
        Sys.Close(first);
        Create(isUsed, out first, out second);
        Sys.Write(first, "unread"u8);
        Sys.Close(second);
        Report.Number("error"u8, Sockets.Option(first, 4) * 1000 + Sockets.Option(first, 4));
        Report.Number("read"u8, Sys.Read(first, 10));
        Sys.Close(first);
    }

    private static void Children(bool isUsed)
    {
        Create(isUsed, out int first, out int second);
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Close(first);
            for (int round = 0; round < 100; round++)
            {
                Sys.Read(second, 1);
                Sys.Write(second, "b"u8);
            }

            Linux.Exit(3);
        }

        Sys.Close(second);
        long sum = 0;
        for (int round = 0; round < 100; round++)
        {
            Sys.Write(first, "a"u8);
            sum += Sys.Read(first, 10);
        }

        Report.Number("exchanged"u8, sum);
        Report.Number("child"u8, Sys.Wait(child));
        Report.Number("end"u8, Sys.Read(first, 1));
        Sys.Close(first);
    }
}
