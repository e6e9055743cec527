using System.Runtime.InteropServices;

namespace Libsys.Bench;

/// <summary>Calls that concern nobody else, time, signals to oneself and randomness.</summary>
internal static unsafe class CallRows
{
    private const int RandomLength = 16;

    public static IEnumerable<Row> All() =>
    [
        new("getppid", () => new(() => Linux.Call(Numbers.Getppid))),
        new("clock_gettime", ClockGetTime),
        new("getrandom 16", GetRandom),
        new("kill(self) + handler", KillSelf),
        new("futex wake of nobody", FutexWake),
    ];

    private static Prepared ClockGetTime()
    {
        nint time = Memory.Allocate(Memory.PageLength);
        return new(() => Linux.GetTime(1, (long*)time));
    }

    private static Prepared GetRandom()
    {
        nint buffer = Memory.Allocate(Memory.PageLength);
        return new(() => Linux.Call(Numbers.GetRandom, buffer, RandomLength));
    }

    private static Prepared KillSelf()
    {
        long self = Linux.Call(Numbers.Getpid);
        Linux.SetHandler(Numbers.UserSignal, &Handle);
        return new(() => Linux.CallAndRun(Numbers.Kill, self, Numbers.UserSignal));
    }

    private static Prepared FutexWake()
    {
        const long WakePrivate = 1 | 128;
        nint word = Memory.Allocate(Memory.PageLength);
        return new(() => Linux.Call(Numbers.Futex, word, WakePrivate, 1));
    }

    [UnmanagedCallersOnly]
    private static void Handle(int signal)
    {
    }
}
