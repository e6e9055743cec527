using System.Runtime.CompilerServices;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>stat(2), fstat, lstat, newfstatat, statx(2), access(2), faccessat, faccessat2.</summary>
internal static unsafe class StatCalls
{
    /// <summary>Bytes of struct statx.</summary>
    private const uint StatxLength = 256;

    private const uint STATX__RESERVED = 0x8000_0000, STATX_BASIC_STATS = 0x7FF;

    /// <summary>stat, lstat, newfstatat.</summary>
    public static long Stat(TaskState* task, ulong directory, ulong path, ulong buffer, ulong flags)
    {
        if ((flags & ~(AtFlags.NoFollow | AtFlags.NoAutoMount | AtFlags.EmptyPath)) != 0)
            return -Errno.EINVAL;
        if (IsOpen(directory, path, flags))
            return FileStat(task, directory, buffer);
        if (NamesMapping.IsReady(task))
        {
            FoundName found;
            found.Target = buffer;
            long known = NameLookup.Find(task, directory, path, (flags & AtFlags.NoFollow) == 0, LookupAim.Status, &found);
            if (known != NameLookup.Ask)
                return known;
        }
        return StatByRequest(task, directory, path, buffer, flags);
    }

    private static long StatByRequest(TaskState* task, ulong directory, ulong path, ulong buffer, ulong flags)
    {
        VfsRequest request;
        long result = Query(task, &request, directory, path, flags);
        if (result == 0 && !UserMemory.CopyOut(buffer, VfsPool.BufferOf(&request), StatLayout.Length))
            result = -Errno.EFAULT;
        VfsPool.Give(task, &request);
        return result;
    }

    /// <summary>fstat.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long FileStat(TaskState* task, ulong fd, ulong buffer)
    {
        Descriptor descriptor;
        if (!DescriptorTable.Look(task, fd, &descriptor))
            return -Errno.EBADF;
        return (descriptor.Bits & DescriptorBits.Slot) != 0 && SharedFiles.TryStat(&descriptor, buffer) ? 0 : FileStatByRequest(task, fd, &descriptor, buffer);
    }

    private static long FileStatByRequest(TaskState* task, ulong fd, Descriptor* descriptor, ulong buffer)
    {
        VfsRequest request;
        long result = QueryOpen(task, &request, fd, descriptor);
        if (result == 0 && !UserMemory.CopyOut(buffer, VfsPool.BufferOf(&request), StatLayout.Length))
            result = -Errno.EFAULT;
        VfsPool.Give(task, &request);
        return result;
    }

    /// <summary>statx: the basic fields, from the same answer as stat.</summary>
    public static long Extended(TaskState* task, ulong directory, ulong path, ulong flags, ulong mask, ulong buffer)
    {
        const ulong known = AtFlags.NoFollow | AtFlags.NoAutoMount | AtFlags.EmptyPath | AtFlags.SyncType;
        if ((mask & STATX__RESERVED) != 0 || ((uint)flags & ~known) != 0 || ((uint)flags & AtFlags.SyncType) == AtFlags.SyncType)
            return -Errno.EINVAL;
        if (NamesMapping.IsReady(task))
        {
            FoundName found;
            long answer = NameLookup.Find(task, directory, path, ((uint)flags & AtFlags.NoFollow) == 0, LookupAim.Attributes, &found);
            if (answer != NameLookup.Ask)
                return answer != 0 ? answer : GiveExtended(found.Stat, buffer);
        }
        VfsRequest request;
        long result = Query(task, &request, directory, path, (uint)flags & ~AtFlags.SyncType);
        if (result == 0)
            result = GiveExtended((ulong*)VfsPool.BufferOf(&request), buffer);
        VfsPool.Give(task, &request);
        return result;
    }

    private static long GiveExtended(ulong* stat, ulong buffer)
    {
        ulong* statx = stackalloc ulong[(int)StatxLength / 8];
        Convert(stat, statx);
        return UserMemory.CopyOut(buffer, statx, StatxLength) ? 0 : -Errno.EFAULT;
    }

