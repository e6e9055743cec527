using System;

namespace PersonalityTests;

/// <summary>Clocks and sleeps.</summary>
internal static unsafe class TimeTests
{
    public static void Run()
    {
        ulong last = Linux.Now();
        for (int i = 0; i < 10000; i++)
        {
            ulong now = Linux.Now();
            if (!Report.Check(now >= last, "time goes on"u8, last - now))
                break;
            last = now;
        }
        ulong start = Linux.Now();
        Linux.Sleep(20_000_000);
        ulong slept = Linux.Now() - start;
        Report.Check(slept >= 20_000_000, "sleep long enough"u8, slept);
        ulong* time = stackalloc ulong[2];
        Report.Equal(Linux.EINVAL, Linux.Call(228, 99, (ulong)time), "no such clock"u8);
        Report.Equal(0, Linux.Call(228, 2, (ulong)time), "process clock"u8);
        Report.Equal(0, Linux.Call(228, 3, (ulong)time), "thread clock"u8);
        Report.Equal(0, Linux.Call(229, 1, (ulong)time), "resolution"u8);
        Report.Equal(1, (long)time[1], "1 ns"u8);
        time[0] = 0;
        time[1] = 1_000_000_000;
        Report.Equal(Linux.EINVAL, Linux.Call(35, (ulong)time), "too many nanoseconds"u8);
        // An absolute time in the past.
        time[1] = 5;
        Report.Equal(0, Linux.Call(230, 1, 1, (ulong)time, 0), "sleep until the past"u8);
        Report.Line("ok time"u8);
    }
}
