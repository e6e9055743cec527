using System.Runtime.CompilerServices;
using System.Threading;

namespace Microkernel;

/// <summary>
/// The one lock: held from entry to exit of every kernel call and interrupt, with interrupts off. It guards all kernel structures but the
/// CPUs' request words (see <see cref="Shootdown"/>), which a spinning CPU answers.
/// </summary>
internal static unsafe class KernelLock
{
    private static uint held;

    /// <summary>Takes the lock.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enter(Cpu* cpu)
    {
        if (Interlocked.Exchange(ref held, 1) != 0)
            Spin(cpu);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Spin(Cpu* cpu)
    {
        // Without a pause, see Scheduler.SeesReady.
        while (Interlocked.Exchange(ref held, 1) != 0)
            do
                Shootdown.Answer(cpu);
            while (Volatile.Read(ref held) != 0);
    }

    /// <summary>Gives it back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Leave()
    {
        Panic.Assert(Shootdown.IsEmpty, "uncommitted shootdown"u8);
        Volatile.Write(ref held, 0);
    }
}
