using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>Nanoseconds since boot, from the time stamp counter and the kernel's page: no call.</summary>
internal static unsafe class Clock
{
    /// <summary>What the kernel publishes.</summary>
    public static KernelPage* Page => (KernelPage*)Window.KernelPageAddress;

    /// <summary>Now.</summary>
    public static ulong Now
    {
        get
        {
            KernelPage* page = Page;
            ulong ticks = Stubs.ReadTimeStamp() - page->TscAtBoot;
            // A counter of another CPU can be a little behind the one that booted.
            return (long)ticks < 0 ? 0 : Stubs.MultiplyShift32(ticks, page->TscMultiplier);
        }
    }

    /// <summary>The deadline that lies a time span ahead; never where that overflows.</summary>
    public static ulong After(ulong nanoseconds)
    {
        ulong deadline = Now + nanoseconds;
        return deadline < nanoseconds ? Deadline.Never : deadline;
    }
}
