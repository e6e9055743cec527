using System.Runtime;
using ConnectionChecks;
using Internal.Runtime;

namespace EventChecks;

/// <summary>
/// Checks of eventfd(2), the same on Linux: <c>EventChecks v</c> values, <c>w</c> waiting, <c>r PATH</c> readiness beside a fifo or a device, <c>n</c> sets of
/// epoll(7), <c>f</c> those that several processes have, <c>s</c> many processes, <c>t</c> the threads of /EventThreads; of timerfd <c>m</c>, of signalfd
/// <c>g</c>; only here: <c>h</c> what a hostile program tries. <c>u</c>, <c>x</c>, <c>y</c> and <c>z</c> are what it executes itself.
/// </summary>
internal static class Program
{
    private const int CounterOfExecuted = 9;

    [RuntimeExport("program_main")]
    private static int Main(int argumentCount, ulong arguments)
    {
        StaticInitialization.Run();
        if (argumentCount < 2)
            return 2;
        switch ((byte)Sys.Word(Argument(arguments, 1)))
        {
            case (byte)'v':
                ValueChecks.Run();
                return 0;
            case (byte)'w':
                WaitChecks.Run(Argument(arguments, 0));
                return 0;
            case (byte)'x':
                return WaitChecks.BeExecuted(CounterOfExecuted);
            case (byte)'m':
                TimerChecks.Run(Argument(arguments, 0));
                return 0;
            case (byte)'y':
                return TimerChecks.BeExecuted(CounterOfExecuted);
            case (byte)'g':
                SignalChecks.Run(Argument(arguments, 0));
                return 0;
            case (byte)'z':
                return SignalChecks.BeExecuted(CounterOfExecuted);
            case (byte)'r':
                ReadyChecks.Run(Sys.Open(Argument(arguments, 2), Sys.ReadWrite));
                return 0;
            case (byte)'n':
                SetChecks.Run();
                return 0;
            case (byte)'f':
                SharedSetChecks.Run(Argument(arguments, 0), CounterOfExecuted);
                return 0;
            case (byte)'u':
                return SharedSetChecks.BeExecuted(CounterOfExecuted);
            case (byte)'s':
                return StressChecks.Run();
            case (byte)'t':
                return StressChecks.Threads(CounterOfExecuted);
            case (byte)'h':
                return HostileChecks.Run();
            default:
                return 2;
        }
    }

    private static long Argument(ulong arguments, int index) => (long)Sys.Word((long)arguments + index * sizeof(ulong));
}
