using Bare;
using ConnectionChecks;

namespace SocketChecks;

/// <summary>getsockopt(2) and setsockopt(2).</summary>
internal static class OptionChecks
{
    public static void Run()
    {
        foreach (int type in (System.ReadOnlySpan<int>)[Sockets.Stream, Sockets.Datagram, Sockets.Packet])
        {
            int socket = Sockets.Create(type);
            foreach (int option in (System.ReadOnlySpan<int>)[2, 3, 4, 6, 7, 8, 9, 10, 13, 15, 16, 18, 19, 20, 21, 29, 30, 38, 39, 999])
            {
                Report.Number("option"u8, option);
                Report.Number("is"u8, Sockets.Option(socket, option, 32) * 100 + Sockets.OptionWord(-1));
            }

            Report.Number("peer"u8, Sockets.Option(socket, 17, 12));
            Report.Number("ids"u8, Sockets.OptionWord(1) * 100L + Sockets.OptionWord(2));
            Report.Number("short"u8, Sockets.Option(socket, 3, 2) * 10 + Sockets.OptionWord(-1));
            Report.Number("negative"u8, Sockets.Option(socket, 3, -1));
            Report.Number("level"u8, Sockets.Option(socket, 3, 4, level: 6) * 100 + Sockets.SetOption(socket, 3, 1, level: 6));
            Report.Number("unknown"u8, Sockets.SetOption(socket, 999, 1) * 1000 + Sockets.SetOption(socket, 3, 1));
            Report.Number("short"u8, Sockets.SetOption(socket, 2, 1, 3) * 100 + Sockets.SetOption(socket, 20, 1, 8));
            foreach (int size in (System.ReadOnlySpan<int>)[0, 1, 1000, 5000, 100000, 1000000])
            {
                Report.Number("set"u8, Sockets.SetOption(socket, 7, size) * 10 + Sockets.SetOption(socket, 8, size));
                Report.Number("is"u8, Sockets.Option(socket, 7) * 1000000L + Sockets.Option(socket, 8));
            }

            Report.Number("reuse"u8, Sockets.SetOption(socket, 2, 5) * 10 + Sockets.Option(socket, 2));
            Report.Number("time"u8, Sockets.SetTime(socket, 20, 1500) * 10 + Sockets.Option(socket, 20, 16));
            Report.Number("time"u8, Sockets.OptionWord(2) * 100 + Sockets.OptionWord(-1));
            Sys.Close(socket);
        }
    }
}
