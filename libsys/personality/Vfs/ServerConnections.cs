using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// The connections of a space to servers beside vfs. One is made when something of its server is used first, also after a fork or an exec, and again when the
/// server has ended: at the same address and in the same state, as soon as nobody uses the old one any more.
/// </summary>
internal static unsafe class ServerConnections
{
    /// <summary>The connection to a server in whatever state, or null.</summary>
    public static VfsConnection* Find(TaskState* task, uint server)
    {
        VfsConnection* connection = task->Process->Space->Connection;
        while (connection != null && connection->Number != server)
            connection = (VfsConnection*)Volatile.Read(ref *(ulong*)&connection->Next);
        return connection;
    }

    /// <summary>
    /// The connection that a request goes over; null with an error: there is no such server, it does not answer, or (unless <paramref name="mayConnect"/>) it
    /// has
    /// ended. Who holds blocks of pools must not connect: it would wait for itself.
    /// </summary>
    public static VfsConnection* Get(TaskState* task, uint server, bool mayConnect, out long error)
    {
        error = 0;
        ulong giveUp = 0;
        for (;;)
        {
            VfsConnection* connection = Find(task, server);
            if (connection != null && Volatile.Read(ref connection->Broken) == ConnectionState.Usable)
                return connection;
            error = connection == null ? Add(task, server) : !mayConnect ? -Errno.EIO : Connect(task, connection, ref giveUp);
            if (error < 0)
                return null;
        }
    }

    /// <summary>In a forked child: it has a fresh connection to vfs, and those of its parent to others are not its own.</summary>
    public static void AfterFork(VfsConnection* first)
    {
        for (VfsConnection* other = first->Next; other != null;)
        {
            VfsConnection* next = other->Next;
            PersonalityHeap.Free(other);
            other = next;
        }
        VfsConnection.Reset(first);
    }

    /// <summary>A place for a server's connection, which is still to be made.</summary>
    private static long Add(TaskState* task, uint server)
    {
        VfsConnection* first = task->Process->Space->Connection;
        if (first == null || server >= Window.ProgramServers)
            return -Errno.ENXIO;
        VfsConnection* made = VfsConnection.Create(server, first);
        if (made == null)
            return -Errno.ENOMEM;
        made->Broken = ConnectionState.Broken;
        PersonalityLock.Enter(&first->Lock);
        VfsConnection* last = first;
        while (last->Next != null && last->Number != server)
            last = last->Next;
        bool isNew = last->Number != server;
        if (isNew)
            Volatile.Write(ref *(ulong*)&last->Next, (ulong)made);
        PersonalityLock.Exit(&first->Lock);
        if (!isNew)
            PersonalityHeap.Free(made); // another thread was faster
        return 0;
    }

    /// <summary>Makes a connection, or waits for the thread that does. 0: look again; or −errno.</summary>
    private static long Connect(TaskState* task, VfsConnection* connection, ref ulong giveUp)
    {
        uint found = Interlocked.CompareExchange(ref connection->Broken, ConnectionState.Connecting, ConnectionState.Broken);
        if (found == ConnectionState.Usable)
            return 0;
        if (found == ConnectionState.Connecting)
            return AwaitChange(connection, ConnectionState.Connecting, ref giveUp);
        long result = AwaitQuiet(connection, ref giveUp);
        if (result == 0)
            result = Make(task, connection);
        if (result == 0)
        {
            VfsConnection.Renew(connection);
            // Whoever reads completions may sleep without knowing of these rings: their first completion rings, and then they are seen.
            connection->Ring.PrepareSleep();
        }
        Volatile.Write(ref connection->Broken, result == 0 ? ConnectionState.Usable : ConnectionState.Broken);
        VfsClient.AnnounceReturn(connection);
        return result;
    }

    /// <summary>
    /// Has the process server make it. A signal ends the wait, not the making: whoever tries again waits on, or finds it there, or finds that it was made and
    /// has ended since, and then the doorbell, which nobody here knew of, is in the way.
    /// </summary>
    private static long Make(TaskState* task, VfsConnection* connection)
    {
        for (bool isBusy = connection->HasDoorbell != 0; ; isBusy = true)
        {
            if (isBusy)
                KernelCalls.HandleClose(connection->Doorbell);
            connection->HasDoorbell = 0;
            long result = ControlCalls.CallInterruptibly(task, ProcessOperation.ConnectServer, connection->Number, 0, 0, 0, 0);
            if (result == 0)
                connection->HasDoorbell = 1;
            if (result != -Errno.EBUSY || isBusy)
                return result;
        }
    }

    /// <summary>Waits until nothing of the old rings is in use, and takes the pool out of use. Requests end at once there, and nobody begins one.</summary>
    private static long AwaitQuiet(VfsConnection* connection, ref ulong giveUp)
    {
        for (;;)
        {
            PersonalityLock.Enter(&connection->PoolLock);
            PersonalityLock.Enter(&connection->Lock);
            bool isQuiet = connection->FreePending == VfsConnection.AllPending && connection->SmallPool.FreeUnits == connection->SmallPool.Units;
            if (isQuiet)
                connection->SmallPool.Reset(0);
            uint seen = Volatile.Read(ref connection->Returned);
            Interlocked.Increment(ref connection->ReturnWaiters);
            PersonalityLock.Exit(&connection->Lock);
            PersonalityLock.Exit(&connection->PoolLock);
            long result = isQuiet ? 0 : VfsClient.AwaitReturn(connection, seen, ref giveUp);
            Interlocked.Decrement(ref connection->ReturnWaiters);
            if (isQuiet || result < 0)
                return result;
        }
    }

    private static long AwaitChange(VfsConnection* connection, uint state, ref ulong giveUp)
    {
        uint seen = Volatile.Read(ref connection->Returned);
        // A full fence: who announces sees the waiter, or the waiter sees the state that was announced.
        Interlocked.Increment(ref connection->ReturnWaiters);
        long result = Volatile.Read(ref connection->Broken) == state ? VfsClient.AwaitReturn(connection, seen, ref giveUp) : 0;
        Interlocked.Decrement(ref connection->ReturnWaiters);
        return result;
    }
}
