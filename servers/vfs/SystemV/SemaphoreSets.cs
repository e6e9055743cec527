using Libsys.Hosting;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;

namespace Servers.Vfs.SystemV;

/// <summary>All sets of semaphores.</summary>
public sealed class SemaphoreSets(IClock clock)
{
    // Of a set without its semaphores, and of what a process takes back at one; a semaphore is a value and a process, or what is taken back.
    private const long SetBytes = 512, TakenBackBytes = 128, SemaphoreBytes = 6, AdjustmentBytes = 2;

    // All sets together in the heap of vfs, with what is taken back: more than programs have, and a sixteenth of it.
    private readonly Budget kept = new(8 << 20);

    // Sets at which a process has something to take back when it ends.
    private readonly Dictionary<uint, List<SemaphoreSet>> byProcess = [];

    /// <summary>Which there are.</summary>
    public SystemVTable<SemaphoreSet> Table { get; } = new(SemaphoreNumbers.MostSets);

    /// <summary>Semaphores of all.</summary>
    public int Total { get; private set; }

    /// <summary>semget(2).</summary>
    public Errno Get(int key, int count, uint flags, Credentials asking, out SemaphoreSet? set)
    {
        set = null;
        if (count is < 0 or > SemaphoreNumbers.MostOfSet)
            return Errno.EINVAL;
        return Table.Get(
            key, flags, asking, known => count > known.Count ? Errno.EINVAL : Errno.None,
            (Permission permission, bool isFull, out SemaphoreSet? made) => Make(permission, isFull, count, out made), out set);
    }

    /// <summary>IPC_RMID: who waits gets EIDRM.</summary>
    public void Remove(SemaphoreSet set)
    {
        Table.Remove(set);
        Total -= set.Count;
        kept.Give(SetBytes + set.Count * SemaphoreBytes);
        foreach ((uint process, List<SemaphoreSet> sets) in byProcess.ToArray())
        {
            if (!sets.Remove(set))
                continue;
            kept.Give(BytesTakenBack(set));
            if (sets.Count == 0)
                byProcess.Remove(process);
        }

        set.Waiters.Wake();
    }

    /// <summary>The same as <see cref="SemaphoreSet.Operate"/>, or ENOMEM where there is no room for what is to be taken back.</summary>
    public Errno Operate(SemaphoreSet set, ReadOnlySpan<SemaphoreOperation> operations, uint process, out int blocked)
    {
        blocked = 0;
        bool isNew = !set.HasTakenBack(process);
        if (isNew && !kept.HasRoom(BytesTakenBack(set)))
        {
            foreach (SemaphoreOperation one in operations)
            {
                if (one.IsTakenBack)
                    return Errno.ENOMEM;
            }
        }

        Errno error = set.Operate(operations, process, clock.Wall, out blocked);
        if (isNew && set.HasTakenBack(process))
        {
            kept.Take(BytesTakenBack(set));
            if (!byProcess.TryGetValue(process, out List<SemaphoreSet>? sets))
                byProcess.Add(process, sets = []);
            sets.Add(set);
        }

        return error;
    }

    /// <summary>A process has ended.</summary>
    public void ProcessEnded(uint process)
    {
        if (!byProcess.Remove(process, out List<SemaphoreSet>? sets))
            return;
        foreach (SemaphoreSet set in sets)
        {
            set.TakeBack(process, clock.Wall);
            kept.Give(BytesTakenBack(set));
        }
    }

    private static long BytesTakenBack(SemaphoreSet set) => TakenBackBytes + set.Count * AdjustmentBytes;

    private Errno Make(Permission permission, bool isFull, int count, out SemaphoreSet? made)
    {
        made = null;
        if (count == 0)
            return Errno.EINVAL;
        if (isFull || count > SemaphoreNumbers.MostTogether - Total)
            return Errno.ENOSPC;
        if (!kept.TryTake(SetBytes + count * SemaphoreBytes))
            return Errno.ENOMEM;
        made = new SemaphoreSet(permission, count, clock.Wall);
        Total += count;
        return Errno.None;
    }
}
