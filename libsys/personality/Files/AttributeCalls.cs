using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>chmod(2), chown(2), utimensat(2), truncate(2) and their relatives.</summary>
internal static unsafe class AttributeCalls
{
    private const ulong Now = 1UL << 62, Omit = (1UL << 62) + 1;
    private const ulong UTIME_NOW = 0x3FFF_FFFF, UTIME_OMIT = 0x3FFF_FFFE;

    /// <summary>chmod, fchmodat (which has no flags in Linux 6.1).</summary>
    public static long ChangeMode(TaskState* task, ulong directory, ulong path, ulong mode)
    {
        VfsRequest request;
        long result = PathArgument.Begin(task, &request, VfsOperation.ChangeMode, directory, path);
        if (result < 0)
            return result;
        request.A1 = mode & 0xFFF;
        return PathArgument.Finish(task, &request);
    }

    /// <summary>fchmod.</summary>
    public static long ChangeModeOpen(TaskState* task, ulong fd, ulong mode) =>
        Handle(task, fd, out ulong handle) ? VfsClient.Call(task, VfsOperation.ChangeMode, handle, mode & 0xFFF, AtFlags.EmptyPath) : -Errno.EBADF;

    /// <summary>chown, lchown, fchownat.</summary>
    public static long ChangeOwner(TaskState* task, ulong directory, ulong path, ulong user, ulong group, ulong flags)
    {
        if (((uint)flags & ~(AtFlags.NoFollow | AtFlags.EmptyPath)) != 0)
            return -Errno.EINVAL;
        VfsRequest request;
        long result = PathArgument.Begin(task, &request, VfsOperation.ChangeOwner, directory, path, 0, ((uint)flags & AtFlags.EmptyPath) != 0);
        if (result < 0)
            return result;
        request.A1 = (uint)user | (ulong)(uint)group << 32;
        request.A2 = (uint)flags;
        return PathArgument.Finish(task, &request);
    }

    /// <summary>fchown.</summary>
    public static long ChangeOwnerOpen(TaskState* task, ulong fd, ulong user, ulong group) => Handle(task, fd, out ulong handle)
        ? VfsClient.Call(task, VfsOperation.ChangeOwner, handle, (uint)user | (ulong)(uint)group << 32, AtFlags.EmptyPath)
        : -Errno.EBADF;

    /// <summary>utimensat: two struct timespec, or null for now. A null path means the directory argument itself.</summary>
    public static long SetTimes(TaskState* task, ulong directory, ulong path, ulong times, ulong flags)
    {
        ulong access = Now, modification = Now;
        if (times != 0)
        {
            long read = ReadSpecification(times, out access);
            if (read == 0)
                read = ReadSpecification(times + 16, out modification);
            if (read < 0)
                return read;
            if (access == Omit && modification == Omit)
                return 0;
        }
        return Apply(task, directory, path, access, modification, (uint)flags);
    }

    /// <summary>utimes, futimesat: two struct timeval, or null for now.</summary>
    public static long SetTimesMicroseconds(TaskState* task, ulong directory, ulong path, ulong times)
    {
        ulong access = Now, modification = Now;
        if (times != 0)
        {
            long read = ReadMicroseconds(times, out access);
            if (read == 0)
                read = ReadMicroseconds(times + 16, out modification);
            if (read < 0)
                return read;
        }
        return Apply(task, directory, path, access, modification, 0);
    }

    /// <summary>utime: two seconds, or null for now.</summary>
    public static long SetTimesSeconds(TaskState* task, ulong path, ulong times)
    {
        ulong access = Now, modification = Now;
        if (times != 0)
        {
            if (!UserMemory.ReadU64(times, out access) || !UserMemory.ReadU64(times + 8, out modification))
                return -Errno.EFAULT;
            access = ToNanoseconds((long)access, 0);
            modification = ToNanoseconds((long)modification, 0);
        }
        return Apply(task, unchecked((ulong)AtFlags.WorkingDirectory), path, access, modification, 0);
    }

