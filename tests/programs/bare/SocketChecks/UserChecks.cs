using Bare;
using ConnectionChecks;

namespace SocketChecks;

/// <summary>What a user may not: connect to a socket's name without permission, reach it, make one in another's directory.</summary>
internal static class UserChecks
{
    public static void Run()
    {
        int server = Sockets.Create(Sockets.Stream), receiver = Sockets.Create(Sockets.Datagram);
        Sockets.Unlink("/tmp/su1"u8);
        Sockets.Unlink("/tmp/su2"u8);
        Sockets.Bind(server, "/tmp/su1"u8);
        Sockets.Bind(receiver, "/tmp/su2"u8);
        Sockets.Listen(server, 5);
        foreach (int mode in (System.ReadOnlySpan<int>)[0x1ED, 0x1B6, 0x124, 0x92])
        {
            Sockets.ChangeMode("/tmp/su1"u8, mode);
            Sockets.ChangeMode("/tmp/su2"u8, mode);
            int child = Sys.Fork();
            if (child == 0)
            {
                Sys.Become(1000);
                int client = Sockets.Create(Sockets.Stream), sender = Sockets.Create(Sockets.Datagram);
                Report.Number("connect"u8, Sockets.Connect(client, "/tmp/su1"u8));
                Report.Number("send"u8, Sockets.SendTo(sender, "x"u8, "/tmp/su2"u8));
                Report.Number("peer"u8, Sockets.Option(client, 17, 12) >= 0 ? Sockets.OptionWord(1) : -1);
                Report.Number("make"u8, Sockets.Bind(sender, "/su3"u8));
                Linux.Exit(0);
            }

            Sys.Wait(child);
        }

        Sys.Fcntl(server, 4, Sockets.NonBlock);
        int accepted = Sockets.Accept(server);
        Report.Number("who"u8, Sockets.Option(accepted, 17, 12) >= 0 ? Sockets.OptionWord(1) * 10000 + Sockets.OptionWord(2) : -1);
        Sockets.Unlink("/tmp/su1"u8);
        Sockets.Unlink("/tmp/su2"u8);
    }
}
