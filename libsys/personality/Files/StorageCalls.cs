using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>flock(2), fsync(2), fallocate(2), and the advices that need no act.</summary>
internal static unsafe class StorageCalls
{
    /// <summary>flock.</summary>
    public static long Lock(TaskState* task, ulong fd, ulong operation)
    {
        const uint LOCK_SH = 1, LOCK_EX = 2, LOCK_NB = 4, LOCK_UN = 8;
        uint kind = (uint)operation & ~LOCK_NB;
        if (kind is not (LOCK_SH or LOCK_EX or LOCK_UN))
            return -Errno.EINVAL;
        if (!AttributeCalls.Handle(task, fd, out ulong handle))
            return -Errno.EBADF;
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.Lock, handle, (uint)operation);
        return PathArgument.Restart(&request, VfsClient.Call(task, &request));
    }

    /// <summary>fsync, fdatasync.</summary>
    public static long Sync(TaskState* task, ulong fd, bool dataOnly) => AttributeCalls.Handle(task, fd, out ulong handle)
        ? VfsClient.Call(task, VfsOperation.Sync, handle, dataOnly ? 1ul : 0)
        : -Errno.EBADF;

    /// <summary>syncfs.</summary>
    public static long SyncFileSystem(TaskState* task, ulong fd) => AttributeCalls.Handle(task, fd, out ulong handle)
        ? VfsClient.Call(task, VfsOperation.Sync, handle, 2)
        : -Errno.EBADF;

    /// <summary>sync: cannot fail.</summary>
    public static long SyncAll(TaskState* task)
    {
        VfsClient.Call(task, VfsOperation.Sync, ulong.MaxValue);
        return 0;
    }

    /// <summary>fallocate.</summary>
    public static long Allocate(TaskState* task, ulong fd, ulong mode, ulong offset, ulong length)
    {
        if ((long)offset < 0 || (long)length <= 0)
            return -Errno.EINVAL;
        if (!AttributeCalls.Handle(task, fd, out ulong handle))
            return -Errno.EBADF;
        if (offset + length > long.MaxValue)
            return -Errno.EFBIG;
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.Allocate, handle, (uint)mode, offset, length);
        return SignalToSelf.IfTooLarge(task, &request, VfsClient.Call(task, &request));
    }

    /// <summary>posix_fadvise and readahead: the file must be one that could be cached; there is nothing to do, since all data is in memory.</summary>
    public static long Advise(TaskState* task, ulong fd, ulong length, ulong advice)
    {
        Descriptor descriptor;
        if (!DescriptorTable.Find(task, fd, &descriptor))
            return -Errno.EBADF;
        if ((long)length < 0 || (uint)advice > 5)
            return -Errno.EINVAL;
        return DescriptorFacts.Learn(task, fd, &descriptor) && (descriptor.Mode & InodeMode.TypeMask) == InodeMode.Fifo ? -Errno.ESPIPE : 0;
    }

    /// <summary>sync_file_range: everything it could write is written by a data sync.</summary>
    public static long SyncRange(TaskState* task, ulong fd, ulong offset, ulong length, ulong flags)
    {
        if ((flags & ~7ul) != 0 || (long)offset < 0 || (long)length < 0 || (long)(offset + length) < 0)
            return -Errno.EINVAL;
        return Sync(task, fd, true);
    }
}