    /// <summary>access, faccessat (no flags), faccessat2.</summary>
    public static long Access(TaskState* task, ulong directory, ulong path, ulong mode, ulong flags)
    {
        if ((mode & ~7ul) != 0 || ((uint)flags & ~(AtFlags.EffectiveAccess | AtFlags.NoFollow | AtFlags.EmptyPath)) != 0)
            return -Errno.EINVAL;
        if (NamesMapping.IsReady(task))
        {
            FoundName found;
            LookupAim aim = mode == 0 ? LookupAim.Existence : LookupAim.Opening;
            long known = NameLookup.Find(task, directory, path, ((uint)flags & AtFlags.NoFollow) == 0, aim, &found);
            if (known == 0 && mode != 0)
                known = KnownAccess.Decide(task, &found, (uint)mode, ((uint)flags & AtFlags.EffectiveAccess) != 0);
            if (known != NameLookup.Ask)
                return known;
        }
        VfsRequest request;
        long result = PathArgument.Begin(task, &request, VfsOperation.Access, directory, path, 0, ((uint)flags & AtFlags.EmptyPath) != 0);
        if (result < 0)
            return result;
        request.A1 = mode;
        request.A2 = (uint)flags;
        result = NamesMapping.Call(task, &request);
        VfsPool.Give(task, &request);
        return PathArgument.Restart(&request, result);
    }

    /// <summary>The answer is in the request's buffer on success; the caller gives it back in any case.</summary>
    private static long Query(TaskState* task, VfsRequest* request, ulong directory, ulong path, ulong flags)
    {
        if (IsOpen(directory, path, flags))
        {
            VfsRequest.Begin(request, VfsOperation.Stat);
            Descriptor descriptor;
            return DescriptorTable.Find(task, directory, &descriptor) ? QueryOpen(task, request, directory, &descriptor) : -Errno.EBADF;
        }
        bool emptyAllowed = (flags & AtFlags.EmptyPath) != 0;
        long result = PathArgument.Begin(task, request, VfsOperation.Stat, directory, path, StatLayout.Length, emptyAllowed);
        if (result < 0)
        {
            request->PoolOrder = -1;
            return result;
        }
        request->A1 = flags;
        request->A2 = (ulong)result;
        result = NamesMapping.Call(task, request);
        return result < 0 ? result : 0;
    }

    // glibc makes every fstat(fd) newfstatat(fd, "", AT_EMPTY_PATH): worth the look before a path block is taken.
    private static bool IsOpen(ulong directory, ulong path, ulong flags)
    {
        byte first = 1;
        return (flags & AtFlags.EmptyPath) != 0 && UserMemory.CopyIn(&first, path, 1) && first == 0 && (int)(uint)directory != AtFlags.WorkingDirectory;
    }

    private static long QueryOpen(TaskState* task, VfsRequest* request, ulong fd, Descriptor* descriptor)
    {
        VfsRequest.Begin(request, VfsOperation.Stat, descriptor->Handle, AtFlags.EmptyPath);
        long result = VfsPool.Take(task, request, StatLayout.Length, StatLayout.Length);
        if (result < 0)
            return result;
        if ((descriptor->Bits & DescriptorBits.Local) != 0)
        {
            // An anonymous inode: no type, readable and writable by its owner, one link, blocks of a page.
            ulong* stat = (ulong*)VfsPool.BufferOf(request);
            BlockMemory.Zero(stat, StatLayout.Length);
            stat[2] = 1;
            stat[3] = 0x180;
            stat[7] = 4096;
            return 0;
        }
        result = VfsClient.Call(task, request);
        SharedFiles.Learn(task, fd, descriptor, request);
        return result < 0 ? result : 0;
    }

    /// <summary>From struct stat (x86-64: dev, ino, nlink, mode|uid, gid|0, rdev, size, blksize, blocks, three times) to struct statx.</summary>
    private static void Convert(ulong* stat, ulong* statx)
    {
        for (int i = 0; i < (int)StatxLength / 8; i++)
            statx[i] = 0;
        ulong device = stat[0], modeAndUser = stat[3], special = stat[5];
        statx[0] = STATX_BASIC_STATS | stat[7] << 32;
        statx[2] = stat[2] & uint.MaxValue | modeAndUser >> 32 << 32;
        statx[3] = stat[4] & uint.MaxValue | (modeAndUser & 0xFFFF) << 32;
        statx[4] = stat[1];
        statx[5] = stat[6];
        statx[6] = stat[8];
        statx[8] = stat[9];
        statx[9] = stat[10];
        statx[12] = stat[13];
        statx[13] = stat[14];
        statx[14] = stat[11];
        statx[15] = stat[12];
        statx[16] = Major(special) | Minor(special) << 32;
        statx[17] = Major(device) | Minor(device) << 32;
    }

    // makedev(3): major bits 8–19 and 32–63, minor bits 0–7 and 20–31.
    private static ulong Major(ulong device) => device >> 8 & 0xFFF | device >> 32 & 0xFFFF_F000;
    private static ulong Minor(ulong device) => device & 0xFF | device >> 12 & 0xFFFF_FF00;
}
