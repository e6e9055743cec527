using System.Numerics;
using System.Runtime.CompilerServices;
using System.Threading;
using Libsys.Abi;
using Libsys.Rings;

namespace Libsys.Personality;

/// <summary>
/// Completions of all connections of a space. One of the waiting threads is the reader: it alone sleeps on the space's notification, takes completions and
/// wakes
/// the others by the state word of their entry. When its own request is done it hands the role to another waiting thread. See docs/ring-protocol.md for why no
/// wake-up is lost. Programs with one connection, to vfs, do no more than they would if there were no others.
/// </summary>
internal static unsafe class CompletionReader
{
    /// <summary>In place of an entry's index: the thread has given its entry back.</summary>
    public const int NoEntry = VfsConnection.PendingCount;

    /// <summary>True if the thread is the reader from now on: promoted by the last one, or there is none.</summary>
    public static bool TakeRole(VfsConnection* connection, VfsPending* entry)
    {
        if (Interlocked.CompareExchange(ref entry->State, VfsPendingState.Waiting, VfsPendingState.Promoted) == VfsPendingState.Promoted)
            return true;
        return TakeFreeRole(connection);
    }

    /// <summary>True if there was no reader and the thread, which has put up its entry just now, is it from now on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TakeFreeRole(VfsConnection* connection) =>
        Interlocked.CompareExchange(ref connection->First->Reader, ReaderRole.Taken, ReaderRole.None) == ReaderRole.None;

    /// <summary>
    /// Sleeps until the reader has the result or hands its role over. What signals end may wait long: it sleeps no longer than <see cref="PoolRest"/> says, and
    /// is TimedOut then, as in <see cref="Read"/>.
    /// </summary>
    public static long Follow(VfsConnection* connection, VfsPending* entry, bool ringDoorbell, ulong deadline, WaitFlags flags)
    {
        if (ringDoorbell)
            VfsClient.Bell(connection);
        if (Interlocked.CompareExchange(ref entry->State, VfsPendingState.Asleep, VfsPendingState.Waiting) != VfsPendingState.Waiting)
            return 0;
        if (flags == WaitFlags.None)
            deadline = PoolRest.Until(connection->First, deadline);
        long status = KernelCalls.WordWait(&entry->State, VfsPendingState.Asleep, deadline, flags);
        Interlocked.CompareExchange(ref entry->State, VfsPendingState.Waiting, VfsPendingState.Asleep);
        return status;
    }

    /// <summary>The reader's turn: takes what is there; if its own result is not among it, sleeps until a server rings.</summary>
    /// <param name="connection">The thread's.</param>
    /// <param name="own">Its entry.</param>
    /// <param name="ringDoorbell">The server must be woken for its request.</param>
    /// <param name="deadline">When to give up.</param>
    /// <param name="flags">None: it may wait long, and another thread stand in for it.</param>
    /// <param name="isReader">False: another thread did, and is the reader now.</param>
    public static long Read(VfsConnection* connection, VfsPending* own, bool ringDoorbell, ulong deadline, WaitFlags flags, ref bool isReader)
    {
        VfsConnection* first = connection->First;
        if (Next(first) != null)
            return ReadSeveral(connection, own, ringDoorbell, deadline, flags);
        Drain(first, own);
        if (own->State != VfsPendingState.Done && CompletionPoll.MayBegin(ref ringDoorbell, first))
        {
            CompletionPoll.Run(first);
            Drain(first, own);
        }
        if (own->State == VfsPendingState.Done || first->Broken != ConnectionState.Usable || !first->Ring.PrepareSleep())
        {
            if (ringDoorbell)
                VfsClient.Bell(first);
            return 0;
        }
        bool fallsAsleep = flags == WaitFlags.None && SleepingReader.FallAsleep(first, own);
        if (flags == WaitFlags.None)
            deadline = PoolRest.Until(first, deadline);
        long status = Sleep(first, ringDoorbell, deadline, flags);
        isReader = !fallsAsleep || SleepingReader.TakeBack(first);
        if (isReader)
            first->Ring.CancelSleep();
        if (IsGone(status))
            Break(first);
        else if (isReader)
            Drain(first, own);
        return status;
    }

