using System.Runtime.InteropServices;
using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>A block of a pool.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PostedBlock
{
    /// <summary>The first pool or the large one.</summary>
    public byte Pool;
    /// <summary>Where it begins there.</summary>
    public uint Offset;
    /// <summary>How large it is.</summary>
    public int Order;
}

/// <summary>
/// Blocks of the pools that hold what was written by calls which nobody waits for (docs/posted-calls.md), until vfs has served them. Guarded by the lock
/// of the pools.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PostedBlocks
{
    // A quarter of the smallest blocks that the small pool has: the rest is for requests.
    private const int Most = 8;

    // A large pool costs about as much as so many messages.
    private const int WorthAttaching = 8;

    // Those that are held, and those that a thread is about to hold.
    private int count, pending;

    // How often there was no block where a large pool would have had one.
    private int missed;
    private fixed uint tails[Most];
    private fixed uint places[Most];
    private fixed int orders[Most];

    /// <summary>None is held: a fresh connection.</summary>
    public static void Reset(VfsConnection* connection)
    {
        PostedBlocks* blocks = &connection->PostedBlocks;
        blocks->count = blocks->pending = blocks->missed = 0;
    }

    /// <summary>True if some are.</summary>
    public static bool Any(VfsConnection* connection) => connection->PostedBlocks.count > 0;

    /// <summary>A block for so many bytes. False: there is none, or others need them more; a large pool may be worth it by now.</summary>
    public static bool TryTake(VfsConnection* connection, uint length, out PostedBlock block, out bool isWorthAttaching)
    {
        int order = PoolBlocks.OrderOf(length);
        PersonalityLock.Enter(&connection->PoolLock);
        GiveServed(connection);
        bool mayTake = connection->PostedBlocks.count + connection->PostedBlocks.pending < Most && connection->ReturnWaiters == 0;
        int offset = mayTake ? connection->SmallPool.Take(order) : -1;
        byte pool = mayTake && offset < 0 ? VfsLimits.LargePool : (byte)0;
        if (pool != 0)
            offset = connection->LargePool.Take(order);
        if (pool != 0 && offset >= 0)
            PoolRest.Used(connection);
        connection->PostedBlocks.pending += offset >= 0 ? 1 : 0;
        isWorthAttaching = pool != 0 && connection->LargePool.Units == 0 && ++connection->PostedBlocks.missed % WorthAttaching == 0;
        PersonalityLock.Exit(&connection->PoolLock);
        block = new PostedBlock { Pool = pool, Offset = (uint)offset, Order = order };
        return offset >= 0;
    }

    /// <summary>What was taken has not been posted.</summary>
    public static void Give(VfsConnection* connection, PostedBlock block)
    {
        PersonalityLock.Enter(&connection->PoolLock);
        GiveBlock(connection, block);
        connection->PostedBlocks.pending--;
        PersonalityLock.Exit(&connection->PoolLock);
        VfsClient.AnnounceReturn(connection);
    }

    /// <summary>It is held from now on, until vfs has served as many entries as there are with its own.</summary>
    public static void Keep(VfsConnection* connection, uint tail, PostedBlock block)
    {
        PersonalityLock.Enter(&connection->PoolLock);
        PostedBlocks* blocks = &connection->PostedBlocks;
        blocks->pending--;
        int index = blocks->count++;
        blocks->tails[index] = tail;
        blocks->places[index] = block.Offset << 1 | block.Pool;
        blocks->orders[index] = block.Order;
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

    private static void GiveBlock(VfsConnection* connection, PostedBlock block)
    {
        if (block.Pool == 0)
            connection->SmallPool.Give((int)block.Offset, block.Order);
        else
            connection->LargePool.Give((int)block.Offset, block.Order);
    }

    /// <summary>Takes back the blocks of all that vfs has served. With the lock held.</summary>
    public static void GiveServed(VfsConnection* connection)
    {
        PostedBlocks* blocks = &connection->PostedBlocks;
        uint head = Volatile.Read(ref *(uint*)(Window.VfsConnection + PostedLayout.Head));
        for (int index = blocks->count; index-- > 0;)
        {
            if ((int)(head - blocks->tails[index]) < 0)
                continue;
            uint place = blocks->places[index];
            GiveBlock(connection, new PostedBlock { Pool = (byte)(place & 1), Offset = place >> 1, Order = blocks->orders[index] });
            int last = --blocks->count;
            blocks->tails[index] = blocks->tails[last];
            blocks->places[index] = blocks->places[last];
            blocks->orders[index] = blocks->orders[last];
        }
    }
}
