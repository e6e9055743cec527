using System.Runtime.CompilerServices;
using System.Threading;
using Libsys.Abi;
using Libsys.Messages;
using Libsys.Rings;

namespace Libsys.Personality;

/// <summary>
/// Requests of many threads over one pair of rings: an entry each, evicted in turn when there are not enough, cancelled by signals and deadlines. Who waits
/// for completions is <see cref="CompletionReader"/>'s.
/// </summary>
internal static unsafe class VfsClient
{
    /// <summary>Tags of cancellations; the low bits are the entry's index.</summary>
    internal const ulong CancelTag = 1UL << 63;

    /// <summary>All bits: the doorbell's handle was minted for this connection and signals its own bits only.</summary>
    internal const ulong DoorbellBits = (1UL << 63) - 1;

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
        if (request->Server != 0)
            return GrantedCalls.Call(task, request);
        VfsConnection* connection = task->Process->Space->Connection;
        return connection == null ? -Errno.ENOSYS : OrdinaryCall.Call(task, connection, request);
    }

    /// <summary>
    /// The same over a connection of any server. <paramref name="evicted"/>: the request was made and ended only because another thread needed its entry; it
    /// is made again, behind that one.
    /// </summary>
    internal static long CallOn(TaskState* task, VfsConnection* connection, VfsRequest* request, bool evicted = false)
    {
        long result;
        do
            result = CallOnce(task, connection, request, ref evicted);
        while (IsToBeMadeAgain(request, result, evicted));
        return result;
    }

    /// <summary>True for a request that ended only because another thread needed its entry.</summary>
    internal static bool IsToBeMadeAgain(VfsRequest* request, long result, bool evicted) =>
        evicted && result == -Errno.EINTR && request->Ending == VfsEnding.Completed;

    private static long CallOnce(TaskState* task, VfsConnection* connection, VfsRequest* request, ref bool evicted)
    {
        bool mayWait = VfsOperations.MayWaitForEvent(request->Operation);
        long index = Submit(task, connection, request, mayWait, evicted, out bool ringDoorbell);
        if (index < 0)
            return index;
        WaitFlags flags = mayWait && request->Uninterruptible == 0 ? WaitFlags.None : WaitFlags.Uninterruptible;
        bool isReader = false;
        if (request->Posted != null)
            ringDoorbell |= PostedRequests.Join(request->Posted, connection, (int)index);
        else if (!WaitsLong(request, flags))
            isReader = CompletionReader.TakeFreeRole(connection) || SleepingReader.TryStandIn(connection);
        return Await(task, connection, (int)index, request, ringDoorbell, flags, isReader, out evicted);
    }

    /// <summary>
    /// Waits for a request that was submitted, and ends it. <paramref name="evicted"/>: another thread has asked for its cancellation, to get the entry.
    /// </summary>
    internal static long Await(TaskState* task, VfsConnection* connection, int index, VfsRequest* request, bool ringDoorbell, WaitFlags flags, bool isReader,
        out bool evicted)
    {
        VfsPending* entry = VfsConnection.PendingAt(connection, index);
        Wait(task, connection, entry, index, request, ringDoorbell, flags, isReader);
        evicted = entry->Evicted != 0;
        return Finish(connection, entry, index, request);
    }

    /// <summary>It probably waits for an event: such a thread stands in for nobody, and is stood in for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool WaitsLong(VfsRequest* request, WaitFlags flags) =>
        flags == WaitFlags.None && request->Operation is VfsOperation.Read or VfsOperation.Poll;

    /// <summary>Waits until the request of an entry is done, or its connection is of no more use. Uninterruptible waits need no task.</summary>
    private static void Wait(TaskState* task, VfsConnection* connection, VfsPending* entry, int index, VfsRequest* request, bool ringDoorbell, WaitFlags flags,
        bool isReader = false)
    {
        ulong deadline = request->Deadline;
        while (Volatile.Read(ref entry->State) != VfsPendingState.Done && connection->Broken == ConnectionState.Usable)
        {
            if (!isReader)
                isReader = CompletionReader.TakeRole(connection, entry);
            long status = isReader
                ? CompletionReader.Read(connection, entry, ringDoorbell, deadline, flags, ref isReader)
                : CompletionReader.Follow(connection, entry, ringDoorbell, deadline, flags);
            ringDoorbell = false;
            if (flags == WaitFlags.None && status is (long)KernelStatus.Interrupted or (long)KernelStatus.TimedOut
                && Volatile.Read(ref entry->State) != VfsPendingState.Done)
            {
                if (status == (long)KernelStatus.TimedOut && Clock.Now < deadline)
                {
                    PoolRest.GiveBack(task, connection->First);
                    continue;
                }
                request->Ending = status == (long)KernelStatus.TimedOut ? VfsEnding.TimedOut : VfsEnding.Interrupted;
                ringDoorbell = Cancel(connection, entry, index);
                flags = WaitFlags.Uninterruptible;
                deadline = Deadline.Never;
            }
        }
        if (ringDoorbell)
            Bell(connection);
        if (isReader || Volatile.Read(ref entry->State) == VfsPendingState.Promoted)
            CompletionReader.HandOn(connection, index);
    }

    /// <summary>Submits a request that its thread does not wait for yet. The entry's index or −errno.</summary>
    internal static long Post(TaskState* task, VfsConnection* connection, VfsRequest* request)
    {
        long index = Submit(task, connection, request, true, false, out bool ringDoorbell);
        if (ringDoorbell)
            Bell(connection);
        return index;
    }

    /// <summary>Ends a request that was posted, unless it is done, and returns its result.</summary>
    internal static long Collect(VfsConnection* connection, int index, VfsRequest* request)
    {
        VfsPending* entry = VfsConnection.PendingAt(connection, index);
        request->Deadline = Deadline.Never; // the call's has passed, or something was found
        bool isOver = Volatile.Read(ref entry->State) == VfsPendingState.Done || connection->Broken != ConnectionState.Usable;
        bool ringDoorbell = !isOver && Cancel(connection, entry, index);
        Interlocked.CompareExchange(ref entry->State, VfsPendingState.Waiting, VfsPendingState.Unattended);
        Wait(null, connection, entry, index, request, ringDoorbell, WaitFlags.Uninterruptible);
        return Finish(connection, entry, index, request);
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

    /// <summary>Takes an entry and publishes the request, as <see cref="SubmitInTurn"/>, which sees to what is out of the ordinary.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Submit(TaskState* task, VfsConnection* connection, VfsRequest* request, bool mayWait, bool polite, out bool ringDoorbell)
    {
        PersonalityLock.Enter(&connection->Lock);
        if (connection->FreePending == 0 || polite || connection->Broken != ConnectionState.Usable)
        {
            PersonalityLock.Exit(&connection->Lock);
            return SubmitInTurn(task, connection, request, mayWait, polite, out ringDoorbell);
        }
        long index = Publish(task, connection, request, mayWait, out _, out ringDoorbell);
        PersonalityLock.Exit(&connection->Lock);
        return index;
    }

    /// <summary>
    /// Takes an entry and publishes the request. While there is none, requests that wait for events are evicted in turn, so that a thread that would make the
    /// event happen always gets through. <paramref name="polite"/>: it was evicted itself and lets those who wait go first. The entry's index or −errno.
    /// </summary>
    private static long SubmitInTurn(TaskState* task, VfsConnection* connection, VfsRequest* request, bool mayWait, bool polite, out bool ringDoorbell)
    {
        ulong giveUp = 0;
        for (;;)
        {
            ringDoorbell = false;
            if (connection->Broken != ConnectionState.Usable)
                return -Errno.EIO;
            PersonalityLock.Enter(&connection->Lock);
            ulong free = connection->FreePending;
            if (free != 0 && (!polite || connection->ReturnWaiters == 0))
            {
                long index = Publish(task, connection, request, mayWait, out _, out ringDoorbell);
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

    /// <summary>Puts up an entry and publishes the request, with the lock held and an entry free. The entry's index or −errno.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long Publish(TaskState* task, VfsConnection* connection, VfsRequest* request, bool mayWait, out ulong tag, out bool ringDoorbell)
    {
        ulong free = connection->FreePending;
        int index = (free & 1) != 0 ? 0 : System.Numerics.BitOperations.TrailingZeroCount(free);
        VfsPending* entry = VfsConnection.PendingAt(connection, index);
        // Written where vfs reads it, and nothing is read back. Entries and their cancellations are bounded by the ring, so there is room unless vfs answered
        // less than it took.
        Submission* submission = connection->Ring.Next;
        ringDoorbell = false;
        tag = 0;
        if (submission == null)
            return -Errno.EIO;
        connection->FreePending = free & (free - 1);
        uint sequence = entry->Sequence + 1, slot = task->Process->VfsProcessSlot;
        VfsOperation operation = request->Operation;
        // What else an entry has is as whoever had it before leaves it: nothing is cancelled or evicted, and no request waits beside it.
        entry->Sequence = sequence;
        entry->MayWait = mayWait ? 1u : 0;
        entry->ProcessSlot = slot;
        Volatile.Write(ref entry->State, request->Join == RequestJoin.Posted ? VfsPendingState.Unattended : VfsPendingState.Waiting);
        submission->Tag = tag = TagOf(sequence, index);
        submission->Operation = (ushort)operation;
        submission->Flags = operation is VfsOperation.Read or VfsOperation.Write or VfsOperation.Control ? AccessSignals(task) : (byte)0;
        submission->Pool = request->Pool;
        submission->ProcessSlot = slot;
        submission->PoolOffset = request->PoolOffset;
        submission->PoolLength = request->PoolLength;
        submission->A0 = request->A0;
        submission->A1 = request->A1;
        submission->A2 = request->A2;
        submission->A3 = request->A3;
        submission->A4 = request->A4;
        ringDoorbell = connection->Ring.Publish();
        return index;
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
            bool waits = Volatile.Read(ref entry->State) is VfsPendingState.Waiting or VfsPendingState.Asleep or VfsPendingState.Unattended;
            if (entry->MayWait == 0 || entry->Cancelling != 0 || !waits)
                continue;
            entry->Evicted = 1;
            ringDoorbell = SubmitCancel(connection, entry, index);
            entry->Evicted = entry->Cancelling;
            break;
        }
        PersonalityLock.Exit(&connection->Lock);
        if (ringDoorbell)
            Bell(connection);
    }

    /// <summary>Rings the doorbell of a connection.</summary>
    internal static void Bell(VfsConnection* connection) => KernelCalls.Signal(connection->Doorbell, DoorbellBits);

    /// <summary>The tag of the request that an entry is used for.</summary>
    internal static ulong TagOf(VfsPending* entry, int index) => TagOf(entry->Sequence, index);

    private static ulong TagOf(uint sequence, int index) => (ulong)(sequence & 0x7FFF_FFFF) << 16 | (uint)index;

    /// <summary>Asks the server to end a request, once. True if its doorbell must be rung.</summary>
    internal static bool Cancel(VfsConnection* connection, VfsPending* entry, int index)
    {
        PersonalityLock.Enter(&connection->Lock);
        bool ringDoorbell = SubmitCancel(connection, entry, index);
        PersonalityLock.Exit(&connection->Lock);
        return ringDoorbell;
    }

    /// <summary>The same for the request of a tag, if it still waits: its thread may have gone on, and the entry be another request's.</summary>
    internal static void CancelByTag(VfsConnection* connection, ulong tag)
    {
        int index = (int)(tag & 0xFFFF);
        VfsPending* entry = VfsConnection.PendingAt(connection, index);
        PersonalityLock.Enter(&connection->Lock);
        bool waits = Volatile.Read(ref entry->State) is VfsPendingState.Waiting or VfsPendingState.Asleep or VfsPendingState.Promoted;
        bool ringDoorbell = waits && tag == TagOf(entry, index) && SubmitCancel(connection, entry, index);
        PersonalityLock.Exit(&connection->Lock);
        if (ringDoorbell)
            Bell(connection);
    }

    // With the lock held.
    private static bool SubmitCancel(VfsConnection* connection, VfsPending* entry, int index)
    {
        if (entry->Cancelling != 0 || connection->Broken != ConnectionState.Usable)
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

    private static long Finish(VfsConnection* connection, VfsPending* entry, int index, VfsRequest* request)
    {
        bool done = Volatile.Read(ref entry->State) == VfsPendingState.Done;
        long result = done ? entry->Result : -Errno.EIO;
        request->V0 = entry->V0;
        request->V1 = entry->V1;
        request->V2 = entry->V2;
        PersonalityLock.Enter(&connection->Lock);
        entry->Evicted = 0;
        bool released = entry->Cancelling == 0;
        if (released)
            Release(connection, entry, index);
        else
            Volatile.Write(ref entry->State, VfsPendingState.Abandoned);
        PersonalityLock.Exit(&connection->Lock);
        if (released)
            AnnounceReturn(connection);
        return Checked(result);
    }

    /// <summary>What vfs says is a number or an error, nothing else.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long Checked(long result) => ErrnoResult.IsError(result) || result >= 0 ? result : -Errno.EIO;

    /// <summary>Gives an entry back. With the lock held.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Release(VfsConnection* connection, VfsPending* entry, int index)
    {
        Volatile.Write(ref entry->State, VfsPendingState.Free);
        connection->FreePending |= 1UL << index;
    }
}