    private static long ReadSeveral(VfsConnection* connection, VfsPending* own, bool ringDoorbell, ulong deadline, WaitFlags flags)
    {
        VfsConnection* first = connection->First;
        DrainAll(first, own);
        if (own->State == VfsPendingState.Done || connection->Broken != ConnectionState.Usable || !PrepareSleep(first))
        {
            if (ringDoorbell)
                VfsClient.Bell(connection);
            return 0;
        }
        if (flags == WaitFlags.None)
            deadline = PoolRest.Until(first, deadline);
        long status = Sleep(connection, ringDoorbell, deadline, flags);
        CancelSleep(first);
        if (IsGone(status))
            Break(connection);
        else
            DrainAll(first, own);
        return status;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long Sleep(VfsConnection* connection, bool ringDoorbell, ulong deadline, WaitFlags flags) => ringDoorbell
        ? KernelCalls.SignalAndWait(connection->Doorbell, VfsClient.DoorbellBits, WellKnownHandle.VfsCompletion, deadline, flags)
        : KernelCalls.Wait(WellKnownHandle.VfsCompletion, deadline, flags);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsGone(long status) => status is (long)KernelStatus.PeerGone or (long)KernelStatus.BadHandle or (long)KernelStatus.NoRight;

    /// <summary>
    /// Gives the reader's role up: straight to a waiting thread if there is one, else to nobody. A thread that found the role taken just before it was
    /// given up has set its state before it looked, so the second look finds it.
    /// </summary>
    /// <param name="connection">The thread's.</param>
    /// <param name="own">Its entry, which is not looked at.</param>
    public static void HandOn(VfsConnection* connection, int own)
    {
        VfsConnection* first = connection->First;
        if (Volatile.Read(ref first->Reader) == ReaderRole.StoodIn && SleepingReader.TryGoBack(first))
            return;
        if (Next(first) == null && Others(first, first, own) == 0)
        {
            // One thread in vfs, the ordinary case: as below, with nothing to look at.
            Interlocked.Exchange(ref first->Reader, ReaderRole.None);
            if (Next(first) == null && Others(first, first, own) == 0)
                return;
            if (!TakeFreeRole(first))
                return;
        }
        do
        {
            if (Promote(first, connection, own))
                return;
            Interlocked.Exchange(ref first->Reader, ReaderRole.None);
            // Taken again only if somebody waits and nobody else took it. Whoever waited may be done by then, so it starts over: one more look is not enough
            // (completion-reader.pml, mutant LOOK_AGAIN_ONLY_ONCE).
        }
        while (AnyWaiting(first, connection, own) && TakeFreeRole(first));
    }

    /// <summary>Next connection of the space.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static VfsConnection* Next(VfsConnection* connection) => (VfsConnection*)Volatile.Read(ref *(ulong*)&connection->Next);

    // The rings of others than vfs are looked at with their lock held, and only while they are usable: another thread may be replacing them.
    private static void DrainAll(VfsConnection* first, VfsPending* own)
    {
        Drain(first, own);
        for (VfsConnection* connection = Next(first); connection != null; connection = Next(connection))
        {
            if (Drain(connection, own))
                Break(connection);
        }
    }

    /// <summary>Asks all servers for bells. False if something has come meanwhile: then nobody is asked.</summary>
    private static bool PrepareSleep(VfsConnection* first)
    {
        if (!first->Ring.PrepareSleep())
            return false;
        for (VfsConnection* connection = Next(first); connection != null; connection = Next(connection))
        {
            PersonalityLock.Enter(&connection->Lock);
            bool isQuiet = connection->Broken != ConnectionState.Usable || connection->Ring.PrepareSleep();
            PersonalityLock.Exit(&connection->Lock);
            if (isQuiet)
                continue;
            CancelSleep(first);
            return false;
        }
        return true;
    }

    private static void CancelSleep(VfsConnection* first)
    {
        first->Ring.CancelSleep();
        for (VfsConnection* connection = Next(first); connection != null; connection = Next(connection))
        {
            PersonalityLock.Enter(&connection->Lock);
            if (connection->Broken == ConnectionState.Usable)
                connection->Ring.CancelSleep();
            PersonalityLock.Exit(&connection->Lock);
        }
    }

    /// <summary>
    /// Takes all completions. Only the reader comes here; the lock keeps the ring's indices consistent for those who submit. True if the server has ended.
    /// </summary>
    internal static bool Drain(VfsConnection* connection, VfsPending* own)
    {
        Unsafe.SkipInit(out Completion completion);
        for (;;)
        {
            // Mostly so, and only the reader takes completions: nobody else moves the index that this compares. Other rings may be replaced meanwhile.
            if (connection->Number == 0 && !connection->Ring.HasCompletion)
                return false;
            PersonalityLock.Enter(&connection->Lock);
            RingStatus status = connection->Broken == ConnectionState.Usable ? connection->Ring.TryTake(ref completion) : RingStatus.Empty;
            bool isDead = connection->Number != 0 && status == RingStatus.Empty && connection->Broken == ConnectionState.Usable
                && connection->Ring.Generation == RingLayout.DeadGeneration;
            PersonalityLock.Exit(&connection->Lock);
            if (status == RingStatus.Empty)
                return isDead;
            if (status == RingStatus.Violation)
            {
                Break(connection);
                return false;
            }
            Deliver(connection, own, ref completion);
        }
    }

    /// <summary>Hands a completion to the request with its tag. A tag that is not in flight is dropped: it can only harm the server itself.</summary>
    private static void Deliver(VfsConnection* connection, VfsPending* own, ref Completion completion)
    {
        int index = (int)(completion.Tag & 0xFFFF);
        if (index >= VfsConnection.PendingCount)
            return;
        VfsPending* entry = VfsConnection.PendingAt(connection, index);
        if ((completion.Tag & VfsClient.CancelTag) != 0)
        {
            PersonalityLock.Enter(&connection->Lock);
            bool abandoned = entry->State == VfsPendingState.Abandoned && entry->Cancelling != 0;
            entry->Cancelling = 0;
            if (abandoned)
                VfsClient.Release(connection, entry, index);
            PersonalityLock.Exit(&connection->Lock);
            if (abandoned)
                VfsClient.AnnounceReturn(connection);
            return;
        }
        if (completion.Tag != VfsClient.TagOf(entry, index)
            || Volatile.Read(ref entry->State) is not (VfsPendingState.Waiting or VfsPendingState.Asleep or VfsPendingState.Unattended))
            return;
        entry->Result = completion.Result;
        entry->V0 = completion.V0;
        entry->V1 = completion.V1;
        entry->V2 = completion.V2;
        uint before = Interlocked.Exchange(ref entry->State, VfsPendingState.Done);
        if (before == VfsPendingState.Asleep && entry != own)
            KernelCalls.WordWake(&entry->State, 1);
        else if (before == VfsPendingState.Unattended)
            EndCompanion(entry);
    }

    /// <summary>
    /// A request that one thread made beside another is done: the other one is to end. Behind the exchange of its state, see <see cref="PostedRequests.Join"/>.
    /// </summary>
    private static void EndCompanion(VfsPending* entry)
    {
        VfsConnection* connection = (VfsConnection*)Volatile.Read(ref *(ulong*)&entry->Companion);
        if (connection != null)
            VfsClient.CancelByTag(connection, entry->CompanionTag);
    }

    // Which entries others have in use. Without the lock: an entry's bit is cleared before its thread looks for the reader, so that what holds for the order of
    // states and role holds for the bits too. Most programs have one thread in vfs at a time, and then there is nothing to look at.
    private static ulong Others(VfsConnection* connection, VfsConnection* ofOwn, int own) =>
        ~Volatile.Read(ref connection->FreePending) & VfsConnection.AllPending & ~(connection == ofOwn ? 1UL << own : 0);

    private static bool AnyWaiting(VfsConnection* first, VfsConnection* ofOwn, int own)
    {
        for (VfsConnection* connection = first; connection != null; connection = Next(connection))
        {
            for (ulong rest = Others(connection, ofOwn, own); rest != 0; rest &= rest - 1)
            {
                VfsPending* entry = VfsConnection.PendingAt(connection, BitOperations.TrailingZeroCount(rest));
                if (Volatile.Read(ref entry->State) is VfsPendingState.Waiting or VfsPendingState.Asleep)
                    return true;
            }
        }
        return false;
    }

    private static bool Promote(VfsConnection* first, VfsConnection* ofOwn, int own)
    {
        for (VfsConnection* connection = first; connection != null; connection = Next(connection))
        {
            for (ulong rest = Others(connection, ofOwn, own); rest != 0; rest &= rest - 1)
            {
                VfsPending* entry = VfsConnection.PendingAt(connection, BitOperations.TrailingZeroCount(rest));
                if (Interlocked.CompareExchange(ref entry->State, VfsPendingState.Promoted, VfsPendingState.Asleep) == VfsPendingState.Asleep)
                {
                    KernelCalls.WordWake(&entry->State, 1);
                    return true;
                }
                if (Interlocked.CompareExchange(ref entry->State, VfsPendingState.Promoted, VfsPendingState.Waiting) == VfsPendingState.Waiting)
                    return true;
            }
        }
        return false;
    }

    /// <summary>A connection is of no more use: everybody who waits for its server gets EIO, and nobody will answer cancellations.</summary>
    internal static void Break(VfsConnection* connection)
    {
        PersonalityLock.Enter(&connection->Lock);
        bool isFirst = connection->Broken == ConnectionState.Usable;
        if (isFirst)
            Volatile.Write(ref connection->Broken, ConnectionState.Broken);
        for (int i = 0; isFirst && i < VfsConnection.PendingCount; i++)
        {
            VfsPending* entry = VfsConnection.PendingAt(connection, i);
            entry->Cancelling = 0;
            if (entry->State == VfsPendingState.Abandoned)
                VfsClient.Release(connection, entry, i);
        }
        PersonalityLock.Exit(&connection->Lock);
        for (int i = 0; isFirst && i < VfsConnection.PendingCount; i++)
        {
            VfsPending* entry = VfsConnection.PendingAt(connection, i);
            if (Interlocked.CompareExchange(ref entry->State, VfsPendingState.Waiting, VfsPendingState.Asleep) == VfsPendingState.Asleep)
                KernelCalls.WordWake(&entry->State, 1);
            else if (Volatile.Read(ref entry->State) == VfsPendingState.Unattended)
                EndCompanion(entry);
        }
    }
}
