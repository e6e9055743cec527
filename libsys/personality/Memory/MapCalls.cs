using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>mmap, munmap, mprotect of a program. The kernel's list of regions is the only truth; nothing is remembered here.</summary>
internal static unsafe class MapCalls
{
    private const ulong PageMask = 4095;
    private const uint PROT_READ = 1, PROT_WRITE = 2, PROT_EXEC = 4, PROT_GROWSDOWN = 0x0100_0000, PROT_GROWSUP = 0x0200_0000, PROT_SEM = 8;
    private const uint MAP_SHARED = 1, MAP_PRIVATE = 2, MAP_SHARED_VALIDATE = 3, MAP_TYPE = 15, MAP_FIXED = 0x10, MAP_ANONYMOUS = 0x20, MAP_32BIT = 0x40,
        MAP_GROWSDOWN = 0x100,
        MAP_LOCKED = 0x2000, MAP_POPULATE = 0x8000, MAP_HUGETLB = 0x4_0000, MAP_SYNC = 0x8_0000, MAP_FIXED_NOREPLACE = 0x10_0000;

    // mmap(2), MAP_32BIT: the second gigabyte.
    private const ulong Low32Bottom = 0x4000_0000, Low32Top = 0x8000_0000;

    /// <summary>mmap(address, length, protection, flags, fd, offset).</summary>
    public static long Map(TaskState* task, RegisterFrame* frame)
    {
        ulong address = frame->Rdi, length = frame->Rsi, offset = frame->R9;
        uint flags = (uint)frame->R10;
        bool anonymous = (flags & MAP_ANONYMOUS) != 0;
        if ((offset & PageMask) != 0)
            return -Errno.EINVAL;
        uint type = flags & MAP_TYPE;
        if (type != MAP_SHARED && type != MAP_PRIVATE && type != MAP_SHARED_VALIDATE)
            return -Errno.EINVAL;
        if (anonymous && type == MAP_SHARED_VALIDATE)
            return -Errno.EINVAL;
        if (length == 0)
            return -Errno.EINVAL;
        // There is no pool of huge pages.
        if ((flags & MAP_HUGETLB) != 0)
            return -Errno.ENOMEM;
        if ((flags & MAP_SYNC) != 0 && type == MAP_SHARED_VALIDATE)
            return -Errno.EOPNOTSUPP;
        length = (length + PageMask) & ~PageMask;
        if (length == 0 || length > Window.Base)
            return -Errno.ENOMEM;

        MapFlags mapFlags = Protection((uint)frame->Rdx) | (type == MAP_PRIVATE ? MapFlags.None : MapFlags.Shared);
        if ((flags & MAP_GROWSDOWN) != 0 && anonymous && type == MAP_PRIVATE)
            mapFlags |= MapFlags.GrowsDown;
        long result = Place(task, address, length, flags, mapFlags, anonymous ? -1 : (int)frame->R8, offset);
        if (result >= 0 && (flags & (MAP_POPULATE | MAP_LOCKED)) != 0 && anonymous && (mapFlags & MapFlags.Write) != 0)
            KernelCalls.Populate((ulong)result, length);
        return result;
    }

    /// <summary>munmap(address, length).</summary>
    public static long Unmap(TaskState* task, RegisterFrame* frame)
    {
        ulong address = frame->Rdi, length = (frame->Rsi + PageMask) & ~PageMask;
        if ((address & PageMask) != 0 || length == 0 || !UserMemory.IsUser(address, length))
            return -Errno.EINVAL;
        long status = KernelCalls.Unmap(address, length);
        return status < 0 ? KernelCalls.MemoryError(status) : 0;
    }

