using System.Runtime.CompilerServices;
using System.Threading;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>
/// With a CPU to spare the reader looks at the ring for a moment before it sleeps: an answer is often there sooner than a thread is woken. Only while
/// each thread that could run does so, or is taken by a CPU that looks for one; so never with one CPU. See docs/ring-protocol.md.
/// </summary>
internal static unsafe class CompletionPoll
{
    // An ordinary request is answered in 5 µs, under emulation in 20; to sleep and be woken takes as long again. The server polls as long for the next one.
    private const ulong PollNanoseconds = 50_000;

    /// <summary>
    /// True if the reader is to look: the server is awake, or is taken by another CPU at once, for which its bell is rung here. If the server would have to
    /// wait for this thread's CPU, it is better given to it (SignalAndWait).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool MayBegin(ref bool ringDoorbell, VfsConnection* connection)
    {
        KernelPage* page = Clock.Page;
        if (page->CpuCount == 1 || Volatile.Read(ref page->Spinning) < Volatile.Read(ref page->Ready) + (ringDoorbell ? 1u : 0))
            return false;
        // A bell that cannot be rung is left to the sleep, which says what that means.
        if (ringDoorbell)
            ringDoorbell = KernelCalls.Signal(connection->Doorbell, VfsClient.DoorbellBits) < 0;
        return !ringDoorbell;
    }

    /// <summary>Looks until something has come, somebody needs the CPU or the moment is over.</summary>
    public static void Run(VfsConnection* connection)
    {
        KernelPage* page = Clock.Page;
        ulong end = Clock.Now + PollNanoseconds;
        while (!connection->Ring.HasCompletion && Volatile.Read(ref page->Spinning) >= Volatile.Read(ref page->Ready) && Clock.Now < end)
        {
        }
    }
}
