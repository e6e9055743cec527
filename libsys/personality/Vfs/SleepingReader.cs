using System.Threading;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>
/// A reader of completions that waits for an event, and sleeps, would have to be woken for each answer that another thread waits for, and wake that one. So who
/// makes a request meanwhile stands in for it: it reads, sleeping on the same notification, and goes back behind the sleeper when it has its answer. The kernel
/// wakes who came last, which is the one that stands in; nothing but cost relies on that. See docs/ring-protocol.md, "A reader that sleeps".
/// </summary>
internal static unsafe class SleepingReader
{
    /// <summary>True if the reader sleeps and the thread, which has put up its entry just now, reads in its place from now on.</summary>
    public static bool TryStandIn(VfsConnection* connection)
    {
        VfsConnection* first = connection->First;
        if (Volatile.Read(ref first->Reader) != ReaderRole.Asleep || CompletionReader.Next(first) != null
            || Interlocked.CompareExchange(ref first->Reader, ReaderRole.StoodIn, ReaderRole.Asleep) != ReaderRole.Asleep)
            return false;
        first->Ring.CancelSleep();
        return true;
    }

    /// <summary>
    /// The reader has asked for a bell and is about to sleep for long: others may stand in for it. False: it stands in itself. When it is awake again it calls
    /// <see cref="TakeBack"/> before it touches anything of the ring, the wish for a bell above all, which may be another thread's by then.
    /// </summary>
    public static bool FallAsleep(VfsConnection* first, VfsPending* own)
    {
        if (Volatile.Read(ref first->Reader) != ReaderRole.Taken)
            return false;
        first->Sleeper = own;
        Interlocked.Exchange(ref first->Reader, ReaderRole.Asleep);
        return true;
    }

    /// <summary>
    /// The reader is awake: true if it reads on. Else who stood in for it has the role for good, and gets the signal that the sleeper may have taken instead.
    /// </summary>
    public static bool TakeBack(VfsConnection* first)
    {
        for (;;)
        {
            uint seen = Volatile.Read(ref first->Reader);
            if (Interlocked.CompareExchange(ref first->Reader, ReaderRole.Taken, seen) != seen)
                continue;
            if (seen != ReaderRole.StoodIn)
                return true;
            Signal();
            return false;
        }
    }

    /// <summary>
    /// A thread that stood in leaves. It delivers what is there, and asks for a bell in the sleeper's place, who is woken only if it has something to do.
    /// False: it has woken by itself, so that the thread is a reader like any other.
    /// </summary>
    public static bool TryGoBack(VfsConnection* first)
    {
        do
        {
            CompletionReader.Drain(first, null);
            bool isNeeded = Volatile.Read(ref first->Sleeper->State) == VfsPendingState.Done || first->Broken != ConnectionState.Usable;
            if (!isNeeded && CompletionReader.Next(first) == null)
                continue;
            if (Interlocked.CompareExchange(ref first->Reader, ReaderRole.Returned, ReaderRole.StoodIn) != ReaderRole.StoodIn)
                return false;
            Signal();
            return true;
        }
        while (!first->Ring.PrepareSleep());
        if (Interlocked.CompareExchange(ref first->Reader, ReaderRole.Asleep, ReaderRole.StoodIn) == ReaderRole.StoodIn)
            return true;
        first->Ring.CancelSleep();
        return false;
    }

    // Any bit: they say no more than that somebody should look.
    private static void Signal() => KernelCalls.Signal(WellKnownHandle.VfsCompletion, 1);
}
