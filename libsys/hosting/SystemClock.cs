using System.Runtime.CompilerServices;
using Libsys.Abi;

namespace Libsys.Hosting;

/// <summary>Time and figures that the kernel publishes, read without a kernel call.</summary>
public static unsafe class SystemClock
{
    private static KernelPage* Page => (KernelPage*)Window.KernelPageAddress;

    /// <summary>Nanoseconds since boot.</summary>
    public static ulong Now => Scale(Kernel.TimeStamp() - Page->TscAtBoot, Page->TscMultiplier);

    /// <summary>
    /// ticks · multiplier &gt;&gt; 32, exactly, as long as that fits 64 bits. In halves: the 128-bit product is a call of 60 instructions where there is no
    /// BMI2, and the loop asks for the time at each request.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Scale(ulong ticks, ulong multiplier)
    {
        ulong fraction = (uint)multiplier;
        return ticks * (multiplier >> 32) + (ticks >> 32) * fraction + ((uint)ticks * fraction >> 32);
    }

    /// <summary>Nanoseconds between 1970-01-01 UTC and boot.</summary>
    public static ulong WallOffset => Volatile.Read(ref Page->WallOffset);

    /// <summary>Nanoseconds since 1970-01-01 UTC.</summary>
    public static ulong WallNow => Now + WallOffset;

    /// <summary>CPUs that run.</summary>
    public static uint CpuCount => Volatile.Read(ref Page->CpuCount);

    /// <summary>Threads ready or running now.</summary>
    public static uint Runnable => Volatile.Read(ref Page->Runnable);

    /// <summary>
    /// A thread may look at memory for a moment instead of waiting: each thread that could run does so, or is taken by a CPU that looks for one. Never with one
    /// CPU.
    /// </summary>
    public static bool MaySpin => CpuCount > 1 && SpinningCpus >= Volatile.Read(ref Page->Ready);

    /// <summary>A thread that is woken now runs at once, on a CPU that looks for one.</summary>
    public static bool HasSpinningCpu => SpinningCpus > Volatile.Read(ref Page->Ready);

    /// <summary>
    /// Changes with each signal, of anybody, that was kept: nobody waited for it. Read before a wait for the own notification, it says later whether another
    /// look there is worth a kernel call.
    /// </summary>
    public static uint KeptSignals => Volatile.Read(ref Page->KeptSignals);

    // Read before Ready: see the kernel's page.
    private static uint SpinningCpus => Volatile.Read(ref Page->Spinning);

    /// <summary>A copy of the whole page, for /proc.</summary>
    public static KernelPage Snapshot => *Page;
}
