using Bare;
using ConnectionChecks;

namespace SocketChecks;

/// <summary>Datagrams and sequenced packets: boundaries, lengths, queues, ends.</summary>
internal static class MessageChecks
{
    private const long NumberOfRead = 0, NumberOfWrite = 1;
    private const int BytesReadable = 0x541B, BytesQueued = 0x5411, RemoteHangUp = 0x2000, Uses = 20;

    public static void Run(bool isUsed)
    {
        Boundaries(Sockets.Datagram, isUsed);
        Boundaries(Sockets.Packet, isUsed);
        Ends(Sockets.Datagram, isUsed);
        Ends(Sockets.Packet, isUsed);
        Peers(isUsed);
        if (!isUsed)
            Queue();
    }

    /// <summary>A pair whose ends were used so much that they are mapped, or were not.</summary>
    public static void Create(int type, bool isUsed, out int first, out int second, int flags = 0)
    {
        Sockets.Pair(type, out first, out second, flags);
        for (int round = 0; isUsed && round < Uses; round++)
        {
            Sys.Write(first, "u"u8);
            Sys.Read(second, 1);
            Sys.Write(second, "u"u8);
            Sys.Read(first, 1);
        }
    }

    private static int Ready(int descriptor)
    {
        Sys.Want(0, descriptor, unchecked((short)(0x3FF | RemoteHangUp)));
        Sys.Poll(1, 0);
        return Sys.Found(0);
    }

    private static void Boundaries(int type, bool isUsed)
    {
        Create(type, isUsed, out int first, out int second);
        Report.Number("ready"u8, Ready(first));
        Report.Number("sent"u8, Sockets.Send(first, "abc"u8) * 100 + Sys.Write(first, "defgh"u8) * 10 + Sockets.Send(first, ""u8));
        Report.Number("inside"u8, Sys.Control(second, BytesReadable, 0));
        Report.Number("ready"u8, Ready(second));
        Report.Number("peek"u8, Sockets.Receive(second, 2, Sockets.Peek) * 100000 + Sockets.Receive(second, 2, Sockets.Peek | Sockets.Truncate));
        Report.Number("cut"u8, Sockets.ReceiveControl(second, 2, 0));
        Report.Number("flags"u8, Sockets.ReceivedFlags);
        Report.Number("whole"u8, Sockets.ReceiveControl(second, 100, 0) * 1000 + Sockets.ReceivedFlags);
        Report.Number("empty"u8, Sockets.Receive(second, 10, Sockets.DontWait));
        Report.Number("none"u8, Sockets.Receive(second, 10, Sockets.DontWait) * 100 + Sockets.Receive(second, 10, Sockets.DontWait | Sockets.Peek));
        Report.Number("nothing left"u8, Ready(second) * 1000 + (Sys.Control(first, BytesQueued, 0) == 0 ? 1 : 0));
        Report.Number("bad memory"u8, Linux.Call(NumberOfWrite, first, 0x5000, 10) * 1000 + Linux.Call(NumberOfWrite, first, 0x5000, 0));
        Report.Number("nothing read"u8, Sys.Read(second, 0) * 10 + Sockets.Receive(second, 0, Sockets.DontWait));
        Sys.Write(first, "lost"u8);
        Report.Number("bad room"u8, Linux.Call(NumberOfRead, second, 0x5000, 10) * 1000 + Sockets.Receive(second, 10, Sockets.DontWait));
        Report.Number("longer"u8, Sockets.SendLength(first, 60000) * 100000 + Sockets.Receive(second, 100000) / 1000);
        Report.Number("too long"u8, Sockets.SendLength(first, 400000));
        Report.Number("record"u8, Sockets.Send(first, "r"u8, 0x80) + Sockets.ReceiveControl(second, 10, 0) * 1000 + Sockets.ReceivedFlags);
        Report.Number("addressed"u8, Sockets.SendTo(first, "x"u8, "@nobody"u8));
        Report.Number("its address"u8, Sockets.Receive(second, 10, Sockets.DontWait));
        Sys.Close(first);
        Sys.Close(second);
        int alone = Sockets.Create(type);
        Report.Number("alone"u8, Sockets.Send(alone, "x"u8) * 1000 + Sockets.Receive(alone, 1, Sockets.DontWait));
        Report.Number("ready"u8, Ready(alone));
        Sys.Close(alone);
    }

