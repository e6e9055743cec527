using System.Numerics;

namespace Servers.Processes.Tree;

/// <summary>
/// Which process and thread ids are in use, and for how much: an id is a process', a thread's, a group's and a session's, and is free again when it is none of
/// them: the group of a leader that has gone must not go to a new process. Giving out looks at words of a bitmap, so that no crowd of processes can make it
/// long.
/// </summary>
internal sealed class IdTable
{
    /// <summary>Default of /proc/sys/kernel/pid_max, proc(5): ids stay below.</summary>
    public const int Limit = 32768;

    // After a wrap ids start above those of the first daemons, as Linux does.
    private const int FirstAfterWrap = 300;
    private const int WordBits = 64;

    private readonly ulong[] taken = new ulong[Limit / WordBits];
    private readonly ushort[] uses = new ushort[Limit];
    private int last;

    /// <summary>One use more of an id.</summary>
    public void Use(int id)
    {
        if (uses[id]++ == 0)
            taken[id / WordBits] |= 1ul << id % WordBits;
    }

    /// <summary>One use less.</summary>
    public void Leave(int id)
    {
        if (--uses[id] == 0)
            taken[id / WordBits] &= ~(1ul << id % WordBits);
    }

    /// <summary>
    /// The first of <paramref name="count"/> consecutive ids that are free, after those given out last; 0: there is no such run. They are not in use yet.
    /// </summary>
    public int Next(int count)
    {
        int first = FindRun(last + 1, count);
        if (first == 0)
            first = FindRun(FirstAfterWrap, count);
        if (first != 0)
            last = first + count - 1;
        return first;
    }

    private int FindRun(int from, int count)
    {
        for (int first = from; first + count <= Limit;)
        {
            int hit = NextTaken(first, first + count);
            if (hit < 0)
                return first;
            first = hit + 1;
        }

        return 0;
    }

    private int NextTaken(int from, int end)
    {
        for (int at = from; at < end; at = (at / WordBits + 1) * WordBits)
        {
            ulong word = taken[at / WordBits] >> at % WordBits;
            if (word != 0)
                return at + BitOperations.TrailingZeroCount(word) is var hit && hit < end ? hit : -1;
        }

        return -1;
    }
}
