using System.Runtime.InteropServices;

namespace Libsys.Abi;

/// <summary>
/// Read-only page in every space at <see cref="Window.KernelPageAddress"/>. Time: nanoseconds since boot = ((rdtsc − TscAtBoot) · TscMultiplier) &gt;&gt; 32
/// (128-bit product). Wall clock = that + WallOffset.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct KernelPage
{
    /// <summary>Time stamp counter at time zero.</summary>
    public ulong TscAtBoot;
    /// <summary>Nanoseconds per tick, 32.32 fixed point.</summary>
    public ulong TscMultiplier;
    /// <summary>Nanoseconds between 1970-01-01 UTC and time zero; 0 until the supervisor has set it.</summary>
    public ulong WallOffset;
    /// <summary>CPUs that run.</summary>
    public uint CpuCount;
    /// <summary>Threads ready or running now (for the load average).</summary>
    public uint Runnable;
    /// <summary>Physical frames that the kernel manages.</summary>
    public ulong TotalFrames;
    /// <summary>Frames free at the last context switch.</summary>
    public ulong FreeFrames;
    /// <summary>Nanoseconds that all CPUs together have been idle.</summary>
    public ulong IdleNanoseconds;
    /// <summary>Length of the XSAVE area for the enabled components (CPUID 0xD), bytes.</summary>
    public uint XsaveLength;
    /// <summary>Low half of XCR0.</summary>
    public uint XsaveMask;
    /// <summary>Context switches since boot.</summary>
    public ulong ContextSwitches;
    /// <summary>Device interrupts since boot.</summary>
    public ulong Interrupts;
    /// <summary>Threads that are ready and wait for a CPU.</summary>
    public uint Ready;
    /// <summary>
    /// CPUs with nothing to run that look for a ready thread at every moment: one takes it without an interrupt. A thread delays nobody by looking at memory
    /// instead of waiting while <see cref="Ready"/>, read after this, is not above it.
    /// </summary>
    public uint Spinning;
    /// <summary>
    /// Counts signals that were kept, because nobody waited for them then. Who waits by looking at memory, and reads this before it last waited for its
    /// notification, sees by a change that it may have been signalled since. Whose signals they were, and which bits, it does not say.
    /// </summary>
    public uint KeptSignals;
    /// <summary>Not 0: long copies are faster by moves of words than by vector registers. So it is where QEMU emulates the CPU.</summary>
    public uint CopiesByWords;
}