    /// <summary>truncate.</summary>
    public static long Truncate(TaskState* task, ulong path, ulong length)
    {
        if ((long)length < 0)
            return -Errno.EINVAL;
        VfsRequest request;
        long result = PathArgument.Begin(task, &request, VfsOperation.Truncate, unchecked((ulong)AtFlags.WorkingDirectory), path);
        if (result < 0)
            return result;
        request.A1 = length;
        return SignalToSelf.IfTooLarge(task, &request, PathArgument.Finish(task, &request));
    }

    /// <summary>ftruncate.</summary>
    public static long TruncateOpen(TaskState* task, ulong fd, ulong length)
    {
        if ((long)length < 0)
            return -Errno.EINVAL;
        if (!Handle(task, fd, out ulong handle))
            return -Errno.EBADF;
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.Truncate, handle, length, AtFlags.EmptyPath);
        return SignalToSelf.IfTooLarge(task, &request, VfsClient.Call(task, &request));
    }

    /// <summary>The vfs handle of an open descriptor; false = EBADF (also for local objects, which have no attributes to change).</summary>
    public static bool Handle(TaskState* task, ulong fd, out ulong handle)
    {
        handle = 0;
        DescriptorTable* table = task->Process->Descriptors;
        int number = (int)(uint)fd;
        if (table == null || number < 0)
            return false;
        handle = DescriptorTable.HandleIn(table, number, out uint bits);
        return (bits & (DescriptorBits.Installed | DescriptorBits.Local)) == DescriptorBits.Installed;
    }

    private static long Apply(TaskState* task, ulong directory, ulong path, ulong access, ulong modification, uint flags)
    {
        if ((flags & ~(AtFlags.NoFollow | AtFlags.EmptyPath)) != 0)
            return -Errno.EINVAL;
        if (path == 0 && (int)(uint)directory != AtFlags.WorkingDirectory)
        {
            if (flags != 0)
                return -Errno.EINVAL;
            return Handle(task, directory, out ulong handle)
                ? VfsClient.Call(task, VfsOperation.SetTimes, handle, access, modification, AtFlags.EmptyPath)
                : -Errno.EBADF;
        }
        VfsRequest request;
        long result = PathArgument.Begin(task, &request, VfsOperation.SetTimes, directory, path, 0, (flags & AtFlags.EmptyPath) != 0);
        if (result < 0)
            return result;
        request.A1 = access;
        request.A2 = modification;
        request.A3 = flags;
        return PathArgument.Finish(task, &request);
    }

    private static long ReadSpecification(ulong address, out ulong time)
    {
        time = 0;
        if (!UserMemory.ReadU64(address, out ulong seconds) || !UserMemory.ReadU64(address + 8, out ulong nanoseconds))
            return -Errno.EFAULT;
        if (nanoseconds is UTIME_NOW or UTIME_OMIT)
            time = nanoseconds == UTIME_NOW ? Now : Omit;
        else if (nanoseconds >= TimeSpecification.Second)
            return -Errno.EINVAL;
        else
            time = ToNanoseconds((long)seconds, nanoseconds);
        return 0;
    }

    private static long ReadMicroseconds(ulong address, out ulong time)
    {
        time = 0;
        if (!UserMemory.ReadU64(address, out ulong seconds) || !UserMemory.ReadU64(address + 8, out ulong microseconds))
            return -Errno.EFAULT;
        if (microseconds >= 1_000_000)
            return -Errno.EINVAL;
        time = ToNanoseconds((long)seconds, microseconds * 1000);
        return 0;
    }

    /// <summary>Signed nanoseconds since 1970, kept below the two special values (that is until the year 2116).</summary>
    private static ulong ToNanoseconds(long seconds, ulong nanoseconds)
    {
        const long most = (long)(Now / TimeSpecification.Second) - 1;
        long kept = seconds > most ? most : seconds < -most ? -most : seconds;
        return (ulong)(kept * (long)TimeSpecification.Second) + nanoseconds;
    }
}
