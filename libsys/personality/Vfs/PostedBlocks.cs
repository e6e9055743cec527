using System.Runtime.InteropServices;
using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// Blocks of the small pool that hold what was written by calls which nobody waits for (docs/posted-calls.md), until vfs has served them. Guarded by the lock
/// of the pool.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PostedBlocks
{
    // A quarter of the smallest blocks that the pool has: the rest is for requests.
    private const int Most = 8;

    // Those that are held, and those that a thread is about to hold.
    private int count, pending;
    private fixed uint tails[Most];
    private fixed uint offsets[Most];
    private fixed int orders[Most];

    /// <summary>None is held: a fresh connection.</summary>
    public static void Reset(VfsConnection* connection) => connection->PostedBlocks.count = connection->PostedBlocks.pending = 0;

    /// <summary>True if some are.</summary>
    public static bool Any(VfsConnection* connection) => connection->PostedBlocks.count > 0;

    /// <summary>A block for so many bytes: its offset in the pool. −1: there is none, or others need them more.</summary>
    public static int Take(VfsConnection* connection, uint length)
    {
        PersonalityLock.Enter(&connection->PoolLock);
        GiveServed(connection);
        bool mayTake = connection->PostedBlocks.count + connection->PostedBlocks.pending < Most && connection->ReturnWaiters == 0;
        int offset = mayTake ? connection->SmallPool.Take(PoolBlocks.OrderOf(length)) : -1;
        connection->PostedBlocks.pending += offset >= 0 ? 1 : 0;
        PersonalityLock.Exit(&connection->PoolLock);
        return offset;
    }

    /// <summary>What was taken has not been posted.</summary>
    public static void Give(VfsConnection* connection, uint offset, uint length)
    {
        PersonalityLock.Enter(&connection->PoolLock);
        connection->SmallPool.Give((int)offset, PoolBlocks.OrderOf(length));
        connection->PostedBlocks.pending--;
        PersonalityLock.Exit(&connection->PoolLock);
        VfsClient.AnnounceReturn(connection);
    }

    /// <summary>It is held from now on, until vfs has served as many entries as there are with its own.</summary>
    public static void Keep(VfsConnection* connection, uint tail, uint offset, uint length)
    {
        PersonalityLock.Enter(&connection->PoolLock);
        PostedBlocks* blocks = &connection->PostedBlocks;
        blocks->pending--;
        int index = blocks->count++;
        blocks->tails[index] = tail;
        blocks->offsets[index] = offset;
        blocks->orders[index] = PoolBlocks.OrderOf(length);
        PersonalityLock.Exit(&connection->PoolLock);
    }

    /// <summary>Who finds no block: has vfs serve what was posted, and takes the blocks back.</summary>
    public static void GiveBack(TaskState* task, VfsConnection* connection)
    {
        VfsClient.Call(task, VfsOperation.ServePosted);
        PersonalityLock.Enter(&connection->PoolLock);
        GiveServed(connection);
        PersonalityLock.Exit(&connection->PoolLock);
        VfsClient.AnnounceReturn(connection);
    }

    private static void GiveServed(VfsConnection* connection)
    {
        PostedBlocks* blocks = &connection->PostedBlocks;
        uint head = Volatile.Read(ref *(uint*)(Window.VfsConnection + PostedLayout.Head));
        for (int index = blocks->count; index-- > 0;)
        {
            if ((int)(head - blocks->tails[index]) < 0)
                continue;
            connection->SmallPool.Give((int)blocks->offsets[index], blocks->orders[index]);
            int last = --blocks->count;
            blocks->tails[index] = blocks->tails[last];
            blocks->offsets[index] = blocks->offsets[last];
            blocks->orders[index] = blocks->orders[last];
        }
    }
}
