using System.Threading;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// Lends blocks of the connection's pools to requests. Every program has a small pool; the large one is attached when a request wants more than the small one
/// has, or finds it lent out. Exhaustion waits for a bounded time, see <see cref="VfsClient.AwaitReturn"/>.
/// </summary>
internal static unsafe class VfsPool
{
    /// <summary>Order of the largest block of the small pool: all of it.</summary>
    private const int LargestOfSmall = 5;

    /// <summary>
    /// Lends the request a block for <paramref name="wanted"/> bytes; if none is free, the largest one for at least <paramref name="least"/>. PoolLength
    /// is then the smaller of wanted and the block. 0 or −errno.
    /// </summary>
    public static long Take(TaskState* task, VfsRequest* request, uint wanted, uint least)
    {
        long error = -Errno.ENOSYS;
        VfsConnection* connection = request->Server == 0
            ? task->Process->Space->Connection
            : ServerConnections.Get(task, request->Server, request->Join == RequestJoin.Alone, out error);
        if (connection == null)
            return error;
        int largest = PoolBlocks.OrderOf(wanted), smallest = least == wanted ? largest : PoolBlocks.OrderOf(least);
        if (largest > PoolBlocks.LargestOrder)
            largest = PoolBlocks.LargestOrder;
        if (smallest > largest)
            return -Errno.ENOMEM;
        if (largest > LargestOfSmall)
            return TakeElsewhere(task, connection, request, wanted, largest, smallest);
        PersonalityLock.Enter(&connection->PoolLock);
        int offset = connection->SmallPool.Take(largest);
        PersonalityLock.Exit(&connection->PoolLock);
        if (offset < 0)
            return TakeElsewhere(task, connection, request, wanted, largest, smallest);
        Lend(request, 0, offset, wanted, largest);
        return 0;
    }

    /// <summary>Takes the request's block back, if it has one. Only after its completion.</summary>
    public static void Give(TaskState* task, VfsRequest* request)
    {
        if (request->PoolOrder < 0)
            return;
        VfsConnection* connection = request->Server == 0 ? task->Process->Space->Connection : ServerConnections.Find(task, request->Server);
        PersonalityLock.Enter(&connection->PoolLock);
        // A block of a broken connection may still be written by vfs; nothing else will be read from the pool then.
        if (request->Pool == 0)
            connection->SmallPool.Give((int)request->PoolOffset, request->PoolOrder);
        else
            connection->LargePool.Give((int)request->PoolOffset, request->PoolOrder);
        PersonalityLock.Exit(&connection->PoolLock);
        request->PoolOrder = -1;
        VfsClient.AnnounceReturn(connection);
    }

    /// <summary>The request's buffer. What vfs put there may change while it is read: copy, then check.</summary>
    public static byte* BufferOf(VfsRequest* request) => VfsConnection.PoolBase(request->Server, request->Pool) + request->PoolOffset;

    /// <summary>
    /// Bytes that a read or write that may wait for ever should hold: all it wants while the pool is mostly free, 1 KiB (32 of them are a quarter of the large
    /// pool) when it is not, so that a few blocked threads cannot keep the rest from working.
    /// </summary>
    public static uint PatientLength(TaskState* task, uint wanted)
    {
        VfsConnection* connection = task->Process->Space->Connection;
        const uint modest = 1024;
        return connection != null && wanted > modest && connection->LargePool.FreeUnits < connection->LargePool.Units / 2 ? modest : wanted;
    }

    /// <summary>The largest block for which no pool has to be attached: for requests that may well be answered in pieces.</summary>
    public static uint ModestLength(TaskState* task, uint wanted)
    {
        VfsConnection* connection = task->Process->Space->Connection;
        const uint modest = PoolBlocks.UnitLength << (LargestOfSmall - 1);
        return connection != null && wanted > modest && connection->LargePool.Units == 0 ? modest : wanted;
    }

    /// <summary>The small pool does not have what is wanted.</summary>
    private static long TakeElsewhere(TaskState* task, VfsConnection* connection, VfsRequest* request, uint wanted, int largest, int smallest)
    {
        ulong giveUp = 0;
        bool mayAttach = connection->Number == 0; // only vfs moves much data so far
        if (largest <= LargestOfSmall && PostedBlocks.Any(connection))
            PostedBlocks.GiveBack(task, connection);
        for (;;)
        {
            if (connection->Broken != ConnectionState.Usable)
                return -Errno.EIO; // its pool may be gone
            PersonalityLock.Enter(&connection->PoolLock);
            bool isThere = connection->LargePool.Units != 0;
            // Less than what is wanted only if there is no more to be had.
            if (TryLend(connection, request, wanted, largest, isThere || !mayAttach ? smallest : largest))
            {
                PersonalityLock.Exit(&connection->PoolLock);
                return 0;
            }
            uint seen = Volatile.Read(ref connection->Returned);
            Interlocked.Increment(ref connection->ReturnWaiters);
            PersonalityLock.Exit(&connection->PoolLock);
            long status = 0;
            if (!isThere && mayAttach && connection->LargeState != LargePoolState.Detaching)
            {
                mayAttach = false;
                AttachLarge(task, connection);
            }
            else if (!isThere && smallest > LargestOfSmall && connection->LargeState != LargePoolState.Attaching)
                status = -Errno.ENOMEM;
            else
                status = VfsClient.AwaitReturn(connection, seen, ref giveUp);
            Interlocked.Decrement(ref connection->ReturnWaiters);
            if (status < 0)
                return status;
        }
    }

    // With the lock held. The small pool first: the large one keeps its room for those who need it.
    private static bool TryLend(VfsConnection* connection, VfsRequest* request, uint wanted, int largest, int smallest)
    {
        for (int order = largest; order >= smallest; order--)
        {
            int offset = order <= LargestOfSmall ? connection->SmallPool.Take(order) : -1;
            byte pool = 0;
            if (offset < 0)
            {
                offset = connection->LargePool.Take(order);
                pool = VfsLimits.LargePool;
            }
            if (offset < 0)
                continue;
            if (pool != 0)
                PoolRest.Used(connection);
            Lend(request, pool, offset, wanted, order);
            return true;
        }
        return false;
    }

    private static void Lend(VfsRequest* request, byte pool, int offset, uint wanted, int order)
    {
        uint length = PoolBlocks.LengthOf(order);
        request->Pool = pool;
        request->PoolOffset = (uint)offset;
        request->PoolLength = wanted < length ? wanted : length;
        request->PoolOrder = order;
    }

    /// <summary>
    /// Has the process server attach the large pool, unless another thread is about it. Without it, because there is no memory say, what there is must do.
    /// </summary>
    public static void AttachLarge(TaskState* task, VfsConnection* connection)
    {
        if (Interlocked.CompareExchange(ref connection->LargeState, LargePoolState.Attaching, LargePoolState.None) != LargePoolState.None)
            return;
        long result = ControlCalls.Call(task, ProcessOperation.AttachPool, VfsLimits.LargePool, 0, 0, 0, 0);
        PersonalityLock.Enter(&connection->PoolLock);
        if (result == 0)
        {
            PoolRest.Used(connection);
            connection->LargePool.Reset(VfsLimits.LargePoolLength);
        }
        Volatile.Write(ref connection->LargeState, result == 0 ? LargePoolState.Attached : LargePoolState.None);
        PersonalityLock.Exit(&connection->PoolLock);
        VfsClient.AnnounceReturn(connection);
    }
}
