using Bare;
using ConnectionChecks;

namespace SocketChecks;

/// <summary>Descriptors and credentials that come with messages.</summary>
internal static class RightChecks
{
    private const int PassCredentials = 16, PeerCredentials = 17;

    public static void Run()
    {
        foreach (int type in (System.ReadOnlySpan<int>)[Sockets.Stream, Sockets.Datagram, Sockets.Packet])
        {
            Simple(type);
            Room(type);
            Wrong(type);
            Credentials(type);
            Dropped(type);
        }

        Order(false);
        Order(true);
        Cycles();
        Limits();
    }

    private static void Close(int first, int second)
    {
        Sys.Close(first);
        Sys.Close(second);
    }

    private static void Simple(int type)
    {
        Sockets.Pair(type, out int first, out int second);
        Sys.Pipe(out int read, out int write);
        Report.Number("sent"u8, Sockets.SendRights(first, "abc"u8, write, read));
        Sys.Close(write);
        Report.Number("received"u8, Sockets.ReceiveControl(second, 10, 64));
        Report.Number("flags"u8, Sockets.ReceivedFlags * 1000 + Sockets.ReceivedLength);
        Report.Number("control"u8, Sockets.ControlWord(0) * 10000 + Sockets.ControlWord(8) * 100 + Sockets.ControlWord(12));
        int mine = Sockets.ControlWord(16), other = Sockets.ControlWord(20);
        Report.Number("numbers"u8, mine * 100 + other);
        Report.Number("works"u8, Sys.Write(mine, "p"u8) + Sys.Read(read, 5));
        Report.Number("exec"u8, Sys.Fcntl(mine, 1, 0));
        Close(mine, other);
        Report.Number("ended"u8, Sys.Read(read, 5));
        Sockets.SendRights(first, "d"u8, read);
        Sockets.ReceiveControl(second, 10, 64, Sockets.CloseRights);
        Report.Number("exec"u8, Sys.Fcntl(Sockets.ControlWord(16), 1, 0) * 100 + Sockets.ReceivedFlags % 1000);
        Sys.Close(Sockets.ControlWord(16));
        Sockets.SendRights(first, "e"u8, read);
        Report.Number("peek"u8, Sockets.ReceiveControl(second, 10, 64, Sockets.Peek));
        Sys.Close(Sockets.ControlWord(16));
        Report.Number("still"u8, Sockets.ReceiveControl(second, 10, 64) * 100 + Sockets.ControlWord(8));
        Sys.Close(Sockets.ControlWord(16));
        Sys.Close(read);
        int file = Sys.Open("/etc/passwd\0"u8, 0), zero = Sys.Open("/dev/zero\0"u8, 0);
        Sys.Read(file, 1);
        Sockets.SendRights(first, "f"u8, file, zero);
        Sockets.ReceiveControl(second, 10, 64);
        Report.Number("file"u8, Sys.Read(Sockets.ControlWord(16), 1) * 10000 + Sys.Read(Sockets.ControlWord(20), 3));
        Report.Number("offset"u8, Linux.Call(8, file, 0, 1));
        Close(Sockets.ControlWord(16), Sockets.ControlWord(20));
        Close(file, zero);
        Close(first, second);
    }

    private static void Room(int type)
    {
        Sockets.Pair(type, out int first, out int second);
        foreach (int room in (System.ReadOnlySpan<int>)[0, 8, 16, 19, 20, 23, 24, 32])
        {
            Sockets.SendRights(first, "x"u8, first, second);
            Report.Number("room"u8, room);
            Report.Number("received"u8, Sockets.ReceiveControl(second, 10, room));
            Report.Number("flags"u8, Sockets.ReceivedFlags * 1000 + Sockets.ReceivedLength);
            int got = Sockets.ReceivedLength >= 20 ? (Sockets.ControlWord(0) - 16) / 4 : 0;
            Report.Number("got"u8, got);
            for (int index = 0; index < got; index++)
                Sys.Close(Sockets.ControlWord(16 + index * 4));
        }

        Sockets.SendRights(first, "x"u8, first);
        Report.Number("plain"u8, Sys.Read(second, 10));
        int next = Sys.Duplicate(0);
        Report.Number("nothing stays"u8, next);
        Sys.Close(next);
        Close(first, second);
    }