    /// <summary>mprotect(address, length, protection), also pkey_mprotect with key -1.</summary>
    public static long Protect(TaskState* task, RegisterFrame* frame)
    {
        ulong address = frame->Rdi;
        uint protection = (uint)frame->Rdx;
        if ((address & PageMask) != 0 || (protection & (PROT_GROWSDOWN | PROT_GROWSUP)) == (PROT_GROWSDOWN | PROT_GROWSUP))
            return -Errno.EINVAL;
        if (frame->Rsi == 0)
            return 0;
        ulong length = (frame->Rsi + PageMask) & ~PageMask;
        if (length == 0 || !UserMemory.IsUser(address, length))
            return -Errno.ENOMEM;
        if ((protection & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM | PROT_GROWSDOWN | PROT_GROWSUP)) != 0)
            return -Errno.EINVAL;
        if ((protection & PROT_GROWSDOWN) != 0)
        {
            // The whole region from its start (mprotect(2)): the kernel knows where that is.
            long start = KernelCalls.Query(address);
            if (start < 0 || (ulong)start > address || ((MapFlags)KernelCalls.MessageWords(task)[2] & MapFlags.GrowsDown) == 0)
                return -Errno.EINVAL;
            length += address - (ulong)start;
            address = (ulong)start;
        }
        long status = KernelCalls.Protect(address, length, Protection(protection));
        return status < 0 ? KernelCalls.MemoryError(status) : 0;
    }

    /// <summary>Protection bits of the kernel for PROT_*. x86-64 cannot refuse reads of what it may write or execute.</summary>
    public static MapFlags Protection(uint protection)
    {
        MapFlags flags = MapFlags.None;
        if ((protection & (PROT_READ | PROT_WRITE)) != 0)
            flags |= MapFlags.Read;
        if ((protection & PROT_WRITE) != 0)
            flags |= MapFlags.Write;
        if ((protection & PROT_EXEC) != 0)
            flags |= MapFlags.Execute | MapFlags.Read;
        return (flags & MapFlags.Write) != 0 && (flags & MapFlags.Execute) != 0 ? flags | MapFlags.WriteExecute : flags;
    }

    /// <summary>A free range for mmap: at the hint if possible, else the highest below the stack. Returns the address or -ENOMEM.</summary>
    public static long FindPlace(SpaceState* space, ulong hint, ulong length, bool low32)
    {
        hint &= ~PageMask;
        if (hint >= Window.Lowest && UserMemory.IsUser(hint, length))
        {
            long found = KernelCalls.FindGap(length, hint, hint + length, 4096);
            if (found >= 0)
                return found;
        }
        long place = low32 ? KernelCalls.FindGap(length, Low32Bottom, Low32Top, 4096) : KernelCalls.FindGap(length, Window.Lowest, space->MapTop, 4096);
        return place < 0 ? -Errno.ENOMEM : place;
    }

    private static long Place(TaskState* task, ulong address, ulong length, uint flags, MapFlags mapFlags, int fd, ulong offset)
    {
        if ((flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0)
        {
            if ((address & PageMask) != 0)
                return -Errno.EINVAL;
            if (!UserMemory.IsUser(address, length))
                return -Errno.ENOMEM;
            if (address < Window.Lowest)
                return -Errno.EPERM;
            bool replace = (flags & MAP_FIXED_NOREPLACE) == 0;
            long fixedResult = Make(task, address, length, replace ? mapFlags | MapFlags.Replace : mapFlags, fd, offset);
            return fixedResult < 0 ? fixedResult : (long)address;
        }

        while (true)
        {
            long place = FindPlace(task->Process->Space, address, length, (flags & MAP_32BIT) != 0);
            if (place < 0)
                return place;
            long result = Make(task, (ulong)place, length, mapFlags, fd, offset);
            // Another thread took the gap between the two calls: look again.
            if (result == -Errno.EEXIST)
                continue;
            return result < 0 ? result : place;
        }
    }

    private static long Make(TaskState* task, ulong address, ulong length, MapFlags flags, int fd, ulong offset)
    {
        if (fd >= 0)
            return FileMapping.Map(task, fd, address, length, flags, offset);
        if ((flags & MapFlags.Shared) != 0)
            return MakeShared(address, length, flags);
        // In the place of an object: how far a stack may grow.
        ulong limit = (flags & MapFlags.GrowsDown) != 0 ? ProgramStack.GrowthLimit : 0;
        long status = KernelCalls.Map(address, length, flags, limit, 0);
        return status < 0 ? KernelCalls.MemoryError(status) : 0;
    }

    // Shared anonymous memory is an object of its own, which the mapping alone keeps alive; a fork shares the region.
    private static long MakeShared(ulong address, ulong length, MapFlags flags)
    {
        long handle = KernelCalls.MemoryCreate(length, MemoryFlags.None);
        if (handle < 0)
            return -Errno.ENOMEM;
        long status = KernelCalls.Map(address, length, flags & ~MapFlags.GrowsDown, (ulong)handle, 0);
        KernelCalls.HandleClose((uint)handle);
        return status < 0 ? KernelCalls.MemoryError(status) : 0;
    }
}
