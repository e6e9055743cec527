using System.Runtime;
using Internal.Runtime;

namespace ConnectionChecks;

/// <summary>
/// Checks of connections with servers. <c>ConnectionChecks PATH</c>: of a device of another server than vfs or of a fifo, the same on Linux.
/// <c>ConnectionChecks PATH PATH PATH</c>: of three at once, the same on Linux; with a fourth path, of a server's <c>inject</c>, which ends the first one's
/// server, only here; with any fifth argument, that is not started again. <c>ConnectionChecks PATH MODE</c>, only here: c (closing), r (restart of the server),
/// h (what a hostile program tries), f (cost of fork), a (the server aborts), w (waits until it is killed), n (what the server counts), p (the large pool, of a
/// file), q (what a hostile program does with that), m (what that costs). t (transfers from and to any device) and u (one for reading): as Linux.
/// </summary>
internal static class Program
{
    [RuntimeExport("program_main")]
    private static int Main(int argumentCount, ulong arguments)
    {
        StaticInitialization.Run();
        long program = Argument(arguments, 0), path = Argument(arguments, 1);
        if (argumentCount == 2)
        {
            SharingChecks.Run(program, path);
            ReadinessChecks.Run(path);
            return 0;
        }

        if (argumentCount >= 4)
        {
            if (argumentCount > 4)
                return JoinedRestartChecks.Run(arguments, isLast: argumentCount > 5);
            JoinedChecks.Run(arguments);
            return 0;
        }

        switch ((byte)Sys.Word(Argument(arguments, 2)))
        {
            case (byte)'/': // what SharingChecks executes
                SharingChecks.Executed();
                return 5;
            case (byte)'j': // what JoinedChecks executes
                JoinedChecks.Executed();
                return 5;
            case (byte)'c': return CloseChecks.Run(path);
            case (byte)'r': return RestartChecks.Run(path);
            case (byte)'h': return HostileChecks.Run(path);
            case (byte)'a': return RestartChecks.Abort(path);
            case (byte)'w': return SessionChecks.Wait(path);
            case (byte)'n': return SessionChecks.Count(path);
            case (byte)'p': return PoolChecks.Run(path);
            case (byte)'m': return PoolCosts.Run(path);
            case (byte)'t': return TransferChecks.Run(path, Sys.ReadWrite);
            case (byte)'u': return TransferChecks.Run(path, 0);
            case (byte)'q': return PoolAttacks.Run();
            case (byte)'f': return ForkCosts.Run(path);
            default: return 2;
        }
    }

    private static long Argument(ulong arguments, int index) => (long)Sys.Word((long)arguments + index * sizeof(ulong));
}
