using Bare;
using ConnectionChecks;

namespace SocketChecks;

/// <summary>Who waits for streams and connections, and what ends that: data, ends, time, signals. select, poll and epoll.</summary>
internal static class WaitChecks
{
    private const int ReceiveTime = 20, SendTime = 21;
    private const uint EdgeTriggered = 1u << 31;

    public static void Run(bool isUsed)
    {
        Data(isUsed);
        Room(isUsed);
        Polls(isUsed);
        Edges(isUsed);
        Times(isUsed);
        All(isUsed);
        Connections();
    }

    public static int Later(int milliseconds)
    {
        int child = Sys.Fork();
        if (child == 0)
            Sys.Sleep(milliseconds);
        return child;
    }

    private static void Data(bool isUsed)
    {
        StreamChecks.Create(isUsed, out int first, out int second);
        int child = Later(30);
        if (child == 0)
        {
            Sys.Write(second, "late"u8);
            Linux.Exit(0);
        }

        Report.Number("data"u8, Sys.Read(first, 10));
        Sys.Wait(child);
        child = Later(30);
        if (child == 0)
        {
            Sockets.Shutdown(second, 2);
            Linux.Exit(0);
        }

        Report.Number("end"u8, Sockets.Receive(first, 10));
        Sys.Wait(child);
        Sys.Close(first);
        Sys.Close(second);
        StreamChecks.Create(isUsed, out first, out second);
        child = Later(30);
        if (child == 0)
        {
            Sys.Close(first);
            Sys.Close(second);
            Linux.Exit(0);
        }

        Sys.Close(second);
        Report.Number("death"u8, Sockets.Receive(first, 10));
        Sys.Wait(child);
        Sys.Close(first);
    }

    private static void Room(bool isUsed)
    {
        StreamChecks.Create(isUsed, out int first, out int second);
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Close(first);
            long all = 0;
            for (long got; (got = Sockets.Receive(second, 5000)) > 0;)
                all += got / 1000;
            Linux.Exit(all == 600_000 ? 9 : 1);
        }

