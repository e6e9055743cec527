using Servers.Vfs.Waiting;

namespace Servers.Vfs.SystemV;

/// <summary>A set of semaphores: values, who waits for them, and what processes take back when they end. semop(2).</summary>
public sealed class SemaphoreSet : SystemVObject
{
    private readonly ushort[] values;
    private readonly uint[] lastProcesses;
    private readonly Dictionary<uint, short[]> takenBack = [];

    /// <summary>Semaphores of value 0.</summary>
    public SemaphoreSet(Permission permission, int count, long now)
        : base(permission)
    {
        values = new ushort[count];
        lastProcesses = new uint[count];
        ChangeTime = now;
    }

    /// <summary>How many semaphores it has.</summary>
    public int Count => values.Length;

    /// <summary>Their values.</summary>
    public ReadOnlySpan<ushort> Values => values;

    /// <summary>The last semop(2), nanoseconds since 1970; 0: there was none.</summary>
    public long OperateTime { get; private set; }

    /// <summary>The last change by semctl(2), or when it was made.</summary>
    public long ChangeTime { get; internal set; }

    /// <summary>Requests that wait for other values.</summary>
    public WaitQueue Waiters { get; } = new();

    /// <summary>What they wait for.</summary>
    internal List<SemaphoreWait> Waiting { get; } = [];

    /// <summary>The process that changed or waited for a semaphore last.</summary>
    public uint LastProcess(int number) => lastProcesses[number];

    /// <summary>Whether a process has anything to take back here already, and so needs no memory for it.</summary>
    public bool HasTakenBack(uint process) => takenBack.ContainsKey(process);

    /// <summary>
    /// All operations, or none of them. None; ERANGE: a value or what is to be taken back would be too large; EAGAIN: the operation <paramref name="blocked"/>
    /// cannot be done now.
    /// </summary>
    public Errno Operate(ReadOnlySpan<SemaphoreOperation> operations, uint process, long now, out int blocked)
    {
        takenBack.TryGetValue(process, out short[]? adjustments);
        Errno error = Errno.None;
        int done = 0;
        bool changes = false;
        for (; done < operations.Length && error == Errno.None; done += error == Errno.None ? 1 : 0)
        {
            SemaphoreOperation one = operations[done];
            error = Check(one, adjustments);
            if (error != Errno.None)
                continue;
            if (one.IsTakenBack)
                (adjustments ??= takenBack[process] = new short[Count])[one.Number] -= one.Change;
            values[one.Number] = (ushort)(values[one.Number] + one.Change);
            changes |= one.Change != 0;
        }

        blocked = done;
        if (error != Errno.None)
        {
            foreach (SemaphoreOperation one in operations[..done])
            {
                values[one.Number] = (ushort)(values[one.Number] - one.Change);
                if (one.IsTakenBack)
                    adjustments![one.Number] += one.Change;
            }

            return error;
        }

        foreach (SemaphoreOperation one in operations)
            lastProcesses[one.Number] = process;
        OperateTime = now;
        if (changes)
            Waiters.Wake();
        return Errno.None;
    }

    /// <summary>SETVAL and SETALL: nobody takes back anything of these semaphores any more.</summary>
    public void Set(int first, ReadOnlySpan<ushort> given, uint process, long now)
    {
        given.CopyTo(values.AsSpan(first));
        lastProcesses.AsSpan(first, given.Length).Fill(process);
        foreach (short[] adjustments in takenBack.Values)
            adjustments.AsSpan(first, given.Length).Clear();
        ChangeTime = now;
        Waiters.Wake();
    }

    /// <summary>A process has ended: what it did with SEM_UNDO is taken back, within the bounds of a value. False: there was nothing.</summary>
    public bool TakeBack(uint process, long now)
    {
        if (!takenBack.Remove(process, out short[]? adjustments))
            return false;
        for (int number = 0; number < Count; number++)
        {
            if (adjustments[number] == 0)
                continue;
            values[number] = (ushort)Math.Clamp(values[number] + adjustments[number], 0, SemaphoreNumbers.Largest);
            lastProcesses[number] = process;
        }

        OperateTime = now;
        Waiters.Wake();
        return true;
    }

    /// <summary>Requests that wait for a semaphore to become zero, or larger.</summary>
    public int CountWaiting(int number, bool isForZero) => Waiting.Count(wait => wait.Number == number && wait.IsForZero == isForZero);

    private Errno Check(SemaphoreOperation one, short[]? adjustments)
    {
        int value = values[one.Number];
        int wanted = value + one.Change;
        if (one.Change == 0 ? value != 0 : wanted < 0)
            return Errno.EAGAIN;
        int adjustment = (adjustments?[one.Number] ?? 0) - one.Change;
        bool isTooMuch = wanted > SemaphoreNumbers.Largest
            || (one.IsTakenBack && adjustment is < -SemaphoreNumbers.Largest - 1 or > SemaphoreNumbers.Largest);
        return isTooMuch ? Errno.ERANGE : Errno.None;
    }
}