    private static void Wrong(int type)
    {
        Sockets.Pair(type, out int first, out int second);
        Report.Number("bad"u8, Sockets.SendRights(first, "x"u8, 77) * 1000 + Sockets.SendRights(first, "x"u8, first, 77));
        Sys.Half(Sockets.PutControl(0, 1, 4)) = first;
        Report.Number("short"u8, Sockets.SendControl(first, "x"u8, 12) * 1000 + Sockets.SendControl(first, "x"u8, 19));
        Sys.Half(Sockets.PutControl(0, 9, 4)) = first;
        Report.Number("type"u8, Sockets.SendControl(first, "x"u8, 24));
        Sys.Half(Sockets.PutControl(0, 1, 4, level: 6)) = first;
        Report.Number("level"u8, Sockets.SendControl(first, "x"u8, 24));
        Report.Number("plain"u8, Sockets.ReceiveControl(second, 10, 64, Sockets.DontWait) * 100 + Sockets.ReceivedLength);
        long content = Sockets.PutControl(0, 1, 4 * 254);
        for (int index = 0; index < 254; index++)
            Sys.Half(content + index * 4) = first;
        Report.Number("too many"u8, Sockets.SendControl(first, "x"u8, 16 + 4 * 254));
        Sockets.PutControl(0, 1, 4 * 253);
        Report.Number("most"u8, Sockets.SendControl(first, "x"u8, 16 + 4 * 253));
        Report.Number("received"u8, Sockets.ReceiveControl(second, 10, 1100, Sockets.DontWait));
        Report.Number("control"u8, Sockets.ControlWord(0) * 10000L + Sockets.ReceivedLength);
        for (int index = 0; index < 253; index++)
            Sys.Close(Sockets.ControlWord(16 + index * 4));
        Report.Number("nothing left"u8, Sockets.ReceiveControl(second, 10, 64, Sockets.DontWait));
        Close(first, second);
    }

    private static void Credentials(int type)
    {
        Sockets.Pair(type, out int first, out int second);
        Report.Number("peer"u8, Sockets.Option(first, PeerCredentials, 12) == Sys.Pid() ? 1 : 0);
        Report.Number("ids"u8, Sockets.OptionWord(1) * 100 + Sockets.OptionWord(2) * 10 + Sockets.OptionWord(-1));
        Sockets.Send(first, "before"u8);
        Report.Number("pass"u8, Sockets.SetOption(second, PassCredentials, 1) * 10 + Sockets.Option(second, PassCredentials));
        Show("before"u8, second, 64);
        Sockets.Send(first, "after"u8);
        Show("after"u8, second, 64);
        Sockets.Send(first, "little"u8);
        Show("little"u8, second, 20);
        Sockets.SendRights(first, "both"u8, first);
        Show("both"u8, second, 64);
        Report.Number("second"u8, Sockets.ControlWord(32) * 100 + Sockets.ControlWord(44));
        Sys.Close(Sockets.ControlWord(48));
        Claim(Sys.Pid(), 0);
        Report.Number("own"u8, Sockets.SendControl(first, "own"u8, 32));
        Show("own"u8, second, 64);
        Claim(1, 5);
        Report.Number("another's"u8, Sockets.SendControl(first, "another"u8, 32));
        Report.Number("received"u8, Sockets.ReceiveControl(second, 20, 64));
        Report.Number("another's"u8, Sockets.ControlWord(16) * 100 + Sockets.ControlWord(20) * 10 + Sockets.ControlWord(24));
        Claim(99999, 0);
        Report.Number("nobody's"u8, Sockets.SendControl(first, "nobody"u8, 32));
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Become(1000);
            Claim(Sys.Pid(), 1000);
            long own = Sockets.SendControl(first, "c"u8, 32);
            Claim(1, 1000);
            long pid = Sockets.SendControl(first, "c"u8, 32);
            Claim(Sys.Pid(), 0);
            Report.Number("a user's"u8, own * 10000 + pid * 100 + Sockets.SendControl(first, "c"u8, 32));
            Linux.Exit(0);
        }

