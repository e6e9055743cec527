using System.Runtime.CompilerServices;
using System.Threading;
using Libsys.Abi;
using Libsys.Messages;
using Libsys.Rings;

namespace Libsys.Personality;

/// <summary>
/// The ordinary request in one piece: a program with one connection, to vfs, in which a thread puts up its entry, becomes the reader at once and finds its own
/// completion to be the first that comes. It takes it where it lies, gives its entry back and hands the role on. The steps are those of the protocol, in its
/// order (docs/ring-protocol.md, "Many threads, one ring"); whatever is out of the ordinary goes on in <see cref="VfsClient"/>, from the step that it is at.
/// </summary>
internal static unsafe class OrdinaryCall
{
    /// <summary>As <see cref="VfsClient.Call(TaskState*, VfsRequest*)"/>, for a request to vfs.</summary>
    public static long Call(TaskState* task, VfsConnection* connection, VfsRequest* request)
    {
        bool mayWait = VfsOperations.MayWaitForEvent(request->Operation);
        WaitFlags flags = mayWait && request->Uninterruptible == 0 ? WaitFlags.None : WaitFlags.Uninterruptible;
        if (request->Posted != null || VfsClient.WaitsLong(request, flags))
            return VfsClient.CallOn(task, connection, request);
        PersonalityLock.Enter(&connection->Lock);
        if (connection->FreePending == 0 || connection->Broken != ConnectionState.Usable)
        {
            PersonalityLock.Exit(&connection->Lock);
            return VfsClient.CallOn(task, connection, request);
        }
        long index = VfsClient.Publish(task, connection, request, mayWait, out ulong tag, out bool ringDoorbell);
        PersonalityLock.Exit(&connection->Lock);
        if (index < 0)
            return index;
        if (!CompletionReader.TakeFreeRole(connection) && !SleepingReader.TryStandIn(connection))
            return GoOn(task, connection, (int)index, request, ringDoorbell, flags, isReader: false);
        // With the role: whoever makes another connection from here on asks its server for a bell itself, and nobody takes that back.
        if (CompletionReader.Next(connection) != null)
            return GoOn(task, connection, (int)index, request, ringDoorbell, flags, isReader: true);

        if (CompletionPoll.MayBegin(ref ringDoorbell, connection))
            CompletionPoll.Run(connection);
        if (connection->Broken == ConnectionState.Usable && connection->Ring.PrepareSleep())
        {
            ulong deadline = flags == WaitFlags.None ? PoolRest.Until(connection, request->Deadline) : request->Deadline;
            long status = CompletionReader.Sleep(connection, ringDoorbell, deadline, flags);
            ringDoorbell = false;
            connection->Ring.CancelSleep();
            if (CompletionReader.IsGone(status))
                CompletionReader.Break(connection);
        }
        VfsPending* own = VfsConnection.PendingAt(connection, (int)index);
        PersonalityLock.Enter(&connection->Lock);
        Completion* completion = connection->Ring.Peek;
        if (completion == null || Volatile.Read(ref completion->Tag) != tag || own->Cancelling != 0)
        {
            PersonalityLock.Exit(&connection->Lock);
            return GoOn(task, connection, (int)index, request, ringDoorbell, flags, isReader: true);
        }
        // Each word is read once, before it is passed: vfs may write there at any time.
        long result = completion->Result;
        request->V0 = completion->V0;
        request->V1 = completion->V1;
        request->V2 = completion->V2;
        connection->Ring.Pass();
        VfsClient.Release(connection, own, (int)index);
        PersonalityLock.Exit(&connection->Lock);
        if (Volatile.Read(ref connection->ReturnWaiters) != 0)
            VfsClient.AnnounceReturn(connection);
        if (ringDoorbell)
            VfsClient.Bell(connection);
        HandOn(connection);
        return VfsClient.Checked(result);
    }

    /// <summary>Frees the role, and then looks whether somebody found it taken. Who stood in for another goes back behind it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void HandOn(VfsConnection* connection)
    {
        bool isMine = Volatile.Read(ref connection->Reader) == ReaderRole.Taken;
        if (isMine)
        {
            Interlocked.Exchange(ref connection->Reader, ReaderRole.None);
            if (Volatile.Read(ref connection->FreePending) == VfsConnection.AllPending && CompletionReader.Next(connection) == null)
                return;
        }
        if (!isMine || CompletionReader.TakeFreeRole(connection))
            CompletionReader.HandOn(connection, CompletionReader.NoEntry);
    }

    // Something else has happened. Not in line, so that the ordinary call keeps what it needs in registers.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long GoOn(TaskState* task, VfsConnection* connection, int index, VfsRequest* request, bool ringDoorbell, WaitFlags flags, bool isReader)
    {
        long result = VfsClient.Await(task, connection, index, request, ringDoorbell, flags, isReader, out bool evicted);
        return VfsClient.IsToBeMadeAgain(request, result, evicted) ? VfsClient.CallOn(task, connection, request, evicted: true) : result;
    }
}
