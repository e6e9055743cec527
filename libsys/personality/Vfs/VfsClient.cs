using System.Runtime.CompilerServices;
using System.Threading;
using Libsys.Abi;
using Libsys.Messages;
using Libsys.Rings;

namespace Libsys.Personality;

/// <summary>
/// Requests to vfs by many threads over one pair of rings. One of the waiting threads is the reader: it alone sleeps on the connection's notification,
/// takes completions and wakes the others by the state word of their entry. When its own request is done it hands the role to another
/// waiting thread. See docs/ring-protocol.md for why no wake-up is lost.
/// </summary>
internal static unsafe class VfsClient
{
    /// <summary>Tags of cancellations; the low bits are the entry's index.</summary>
    private const ulong CancelTag = 1UL << 63;

    /// <summary>All bits: the doorbell's handle was minted for this connection and signals its own bits only.</summary>
    private const ulong DoorbellBits = (1UL << 63) - 1;

    /// <summary>
    /// How long a thread waits for a pool block or an entry in all: only a bounded wait makes it an error instead of a hang if nothing ever comes back.
    /// </summary>
    private const ulong ExhaustedNanoseconds = 10_000_000_000;

    /// <summary>
    /// How long it waits before it evicts a request that waits for an event. Long against what an ordinary request takes, short against what a user notices.
    /// </summary>
    private const ulong EvictionNanoseconds = 10_000_000;

    /// <summary>
    /// Makes a request and waits for its completion. A signal or the deadline cancels it; the completion is awaited even then, because the buffer is vfs' until
    /// then. Returns the result or −errno; −EINTR after a cancellation means that nothing was done.
    /// </summary>
    public static long Call(TaskState* task, VfsRequest* request)
    {
        VfsConnection* connection = task->Process->Space->Connection;
        if (connection == null)
            return -Errno.ENOSYS;
        bool evicted = false;
        for (;;)
        {
            long result = CallOnce(task, connection, request, ref evicted);
            // Ended only because another thread needed its entry: again, behind that one.
            if (result != -Errno.EINTR || !evicted || request->Ending != VfsEnding.Completed)
                return result;
        }
    }

    private static long CallOnce(TaskState* task, VfsConnection* connection, VfsRequest* request, ref bool evicted)
    {
        bool mayWait = VfsOperations.MayWaitForEvent(request->Operation);
        long index = Submit(task, connection, request, mayWait, evicted, out bool ringDoorbell);
        if (index < 0)
            return index;
        VfsPending* entry = VfsConnection.PendingAt(connection, (int)index);
        WaitFlags flags = mayWait && request->Uninterruptible == 0 ? WaitFlags.None : WaitFlags.Uninterruptible;
        ulong deadline = request->Deadline;
        bool isReader = false;
        while (Volatile.Read(ref entry->State) != VfsPendingState.Done && connection->Broken == 0)
        {
            if (!isReader)
                isReader = TakeRole(connection, entry);
            long status = isReader ? Read(connection, entry, ringDoorbell, deadline, flags) : Follow(entry, ringDoorbell, deadline, flags);
            ringDoorbell = false;
            if (flags == WaitFlags.None && status is (long)KernelStatus.Interrupted or (long)KernelStatus.TimedOut
                && Volatile.Read(ref entry->State) != VfsPendingState.Done)
            {
                request->Ending = status == (long)KernelStatus.TimedOut ? VfsEnding.TimedOut : VfsEnding.Interrupted;
                PersonalityLock.Enter(&connection->Lock);
                ringDoorbell = Cancel(connection, entry, (int)index);
                PersonalityLock.Exit(&connection->Lock);
                flags = WaitFlags.Uninterruptible;
                deadline = Deadline.Never;
            }
        }
        if (ringDoorbell)
            KernelCalls.Signal(WellKnownHandle.VfsDoorbell, DoorbellBits);
        if (isReader || Volatile.Read(ref entry->State) == VfsPendingState.Promoted)
            HandOn(connection, (int)index);
        evicted = entry->Evicted != 0;
        return Finish(connection, entry, (int)index, request);
    }

