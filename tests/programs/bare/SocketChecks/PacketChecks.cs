using Bare;
using ConnectionChecks;

namespace SocketChecks;

/// <summary>
/// Datagrams and sequenced packets between processes that use them a lot, so that they go through memory, and what makes them leave it: waits, polls, edges,
/// descriptors, lengths, ends.
/// </summary>
internal static class PacketChecks
{
    private const int Messages = 3000, LongestMessage = 4000, SendBuffer = 7, PassCredentials = 16, ReceiveTime = 20, SendTime = 21;
    private const uint EdgeTriggered = 1u << 31;

    public static void Run(int type)
    {
        Waits(type);
        Room(type);
        Polls(type);
        Gone(type);
        Torn(type);
        Edges(type);
        Leaves(type);
        Times(type);
        Crowd(type, 1);
        Crowd(type, 3);
        Killed(type);
    }

    private static void Waits(int type)
    {
        MessageChecks.Create(type, true, out int first, out int second);
        int child = WaitChecks.Later(30);
        if (child == 0)
        {
            for (int round = 0; round < 30; round++)
                Sys.Write(second, "late"u8);
            Linux.Exit(0);
        }

        long all = 0;
        for (int round = 0; round < 30; round++)
            all += Sys.Read(first, 10) / 1000;
        Report.Number("data"u8, all + Sys.Wait(child));
        child = WaitChecks.Later(30);
        if (child == 0)
        {
            Sockets.Shutdown(second, 2);
            Linux.Exit(0);
        }

        if (type == Sockets.Packet)
            Report.Number("end"u8, Sockets.Receive(first, 10));
        Sys.Wait(child);
        Report.Number("after it"u8, Sockets.Receive(first, 10, Sockets.DontWait) * 1000 + Sockets.Send(first, "x"u8));
        Sys.Close(first);
        Sys.Close(second);
    }

    // Who sends waits for who receives; so he does with little room.
    private static void Room(int type)
    {
        for (int size = 0; size < 3; size++)
        {
            MessageChecks.Create(type, true, out int first, out int second);
            if (size == 1)
                Sockets.SetOption(first, SendBuffer, 3000);
            int child = Sys.Fork();
            if (child == 0)
            {
                Sys.Close(first);
                Sys.Sleep(30);
                long all = 0;
                for (int message = 0; message < 400; message++)
                    all += Sockets.Receive(second, 5000) / 1000;
                Linux.Exit(all == 400 * (size == 2 ? 4000 : 40) ? 9 : 1);
            }

            Sys.Close(second);
            long sent = 0;
            for (int message = 0; message < 400; message++)
                sent += Sockets.SendLength(first, size == 2 ? 4000 : 40);
            Report.Number("sent"u8, sent);
            Report.Number("all came"u8, Sys.Wait(child));
            Sys.Close(first);
        }
    }

    private static void Polls(int type)
    {
        MessageChecks.Create(type, true, out int first, out int second, Sockets.NonBlock);
        Report.Number("not yet"u8, WaitChecks.Poll(first, Sys.In, 10));
        int child = WaitChecks.Later(30);
        if (child == 0)
        {
            Sys.Write(second, "x"u8);
            Linux.Exit(0);
        }

        Report.Number("data"u8, WaitChecks.Poll(first, Sys.In, -1));
        Sys.Wait(child);
        Report.Number("both ways"u8, WaitChecks.Poll(first, Sys.In | Sys.Out, -1) + Sys.Read(first, 10));
        Sockets.SetOption(first, SendBuffer, 20000);
        int sent = 0;
        while (sent < 2000 && Sockets.SendLength(first, 1000) == 1000)
            sent++;
        Report.Number("full"u8, WaitChecks.Poll(first, Sys.Out, 10) * 10 + (sent is > 8 and < 60 ? 1 : 0));
        child = WaitChecks.Later(30);
        if (child == 0)
        {
            while (Sockets.Receive(second, 1000) > 0)
                sent--;
            Linux.Exit(sent);
        }

        Report.Number("room"u8, WaitChecks.Poll(first, Sys.Out, -1) + Sys.Wait(child));
        child = WaitChecks.Later(30);
        if (child == 0)
        {
            Sys.Close(first);
            Sys.Close(second);
            Linux.Exit(0);
        }

        Sys.Close(second);
        Report.Number("other end"u8, type == Sockets.Packet ? WaitChecks.Poll(first, Sys.In, -1) : Sys.Wait(child));
        if (type == Sockets.Packet)
            Sys.Wait(child);
        Report.Number("state"u8, WaitChecks.Poll(first, Sys.In | Sys.Out, 0));
        Sys.Close(first);
    }

