using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// shmget(2), shmat(2), shmdt(2), shmctl(2): vfs owns the segments and maps them; which regions here are segments the kernel tells by their labels.
/// docs/system-v-ipc.md.
/// </summary>
internal static unsafe class SegmentCalls
{
    private const ulong PageMask = 4095;

    /// <summary>shmget(key, size, flags).</summary>
    public static long Get(TaskState* task, ulong key, ulong size, ulong flags) =>
        VfsClient.Call(task, VfsOperation.GetSegment, (uint)key, size, (uint)flags);

    /// <summary>shmat(id, address, flags): where it is.</summary>
    public static long Attach(TaskState* task, ulong id, ulong address, ulong flags)
    {
        bool isPlaced = address != 0, replaces = (flags & SegmentNumbers.Remap) != 0;
        if ((int)id < 0 || (!isPlaced && replaces))
            return -Errno.EINVAL;
        if ((address & PageMask) != 0)
        {
            if ((flags & SegmentNumbers.Round) == 0)
                return -Errno.EINVAL;
            address &= ~PageMask; // SHMLBA is a page
            if (address == 0 && replaces)
                return -Errno.EINVAL;
        }

        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.AttachSegment, (uint)id, (uint)flags);
        long error = VfsClient.Call(task, &request);
        if (error < 0)
            return error;
        ulong length = request.V0;
        if (length == 0 || length > Window.Base)
            return -Errno.ENOMEM;
        if (isPlaced)
            return AttachAt(task, id, address, length, flags, replaces);
        while (true)
        {
            long place = MapCalls.FindPlace(task->Process->Space, 0, length, low32: false);
            if (place < 0)
                return place;
            error = Map(task, id, (ulong)place, length, flags, replaces: false);
            // Another thread took the gap between the two calls: look again.
            if (error != -Errno.EEXIST)
                return error < 0 ? error : place;
        }
    }

    /// <summary>shmdt(address): takes away all that is left of what was attached there.</summary>
    public static long Detach(TaskState* task, ulong address)
    {
        if ((address & PageMask) != 0 || address >= Window.Base)
            return -Errno.EINVAL;
        SpaceState* space = task->Process->Space;
        PersonalityLock.Enter(&space->MapLock);
        ulong found = 0, label = 0;
        for (ulong at = address; Next(task, at, out ulong start, out ulong end);)
        {
            ulong* words = KernelCalls.MessageWords(task);
            bool isPart = (words[6] & SegmentLabel.Mark) != 0 && start - address == words[4] && start >= address;
            if (isPart && (found == 0 || found == words[3]))
            {
                (found, label) = (words[3], words[6]);
                KernelCalls.Unmap(start, end - start);
            }

            at = end;
        }

        PersonalityLock.Exit(&space->MapLock);
        if (found == 0)
            return -Errno.EINVAL;
        // There is nothing to be done about an error: the segment is gone from here.
        VfsClient.Call(task, VfsOperation.SegmentDetached, label & ~SegmentLabel.Mark);
        return 0;
    }

    /// <summary>shmctl(id, command, buffer).</summary>
    public static long Control(TaskState* task, ulong id, ulong command, ulong buffer)
    {
        if ((int)id < 0 || (int)command < 0)
            return -Errno.EINVAL;
        uint length = (uint)command switch
        {
            SystemVNumbers.Stat or SystemVNumbers.Set or SegmentNumbers.StatIndex or SegmentNumbers.StatAny => SegmentLayout.Length,
            SystemVNumbers.Information => SegmentLayout.LimitsLength,
            SegmentNumbers.SegmentInformation => SegmentLayout.UsageLength,
            _ => 0,
        };
        return SystemVRecord.Exchange(task, VfsOperation.ControlSegment, id, command, buffer, length, isInput: (uint)command == SystemVNumbers.Set);
    }

    private static long AttachAt(TaskState* task, ulong id, ulong address, ulong length, ulong flags, bool replaces)
    {
        if (address + length < address)
            return -Errno.EINVAL;
        if (!UserMemory.IsUser(address, length))
            return -Errno.ENOMEM;
        if (address < Window.Lowest)
            return -Errno.EPERM;
        long error = Map(task, id, address, length, flags, replaces);
        // Linux' word for what is in the way of shmat, where mmap says EEXIST.
        return error == -Errno.EEXIST ? -Errno.EINVAL : error < 0 ? error : (long)address;
    }

    // As for mmap of a file (FileMapping): vfs may map where nothing is, and replace what is offered.
    private static long Map(TaskState* task, ulong id, ulong address, ulong length, ulong flags, bool replaces)
    {
        while (true)
        {
            long status = replaces ? KernelCalls.Offer(address, length, true) : 0;
            if (status < 0)
                return KernelCalls.MemoryError(status);
            ulong replace = replaces ? (ulong)MapFlags.Replace : 0;
            long result = VfsClient.Call(task, VfsOperation.AttachSegment, (uint)id, (uint)flags, address, replace);
            if (replaces)
                KernelCalls.Offer(address, length, false);
            if (!replaces || result != -Errno.EEXIST)
                return result;
        }
    }

    // The region at an address, or the next one above; its figures are in the message area.
    private static bool Next(TaskState* task, ulong at, out ulong start, out ulong end)
    {
        long found = at < Window.Base ? KernelCalls.Query(at) : -1;
        ulong* words = KernelCalls.MessageWords(task);
        (start, end) = found >= 0 ? (words[0], words[0] + words[1]) : (0, 0);
        return found >= 0 && start < Window.Base;
    }
}