    private static void Ends(int type, bool isUsed)
    {
        for (int what = 0; what < 3; what++)
        {
            Create(type, isUsed, out int first, out int second);
            Sockets.Send(second, "left"u8);
            Sockets.Send(first, "right"u8);
            Report.Number("shut"u8, Sockets.Shutdown(first, what));
            Report.Number("ready"u8, Ready(first) * 100000L + Ready(second));
            Report.Number("sends"u8, Sockets.Send(first, "x"u8) * 1000 + Sockets.Send(second, "x"u8));
            Report.Number("receives"u8, Sockets.Receive(first, 9, Sockets.DontWait) * 1000000 + Sockets.Receive(second, 9, Sockets.DontWait));
            Report.Number("receives"u8, Sockets.Receive(first, 9, Sockets.DontWait) * 1000000 + Sockets.Receive(second, 9, Sockets.DontWait));
            Report.Number("again"u8, Sockets.Receive(first, 9, Sockets.DontWait) * 1000000 + Sockets.Receive(second, 9, Sockets.DontWait));
            Sys.Close(first);
            Sys.Close(second);
        }

        Create(type, isUsed, out int third, out int fourth);
        Sockets.Send(third, "unread"u8);
        Sockets.Send(fourth, "last"u8);
        Sys.Close(fourth);
        Report.Number("ready"u8, Ready(third));
        Report.Number("receives"u8, Sockets.Receive(third, 9, Sockets.DontWait));
        Report.Number("receives"u8, Sockets.Receive(third, 9, Sockets.DontWait) * 1000 + Sockets.Receive(third, 9, Sockets.DontWait));
        Report.Number("sends"u8, Sockets.Send(third, "x"u8) * 1000 + Sys.Write(third, "x"u8));
        Sys.Close(third);
    }

    // Datagrams of two that become, and cease to be, each other's peers while messages are there; names that come later.
    private static void Peers(bool isUsed)
    {
        Create(Sockets.Datagram, isUsed, out int first, out int second);
        Sockets.Send(first, "before"u8);
        Report.Number("bound"u8, Sockets.Bind(first, "@first"u8));
        Sockets.ReceiveFrom("from"u8, second, 20);
        Sockets.Send(second, "unread"u8);
        Sockets.Send(first, "kept"u8);
        int third = Sockets.Create(Sockets.Datagram);
        Sockets.Bind(third, "@third"u8);
        Report.Number("parted"u8, Sockets.Connect(first, "@third"u8));
        Report.Number("theirs"u8, Sockets.Receive(first, 9, Sockets.DontWait) * 1000000 + Sockets.Receive(second, 9, Sockets.DontWait));
        Report.Number("mine"u8, Sockets.Receive(second, 9, Sockets.DontWait) * 1000 + Sockets.Send(second, "x"u8));
        Report.Number("joined"u8, Sockets.Connect(third, "@first"u8));
        for (int round = 0; round < Uses; round++)
        {
            Sys.Write(first, "v"u8);
            Sys.Read(third, 1);
            Sys.Write(third, "w"u8);
            Sys.Read(first, 1);
        }

        Report.Number("sent"u8, Sockets.SendTo(third, "yz"u8, "@first"u8) * 10 + Sys.Write(third, "!"u8));
        Sockets.ReceiveFrom("from"u8, first, 20);
        Report.Number("alone"u8, Sockets.Connect(third, ""u8, 0) * 100000 + Sockets.Receive(first, 9, Sockets.DontWait));
        Sys.Close(first);
        Sys.Close(second);
        Sys.Close(third);
    }

    private static void Queue()
    {
        int server = Sockets.Create(Sockets.Datagram), client = Sockets.Create(Sockets.Datagram, Sockets.NonBlock);
        Sockets.Bind(server, "@queue"u8);
        Sockets.Connect(client, "@queue"u8);
        int sent = 0;
        while (sent < 100 && Sockets.Send(client, "m"u8) == 1)
            sent++;
        Report.Number("sent"u8, sent);
        Report.Number("full"u8, Sockets.Send(client, "m"u8) * 1000 + Ready(client));
        Sockets.Receive(server, 10);
        Report.Number("room"u8, Ready(client) * 1000 + Sockets.Send(client, "n"u8));
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Fcntl(client, 4, 0);
            Linux.Exit((int)Sockets.Send(client, "waits"u8));
        }

        Sys.Sleep(50);
        long bytes = 0;
        for (int message = 0; message < sent + 1; message++)
            bytes += Sockets.Receive(server, 10) / 1000;
        Report.Number("waited"u8, Sys.Wait(child) * 100 + bytes);
        Sys.Close(server);
        Sys.Close(client);
    }
}