    /// <summary>A request without payload.</summary>
    public static long Call(TaskState* task, VfsOperation operation, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0, ulong a4 = 0)
    {
        VfsRequest request;
        VfsRequest.Begin(&request, operation, a0, a1, a2, a3, a4);
        return Call(task, &request);
    }

    /// <summary>
    /// A thread that finds no pool block sleeps here until one comes back. <paramref name="seen"/> is <see cref="VfsConnection.Returned"/> as it was
    /// before the thread looked. 0, or −errno.
    /// </summary>
    public static long AwaitReturn(VfsConnection* connection, uint seen, ref ulong giveUp)
    {
        if (giveUp == 0)
            giveUp = Clock.Now + ExhaustedNanoseconds;
        long status = KernelCalls.WordWait(&connection->Returned, seen, giveUp, WaitFlags.None);
        return status switch
        {
            (long)KernelStatus.Interrupted => -Errno.RestartSystemCall,
            (long)KernelStatus.TimedOut => -Errno.ENOMEM,
            _ => 0,
        };
    }

    /// <summary>Something came back: wakes those who wait for it.</summary>
    public static void AnnounceReturn(VfsConnection* connection)
    {
        if (Volatile.Read(ref connection->ReturnWaiters) == 0)
            return;
        Interlocked.Increment(ref connection->Returned);
        KernelCalls.WordWake(&connection->Returned, uint.MaxValue);
    }

    /// <summary>
    /// Takes an entry and publishes the request. While there is none, requests that wait for events are evicted in turn, so that a thread that would make the
    /// event happen always gets through. <paramref name="polite"/>: it was evicted itself and lets those who wait go first. The entry's index or −errno.
    /// </summary>
    private static long Submit(TaskState* task, VfsConnection* connection, VfsRequest* request, bool mayWait, bool polite, out bool ringDoorbell)
    {
        ulong giveUp = 0;
        for (;;)
        {
            ringDoorbell = false;
            if (connection->Broken != 0)
                return -Errno.EIO;
            PersonalityLock.Enter(&connection->Lock);
            ulong free = connection->FreePending;
            if (free != 0 && (!polite || connection->ReturnWaiters == 0))
            {
                long index = Publish(task, connection, request, mayWait, out ringDoorbell);
                PersonalityLock.Exit(&connection->Lock);
                return index;
            }
            uint seen = Volatile.Read(ref connection->Returned);
            Interlocked.Increment(ref connection->ReturnWaiters);
            PersonalityLock.Exit(&connection->Lock);
            ulong now = Clock.Now;
            if (giveUp == 0)
                giveUp = now + ExhaustedNanoseconds;
            long status = KernelCalls.WordWait(&connection->Returned, seen, now + EvictionNanoseconds, mayWait ? WaitFlags.None : WaitFlags.Uninterruptible);
            Interlocked.Decrement(ref connection->ReturnWaiters);
            if (status == (long)KernelStatus.Interrupted)
            {
                request->Ending = VfsEnding.Interrupted;
                return -Errno.EINTR;
            }
            if (status != (long)KernelStatus.TimedOut)
                continue;
            if (now >= giveUp)
                return -Errno.ENOMEM;
            if (!polite)
                Evict(connection);
            polite = false;
        }
    }

