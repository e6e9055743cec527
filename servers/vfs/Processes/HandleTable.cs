using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Processes;

/// <summary>Handles of a process: references to open file descriptions under small numbers. CLONE_FILES shares it; it owns POSIX record locks.</summary>
/// <param name="budget">Handles of all processes together: what they keep lies in vfs' own heap, so clients must not be able to fill it.</param>
/// <param name="memory">What all processes together make vfs keep beside their handles: record locks, and texts of /proc that are being read.</param>
public sealed class HandleTable(Budget budget, Budget memory) : ILockOwner
{
    /// <summary>Bound on one process' handles, above the RLIMIT_NOFILE that programs usually have, so that they meet that first.</summary>
    public const int Limit = 16384;

    private const int FirstSize = 16;

    // A block begins at a multiple of its length.
    private const int LentLength = PostedLayout.LentHandles, NoneLent = -LentLength;
    private OpenFile?[] files = new OpenFile?[FirstSize];
    private int lowestFree;
    private int firstLent = NoneLent;
    private int lentAndFree;

    /// <summary>Processes that share the table.</summary>
    public int Users { get; private set; } = 1;

    /// <summary>Numbers in use are below this.</summary>
    public int End => files.Length;

    /// <summary>The description behind a handle, or null.</summary>
    public OpenFile? Find(ulong handle) => handle < (ulong)files.Length ? files[(int)handle] : null;

    /// <summary>Whether any handle is one of a description. Looks at all.</summary>
    public bool Has(OpenFile file) => Array.IndexOf(files, file) >= 0;

    /// <summary>What all processes together make vfs keep beside their handles.</summary>
    public Budget Memory => memory;

    /// <summary>Handles in use.</summary>
    public int Count { get; private set; }

    /// <summary>EMFILE or ENFILE if <see cref="Add"/> would say so now.</summary>
    public Errno CheckRoom() => Count >= Limit ? Errno.EMFILE : budget.HasRoom(1) ? Errno.None : Errno.ENFILE;

    /// <summary>
    /// Puts a description under the lowest free number and takes over the caller's reference. EMFILE when full, ENFILE when all processes have too many.
    /// </summary>
    public long Add(OpenFile file)
    {
        int index = lowestFree;
        while (index < files.Length && (files[index] != null || IsLent(index)))
            index++;
        if (index >= Limit)
            return -(long)Errno.EMFILE;
        if (!budget.HasRoom(1))
            return -(long)Errno.ENFILE;
        if (index == files.Length)
            Array.Resize(ref files, Math.Min(Limit, files.Length * 2));
        files[index] = file;
        file.HandleOpened();
        Count++;
        budget.Take(1);
        lowestFree = index + 1;
        return index;
    }

    /// <summary>
    /// Sets a block of free numbers aside, which only <see cref="OpenLent"/> uses; they count as handles. EMFILE or ENFILE if there is no room; for all
    /// processes together only half is lent.
    /// </summary>
    public Errno Lend()
    {
        if (firstLent >= 0)
            return Errno.None;
        if (Count > Limit - LentLength)
            return Errno.EMFILE;
        if (!budget.HasRoom(budget.Limit / 2 + LentLength))
            return Errno.ENFILE;
        if (files.Length < LentLength)
            Array.Resize(ref files, LentLength);
        int first = 0;
        while (first < files.Length && !IsFree(files.AsSpan(first, LentLength)))
            first += LentLength;
        if (first == Limit)
            return Errno.EMFILE;
        if (first == files.Length)
            Array.Resize(ref files, Math.Min(Limit, files.Length * 2));
        firstLent = first;
        lentAndFree = LentLength;
        Count += LentLength;
        budget.Take(LentLength);
        return Errno.None;
    }

    /// <summary>First of the numbers that are lent.</summary>
    public int FirstLent => firstLent;

    /// <summary>A bit for each lent number that is free.</summary>
    public uint FreeLent
    {
        get
        {
            uint free = 0;
            for (int index = 0; index < LentLength && firstLent >= 0; index++)
                free |= files[firstLent + index] == null ? 1u << index : 0;
            return free;
        }
    }

    /// <summary>True if a number is lent and no handle.</summary>
    public bool IsLentAndFree(ulong handle) => handle < (ulong)files.Length && IsLent((int)handle) && files[(int)handle] == null;

    /// <summary>Puts a description under a number that is lent and free, and takes over the caller's reference.</summary>
    public void OpenLent(ulong handle, OpenFile file)
    {
        files[(int)handle] = file;
        lentAndFree--;
        file.HandleOpened();
    }

    private static bool IsFree(ReadOnlySpan<OpenFile?> block)
    {
        foreach (OpenFile? file in block)
        {
            if (file != null)
                return false;
        }

        return true;
    }

    private bool IsLent(int handle) => (uint)(handle - firstLent) < LentLength;

    /// <summary>Takes a description out; the caller gets its reference.</summary>
    public OpenFile? Remove(ulong handle)
    {
        OpenFile? file = Find(handle);
        if (file == null)
            return null;
        files[(int)handle] = null;
        file.HandleClosed(this, handle);
        if (IsLent((int)handle))
        {
            lentAndFree++;
            return file; // the number stays the client's
        }

        Count--;
        budget.Give(1);
        lowestFree = Math.Min(lowestFree, (int)handle);
        return file;
    }

    /// <summary>A table with the same descriptions under the same numbers.</summary>
    public HandleTable Copy()
    {
        int open = Count - lentAndFree;
        // Not what was needed once: most copies are of a process that is about to run another program. Whole blocks, see above.
        int length = files.Length;
        while (length > LentLength && IsFree(files.AsSpan(length - LentLength, LentLength)))
            length -= LentLength;
        var copy = new HandleTable(budget, memory) { files = files[..length], Count = open };
        copy.lowestFree = Math.Min(length, lentAndFree == 0 ? lowestFree : Math.Min(lowestFree, firstLent));
        budget.Take(open);
        foreach (OpenFile? file in copy.files)
        {
            file?.AddReference();
            file?.HandleOpened();
        }

        return copy;
    }

    /// <summary>One more process shares the table.</summary>
    public HandleTable Share()
    {
        Users++;
        return this;
    }

    /// <summary>A process lets go; the last one closes everything.</summary>
    public void Release()
    {
        if (--Users > 0)
            return;
        budget.Give(Count);
        Count = 0;
        for (int index = 0; index < files.Length; index++)
        {
            if (files[index] is not { } file)
                continue;
            files[index] = null;
            file.HandleClosed(this, (ulong)index);
            file.Inode.Locks?.ReleaseRecords(this);
            file.Release();
        }
    }
}
