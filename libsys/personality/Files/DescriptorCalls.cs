using System.Runtime.CompilerServices;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>dup(2), dup2, dup3, fcntl(2), pipe(2), lseek(2), memfd_create(2), eventfd(2).</summary>
internal static unsafe class DescriptorCalls
{
    private const uint F_DUPFD = 0, F_GETFD = 1, F_SETFD = 2, F_GETFL = 3, F_SETFL = 4, F_GETLK = 5, F_SETLK = 6, F_SETLKW = 7, F_SETOWN = 8, F_GETOWN = 9,
        F_OFD_GETLK = 36, F_OFD_SETLK = 37, F_OFD_SETLKW = 38, F_GETLEASE = 1025, F_DUPFD_CLOEXEC = 1030, F_SETPIPE_SZ = 1031, F_GETPIPE_SZ = 1032,
        F_ADD_SEALS = 1033, F_GET_SEALS = 1034;

    /// <summary>Bytes of struct flock.</summary>
    private const uint LockLength = 32;

    /// <summary>dup.</summary>
    public static long Duplicate(TaskState* task, ulong fd) => DescriptorTable.Duplicate(task, fd, 0, 0);

    /// <summary>dup2: the same number twice is a check only.</summary>
    public static long DuplicateOver(TaskState* task, ulong fd, ulong target)
    {
        if ((uint)fd != (uint)target)
            return DuplicateExactly(task, fd, target, 0);
        Descriptor descriptor;
        return DescriptorTable.Find(task, fd, &descriptor) ? (long)(uint)fd : -Errno.EBADF;
    }

    /// <summary>dup3.</summary>
    public static long DuplicateExactly(TaskState* task, ulong fd, ulong target, ulong flags)
    {
        if (((uint)flags & ~OpenFlags.CloseOnExec) != 0 || (uint)fd == (uint)target)
        {
            // dup2 never comes here with equal numbers.
            return -Errno.EINVAL;
        }
        DescriptorTable* table = task->Process->Descriptors;
        if (table == null)
            return -Errno.ENOSYS;
        if ((uint)target >= table->Limit)
            return -Errno.EBADF;
        Descriptor closed;
        long result = DescriptorTable.Replace(
            task, fd, (int)(uint)target, (uint)flags != 0 ? DescriptorBits.CloseOnExec : 0, &closed, out bool owed);
        if (owed)
            CloseCalls.Finish(task, &closed); // errors of this close are not reported, dup(2)
        return result;
    }

    /// <summary>fcntl.</summary>
    public static long Control(TaskState* task, ulong fd, ulong command, ulong argument)
    {
        Descriptor descriptor;
        if (!DescriptorTable.Find(task, fd, &descriptor))
            return -Errno.EBADF;
        uint number = (uint)command;
        switch (number)
        {
            case F_DUPFD:
            case F_DUPFD_CLOEXEC:
                if ((uint)argument >= task->Process->Descriptors->Limit)
                    return -Errno.EINVAL;
                return DescriptorTable.Duplicate(task, fd, (int)(uint)argument, number == F_DUPFD_CLOEXEC ? DescriptorBits.CloseOnExec : 0);
            case F_GETFD:
                return descriptor.Bits & DescriptorBits.CloseOnExec;
            case F_SETFD:
                uint set = (uint)argument & DescriptorBits.CloseOnExec;
                return DescriptorTable.SetBits(task, fd, DescriptorBits.CloseOnExec, set) ? 0 : -Errno.EBADF;
        }
        if ((descriptor.Bits & DescriptorBits.Local) != 0)
            return number == F_GETFL ? OpenFlags.ReadWrite : number == F_SETFL ? 0 : -Errno.EINVAL;
        switch (number)
        {
            case F_GETFL:
                return VfsClient.Call(task, VfsOperation.GetFlags, descriptor.Handle);
            case F_SETFL:
                return VfsClient.Call(task, VfsOperation.SetFlags, descriptor.Handle, (uint)argument);
            case F_GETLK or F_SETLK or F_SETLKW or F_OFD_GETLK or F_OFD_SETLK or F_OFD_SETLKW:
                return RecordLock(task, descriptor.Handle, number, argument);
            case F_GETPIPE_SZ or F_SETPIPE_SZ:
                return PipeCalls.Size(task, &descriptor, argument, number == F_SETPIPE_SZ);
            case F_GETOWN:
                return 0;
            case F_GETLEASE:
                return 2; // F_UNLCK: there are no leases
            default:
                return -Errno.EINVAL;
        }
    }