    /// <summary>With the lock held and an entry free.</summary>
    private static long Publish(TaskState* task, VfsConnection* connection, VfsRequest* request, bool mayWait, out bool ringDoorbell)
    {
        int index = System.Numerics.BitOperations.TrailingZeroCount(connection->FreePending);
        connection->FreePending &= connection->FreePending - 1;
        VfsPending* entry = VfsConnection.PendingAt(connection, index);
        entry->Sequence++;
        entry->Cancelling = 0;
        entry->Evicted = 0;
        entry->MayWait = mayWait ? 1u : 0;
        entry->ProcessSlot = task->Process->VfsProcessSlot;
        Volatile.Write(ref entry->State, VfsPendingState.Waiting);
        Submission submission;
        submission.Tag = TagOf(entry, index);
        submission.Operation = (ushort)request->Operation;
        submission.Flags = request->Operation is VfsOperation.Read or VfsOperation.Write or VfsOperation.Control ? AccessSignals(task) : (byte)0;
        submission.ProcessSlot = entry->ProcessSlot;
        submission.Pool = request->Pool;
        submission.PoolOffset = request->PoolOffset;
        submission.PoolLength = request->PoolLength;
        submission.A0 = request->A0;
        submission.A1 = request->A1;
        submission.A2 = request->A2;
        submission.A3 = request->A3;
        submission.A4 = request->A4;
        // Entries and their cancellations are bounded by the ring, so there is room unless vfs answered less than it took.
        if (connection->Ring.TrySubmit(ref submission, out ringDoorbell))
            return index;
        Release(connection, entry, index);
        return -Errno.EIO;
    }

    /// <summary>What the thread does with the signals of terminal access control, see <see cref="TerminalSignals"/>.</summary>
    private static byte AccessSignals(TaskState* task) =>
        (byte)((IsOff(task, Signals.SIGTTIN) ? TerminalSignals.InputOff : 0) | (IsOff(task, Signals.SIGTTOU) ? TerminalSignals.OutputOff : 0));

    private static bool IsOff(TaskState* task, uint signal)
    {
        const ulong ignored = 1; // SIG_IGN, sigaction(2)
        return (task->SignalMask >> (int)(signal - 1) & 1) != 0 || SignalActions.Get(task->Process->Actions, signal)->Handler == ignored;
    }

    /// <summary>Cancels one request that waits for an event, each time another.</summary>
    private static void Evict(VfsConnection* connection)
    {
        bool ringDoorbell = false;
        PersonalityLock.Enter(&connection->Lock);
        for (int i = 0; i < VfsConnection.PendingCount; i++)
        {
            int index = (int)(connection->NextEvicted++ % VfsConnection.PendingCount);
            VfsPending* entry = VfsConnection.PendingAt(connection, index);
            if (entry->MayWait == 0 || entry->Cancelling != 0 || Volatile.Read(ref entry->State) is not (VfsPendingState.Waiting or VfsPendingState.Asleep))
                continue;
            entry->Evicted = 1;
            ringDoorbell = Cancel(connection, entry, index);
            break;
        }
        PersonalityLock.Exit(&connection->Lock);
        if (ringDoorbell)
            KernelCalls.Signal(WellKnownHandle.VfsDoorbell, DoorbellBits);
    }

    private static ulong TagOf(VfsPending* entry, int index) => (ulong)(entry->Sequence & 0x7FFF_FFFF) << 16 | (uint)index;

    /// <summary>Asks vfs to end the request, once. With the lock held. True if its doorbell must be rung.</summary>
    private static bool Cancel(VfsConnection* connection, VfsPending* entry, int index)
    {
        if (entry->Cancelling != 0)
            return false;
        Submission submission;
        submission.Tag = CancelTag | (uint)index;
        submission.Operation = (ushort)VfsOperation.Cancel;
        submission.Flags = 0;
        submission.ProcessSlot = entry->ProcessSlot;
        submission.Pool = 0;
        submission.PoolOffset = 0;
        submission.PoolLength = 0;
        submission.A0 = TagOf(entry, index);
        submission.A1 = 0;
        submission.A2 = 0;
        submission.A3 = 0;
        submission.A4 = 0;
        bool published = connection->Ring.TrySubmit(ref submission, out bool ringDoorbell);
        entry->Cancelling = published ? 1u : 0;
        return ringDoorbell;
    }

    /// <summary>True if the thread is the reader from now on: promoted by the last one, or there is none.</summary>
    private static bool TakeRole(VfsConnection* connection, VfsPending* entry)
    {
        if (Interlocked.CompareExchange(ref entry->State, VfsPendingState.Waiting, VfsPendingState.Promoted) == VfsPendingState.Promoted)
            return true;
        return Interlocked.CompareExchange(ref connection->Reader, 1, 0) == 0;
    }

