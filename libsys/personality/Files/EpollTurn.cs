using System.Threading;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>
/// Of the threads that wait on a set one has the turn and waits for its members; the others sleep until that one has found something, or gives up. So an event
/// wakes one thread, and that the next one, which looks whether anything is left: as the exclusive queue of a set does on Linux.
/// </summary>
internal static unsafe class EpollTurn
{
    // Values of EpollSet.Turn.
    private const uint Free = 0, Taken = 1, Awaited = 2;

    /// <summary>
    /// True if threads of the process take turns. Not where signalfds are in sets, since each thread has signals of its own; nor in a process that shares its
    /// space with others, which may end while it has the turn.
    /// </summary>
    public static bool IsUsed(TaskState* task) => task->Process->TaskCount > 1 && (task->Process->Flags & ProcessFlags.Borrower) == 0
        && Volatile.Read(ref task->Process->Space->HasSignalsInSets) == 0;

    /// <summary>Waits for the turn: 0, −EINTR, or −ETIMEDOUT.</summary>
    public static long Take(EpollSet* set, ulong deadline)
    {
        if (Interlocked.CompareExchange(ref set->Turn, Taken, Free) == Free)
            return 0;
        while (Interlocked.Exchange(ref set->Turn, Awaited) != Free)
        {
            long status = KernelCalls.WordWait(&set->Turn, Awaited, deadline, WaitFlags.None);
            if (status == (long)KernelStatus.Interrupted)
                return -Errno.EINTR;
            if (status == (long)KernelStatus.TimedOut)
                return -Errno.ETIMEDOUT;
        }
        return 0;
    }

    /// <summary>Gives it to whoever has waited longest.</summary>
    public static void Give(EpollSet* set)
    {
        if (Interlocked.Exchange(ref set->Turn, Free) == Awaited)
            KernelCalls.WordWake(&set->Turn, 1);
    }
}