        Sys.Wait(child);
        Report.Number("received"u8, Sockets.ReceiveControl(second, 20, 64));
        Report.Number("a user's"u8, (Sockets.ControlWord(16) == child ? 10000 : 0) + Sockets.ControlWord(20));
        Close(first, second);
    }

    private static void Claim(int pid, int id)
    {
        long content = Sockets.PutControl(0, 2, 12);
        Sys.Half(content) = pid;
        Sys.Half(content + 4) = id;
        Sys.Half(content + 8) = id;
    }

    private static void Show(System.ReadOnlySpan<byte> name, int socket, int room)
    {
        Report.Number(name, Sockets.ReceiveControl(socket, 20, room));
        Report.Number("flags"u8, Sockets.ReceivedFlags * 1000 + Sockets.ReceivedLength);
        Report.Number("who"u8, (Sockets.ControlWord(16) == Sys.Pid() ? 10 : Sockets.ControlWord(16)) * 100000 + Sockets.ControlWord(20));
        Report.Number("kind"u8, Sockets.ControlWord(0) * 100 + Sockets.ControlWord(12));
    }

    private static void Dropped(int type)
    {
        Sockets.Pair(type, out int first, out int second);
        Sys.Pipe(out int read, out int write);
        Sockets.SendRights(first, "x"u8, write);
        Sys.Close(write);
        Sys.Fcntl(read, 4, Sockets.NonBlock);
        Report.Number("kept"u8, Sys.Read(read, 1));
        Sys.Close(second);
        Report.Number("dropped"u8, Sys.Read(read, 1));
        Close(first, read);
    }

    // Descriptors lie at a place among the bytes.
    private static void Order(bool isUsed)
    {
        StreamChecks.Create(isUsed, out int first, out int second);
        Sys.Write(first, "aaaa"u8);
        Sockets.SendRights(first, "bbbb"u8, 0);
        Sys.Write(first, "cccc"u8);
        Sockets.SendRights(first, "dddd"u8, 1);
        Sys.Write(first, "eeee"u8);
        Report.Number("a part"u8, Sockets.ReceiveControl(second, 2, 64) * 100 + Sockets.ReceivedLength);
        Report.Number("across"u8, Sockets.ReceiveControl(second, 100, 64) * 100 + Sockets.ReceivedLength);
        Sys.Close(Sockets.ControlWord(16));
        Report.Number("across"u8, Sockets.ReceiveControl(second, 6, 64) * 100 + Sockets.ReceivedLength);
        Sys.Close(Sockets.ControlWord(16));
        Report.Number("the rest"u8, Sockets.ReceiveControl(second, 100, 64) * 100 + Sockets.ReceivedLength);
        Report.Number("the end"u8, Sockets.ReceiveControl(second, 100, 64, Sockets.DontWait) * 100 + Sockets.ReceivedLength);
        Sys.Write(first, "ffff"u8);
        Sockets.SendRights(first, "gggg"u8, 0);
        Sys.Write(first, "hhhh"u8);
        Report.Number("plain"u8, Sys.Read(second, 100) * 100000 + Sys.Read(second, 100));
        int next = Sys.Duplicate(0);
        Report.Number("nothing stays"u8, next);
        Sys.Close(next);
        Close(first, second);
    }

    // Sockets that lie in each other and in themselves; each round takes as many as a user may have on the way, if nothing is collected.
    private static void Cycles()
    {
        long sum = 0;
        for (int round = 0; round < 300; round++)
        {
            Sockets.Pair(Sockets.Stream, out int first, out int second);
            Sockets.Pair(Sockets.Datagram, out int third, out int fourth);
            sum += Sockets.SendRights(first, "x"u8, first, second);
            sum += Sockets.SendRights(second, "x"u8, first, third);
            sum += Sockets.SendRights(third, "x"u8, second, fourth);
            Close(first, second);
            Close(third, fourth);
        }

        Report.Number("sent"u8, sum);
    }

    private static void Limits()
    {
        Sockets.Pair(Sockets.Datagram, out int first, out int second, Sockets.NonBlock);
        int child = Sys.Fork();
        if (child == 0)
        {
            // RLIMIT_NOFILE: what has no number any more is lost.
            Sys.Word(Sockets.At(9000)) = 10;
            Sys.Word(Sockets.At(9008)) = 10;
            Sockets.SendRights(first, "x"u8, first, second);
            Sockets.SendRights(first, "x"u8, first, second);
            Sockets.SendRights(first, "x"u8, first, second);
            Linux.Call(160, 7, Sockets.At(9000));
            for (int message = 0; message < 3; message++)
            {
                Report.Number("received"u8, Sockets.ReceiveControl(second, 10, 64));
                Report.Number("flags"u8, Sockets.ReceivedFlags * 1000 + Sockets.ReceivedLength);
            }

            Linux.Exit(0);
        }

        Sys.Wait(child);
        child = Sys.Fork();
        if (child == 0)
        {
            Sys.Become(1000);
            long content = Sockets.PutControl(0, 1, 4 * 200), last = 0;
            for (int index = 0; index < 200; index++)
                Sys.Half(content + index * 4) = 0;
            for (int message = 0; message < 20 && last >= 0; message++)
                last = Sockets.SendControl(first, "x"u8, 16 + 4 * 200);
            Report.Number("too many on the way"u8, last);
            Linux.Exit(0);
        }

        Sys.Wait(child);
        Close(first, second);
    }
}
