using System.Runtime.CompilerServices;
using Libsys.Abi;

namespace Microkernel;

/// <summary>Time from the time stamp counter, calibrated once against the programmable interval timer (Intel 8254).</summary>
internal static unsafe class Clock
{
    private const ushort PitChannel2 = 0x42, PitCommand = 0x43, PitGate = 0x61;
    private const ulong PitHertz = 1_193_182;
    // 10 ms: an error of one port access (1 µs under emulation) is 100 ppm. 16 bits of the counter last 55 ms.
    private const uint CalibrationCount = 11_932, CounterMask = 0xffff;
    // The host may stop the machine in the middle of a measurement: only two that agree to 1 in so many count.
    private const ulong Agreement = 1000;
    private const int MostTries = 50;

    private static ulong start, multiplier, inverse;

    /// <summary>Ticks of the local APIC's timer in 2^32 time stamp ticks.</summary>
    public static ulong ApicRatio;

    /// <summary>Measures the counters; interrupts are off.</summary>
    public static void Calibrate()
    {
        // Gate on, speaker off; mode 0 counts down once (8254 data sheet).
        Machine.PortOut8(PitGate, (byte)((Machine.PortIn8(PitGate) & 0xfc) | 1));
        Machine.PortOut8(PitCommand, 0xb0);
        Machine.PortOut8(PitChannel2, 0xff);
        Machine.PortOut8(PitChannel2, 0xff);
        start = Machine.TimeStamp();
        ulong before = 0;
        for (int tries = 0; tries < MostTries; tries++)
        {
            Measure();
            if (multiplier - before + multiplier / Agreement <= 2 * (multiplier / Agreement))
                break;
            before = multiplier;
        }
        KernelPage* page = PublishedPage.Page;
        page->TscAtBoot = start;
        page->TscMultiplier = multiplier;
    }

    private static void Measure()
    {
        LocalApic.StartFreeRunning();
        uint first = ReadPit();
        ulong stamp = Machine.TimeStamp();
        uint apic = LocalApic.Remaining;
        uint count;
        do
            count = (first - ReadPit()) & CounterMask;
        while (count < CalibrationCount);
        ulong ticks = Machine.TimeStamp() - stamp;
        ulong nanoseconds = count * 1_000_000_000ul / PitHertz;
        multiplier = Machine.DivideShift32(nanoseconds, ticks);
        inverse = Machine.DivideShift32(ticks, nanoseconds);
        ApicRatio = Machine.DivideShift32(apic - LocalApic.Remaining, ticks);
    }

    private static uint ReadPit()
    {
        // Latch channel 2, then low and high byte.
        Machine.PortOut8(PitCommand, 0x80);
        uint low = Machine.PortIn8(PitChannel2);
        return low | (uint)Machine.PortIn8(PitChannel2) << 8;
    }

    /// <summary>Nanoseconds since boot; 0 before <see cref="Calibrate"/>.</summary>
    public static ulong Nanoseconds => multiplier == 0 ? 0 : Machine.MultiplyShift32(Machine.TimeStamp() - start, multiplier);

    /// <summary>Nanoseconds of a number of ticks.</summary>
    public static ulong NanosecondsOf(ulong ticks) => Machine.MultiplyShift32(ticks, multiplier);

    /// <summary>Ticks of a number of nanoseconds.</summary>
    public static ulong TicksOf(ulong nanoseconds) => Machine.MultiplyShift32(nanoseconds, inverse);

    /// <summary>The time stamp at a time since boot; saturates.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ToTicks(ulong nanoseconds)
    {
        // 2^58 ns are nine years.
        if (nanoseconds > 1ul << 58)
            return ulong.MaxValue;
        return start + TicksOf(nanoseconds);
    }

    // Time stamp ticks since the last accounting, which this is.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Elapsed(Cpu* cpu)
    {
        ulong now = Machine.TimeStamp(), elapsed = now - cpu->AccountedTime;
        cpu->AccountedTime = now;
        return elapsed;
    }

    /// <summary>Charges the time since the last accounting to the current thread as user time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Account(Cpu* cpu)
    {
        ulong elapsed = Elapsed(cpu);
        cpu->Thread->UserTime += elapsed;
    }

    /// <summary>Charges the time since the last accounting to the current thread as system time.</summary>
    public static void AccountSystem(Cpu* cpu)
    {
        ulong elapsed = Elapsed(cpu);
        if (cpu->Thread != null)
            cpu->Thread->SystemTime += elapsed;
    }

    /// <summary>Charges the time since the last accounting to nobody.</summary>
    public static void AccountIdle(Cpu* cpu) => PublishedPage.Page->IdleNanoseconds += NanosecondsOf(Elapsed(cpu));
}