    /// <summary>Sleeps until the reader has the result or hands its role over.</summary>
    private static long Follow(VfsPending* entry, bool ringDoorbell, ulong deadline, WaitFlags flags)
    {
        if (ringDoorbell)
            KernelCalls.Signal(WellKnownHandle.VfsDoorbell, DoorbellBits);
        if (Interlocked.CompareExchange(ref entry->State, VfsPendingState.Asleep, VfsPendingState.Waiting) != VfsPendingState.Waiting)
            return 0;
        long status = KernelCalls.WordWait(&entry->State, VfsPendingState.Asleep, deadline, flags);
        Interlocked.CompareExchange(ref entry->State, VfsPendingState.Waiting, VfsPendingState.Asleep);
        return status;
    }

    /// <summary>The reader's turn: takes what is there; if its own result is not among it, sleeps until vfs rings.</summary>
    private static long Read(VfsConnection* connection, VfsPending* own, bool ringDoorbell, ulong deadline, WaitFlags flags)
    {
        Drain(connection, own);
        if (own->State == VfsPendingState.Done || connection->Broken != 0 || !connection->Ring.PrepareSleep())
        {
            if (ringDoorbell)
                KernelCalls.Signal(WellKnownHandle.VfsDoorbell, DoorbellBits);
            return 0;
        }
        long status = ringDoorbell
            ? KernelCalls.SignalAndWait(WellKnownHandle.VfsDoorbell, DoorbellBits, WellKnownHandle.VfsCompletion, deadline, flags)
            : KernelCalls.Wait(WellKnownHandle.VfsCompletion, deadline, flags);
        connection->Ring.CancelSleep();
        if (status is (long)KernelStatus.PeerGone or (long)KernelStatus.BadHandle or (long)KernelStatus.NoRight)
            Break(connection);
        else
            Drain(connection, own);
        return status;
    }

    /// <summary>Takes all completions. Only the reader comes here; the lock keeps the ring's indices consistent for those who submit.</summary>
    private static void Drain(VfsConnection* connection, VfsPending* own)
    {
        Unsafe.SkipInit(out Completion completion);
        for (;;)
        {
            PersonalityLock.Enter(&connection->Lock);
            RingStatus status = connection->Ring.TryTake(ref completion);
            PersonalityLock.Exit(&connection->Lock);
            if (status == RingStatus.Empty)
                return;
            if (status == RingStatus.Violation)
            {
                Break(connection);
                return;
            }
            Deliver(connection, own, ref completion);
        }
    }

    /// <summary>Hands a completion to the request with its tag. A tag that is not in flight is dropped: it can only harm vfs itself.</summary>
    private static void Deliver(VfsConnection* connection, VfsPending* own, ref Completion completion)
    {
        int index = (int)(completion.Tag & 0xFFFF);
        if (index >= VfsConnection.PendingCount)
            return;
        VfsPending* entry = VfsConnection.PendingAt(connection, index);
        if ((completion.Tag & CancelTag) != 0)
        {
            PersonalityLock.Enter(&connection->Lock);
            bool abandoned = entry->State == VfsPendingState.Abandoned && entry->Cancelling != 0;
            entry->Cancelling = 0;
            if (abandoned)
                Release(connection, entry, index);
            PersonalityLock.Exit(&connection->Lock);
            if (abandoned)
                AnnounceReturn(connection);
            return;
        }
        if (completion.Tag != TagOf(entry, index) || Volatile.Read(ref entry->State) is not (VfsPendingState.Waiting or VfsPendingState.Asleep))
            return;
        entry->Result = completion.Result;
        entry->V0 = completion.V0;
        entry->V1 = completion.V1;
        entry->V2 = completion.V2;
        if (Interlocked.Exchange(ref entry->State, VfsPendingState.Done) == VfsPendingState.Asleep && entry != own)
            KernelCalls.WordWake(&entry->State, 1);
    }

