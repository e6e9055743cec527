using System.Runtime.CompilerServices;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>
/// With a CPU to spare the reader looks at the ring for a moment before it sleeps, as others do at words (<see cref="WordPoll"/>). See docs/ring-protocol.md.
/// </summary>
internal static unsafe class CompletionPoll
{
    /// <summary>
    /// True if the reader is to look: the server is awake, or is taken by another CPU at once, for which its bell is rung here. If the server would have to
    /// wait for this thread's CPU, it is better given to it (SignalAndWait).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool MayBegin(ref bool ringDoorbell, VfsConnection* connection)
    {
        KernelPage* page = Clock.Page;
        if (page->CpuCount == 1 || !WordPoll.MayLook(page, ringDoorbell ? 1u : 0))
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
        ulong end = Clock.Now + WordPoll.Nanoseconds;
        do
        {
            for (int looks = WordPoll.Looks; looks != 0; looks--)
            {
                if (connection->Ring.HasCompletion || !WordPoll.MayLook(page, 0))
                    return;
            }
        }
        while (Clock.Now < end);
    }
}