    // Who receives goes with all that he has not received, and has never moved any in memory: there is room again. Two are polled, so a server has to know.
    private static void Gone(int type)
    {
        MessageChecks.Create(type, false, out int first, out int second, Sockets.NonBlock);
        MessageChecks.Create(type, true, out int quiet, out int other, Sockets.NonBlock);
        int child = WaitChecks.Later(60);
        if (child == 0)
            Linux.Exit(0);
        Sys.Close(second);
        Sockets.SetOption(first, SendBuffer, 20000);
        int sent = 0;
        while (sent < 2000 && Sockets.SendLength(first, 1000) == 1000)
            sent++;
        Sys.Want(0, first, Sys.Out);
        Sys.Want(1, quiet, Sys.In);
        if (type == Sockets.Datagram)
            Report.Number("receiver has gone"u8, Sys.Poll(2, 5000) * 10000 + Sys.Found(0));
        Report.Number("child"u8, Sys.Wait(child));
        Sys.Close(first);
        Sys.Close(quiet);
        Sys.Close(other);
    }

    // A message whose last bytes are nowhere is none.
    private static void Torn(int type)
    {
        const int map = 9, unmap = 11, write = 1, page = 4096;
        long memory = Linux.Call(map, 0, 2 * page, 3, 0x22, -1);
        Linux.Call(unmap, memory + page, page);
        for (int used = 0; used < 2; used++)
        {
            MessageChecks.Create(type, used == 1, out int first, out int second, Sockets.NonBlock);
            Report.Number("torn"u8, Linux.Call(write, first, memory + page - 4, 8));
            Report.Number("none of it"u8, Sys.Read(second, 10));
            Report.Number("whole"u8, Linux.Call(write, first, memory + page - 4, 4) * 100 + Sockets.Receive(second, 10) / 1000);
            Sys.Close(first);
            Sys.Close(second);
        }

        Linux.Call(unmap, memory, page);
    }

    private static void Edges(int type)
    {
        MessageChecks.Create(type, true, out int first, out int second);
        int epoll = Sys.EpollCreate();
        Report.Number("added"u8, Sys.EpollControl(epoll, 1, first, 0x2005 | EdgeTriggered));
        Report.Number("writable"u8, Sys.EpollFound(Sys.EpollWait(epoll, 0), first));
        Report.Number("none"u8, Sys.EpollWait(epoll, 0));
        Sys.Write(second, "ab"u8);
        Report.Number("readable"u8, Sys.EpollFound(Sys.EpollWait(epoll, 100), first));
        Report.Number("none"u8, Sys.EpollWait(epoll, 0));
        Sys.Write(second, "c"u8);
        Report.Number("more"u8, Sys.EpollFound(Sys.EpollWait(epoll, 100), first));
        Sys.Read(first, 1);
        Report.Number("none"u8, Sys.EpollWait(epoll, 0));
        Sockets.SendRights(second, "d"u8, second);
        Report.Number("elsewhere"u8, Sys.EpollFound(Sys.EpollWait(epoll, 100), first));
        Report.Number("none"u8, Sys.EpollWait(epoll, 0));
        Sys.Write(second, "e"u8);
        Report.Number("and there"u8, Sys.EpollFound(Sys.EpollWait(epoll, 100), first));
        if (type == Sockets.Packet)
        {
            Sockets.Shutdown(second, 1);
            Report.Number("end"u8, Sys.EpollFound(Sys.EpollWait(epoll, 100), first));
        }

        Sys.Close(second);
        Sys.Close(first);
        Sys.Close(epoll);
    }

    // What goes beside bytes comes with its message, and in order.
    private static void Leaves(int type)
    {
        for (int reason = 0; reason < 5; reason++)
        {
            MessageChecks.Create(type, true, out int first, out int second);
            Sys.Write(first, "one"u8);
            Sys.Write(first, "four"u8);
            long done = reason switch
            {
                0 => Sockets.SendRights(first, "rights"u8, first),
                1 => Sockets.SetOption(second, PassCredentials, 1) + Sys.Write(first, "sender"u8),
                2 => Sockets.SendLength(first, 70000),
                3 => Sockets.SendLength(first, 60000) + Sockets.SendLength(first, 60000),
                _ => Sockets.SendTo(first, "addressed"u8, "@nobody"u8),
            };
            Report.Number("sent"u8, done);
            Report.Number("in order"u8, Sys.Read(second, 10) * 10000 + Sys.Read(second, 10));
            Report.Number("then"u8, Sockets.ReceiveControl(second, 80000, 64, Sockets.DontWait) / 1000);
            Report.Number("with"u8, Sockets.ReceivedLength * 1000 + Sockets.ReceivedFlags);
            if (reason == 1)
                Report.Number("by"u8, Sockets.ControlWord(16) == Sys.Pid() ? 1 : 0);
            Report.Number("again"u8, Sys.Write(second, "back"u8) * 10000 + Sys.Read(first, 10));
            Report.Number("none"u8, Sockets.Receive(first, 10, Sockets.DontWait));
            Sys.Close(first);
            Sys.Close(second);
        }
    }