    /// <summary>pipe, pipe2.</summary>
    public static long Pipe(TaskState* task, ulong address, ulong flags)
    {
        const uint known = OpenFlags.CloseOnExec | OpenFlags.NonBlock | OpenFlags.Direct;
        if (((uint)flags & ~known) != 0)
            return -Errno.EINVAL;
        long result = DescriptorPair.Reserve(task, out DescriptorPair pair);
        if (result < 0)
            return result;
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.Pipe, (uint)flags & ~OpenFlags.CloseOnExec);
        result = UserMemory.WriteU64(address, pair.Word) ? VfsClient.Call(task, &request) : -Errno.EFAULT;
        if (result < 0)
        {
            pair.Unreserve(task);
            return result;
        }
        uint bits = DescriptorBits.Stream | (((uint)flags & OpenFlags.CloseOnExec) != 0 ? DescriptorBits.CloseOnExec : 0);
        return pair.Install(task, (ulong)result, OpenFlags.ReadOnly, request.V0, OpenFlags.WriteOnly, bits, InodeMode.Fifo | 0x180);
    }

    /// <summary>lseek.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Seek(TaskState* task, ulong fd, ulong offset, ulong whence)
    {
        Descriptor descriptor;
        if (!DescriptorTable.Look(task, fd, &descriptor))
            return -Errno.EBADF;
        if ((uint)whence > 4)
            return -Errno.EINVAL;
        // Succeeds, whatever for, and means nothing.
        if ((descriptor.Bits & DescriptorBits.Device) != 0)
            return 0;
        if ((descriptor.Bits & DescriptorBits.Local) != 0)
            return -Errno.ESPIPE;
        if ((descriptor.Bits & DescriptorBits.Slot) != 0 && SharedFiles.TrySeek(task, &descriptor, offset, (uint)whence, out long result))
            return result;
        return SeekByRequest(task, fd, &descriptor, offset, (uint)whence);
    }

    private static long SeekByRequest(TaskState* task, ulong fd, Descriptor* descriptor, ulong offset, uint whence)
    {
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.Seek, descriptor->Handle, offset, whence);
        long result = VfsClient.Call(task, &request);
        SharedFiles.Learn(task, fd, descriptor, &request);
        return result;
    }

    /// <summary>memfd_create.</summary>
    public static long MemoryFile(TaskState* task, ulong name, ulong flags)
    {
        const uint MFD_CLOEXEC = 1, MFD_ALLOW_SEALING = 2, nameLimit = 250; // with its prefix "memfd:" the name must fit NAME_MAX
        if (((uint)flags & ~(MFD_CLOEXEC | MFD_ALLOW_SEALING)) != 0)
            return -Errno.EINVAL;
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.CreateMemoryFile, (uint)flags & ~MFD_CLOEXEC);
        long result = VfsPool.Take(task, &request, 256, 256);
        if (result < 0)
            return result;
        long length = UserMemory.CopyString(VfsPool.BufferOf(&request), name, nameLimit);
        long number = length < 0 ? length == -Errno.ENAMETOOLONG ? -Errno.EINVAL : length : DescriptorTable.Reserve(task);
        if (number < 0)
        {
            VfsPool.Give(task, &request);
            return number;
        }
        request.PoolLength = (uint)length;
        result = PathArgument.Finish(task, &request);
        return InstallOrRelease(task, number, result, (uint)flags & MFD_CLOEXEC, DescriptorBits.Seekable, InodeMode.Regular | 0x1FF);
    }

    /// <summary>eventfd, eventfd2.</summary>
    public static long EventCounter(TaskState* task, ulong initial, ulong flags)
    {
        const uint EFD_SEMAPHORE = 1;
        if (((uint)flags & ~(EFD_SEMAPHORE | OpenFlags.NonBlock | OpenFlags.CloseOnExec)) != 0)
            return -Errno.EINVAL;
        return InstallSource(task, VfsOperation.CreateEventCounter, (uint)initial, (uint)flags, DescriptorBits.EventCounter);
    }

    /// <summary>A new description whose page can be mapped, made by an operation that takes a value and flags.</summary>
    public static long InstallSource(TaskState* task, VfsOperation operation, ulong value, uint flags, uint bits)
    {
        const uint ownerOnly = 0x180;
        long number = DescriptorTable.Reserve(task);
        if (number < 0)
            return number;
        long result = VfsClient.Call(task, operation, value, flags & ~OpenFlags.CloseOnExec);
        return InstallOrRelease(task, number, result, (flags & OpenFlags.CloseOnExec) != 0 ? DescriptorBits.CloseOnExec : 0, bits, ownerOnly);
    }

    private static long InstallOrRelease(TaskState* task, long number, long handle, uint closeOnExec, uint bits, uint mode)
    {
        if (handle < 0)
        {
            DescriptorTable.Unreserve(task, number);
            return handle;
        }
        return OpenCalls.InstallNew(task, number, (ulong)handle, closeOnExec | bits, mode, OpenFlags.ReadWrite);
    }

    private static long RecordLock(TaskState* task, uint handle, uint command, ulong address)
    {
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.RecordLock, handle, command);
        long result = VfsPool.Take(task, &request, LockLength, LockLength);
        if (result < 0)
            return result;
        byte* buffer = VfsPool.BufferOf(&request);
        result = UserMemory.CopyIn(buffer, address, LockLength) ? VfsClient.Call(task, &request) : -Errno.EFAULT;
        if (result == 0 && (command is F_GETLK or F_OFD_GETLK) && !UserMemory.CopyOut(address, buffer, LockLength))
            result = -Errno.EFAULT;
        VfsPool.Give(task, &request);
        return PathArgument.Restart(&request, result);
    }
}
