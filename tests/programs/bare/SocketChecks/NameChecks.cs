using Bare;
using ConnectionChecks;

namespace SocketChecks;

/// <summary>socket(2), bind(2), listen(2), connect(2), accept(2) and the names that they give.</summary>
internal static class NameChecks
{
    public static void Run()
    {
        Kinds();
        Paths();
        Abstract();
        Connections(Sockets.Stream);
        Connections(Sockets.Packet);
        Datagrams();
        NoSockets();
    }

    private static void Kinds()
    {
        Report.Number("families"u8, Sockets.CreateOf(0, 1, 0) * 100 + Sockets.CreateOf(46, 1, 0));
        Report.Number("types"u8, Sockets.CreateOf(1, 4, 0) * 10000 + Sockets.CreateOf(1, 11, 0) * 100 + Sockets.CreateOf(1, 0, 0));
        Report.Number("flags"u8, Sockets.CreateOf(1, 0x101, 0) * 100 + Sockets.CreateOf(1, 1, 2));
        int raw = (int)Sockets.CreateOf(1, 3, 1), stream = Sockets.Create(Sockets.Stream, Sockets.NonBlock | Sockets.CloseOnExec);
        Report.Number("raw"u8, Sockets.Option(raw, 3));
        Report.Number("mode"u8, Sockets.Mode(raw));
        Report.Number("status"u8, Sys.Fcntl(stream, 3, 0) * 10 + Sys.Fcntl(stream, 1, 0));
        Report.Number("pairs"u8, Sockets.PairOf(1, 0x101, 0) * 10000 + Sockets.PairOf(1, 6, 0) * 100 + Sockets.PairOf(1, 1, 3));
        Report.Number("seek"u8, Linux.Call(8, raw, 0, 1));
        Sys.Close(raw);
        Sys.Close(stream);
    }

    private static void Paths()
    {
        Sockets.Unlink("/tmp/s1"u8);
        int first = Sockets.Create(Sockets.Stream), second = Sockets.Create(Sockets.Stream);
        Sockets.Name("unnamed"u8, first);
        Report.Number("listen unnamed"u8, Sockets.Listen(first, 1));
        Report.Number("no directory"u8, Sockets.Bind(first, "/nothing/s1"u8));
        Report.Number("wrong family"u8, Sockets.Bind(first, "/tmp/s1"u8, 2));
        Report.Number("short"u8, Sockets.BindRaw(first, 1) * 100 + Sockets.BindRaw(first, 0));
        Report.Number("long"u8, Sockets.BindRaw(first, 111) * 100 + Sockets.BindRaw(first, 200));
        Report.Number("bound"u8, Sockets.Bind(first, "/tmp/s1"u8));
        Sockets.Name("name"u8, first);
        Report.Number("again"u8, Sockets.Bind(first, "/tmp/s2"u8));
        Report.Number("other"u8, Sockets.Bind(second, "/tmp/s1"u8));
        Report.Number("not left"u8, Sockets.Unlink("/tmp/s2"u8));
        Report.Number("not listening"u8, Sockets.Connect(second, "/tmp/s1"u8));
        Report.Number("open"u8, Sys.Open("/tmp/s1\0"u8, 2));
        Report.Number("not there"u8, Sockets.Connect(second, "/tmp/s9"u8) * 100 + Sockets.Connect(second, "/tmp"u8));
        Report.Number("listening"u8, Sockets.Listen(first, 1));
        int datagram = Sockets.Create(Sockets.Datagram);
        Report.Number("wrong type"u8, Sockets.Connect(datagram, "/tmp/s1"u8) * 100 + Sockets.Listen(datagram, 1));
        Report.Number("unlinked"u8, Sockets.Unlink("/tmp/s1"u8));
        Report.Number("gone"u8, Sockets.Connect(second, "/tmp/s1"u8));
        Report.Number("made again"u8, Sockets.Bind(second, "/tmp/s1"u8));
        Sys.Close(second);
        Report.Number("left behind"u8, Sockets.Connect(datagram, "/tmp/s1"u8));
        Report.Number("taken"u8, Sockets.Bind(datagram, "/tmp/s1"u8));
        Sockets.Unlink("/tmp/s1"u8);
        Sys.Close(first);
        Sys.Close(datagram);
    }

    private static void Abstract()
    {
        int first = Sockets.Create(Sockets.Stream), second = Sockets.Create(Sockets.Stream), other = Sockets.Create(Sockets.Datagram);
        Report.Number("abstract"u8, Sockets.Bind(first, "@one\0two"u8));
        Sockets.Name("its name"u8, first);
        Report.Number("in use"u8, Sockets.Bind(second, "@one\0two"u8));
        Report.Number("of another type"u8, Sockets.Bind(other, "@one\0two"u8));
        Report.Number("not the same"u8, Sockets.Connect(second, "@one"u8) * 100 + Sockets.Connect(second, "@one\0twoo"u8));
        Sys.Close(first);
        Report.Number("free"u8, Sockets.Bind(second, "@one\0two"u8));
        int third = Sockets.Create(Sockets.Stream);
        Sockets.Address(""u8);
        Report.Number("any"u8, Sockets.BindRaw(third, 2));
        Report.Number("any name"u8, Sockets.NameLength(third));
        Sys.Close(second);
        Sys.Close(third);
        Sys.Close(other);
    }

