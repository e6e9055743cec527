using Libsys.Hosting;
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
    private OpenFile?[] files = new OpenFile?[FirstSize];
    private int lowestFree;

    /// <summary>Processes that share the table.</summary>
    public int Users { get; private set; } = 1;

    /// <summary>Numbers in use are below this.</summary>
    public int End => files.Length;

    /// <summary>The description behind a handle, or null.</summary>
    public OpenFile? Find(ulong handle) => handle < (ulong)files.Length ? files[(int)handle] : null;

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
        while (index < files.Length && files[index] != null)
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

    /// <summary>Takes a description out; the caller gets its reference.</summary>
    public OpenFile? Remove(ulong handle)
    {
        OpenFile? file = Find(handle);
        if (file == null)
            return null;
        files[(int)handle] = null;
        file.HandleClosed(this, handle);
        Count--;
        budget.Give(1);
        lowestFree = Math.Min(lowestFree, (int)handle);
        return file;
    }

    /// <summary>A table with the same descriptions under the same numbers.</summary>
    public HandleTable Copy()
    {
        var copy = new HandleTable(budget, memory) { files = (OpenFile?[])files.Clone(), lowestFree = lowestFree, Count = Count };
        budget.Take(Count);
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
