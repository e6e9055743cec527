using System.Runtime;
using ConnectionChecks;
using Internal.Runtime;

namespace SocketChecks;

/// <summary>
/// Checks of AF_UNIX sockets, the same on Linux: <c>SocketChecks n</c> names and connections, <c>s</c> streams, <c>m</c> messages, <c>d</c> messages between
/// processes, <c>r</c> descriptors and credentials, <c>o</c> options, <c>w</c> waiting and readiness, <c>u</c> what a user may not, <c>l</c> long messages,
/// <c>b</c> several at once, and descriptors of all kinds; only here: <c>h</c> what a hostile program tries.
/// </summary>
internal static class Program
{
    [RuntimeExport("program_main")]
    private static int Main(int argumentCount, ulong arguments)
    {
        StaticInitialization.Run();
        if (argumentCount < 2)
            return 2;
        switch ((byte)Sys.Word((long)Sys.Word((long)arguments + sizeof(ulong))))
        {
            case (byte)'n':
                NameChecks.Run();
                return 0;
            case (byte)'s':
                StreamChecks.Run(isUsed: false);
                StreamChecks.Run(isUsed: true);
                return 0;
            case (byte)'m':
                MessageChecks.Run(isUsed: false);
                MessageChecks.Run(isUsed: true);
                return 0;
            case (byte)'d':
                PacketChecks.Run(Sockets.Datagram);
                PacketChecks.Run(Sockets.Packet);
                return 0;
            case (byte)'r':
                RightChecks.Run();
                return 0;
            case (byte)'o':
                OptionChecks.Run();
                return 0;
            case (byte)'w':
                WaitChecks.Run(isUsed: false);
                WaitChecks.Run(isUsed: true);
                return 0;
            case (byte)'u':
                UserChecks.Run();
                return 0;
            case (byte)'l':
                LongChecks.Run();
                return 0;
            case (byte)'b':
                BatchChecks.Run();
                PassedChecks.Run();
                return 0;
            case (byte)'h':
                return HostileChecks.Run();
            default:
                return 2;
        }
    }
}