    /// <summary>
    /// Gives the reader's role up: straight to a waiting thread if there is one, else to nobody. A thread that found the role taken just before it was
    /// given up has set its state before it looked, so the second look finds it.
    /// </summary>
    private static void HandOn(VfsConnection* connection, int own)
    {
        do
        {
            if (Promote(connection, own))
                return;
            Interlocked.Exchange(ref connection->Reader, 0);
            // Taken again only if somebody waits and nobody else took it. Whoever waited may be done by then, so it starts over: one more look is not enough
            // (completion-reader.pml, mutant LOOK_AGAIN_ONLY_ONCE).
        }
        while (AnyWaiting(connection, own) && Interlocked.CompareExchange(ref connection->Reader, 1, 0) == 0);
    }

    // Which entries others have in use. Without the lock: an entry's bit is cleared before its thread looks for the reader, so that what holds for the order of
    // states and role holds for the bits too. Most programs have one thread in vfs at a time, and then there is nothing to look at.
    private static ulong Others(VfsConnection* connection, int own) =>
        ~Volatile.Read(ref connection->FreePending) & VfsConnection.AllPending & ~(1UL << own);

    private static bool AnyWaiting(VfsConnection* connection, int own)
    {
        for (ulong rest = Others(connection, own); rest != 0; rest &= rest - 1)
        {
            VfsPending* entry = VfsConnection.PendingAt(connection, System.Numerics.BitOperations.TrailingZeroCount(rest));
            if (Volatile.Read(ref entry->State) is VfsPendingState.Waiting or VfsPendingState.Asleep)
                return true;
        }
        return false;
    }

    private static bool Promote(VfsConnection* connection, int own)
    {
        for (ulong rest = Others(connection, own); rest != 0; rest &= rest - 1)
        {
            VfsPending* entry = VfsConnection.PendingAt(connection, System.Numerics.BitOperations.TrailingZeroCount(rest));
            if (Interlocked.CompareExchange(ref entry->State, VfsPendingState.Promoted, VfsPendingState.Asleep) == VfsPendingState.Asleep)
            {
                KernelCalls.WordWake(&entry->State, 1);
                return true;
            }
            if (Interlocked.CompareExchange(ref entry->State, VfsPendingState.Promoted, VfsPendingState.Waiting) == VfsPendingState.Waiting)
                return true;
        }
        return false;
    }

    private static long Finish(VfsConnection* connection, VfsPending* entry, int index, VfsRequest* request)
    {
        bool done = Volatile.Read(ref entry->State) == VfsPendingState.Done;
        long result = done ? entry->Result : -Errno.EIO;
        request->V0 = entry->V0;
        request->V1 = entry->V1;
        request->V2 = entry->V2;
        PersonalityLock.Enter(&connection->Lock);
        bool released = entry->Cancelling == 0;
        if (released)
            Release(connection, entry, index);
        else
            Volatile.Write(ref entry->State, VfsPendingState.Abandoned);
        PersonalityLock.Exit(&connection->Lock);
        if (released)
            AnnounceReturn(connection);
        return ErrnoResult.IsError(result) || result >= 0 ? result : -Errno.EIO;
    }

    private static void Release(VfsConnection* connection, VfsPending* entry, int index)
    {
        Volatile.Write(ref entry->State, VfsPendingState.Free);
        connection->FreePending |= 1UL << index;
    }

    /// <summary>The connection is of no more use: everybody who waits gets EIO.</summary>
    private static void Break(VfsConnection* connection)
    {
        Volatile.Write(ref connection->Broken, 1);
        for (int i = 0; i < VfsConnection.PendingCount; i++)
        {
            VfsPending* entry = VfsConnection.PendingAt(connection, i);
            if (Interlocked.CompareExchange(ref entry->State, VfsPendingState.Waiting, VfsPendingState.Asleep) == VfsPendingState.Asleep)
                KernelCalls.WordWake(&entry->State, 1);
        }
    }
}
