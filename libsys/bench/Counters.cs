using System.Runtime.InteropServices;
using Libsys.Abi;
using Libsys.Rings;

namespace Libsys.Bench;

/// <summary>
/// What a system of ours did for an operation: requests in rings, which this process and those that work with it count in their connections, and what the
/// counting kernel counts (docs/decisions/counting-kernel.md). Only where the program is told that it runs on that kernel.
/// </summary>
internal static unsafe class Counters
{
    /// <summary>Requests in rings, and those of <see cref="KernelCounter"/>.</summary>
    public const int Count = 1 + KernelCounters.Count;

    // More than one process that works with this one; each has a place of its own.
    private const int Places = 32;

    // Where other processes leave the numbers of their requests, in memory that forked processes share; null: nothing is counted.
    private static long* shared;
    private static int ownPlace, lastPlace;

    /// <summary>Whether counting is on.</summary>
    public static bool Enabled => shared != null;

    /// <summary>Switches counting on.</summary>
    public static void Enable()
    {
        shared = (long*)Memory.Allocate(Memory.PageLength, Numbers.MapSharedAnonymous);
        ForgetProcesses();
    }

    /// <summary>Before processes are made for a row: nobody writes the places of the last one's any more.</summary>
    public static void ForgetProcesses()
    {
        if (!Enabled)
            return;
        new Span<long>(shared, Places).Clear();
        lastPlace = 0;
    }

    /// <summary>Before a process is made that works with this one: it gets a place.</summary>
    public static void AddProcess() => ownPlace = Enabled ? ++lastPlace % Places : 0;

    /// <summary>Called by such a process after each of its steps.</summary>
    public static void PublishRequests()
    {
        if (Enabled)
            shared[ownPlace] = OwnRequests;
    }

    /// <summary>All counters as they are now.</summary>
    public static void Read(Span<long> values)
    {
        values[0] = OwnRequests;
        for (int place = 1; place < Places; place++)
            values[0] += Volatile.Read(ref shared[place]);
        for (int counter = 0; counter < KernelCounters.Count; counter++)
            values[1 + counter] = KernelCall(KernelCounters.FirstCall + (uint)counter);
    }

    // The index that the client of the ring writes. It is free-running and of 32 bits, far more than a boot needs.
    private static long OwnRequests => Volatile.Read(ref *(uint*)(Window.VfsConnection + RingLayout.SubmissionTail));

    [DllImport("kernel", EntryPoint = "kernel_call"), SuppressGCTransition]
    private static extern long KernelCall(ulong number);
}