    private static void Connections(int type)
    {
        int server = Sockets.Create(type), client = Sockets.Create(type, Sockets.NonBlock);
        Report.Number("accept early"u8, Sockets.Accept(server));
        Sockets.Bind(server, "@server"u8);
        Report.Number("listen"u8, Sockets.Listen(server, 1));
        Report.Number("accepting"u8, Sockets.Option(server, 30) * 10 + Sockets.Option(client, 30));
        Sockets.Bind(client, "@client"u8);
        Report.Number("connect"u8, Sockets.Connect(client, "@server"u8));
        Report.Number("connected"u8, Sockets.Connect(client, "@server"u8));
        Report.Number("listening connects"u8, Sockets.Connect(server, "@server"u8));
        int second = Sockets.Create(type, Sockets.NonBlock), third = Sockets.Create(type, Sockets.NonBlock);
        Report.Number("second and third"u8, Sockets.Connect(second, "@server"u8) * 100 + Sockets.Connect(third, "@server"u8));
        int accepted = Sockets.AcceptNamed(server, "peer"u8);
        Sockets.Name("own name"u8, accepted);
        Sockets.Name("peer of accepted"u8, accepted, isPeer: true);
        Sockets.Name("peer of client"u8, client, isPeer: true);
        Sockets.Name("no peer"u8, server, isPeer: true);
        Report.Number("third"u8, Sockets.Connect(third, "@server"u8));
        int other = Sockets.AcceptNamed(server, "unnamed peer"u8);
        Sockets.Name("unnamed peer"u8, other, isPeer: true);
        Report.Number("flags"u8, Sys.Fcntl(accepted, 3, 0));
        int last = Sockets.Accept(server, Sockets.NonBlock | Sockets.CloseOnExec);
        Report.Number("flags"u8, Sys.Fcntl(last, 3, 0) * 10 + Sys.Fcntl(last, 1, 0));
        Sys.Fcntl(server, 4, Sockets.NonBlock);
        Report.Number("none"u8, Sockets.Accept(server));
        Report.Number("said"u8, Sockets.Send(client, "x"u8) + Sockets.Receive(accepted, 5));
        int late = Sockets.Create(type);
        Report.Number("waits"u8, Sockets.Connect(late, "@server"u8));
        Sys.Close(server);
        Report.Number("server gone"u8, Sockets.Receive(late, 1));
        Report.Number("server gone"u8, Sockets.Receive(late, 1) * 100 + Sockets.Send(late, "x"u8, Sockets.NoSignal));
        Report.Number("refused"u8, Sockets.Connect(Sockets.Create(type), "@server"u8));
        Report.Number("others stay"u8, Sockets.Send(accepted, "y"u8) + Sockets.Receive(client, 5));
        Sys.Close(client);
        Sys.Close(accepted);
        Sys.Close(other);
        Sys.Close(second);
        Sys.Close(third);
        Sys.Close(last);
        Sys.Close(late);
        int shut = Sockets.Create(type);
        Sockets.Bind(shut, "@shut"u8);
        Sockets.Listen(shut, 1);
        Report.Number("shut"u8, Sockets.Shutdown(shut, 0));
        Report.Number("shut"u8, Sockets.Accept(shut) * 1000 + Sockets.Connect(Sockets.Create(type), "@shut"u8));
        Sys.Close(shut);
    }

    private static void Datagrams()
    {
        int first = Sockets.Create(Sockets.Datagram), second = Sockets.Create(Sockets.Datagram), third = Sockets.Create(Sockets.Datagram);
        Sockets.Bind(first, "@d1"u8);
        Sockets.Bind(second, "@d2"u8);
        Report.Number("nobody"u8, Sockets.Send(first, "x"u8) * 1000 + Sockets.SendTo(first, "x"u8, "@d9"u8));
        Report.Number("to"u8, Sockets.SendTo(first, "abc"u8, "@d2"u8));
        Sockets.ReceiveFrom("from"u8, second, 10);
        Sockets.SendTo(third, "abcd"u8, "@d2"u8);
        Sockets.ReceiveFrom("from nobody"u8, second, 10);
        Report.Number("connect"u8, Sockets.Connect(first, "@d2"u8));
        Sockets.Name("peer"u8, first, isPeer: true);
        Report.Number("sent"u8, Sockets.Send(first, "y"u8));
        Report.Number("connect back"u8, Sockets.Connect(second, "@d1"u8));
        Report.Number("stranger"u8, Sockets.SendTo(third, "z"u8, "@d2"u8) * 1000 + Sockets.Connect(third, "@d2"u8));
        Report.Number("before"u8, Sockets.Receive(second, 5, Sockets.DontWait));
        Report.Number("apart"u8, Sockets.Connect(second, ""u8, 0));
        Sockets.Name("no peer"u8, second, isPeer: true);
        Report.Number("told"u8, Sockets.Receive(first, 5, Sockets.DontWait));
        Sys.Close(second);
        Report.Number("lost"u8, Sockets.Send(first, "x"u8) * 1000 + Sockets.Send(first, "x"u8));
        Sys.Close(first);
        Sys.Close(third);
    }

    private static void NoSockets()
    {
        Sys.Pipe(out int read, out int write);
        Report.Number("no socket"u8, Sockets.Bind(read, "@p"u8) * 1000 + Sockets.Send(write, "x"u8));
        Report.Number("no socket"u8, Sockets.Option(read, 3) * 1000 + Sockets.Accept(read));
        Report.Number("nothing"u8, Sockets.Listen(99, 1) * 100 + Sockets.Receive(99, 1));
        Sys.Close(read);
        Sys.Close(write);
    }
}
