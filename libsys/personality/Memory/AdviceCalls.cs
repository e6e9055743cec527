using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>madvise, mincore, msync, mlock and relatives.</summary>
internal static unsafe class AdviceCalls
{
    private const ulong PageMask = 4095;

    /// <summary>madvise(address, length, advice).</summary>
    public static long Advise(TaskState* task, RegisterFrame* frame)
    {
        const int DontNeed = 4, Free = 8, Remove = 9, DontFork = 10, DoFork = 11, WipeOnFork = 18, KeepOnFork = 19, Cold = 20, PageOut = 21, PopulateRead = 22,
            PopulateWrite = 23,
            Collapse = 25;
        ulong address = frame->Rdi, length = (frame->Rsi + PageMask) & ~PageMask;
        int advice = (int)frame->Rdx;
        bool known = (uint)advice <= DontNeed || ((uint)advice >= Free && advice <= Collapse);
        if ((address & PageMask) != 0 || !known || (length == 0 && frame->Rsi != 0))
            return -Errno.EINVAL;
        if (length == 0)
            return 0;
        if (!UserMemory.IsUser(address, length))
            return -Errno.ENOMEM;
        switch (advice)
        {
            case DontNeed:
            case Free:
                return ForEachRegion(task, address, length, advice);
            case DontFork:
            case DoFork:
            case WipeOnFork:
            case KeepOnFork:
            case Remove:
                // What a fork does with a region is fixed when it is mapped; Remove needs the object. Linux without the feature says EINVAL.
                return -Errno.EINVAL;
            case PopulateRead:
            case PopulateWrite:
                return KernelCalls.Populate(address, length) < 0 ? -Errno.ENOMEM : 0;
            case Cold:
            case PageOut:
            default:
                // Hints about reading ahead, huge pages, merging and dumps: nothing to do, but the range must be mapped.
                return IsMapped(task, address, length) ? 0 : -Errno.ENOMEM;
        }
    }

    /// <summary>mincore(address, length, vector): a page counts as resident if its region has any page: no finer knowledge exists.</summary>
    public static long InCore(TaskState* task, RegisterFrame* frame)
    {
        ulong address = frame->Rdi, length = (frame->Rsi + PageMask) & ~PageMask;
        if ((address & PageMask) != 0)
            return -Errno.EINVAL;
        if (!UserMemory.IsUser(address, length) || !IsMapped(task, address, length))
            return -Errno.ENOMEM;
        byte* resident = stackalloc byte[64];
        for (int i = 0; i < 64; i++)
            resident[i] = 1;
        ulong pages = length / 4096;
        for (ulong done = 0; done < pages; done += 64)
        {
            ulong count = pages - done < 64 ? pages - done : 64;
            if (!UserMemory.CopyOut(frame->Rdx + done, resident, count))
                return -Errno.EFAULT;
        }
        return 0;
    }

    /// <summary>
    /// msync(address, length, flags). A mapping needs no write-back to be seen by others, so only MS_SYNC does anything: vfs makes safe what is mapped shared,
    /// region by region. A failure ends it; a hole does not, and is reported at the end.
    /// </summary>
    public static long Synchronise(TaskState* task, RegisterFrame* frame)
    {
        const uint Asynchronous = 1, Invalidate = 2, Synchronous = 4;
        ulong address = frame->Rdi, end = address + ((frame->Rsi + PageMask) & ~PageMask);
        uint flags = (uint)frame->Rdx;
        if ((address & PageMask) != 0 || (flags & ~(Asynchronous | Invalidate | Synchronous)) != 0 ||
            (flags & (Asynchronous | Synchronous)) == (Asynchronous | Synchronous))
            return -Errno.EINVAL;
        if (end < address)
            return -Errno.ENOMEM;
        bool hole = false;
        while (address < end)
        {
            long start = KernelCalls.Query(address);
            if (start < 0 || (ulong)start >= end || (ulong)start >= Window.Base)
                return -Errno.ENOMEM;
            ulong* words = KernelCalls.MessageWords(task);
            ulong next = words[0] + words[1], label = words[6];
            hole |= (ulong)start > address;
            // vfs labels what there may be something to do for, and segments.
            if ((ulong)start > address)
                address = (ulong)start;
            long error = (flags & Synchronous) != 0 && label is not 0 and < SegmentLabel.Mark ? VfsClient.Call(task, VfsOperation.SyncMapping, address) : 0;
            if (error < 0)
                return error;
            address = next;
        }
        return hole ? -Errno.ENOMEM : 0;
    }

    /// <summary>mlock(address, length), mlock2(address, length, flags): nothing is ever paged out, so a lock only makes the pages present.</summary>
    public static long Lock(TaskState* task, ulong address, ulong length, bool populate)
    {
        ulong end = (address + length + PageMask) & ~PageMask;
        address &= ~PageMask;
        if (length == 0)
            return 0;
        if (end <= address)
            return -Errno.EINVAL;
        if (!UserMemory.IsUser(address, end - address) || !IsMapped(task, address, end - address))
            return -Errno.ENOMEM;
        if (populate)
            KernelCalls.Populate(address, end - address);
        return 0;
    }

    /// <summary>mlockall(flags).</summary>
    public static long LockAll(TaskState* task, RegisterFrame* frame)
    {
        const uint Current = 1, Future = 2, OnFault = 4;
        uint flags = (uint)frame->Rdi;
        if (flags == 0 || flags == OnFault || (flags & ~(Current | Future | OnFault)) != 0)
            return -Errno.EINVAL;
        task->Process->Space->LockFlags = flags;
        return 0;
    }

    /// <summary>True if every page of the range is in some region.</summary>
    public static bool IsMapped(TaskState* task, ulong address, ulong length)
    {
        ulong end = address + length;
        while (address < end)
        {
            long start = KernelCalls.Query(address);
            if (start < 0 || (ulong)start > address)
                return false;
            ulong* words = KernelCalls.MessageWords(task);
            address = words[0] + words[1];
        }
        return true;
    }

    // Applies to what is mapped and reports holes at the end, as madvise(2) says. MADV_FREE may free at once.
    private static long ForEachRegion(TaskState* task, ulong address, ulong length, int advice)
    {
        ulong end = address + length;
        bool hole = false;
        while (address < end)
        {
            long start = KernelCalls.Query(address);
            if (start < 0 || (ulong)start >= end)
                return -Errno.ENOMEM;
            ulong* words = KernelCalls.MessageWords(task);
            ulong regionEnd = words[0] + words[1];
            MapFlags flags = (MapFlags)words[2];
            if ((ulong)start > address)
            {
                hole = true;
                address = (ulong)start;
            }
            ulong pieceEnd = regionEnd < end ? regionEnd : end;
            // Pages of shared objects stay in the object: next touch shows them again.
            if ((flags & MapFlags.Shared) == 0)
            {
                long status = KernelCalls.Discard(address, pieceEnd - address);
                if (status < 0)
                    return KernelCalls.MemoryError(status);
            }
            address = pieceEnd;
        }
        return hole ? -Errno.ENOMEM : 0;
    }
}
