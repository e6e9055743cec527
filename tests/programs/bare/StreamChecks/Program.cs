using System.Runtime;
using ConnectionChecks;
using Internal.Runtime;

namespace StreamChecks;

/// <summary>
/// Checks of pipe(2), the same on Linux: <c>StreamChecks v</c> values, <c>w</c> waiting, <c>r</c> readiness, <c>p</c> processes in a ring, <c>k</c> writers
/// that are killed, <c>s</c> writers that are stopped, <c>b</c> much data, <c>m</c> more pipes than can be mapped, <c>z</c> sizes, packets, vmsplice;
/// <c>c</c> prints what operations cost; only here: <c>h</c> what a hostile program tries.
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
            case (byte)'v':
                ValueChecks.Run();
                return 0;
            case (byte)'w':
                WaitChecks.Run();
                return 0;
            case (byte)'r':
                ReadyChecks.Run();
                return 0;
            case (byte)'p':
                StressChecks.Ring();
                return 0;
            case (byte)'k':
                StressChecks.Killed();
                return 0;
            case (byte)'s':
                StressChecks.Stopped();
                return 0;
            case (byte)'b':
                StressChecks.Much();
                return 0;
            case (byte)'m':
                ManyChecks.Run();
                return 0;
            case (byte)'z':
                Streams.Ignore(Streams.BrokenPipe, true);
                SizeChecks.Run();
                PacketChecks.Run();
                SpliceChecks.Run();
                return 0;
            case (byte)'c':
                CostChecks.Run();
                return 0;
            case (byte)'h':
                return HostileChecks.Run();
            default:
                return 2;
        }
    }
}