    private static void Times(int type)
    {
        MessageChecks.Create(type, true, out int first, out int second);
        Sockets.SetTime(first, ReceiveTime, 300);
        long before = Sys.Now();
        Report.Number("time"u8, Sys.Read(first, 1));
        Report.Number("waited"u8, Sys.Now() - before >= 30_000_000 ? 1 : 0);
        Sys.Write(second, "in time"u8);
        Report.Number("data"u8, Sockets.Receive(first, 10));
        Sockets.SetTime(first, SendTime, 40);
        int sent = 0;
        long last;
        while ((last = Sockets.SendLength(first, 5000)) == 5000)
            sent++;
        Report.Number("full"u8, last * 10 + (sent is > 20 and < 60 ? 1 : 0));
        Sys.Close(first);
        Sys.Close(second);
    }

    // So many send and so many receive at once, both ways: each message arrives once, whole, and one sender's in their order.
    private static void Crowd(int type, int members)
    {
        MessageChecks.Create(type, false, out int first, out int second);
        var children = new int[4 * members];
        for (int index = 0; index < children.Length; index++)
        {
            children[index] = Sys.Fork();
            if (children[index] == 0)
            {
                bool sends = index % 2 == 0;
                int socket = index % 4 is 0 or 3 ? first : second;
                Linux.Exit(sends ? SendAll(socket, index) : ReceiveAll(socket));
            }
        }

        int failed = 0;
        for (int index = 0; index < children.Length; index++)
            failed += Sys.Wait(children[index]);
        Report.Number("failed"u8, failed);
        Report.Number("nothing left"u8, Sockets.Receive(first, 10, Sockets.DontWait) + Sockets.Receive(second, 10, Sockets.DontWait));
        Sys.Close(first);
        Sys.Close(second);
    }

    // A message: its sender's number, its own, and then bytes that both say.
    private static int SendAll(int socket, int sender)
    {
        for (int message = 0; message < Messages; message++)
        {
            int length = 8 + message * 37 % (LongestMessage - 8);
            Sys.Half(Sockets.Data) = sender;
            Sys.Half(Sockets.Data + 4) = message;
            for (int at = 8; at < length; at += 61)
                Linux.MemoryAt(Sockets.Data + at) = (byte)(message + sender + at);
            if (Sockets.SendLength(socket, length) != length)
                return 1;
        }

        return 0;
    }

    private static int ReceiveAll(int socket)
    {
        System.Span<int> last = stackalloc int[64];
        last.Fill(-1);
        for (int count = 0; count < Messages; count++)
        {
            long length = Sockets.Receive(socket, LongestMessage) / 1000;
            int sender = Sys.Half(Sockets.Data), message = Sys.Half(Sockets.Data + 4);
            if ((uint)sender >= 64 || message <= last[sender] || length != 8 + message * 37 % (LongestMessage - 8))
                return 1;
            last[sender] = message;
            for (int at = 8; at < length; at += 61)
            {
                if (Linux.MemoryAt(Sockets.Data + at) != (byte)(message + sender + at))
                    return 1;
            }
        }

        return 0;
    }

    // Senders are killed at any moment: what arrives is whole, and others go on.
    private static void Killed(int type)
    {
        MessageChecks.Create(type, true, out int first, out int second);
        int wrong = 0;
        for (int round = 0; round < 30; round++)
        {
            int child = Sys.Fork();
            if (child == 0)
            {
                Sys.Close(second);
                for (int message = 0; ; message++)
                {
                    Sys.Half(Sockets.Data) = message;
                    Sys.Half(Sockets.Data + 400) = message;
                    Sockets.SendLength(first, 404);
                }
            }

            for (int message = 0; message < 50; message++)
                wrong += Sockets.Receive(second, 1000) / 1000 == 404 && Sys.Half(Sockets.Data) == Sys.Half(Sockets.Data + 400) ? 0 : 1;
            Sys.Kill(child);
            Sys.Wait(child);
            while (Sockets.Receive(second, 1000, Sockets.DontWait) > 0)
                wrong += Sys.Half(Sockets.Data) == Sys.Half(Sockets.Data + 400) ? 0 : 1;
            wrong += Sys.Write(first, "on"u8) == 2 && Sockets.Receive(second, 10) / 1000 == 2 ? 0 : 1;
        }

        Report.Number("torn"u8, wrong);
        Sys.Close(first);
        Sys.Close(second);
    }
}
