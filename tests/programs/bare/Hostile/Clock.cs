using Libsys.Abi;

namespace Hostile;

/// <summary>Nanoseconds since boot, as deadlines are given.</summary>
internal static class Clock
{
    private const long MonotonicClock = 1, ClockGetTime = 228;

    public static ulong Now
    {
        get
        {
            System.Span<ulong> time = stackalloc ulong[2];
            Bare.Linux.Call(ClockGetTime, MonotonicClock, ref System.Runtime.InteropServices.MemoryMarshal.AsBytes(time)[0], 0, 0, 0, 0);
            return time[0] * 1_000_000_000 + time[1];
        }
    }
}
