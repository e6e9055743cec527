using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>Where a process stands: chdir(2), fchdir, getcwd, chroot, umask. And what is mounted: statfs, mount, umount.</summary>
internal static unsafe class LocationCalls
{
    /// <summary>Bytes of x86-64's struct statfs.</summary>
    /// <summary>chdir, chroot.</summary>
    public static long Change(TaskState* task, VfsOperation operation, ulong path)
    {
        VfsRequest request;
        long result = PathArgument.Begin(task, &request, operation, unchecked((ulong)AtFlags.WorkingDirectory), path);
        if (result < 0)
            return result;
        if (operation == VfsOperation.ChangeRoot)
            NamesMapping.TurnOff(task->Process);
        result = NamesMapping.ChangeDirectory(task, &request);
        VfsPool.Give(task, &request);
        return PathArgument.Restart(&request, result);
    }

    /// <summary>fchdir.</summary>
    public static long ChangeOpen(TaskState* task, ulong fd)
    {
        if (!AttributeCalls.Handle(task, fd, out ulong handle))
            return -Errno.EBADF;
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.ChangeDirectory, handle, AtFlags.EmptyPath);
        return NamesMapping.ChangeDirectory(task, &request);
    }

    /// <summary>getcwd: the length with NUL, as Linux' call (not the C function) returns it.</summary>
    public static long Current(TaskState* task, ulong buffer, ulong size)
    {
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.GetWorkingDirectory);
        long result = VfsPool.Take(task, &request, PathArgument.Limit, PathArgument.Limit);
        if (result < 0)
            return result;
        result = VfsClient.Call(task, &request);
        if (result >= PathArgument.Limit)
            result = -Errno.ENAMETOOLONG;
        if (result >= 0)
        {
            byte* text = VfsPool.BufferOf(&request);
            text[result] = 0;
            result++;
            if ((ulong)result > size)
                result = -Errno.ERANGE;
            else if (!UserMemory.CopyOut(buffer, text, (ulong)result))
                result = -Errno.EFAULT;
        }
        VfsPool.Give(task, &request);
        return result;
    }

    /// <summary>umask: local; the mask goes with every request that creates.</summary>
    public static long FileMask(TaskState* task, ulong mask)
    {
        uint old = task->Process->FileMask;
        task->Process->FileMask = (uint)mask & 0x1FF;
        return old;
    }

    /// <summary>statfs.</summary>
    public static long FileSystem(TaskState* task, ulong path, ulong buffer)
    {
        VfsRequest request;
        long result = PathArgument.Begin(task, &request, VfsOperation.StatFileSystem, unchecked((ulong)AtFlags.WorkingDirectory), path, StatFsLayout.Length);
        if (result < 0)
            return result;
        request.A2 = (ulong)result;
        return GiveFileSystem(task, &request, buffer);
    }

    /// <summary>fstatfs.</summary>
    public static long FileSystemOpen(TaskState* task, ulong fd, ulong buffer)
    {
        if (!AttributeCalls.Handle(task, fd, out ulong handle))
            return -Errno.EBADF;
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.StatFileSystem, handle, AtFlags.EmptyPath);
        long result = VfsPool.Take(task, &request, StatFsLayout.Length, StatFsLayout.Length);
        return result < 0 ? result : GiveFileSystem(task, &request, buffer);
    }

    /// <summary>mount(source, target, type, flags, data): four strings, null ones empty.</summary>
    public static long Mount(TaskState* task, ulong source, ulong target, ulong type, ulong flags, ulong data)
    {
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.Mount, flags);
        long result = VfsPool.Take(task, &request, 4 * PathArgument.Limit, 4 * PathArgument.Limit);
        if (result < 0)
            return result;
        uint at = 0;
        result = Add(&request, ref at, source, out request.A1);
        if (result == 0)
            result = target == 0 ? -Errno.EFAULT : Add(&request, ref at, target, out request.A2);
        if (result == 0 && request.A2 == 0)
            result = -Errno.ENOENT;
        if (result == 0)
            result = Add(&request, ref at, type, out request.A3);
        if (result == 0)
            result = Add(&request, ref at, data, out request.A4);
        request.PoolLength = at;
        if (result == 0)
            result = VfsClient.Call(task, &request);
        VfsPool.Give(task, &request);
        return result;
    }

    /// <summary>umount2.</summary>
    public static long Unmount(TaskState* task, ulong path, ulong flags)
    {
        // MNT_FORCE 1, MNT_DETACH 2, MNT_EXPIRE 4, UMOUNT_NOFOLLOW 8; MNT_EXPIRE goes with neither of the first two.
        if ((flags & ~0xFul) != 0 || (flags & 4) != 0 && (flags & 3) != 0)
            return -Errno.EINVAL;
        VfsRequest request;
        long result = PathArgument.Begin(task, &request, VfsOperation.Unmount, unchecked((ulong)AtFlags.WorkingDirectory), path);
        if (result < 0)
            return result;
        request.A0 = flags;
        return PathArgument.Finish(task, &request);
    }

    private static long Add(VfsRequest* request, ref uint at, ulong text, out ulong length)
    {
        length = 0;
        if (text == 0)
            return 0;
        long copied = UserMemory.CopyString(VfsPool.BufferOf(request) + at, text, PathArgument.Limit);
        if (copied < 0)
            return copied;
        length = (ulong)copied;
        at += (uint)copied;
        return 0;
    }

    private static long GiveFileSystem(TaskState* task, VfsRequest* request, ulong buffer)
    {
        long result = VfsClient.Call(task, request);
        if (result >= 0)
            result = UserMemory.CopyOut(buffer, VfsPool.BufferOf(request), StatFsLayout.Length) ? 0 : -Errno.EFAULT;
        VfsPool.Give(task, request);
        return result;
    }
}
