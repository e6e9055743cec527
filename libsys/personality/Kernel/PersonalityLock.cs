using System.Runtime.InteropServices;
using System.Threading;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>
/// A lock on a word: 0 free, 1 held, 2 held with sleepers. The waits are uninterruptible, so that a signal never breaks a critical section;
/// sections are short and never wait for a server or for the program. Order where several are held:
/// map lock → descriptor table → actions → task lock → signal lock → timers → heap lock. Fork takes them in this order too.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PersonalityLock
{
    private uint word;

    /// <summary>Takes the lock.</summary>
    public static void Enter(PersonalityLock* self)
    {
        if (Interlocked.CompareExchange(ref self->word, 1, 0) != 0)
            EnterSlow(self);
    }

    /// <summary>Gives it back.</summary>
    public static void Exit(PersonalityLock* self)
    {
        if (Interlocked.Exchange(ref self->word, 0) == 2)
            KernelCalls.WordWake(&self->word, 1);
    }

    /// <summary>In a forked child, where no other thread lives: the copy of a lock that the forking thread held becomes free.</summary>
    public static void Reset(PersonalityLock* self) => self->word = 0;

    private static void EnterSlow(PersonalityLock* self)
    {
        while (Interlocked.Exchange(ref self->word, 2) != 0)
            KernelCalls.WordWait(&self->word, 2, Deadline.Never, WaitFlags.Uninterruptible);
    }
}

/// <summary>Deadlines of kernel waits, nanoseconds since boot.</summary>
internal static class Deadline
{
    /// <summary>Waits for ever.</summary>
    public const ulong Never = ulong.MaxValue;

    /// <summary>Does not wait.</summary>
    public const ulong Poll = 0;
}
