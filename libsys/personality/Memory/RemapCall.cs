using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>mremap(2).</summary>
internal static unsafe class RemapCall
{
    private const ulong PageMask = 4095;
    private const uint MREMAP_MAYMOVE = 1, MREMAP_FIXED = 2, MREMAP_DONTUNMAP = 4;

    /// <summary>mremap(old address, old length, new length, flags, new address).</summary>
    public static long Remap(TaskState* task, RegisterFrame* frame)
    {
        ulong old = frame->Rdi, oldLength = (frame->Rsi + PageMask) & ~PageMask, newLength = (frame->Rdx + PageMask) & ~PageMask;
        uint flags = (uint)frame->R10;
        if ((flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)) != 0 || (old & PageMask) != 0 || newLength == 0)
            return -Errno.EINVAL;
        // With MREMAP_DONTUNMAP alone the new address is where to look first.
        bool isPlaced = (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) != 0;
        if (isPlaced && ((flags & MREMAP_MAYMOVE) == 0 || (frame->R8 & PageMask) != 0 || !UserMemory.IsUser(frame->R8, newLength)))
            return -Errno.EINVAL;
        if ((flags & MREMAP_DONTUNMAP) != 0 && frame->Rsi != frame->Rdx)
            return -Errno.EINVAL;
        if (!UserMemory.IsUser(old, 0))
            return -Errno.EFAULT;
        if (!UserMemory.IsUser(old, oldLength > newLength ? oldLength : newLength))
            return -Errno.EINVAL;

        SpaceState* space = task->Process->Space;
        PersonalityLock.Enter(&space->MapLock);
        long result = Change(task, space, old, oldLength, newLength, flags, frame->R8);
        PersonalityLock.Exit(&space->MapLock);
        return result;
    }

    private static long Change(TaskState* task, SpaceState* space, ulong old, ulong oldLength, ulong newLength, uint flags, ulong target)
    {
        // What moves must be one region, and what is cut off may be anything. A length of 0 asks for a second view of a shared one, which regions without a
        // name cannot give.
        long start = KernelCalls.Query(old);
        if (start < 0 || (ulong)start > old)
            return -Errno.EFAULT;
        ulong* words = KernelCalls.MessageWords(task);
        ulong regionEnd = words[0] + words[1];
        MapFlags protection = (MapFlags)words[2];
        bool anonymous = words[3] == 0;
        if (oldLength == 0)
            return -Errno.EINVAL;

        bool moves = (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) != 0;
        if (!moves && newLength <= oldLength)
            return newLength == oldLength || KernelCalls.Unmap(old + newLength, oldLength - newLength) >= 0 ? (long)old : -Errno.ENOMEM;
        if (old + (oldLength < newLength ? oldLength : newLength) > regionEnd)
            return -Errno.EFAULT;
        // Only memory without an object grows: the object of another is not named here.
        if (newLength > oldLength && !anonymous)
            return -Errno.ENOMEM;
        if (!moves && old + oldLength == regionEnd && Grow(old + oldLength, newLength - oldLength, protection))
            return (long)old;
        if ((flags & MREMAP_MAYMOVE) == 0)
            return -Errno.ENOMEM;
        return Move(space, old, oldLength, newLength, flags, target, protection);
    }

    private static long Move(SpaceState* space, ulong old, ulong oldLength, ulong newLength, uint flags, ulong target, MapFlags protection)
    {
        if ((flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) != 0 && target < old + oldLength && old < target + newLength)
            return -Errno.EINVAL;
        if ((flags & MREMAP_FIXED) != 0)
        {
            if (target < Window.Lowest)
                return -Errno.EPERM;
            if (KernelCalls.Unmap(target, newLength) < 0)
                return -Errno.ENOMEM;
        }
        else
        {
            long place = MapCalls.FindPlace(space, (flags & MREMAP_DONTUNMAP) != 0 ? target : 0, newLength, false);
            if (place < 0)
                return place;
            target = (ulong)place;
        }
        if (newLength < oldLength)
        {
            KernelCalls.Unmap(old + newLength, oldLength - newLength);
            oldLength = newLength;
        }
        // The new part first: if it fails nothing has moved.
        if (newLength > oldLength && !Grow(target + oldLength, newLength - oldLength, protection))
            return -Errno.ENOMEM;
        long status = KernelCalls.Move(old, oldLength, target, (flags & MREMAP_DONTUNMAP) != 0);
        if (status < 0)
        {
            if (newLength > oldLength)
                KernelCalls.Unmap(target + oldLength, newLength - oldLength);
            // Another thread may have cut the region into pieces meanwhile.
            return status == (long)KernelStatus.NotMapped ? -Errno.EFAULT : KernelCalls.MemoryError(status);
        }
        return (long)target;
    }

    private static bool Grow(ulong address, ulong length, MapFlags protection) =>
        KernelCalls.Map(address, length, protection & ~(MapFlags.Replace | MapFlags.GrowsDown), 0, 0) >= 0;
}
