using System.Runtime.CompilerServices;
using System.Threading;

namespace Libsys.Personality;

/// <summary>
/// How many threads of a space may wait at words, by a hash of the address: a private wake where there is none needs no kernel call. Counts are never too low,
/// and are too high where a thread was ended in its wait, or moved to another word (futex(2), FUTEX_REQUEUE): then the kernel is asked for nothing.
/// <para>
/// Nothing is lost between the two: who waits counts itself, and then the kernel compares the word; who wakes has changed the word, and then looks at the count
/// behind a full fence. So one of the two sees the other. Others than private futexes are the kernel's alone, since other spaces may wait there.
/// </para>
/// </summary>
internal static unsafe class FutexWaiters
{
    /// <summary>Counters; a program with a few threads has its words apart.</summary>
    public const int Counters = 64;

    // No number of threads gets there or away from there: from a word that threads were moved to, nobody knows when the last one goes.
    private const int Moved = 1 << 24;

    /// <summary>A thread is about to wait at a word.</summary>
    public static void Enter(TaskState* task, ulong address) => Interlocked.Increment(ref *At(task, address));

    /// <summary>It waits no more.</summary>
    public static void Leave(TaskState* task, ulong address) => Interlocked.Decrement(ref *At(task, address));

    /// <summary>Threads may be moved to a word: from now on the kernel is always asked.</summary>
    public static void Move(TaskState* task, ulong address)
    {
        int* counter = At(task, address);
        if (Volatile.Read(ref *counter) < Moved)
            Interlocked.Add(ref *counter, Moved);
    }

    /// <summary>True if no thread of the space waits at a word that the caller has changed before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AreNone(TaskState* task, ulong address)
    {
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref *At(task, address)) == 0;
    }

    /// <summary>In a forked child: none of its parent's threads is there.</summary>
    public static void Forget(SpaceState* space)
    {
        for (int i = 0; i < Counters; i++)
            space->FutexWaiters[i] = 0;
    }

    // Words that are near each other differ.
    private static int* At(TaskState* task, ulong address) =>
        task->Process->Space->FutexWaiters + ((address >> 2 ^ address >> 8 ^ address >> 14) & (Counters - 1));
}
