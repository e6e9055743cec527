using System.Runtime.CompilerServices;
using System.Threading;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// Gives the large pool back: a thread that waits when nobody has used it for a second takes it out of use and has the process server unmap
/// it. See docs/decisions/pool-given-back-by-who-waits.md.
/// </summary>
internal static unsafe class PoolRest
{
    // Attaching and giving back cost about as much as reading 64 KiB twice, so a program that does both all the time spends less than a ten-thousandth of its
    // time on it; and a second is no time for memory that lies idle.
    private const ulong Rest = 1_000_000_000;

    // While a block is lent, perhaps for the very request that the thread waits for, it will hardly be free in a second.
    private const ulong RestWhileLent = 64 * Rest;

    /// <summary>
    /// A wait begins, or goes on: the time until which to wait now. When it has passed and the deadline has not, <see cref="GiveBack"/> is to be called and the
    /// wait to go on.
    /// </summary>
    /// <param name="connection">To vfs; may be null.</param>
    /// <param name="deadline">Of the wait.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Until(VfsConnection* connection, ulong deadline) =>
        connection == null || connection->LargePool.Units == 0 ? deadline : Sooner(Volatile.Read(ref connection->LargeLookAt), deadline);

    /// <summary>A block of the large pool is lent. With the pool's lock held.</summary>
    public static void Used(VfsConnection* connection) => LookAfter(connection, Rest);

    /// <summary>Gives the pool back if it was not used for a while.</summary>
    public static void GiveBack(TaskState* task, VfsConnection* connection)
    {
        PersonalityLock.Enter(&connection->PoolLock);
        PostedBlocks.GiveServed(connection);
        // Used meanwhile: the look that is due is a later one.
        bool isDue = Clock.Now >= connection->LargeLookAt, isLent = connection->LargePool.FreeUnits != connection->LargePool.Units;
        bool isIdle = isDue && !isLent && connection->LargeState == LargePoolState.Attached;
        if (isIdle)
        {
            connection->LargePool.Reset(0);
            Volatile.Write(ref connection->LargeState, LargePoolState.Detaching);
        }
        else if (isDue)
        {
            LookAfter(connection, isLent ? RestWhileLent : Rest);
        }
        PersonalityLock.Exit(&connection->PoolLock);
        if (!isIdle)
            return;
        long result = ControlCalls.Call(task, ProcessOperation.DetachPool, VfsLimits.LargePool, 0, 0, 0, 0);
        PersonalityLock.Enter(&connection->PoolLock);
        // Refused: a program that uses the rings beside its personality; it keeps the pool.
        if (result != 0)
        {
            connection->LargePool.Reset(VfsLimits.LargePoolLength);
            LookAfter(connection, Rest);
        }
        Volatile.Write(ref connection->LargeState, result != 0 ? LargePoolState.Attached : LargePoolState.None);
        PersonalityLock.Exit(&connection->PoolLock);
        VfsClient.AnnounceReturn(connection);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Sooner(ulong look, ulong deadline) => look < deadline ? look : deadline;

    // With the pool's lock held.
    private static void LookAfter(VfsConnection* connection, ulong rest) => Volatile.Write(ref connection->LargeLookAt, Clock.After(rest));
}