        Sys.Close(second);
        Report.Number("much"u8, Sockets.SendLength(first, 600_000));
        Sys.Close(first);
        Report.Number("all came"u8, Sys.Wait(child));
    }

    public static int Poll(int descriptor, short events, int milliseconds)
    {
        Sys.Want(0, descriptor, events);
        int count = Sys.Poll(1, milliseconds);
        return count * 10000 + Sys.Found(0);
    }

    private static void Polls(bool isUsed)
    {
        StreamChecks.Create(isUsed, out int first, out int second);
        Report.Number("not yet"u8, Poll(first, Sys.In, 10));
        int child = Later(30);
        if (child == 0)
        {
            Sys.Write(second, "x"u8);
            Linux.Exit(0);
        }

        Report.Number("data"u8, Poll(first, Sys.In, -1));
        Sys.Wait(child);
        Sys.Read(first, 1);
        Report.Number("both ways"u8, Poll(first, Sys.In | Sys.Out, -1));
        child = Later(30);
        if (child == 0)
        {
            Sockets.Shutdown(second, 1);
            Linux.Exit(0);
        }

        Report.Number("end"u8, Poll(first, 0x2000, -1));
        Sys.Wait(child);
        child = Later(30);
        if (child == 0)
        {
            Sockets.Shutdown(first, 1);
            Linux.Exit(0);
        }

        Report.Number("both ends"u8, Poll(first, 0, -1));
        Sys.Wait(child);
        Sys.Close(first);
        Sys.Close(second);
    }

    private static void Edges(bool isUsed)
    {
        StreamChecks.Create(isUsed, out int first, out int second);
        int epoll = Sys.EpollCreate();
        Report.Number("added"u8, Sys.EpollControl(epoll, 1, first, 0x2005 | EdgeTriggered));
        Report.Number("writable"u8, Sys.EpollFound(Sys.EpollWait(epoll, 0), first));
        Sys.Write(second, "ab"u8);
        Report.Number("readable"u8, Sys.EpollFound(Sys.EpollWait(epoll, 100), first));
        Sys.Read(first, 1);
        Sys.Write(second, "c"u8);
        Report.Number("more"u8, Sys.EpollFound(Sys.EpollWait(epoll, 100), first));
        Sys.Close(second);
        Report.Number("end"u8, Sys.EpollFound(Sys.EpollWait(epoll, 100), first));
        Sys.Close(first);
        Report.Number("gone"u8, Sys.EpollWait(epoll, 0));
        Sys.Close(epoll);
    }

    private static void Times(bool isUsed)
    {
        StreamChecks.Create(isUsed, out int first, out int second);
        // Much longer than what is asked for: Linux counts ticks, and makes up for those that a busy host has kept from it all at once.
        Sockets.SetTime(first, ReceiveTime, 300);
        long before = Sys.Now();
        Report.Number("time"u8, Sys.Read(first, 1));
        Report.Number("waited"u8, Sys.Now() - before >= 30_000_000 ? 1 : 0);
        Sys.Write(second, "in time"u8);
        Report.Number("data"u8, Sockets.Receive(first, 10));
        Sockets.SetTime(first, SendTime, 40);
        long sent = 0;
        for (long last; (last = Sockets.SendLength(first, 5000)) > 0;)
            sent += last;
        Report.Number("full"u8, sent > 30000 ? 1 : 0);
        Report.Number("time"u8, Sockets.SendLength(first, 5000));
        Sockets.SetTime(first, ReceiveTime, 0);
        Sys.Write(second, "later"u8);
        Report.Number("no time"u8, Sys.Read(first, 10));
        Sys.Close(first);
        Sys.Close(second);
    }

    private static void All(bool isUsed)
    {
        StreamChecks.Create(isUsed, out int first, out int second);
        Sys.Write(second, "abc"u8);
        int child = Later(30);
        if (child == 0)
        {
            Sys.Write(second, "def"u8);
            Sys.Sleep(30);
            Sys.Write(second, "ghi"u8);
            Linux.Exit(0);
        }

        Report.Number("all"u8, Sockets.Receive(first, 8, Sockets.WaitAll));
        Report.Number("rest"u8, Sockets.Receive(first, 8));
        Sys.Wait(child);
        Sys.Write(second, "jkl"u8);
        Sys.Close(second);
        Report.Number("end"u8, Sockets.Receive(first, 8, Sockets.WaitAll));
        Sys.Close(first);
    }

    private static void Connections()
    {
        int server = Sockets.Create(Sockets.Stream);
        Sockets.Bind(server, "@wait"u8);
        Sockets.Listen(server, 0);
        int child = Later(30);
        if (child == 0)
        {
            int client = Sockets.Create(Sockets.Stream), second = Sockets.Create(Sockets.Stream);
            long first = Sockets.Connect(client, "@wait"u8);
            Linux.Exit((int)(first + Sockets.Connect(second, "@wait"u8)) + 5);
        }

        Report.Number("arrives"u8, Poll(server, Sys.In, -1));
        int accepted = Sockets.Accept(server);
        Sys.Close(accepted);
        accepted = Sockets.Accept(server);
        Report.Number("both"u8, Sys.Wait(child));
        Sys.Close(accepted);
        Sockets.SetTime(server, ReceiveTime, 30);
        Report.Number("time"u8, Sockets.Accept(server));
        int third = Sockets.Create(Sockets.Stream), fourth = Sockets.Create(Sockets.Stream);
        Sockets.Connect(third, "@wait"u8);
        Sockets.SetTime(fourth, SendTime, 30);
        Report.Number("time"u8, Sockets.Connect(fourth, "@wait"u8));
        Sys.Close(server);
        Sys.Close(third);
        Sys.Close(fourth);
    }
}
