using System.Threading;

namespace Libsys.Personality;

/// <summary>Lends blocks of the connection's pool to requests. Exhaustion waits for a bounded time, see <see cref="VfsClient.AwaitReturn"/>.</summary>
internal static unsafe class VfsPool
{
    /// <summary>
    /// Lends the request a block for <paramref name="wanted"/> bytes; if none is free, the largest one for at least <paramref name="least"/>. PoolLength
    /// is then the smaller of wanted and the block. 0 or −errno.
    /// </summary>
    public static long Take(TaskState* task, VfsRequest* request, uint wanted, uint least)
    {
        VfsConnection* connection = task->Process->Space->Connection;
        if (connection == null)
            return -Errno.ENOSYS;
        int largest = PoolBlocks.OrderOf(wanted), smallest = PoolBlocks.OrderOf(least);
        if (largest > PoolBlocks.LargestOrder)
            largest = PoolBlocks.LargestOrder;
        if (smallest > largest)
            return -Errno.ENOMEM;
        ulong giveUp = 0;
        for (;;)
        {
            PersonalityLock.Enter(&connection->PoolLock);
            for (int order = largest; order >= smallest; order--)
            {
                int offset = connection->Pool.Take(order);
                if (offset < 0)
                    continue;
                PersonalityLock.Exit(&connection->PoolLock);
                uint length = PoolBlocks.LengthOf(order);
                request->PoolOffset = (uint)offset;
                request->PoolLength = wanted < length ? wanted : length;
                request->PoolOrder = order;
                return 0;
            }
            uint seen = Volatile.Read(ref connection->Returned);
            Interlocked.Increment(ref connection->ReturnWaiters);
            PersonalityLock.Exit(&connection->PoolLock);
            long status = VfsClient.AwaitReturn(connection, seen, ref giveUp);
            Interlocked.Decrement(ref connection->ReturnWaiters);
            if (status < 0)
                return status;
        }
    }

    /// <summary>Takes the request's block back, if it has one. Only after its completion.</summary>
    public static void Give(TaskState* task, VfsRequest* request)
    {
        if (request->PoolOrder < 0)
            return;
        VfsConnection* connection = task->Process->Space->Connection;
        PersonalityLock.Enter(&connection->PoolLock);
        // A block of a broken connection may still be written by vfs; nothing else will be read from the pool then.
        connection->Pool.Give((int)request->PoolOffset, request->PoolOrder);
        PersonalityLock.Exit(&connection->PoolLock);
        request->PoolOrder = -1;
        VfsClient.AnnounceReturn(connection);
    }

    /// <summary>The request's buffer. What vfs put there may change while it is read: copy, then check.</summary>
    public static byte* BufferOf(VfsRequest* request) => VfsConnection.PoolBase + request->PoolOffset;

    /// <summary>
    /// Bytes that a read or write that may wait for ever should hold: all it wants while the pool is mostly free, 1 KiB (32 of them are a quarter of the pool) when it is not, so that a few
    /// blocked threads cannot keep the rest from working.
    /// </summary>
    public static uint PatientLength(TaskState* task, uint wanted)
    {
        VfsConnection* connection = task->Process->Space->Connection;
        const uint modest = 1024;
        return connection != null && wanted > modest && connection->Pool.FreeUnits < PoolBlocks.Units / 2 ? modest : wanted;
    }
}
