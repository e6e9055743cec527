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

    /// <summary>A copy of the whole page, for /proc.</summary>
    public static KernelPage Snapshot => *Page;
}
