using Libsys.Hosting;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Objects;

/// <summary>
/// Locks on one file: whole-file locks of open descriptions (flock(2)) and byte ranges of processes (fcntl(2)). The kinds do not see each other.
/// </summary>
public sealed class FileLocks
{
    /// <summary>Bytes that a range counts as (<see cref="ILockOwner.Memory"/>).</summary>
    public const int RecordBytes = 64;

    private readonly List<(OpenFile Owner, bool Exclusive)> wholes = [];
    private readonly List<RecordLock> records = [];

    /// <summary>Requests that wait for a lock.</summary>
    public WaitQueue Waiters { get; } = new();

    /// <summary>Byte-range locks held.</summary>
    public int RecordCount => records.Count;

    /// <summary>Takes or changes a whole-file lock; false if another description's is in the way.</summary>
    public bool TryLock(OpenFile owner, bool exclusive)
    {
        foreach ((OpenFile other, bool otherExclusive) in wholes)
        {
            if (!ReferenceEquals(other, owner) && (exclusive || otherExclusive))
                return false;
        }

        if (wholes.Count > 0)
            ReleaseFile(owner);
        wholes.Add((owner, exclusive));
        return true;
    }

    /// <summary>Gives a description's whole-file lock up.</summary>
    public void ReleaseFile(OpenFile owner)
    {
        for (int index = 0; index < wholes.Count; index++)
        {
            if (!ReferenceEquals(wholes[index].Owner, owner))
                continue;
            wholes.RemoveAt(index); // a description has one
            Waiters.Wake();
            return;
        }
    }

    /// <summary>The first byte-range lock of somebody else that is in the way.</summary>
    public bool TryFindConflict(in RecordLock wanted, out RecordLock conflict)
    {
        foreach (RecordLock held in records)
        {
            bool overlaps = held.Start <= wanted.Last && wanted.Start <= held.Last;
            if (overlaps && !ReferenceEquals(held.Owner, wanted.Owner) && (held.IsExclusive || wanted.IsExclusive))
            {
                conflict = held;
                return true;
            }
        }

        conflict = default;
        return false;
    }

    /// <summary>Puts a range in place of what its owner held there.</summary>
    public void Set(in RecordLock range)
    {
        Clear(range.Owner, range.Start, range.Last);
        Add(range);
        Waiters.Wake();
    }

    /// <summary>Unlocks a range, splitting locks that reach beyond it.</summary>
    public void Clear(ILockOwner owner, long start, long last)
    {
        int count = records.Count;
        for (int index = count - 1; index >= 0; index--)
        {
            RecordLock held = records[index];
            if (!ReferenceEquals(held.Owner, owner) || held.Start > last || start > held.Last)
                continue;
            records.RemoveAt(index);
            owner.Memory.Give(RecordBytes);
            if (held.Start < start)
                Add(held with { Last = start - 1 });
            if (held.Last > last)
                Add(held with { Start = last + 1 });
        }

        Waiters.Wake();
    }

    /// <summary>True if taking or clearing a range makes more ranges of those that the owner has: it reaches into the middle of one.</summary>
    public bool Splits(ILockOwner owner, long start, long last)
    {
        foreach (RecordLock held in records)
        {
            if (ReferenceEquals(held.Owner, owner) && held.Start < start && last < held.Last)
                return true;
        }

        return false;
    }

    /// <summary>A process closed the file, by any handle: its byte-range locks go, fcntl(2).</summary>
    public void ReleaseRecords(ILockOwner owner)
    {
        int count = records.RemoveAll(held => ReferenceEquals(held.Owner, owner));
        if (count == 0)
            return;
        owner.Memory.Give(count * RecordBytes);
        Waiters.Wake();
    }

    private void Add(in RecordLock range)
    {
        records.Add(range);
        range.Owner.Memory.Take(RecordBytes);
    }
}

/// <summary>A locked byte range; <paramref name="Last"/> is inclusive.</summary>
public readonly record struct RecordLock(ILockOwner Owner, uint Pid, long Start, long Last, bool IsExclusive);

/// <summary>Who owns record locks: all that share a table of handles, fcntl(2).</summary>
public interface ILockOwner
{
    /// <summary>What pays for them.</summary>
    Budget Memory { get; }
}
