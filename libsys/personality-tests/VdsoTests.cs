using System;

namespace PersonalityTests;

/// <summary>What programs call instead of the system, vdso(7): found as a C library finds it, by name in a shared object.</summary>
internal static unsafe class VdsoTests
{
    private const ulong SystemInformation = 33, Second = 1_000_000_000;
    private const uint RealTime = 0, Monotonic = 1;
    // Coarse clocks of Linux stand still for a tick: 10 ms at most.
    private const ulong Tick = 10_000_000;

    private static delegate*<uint, ulong*, long> getTime;

    /// <param name="stack">As the program found it.</param>
    public static void Run(ulong* stack)
    {
        ulong image = 0;
        for (ulong* next = Vector(stack); *next != 0; next += 2)
            image = *next == SystemInformation ? next[1] : image;
        if (!Report.Check(image != 0, "AT_SYSINFO_EHDR"u8))
            return;
        getTime = (delegate*<uint, ulong*, long>)Find(image, "__vdso_clock_gettime"u8);
        var date = (delegate*<ulong*, ulong*, long>)Find(image, "__vdso_gettimeofday"u8);
        var time = (delegate*<ulong*, long>)Find(image, "__vdso_time"u8);
        if (!Report.Check(getTime != null && date != null && time != null, "functions by name"u8))
            return;
        Clocks();
        Date(date, time);
        Interrupted();
        Report.Line("ok vdso"u8);
    }

    // Each clock between two looks by the ordinary call.
    private static void Clocks()
    {
        ReadOnlySpan<byte> clocks = [0, 1, 2, 3, 4, 5, 6, 7, 11];
        ulong* now = stackalloc ulong[2];
        foreach (byte clock in clocks)
        {
            ulong before = Ordinary(clock);
            Report.Equal(0, getTime(clock, now), "clock"u8);
            ulong between = now[0] * Second + now[1], after = Ordinary(clock);
            Report.Check(before <= between + Tick && between <= after + Tick && now[1] < Second, "clock between two looks"u8, clock);
        }
        Report.Equal(Linux.EINVAL, getTime(99, now), "no such clock"u8);
        Report.Equal(0, getTime(uint.MaxValue - 3, now), "the own thread by number, an ordinary call"u8);
        ulong last = 0;
        for (int i = 0; i < 10000; i++)
        {
            getTime(Monotonic, now);
            if (!Report.Check(now[0] * Second + now[1] >= last, "goes on"u8, last))
                break;
            last = now[0] * Second + now[1];
        }
    }

    private static void Date(delegate*<ulong*, ulong*, long> date, delegate*<ulong*, long> time)
    {
        ulong* now = stackalloc ulong[2];
        ulong zone = ulong.MaxValue, seconds = 0;
        Report.Equal(0, date(now, &zone), "gettimeofday"u8);
        Report.Check(zone == 0, "no zone"u8, zone);
        ulong difference = Ordinary(RealTime) - (now[0] * Second + now[1] * 1000);
        Report.Check(difference < Second && now[1] < 1_000_000, "date"u8, difference);
        Report.Equal(0, date(null, null), "nothing asked"u8);
        long told = time(&seconds);
        Report.Check((ulong)told == seconds && seconds - now[0] <= 1, "time"u8, seconds);
        Report.Check(time(null) >= told, "time without a place"u8);
    }

    // A program that does nothing but look gets its signals.
    private static void Interrupted()
    {
        const uint Alarm = 14;
        Handler.Reset();
        Linux.Handle(Alarm, 0, 0);
        ulong* timer = stackalloc ulong[4];
        timer[0] = timer[1] = timer[2] = 0;
        timer[3] = 2000;
        Linux.Call(38, 0, (ulong)timer, 0);
        ulong* now = stackalloc ulong[2];
        getTime(Monotonic, now);
        ulong end = now[0] + 10;
        while (System.Threading.Volatile.Read(ref Handler.Count) == 0 && now[0] < end)
            getTime(Monotonic, now);
        Report.Check(Handler.Count == 1, "a signal arrives"u8, Handler.Count);
    }

    private static ulong Ordinary(uint clock)
    {
        ulong* time = stackalloc ulong[2];
        Linux.Call(228, clock, (ulong)time);
        return time[0] * Second + time[1];
    }

    private static ulong* Vector(ulong* stack)
    {
        ulong* next = stack + 2 + stack[0];
        while (*next != 0)
            next++;
        return next + 1;
    }

    // System V ABI, "Dynamic Linking": the dynamic segment leads to hash table (5), strings (5 = DT_STRTAB) and symbols (6).
    private static ulong Find(ulong image, ReadOnlySpan<byte> name)
    {
        ulong headers = *(ulong*)(image + 32), dynamic = 0, strings = 0, symbols = 0, hash = 0;
        for (uint i = 0; i < *(ushort*)(image + 56); i++)
        {
            ulong header = image + headers + i * 56;
            dynamic = *(uint*)header == 2 ? image + *(ulong*)(header + 16) : dynamic;
        }
        for (ulong* entry = (ulong*)dynamic; entry != null && *entry != 0; entry += 2)
        {
            hash = *entry == 4 ? image + entry[1] : hash;
            strings = *entry == 5 ? image + entry[1] : strings;
            symbols = *entry == 6 ? image + entry[1] : symbols;
        }
        uint count = hash == 0 ? 0 : ((uint*)hash)[1];
        for (uint i = 1; i < count; i++)
        {
            byte* symbol = (byte*)(symbols + i * 24), text = (byte*)(strings + *(uint*)symbol);
            int at = 0;
            while (at < name.Length && text[at] == name[at])
                at++;
            if (at == name.Length && text[at] == 0)
                return image + *(ulong*)(symbol + 8);
        }
        return 0;
    }
}
