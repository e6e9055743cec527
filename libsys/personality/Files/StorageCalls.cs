using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>flock(2), fsync(2), fallocate(2), sendfile(2), copy_file_range(2), splice(2), and the advices that need no act.</summary>
internal static unsafe class StorageCalls
{
    /// <summary>Longest Transfer, see <see cref="VfsOperation.Transfer"/>.</summary>
    private const ulong TransferLimit = 1UL << 30, WaitsForNoPipe = 1UL << 63; // VfsOperation.Transfer
    private const uint SPLICE_F_NONBLOCK = 2;

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
        return PathArgument.Finish(task, &request);
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

    /// <summary>sendfile(out, in, offset, count).</summary>
    public static long SendFile(TaskState* task, ulong output, ulong input, ulong offsetAddress, ulong count)
    {
        ulong offset = ulong.MaxValue;
        if (offsetAddress != 0)
        {
            if (!UserMemory.ReadU64(offsetAddress, out offset))
                return -Errno.EFAULT;
            if ((long)offset < 0)
                return -Errno.EINVAL;
        }
        if (!AttributeCalls.Handle(task, input, out ulong inHandle) || !AttributeCalls.Handle(task, output, out ulong outHandle))
            return -Errno.EBADF;
        return Transfer(task, outHandle, ulong.MaxValue, 0, inHandle, offset, offsetAddress, count);
    }

    /// <summary>copy_file_range(in, in offset, out, out offset, length, flags 0).</summary>
    public static long CopyRange(TaskState* task, ulong input, ulong inAddress, ulong output, ulong outAddress, ulong length, ulong flags)
    {
        if (!AttributeCalls.Handle(task, input, out ulong inHandle) || !AttributeCalls.Handle(task, output, out ulong outHandle))
            return -Errno.EBADF;
        if ((uint)flags != 0)
            return -Errno.EINVAL;
        Descriptor source, target;
        if (!Regular(task, input, &source) || !Regular(task, output, &target))
            return -Errno.EINVAL;
        return Move(task, inHandle, inAddress, outHandle, outAddress, length);
    }

    /// <summary>splice(in, in offset, out, out offset, length, flags): one side is a pipe, which has no offset.</summary>
    public static long Splice(TaskState* task, ulong input, ulong inAddress, ulong output, ulong outAddress, ulong length, ulong flags)
    {
        Descriptor source, target;
        long error = FindEnds(task, input, &source, output, &target, flags, length);
        if (error != 0 || length == 0)
            return error;
        bool fromPipe = DescriptorFacts.Learn(task, input, &source) && (source.Mode & InodeMode.TypeMask) == InodeMode.Fifo;
        bool toPipe = DescriptorFacts.Learn(task, output, &target) && (target.Mode & InodeMode.TypeMask) == InodeMode.Fifo;
        if (!fromPipe && !toPipe)
            return -Errno.EINVAL;
        if (fromPipe && inAddress != 0 || toPipe && outAddress != 0)
            return -Errno.ESPIPE;
        return Move(task, source.Handle, inAddress, target.Handle, outAddress, length, ((uint)flags & SPLICE_F_NONBLOCK) != 0);
    }

    /// <summary>tee(in, out, length, flags): from pipe to pipe, and the first keeps what it has.</summary>
    public static long Tee(TaskState* task, ulong input, ulong output, ulong length, ulong flags)
    {
        Descriptor source, target;
        long error = FindEnds(task, input, &source, output, &target, flags, length);
        if (error != 0 || length == 0)
            return error;
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.Tee, target.Handle, source.Handle, length, ((uint)flags & SPLICE_F_NONBLOCK) != 0 ? 1ul : 0);
        long result = PathArgument.Finish(task, &request);
        DescriptorTable.NoteActivity(task, (uint)output);
        if (result == -Errno.EPIPE)
            SignalToSelf.BrokenPipe(task);
        return result;
    }

    // What splice and tee check before anything else, in this order. Nothing is looked up for no bytes.
    private static long FindEnds(TaskState* task, ulong input, Descriptor* source, ulong output, Descriptor* target, ulong flags, ulong length)
    {
        if (((uint)flags & ~0xFu) != 0)
            return -Errno.EINVAL;
        if (length == 0)
            return 0;
        if (!DescriptorTable.Find(task, input, source) || !DescriptorTable.Find(task, output, target))
            return -Errno.EBADF;
        return ((source->Bits | target->Bits) & DescriptorBits.Local) != 0 ? -Errno.EINVAL : 0;
    }

    private static bool Regular(TaskState* task, ulong fd, Descriptor* descriptor) => DescriptorTable.Find(task, fd, descriptor)
        && DescriptorFacts.Learn(task, fd, descriptor) && (descriptor->Mode & InodeMode.TypeMask) == InodeMode.Regular;

    private static long Move(TaskState* task, ulong inHandle, ulong inAddress, ulong outHandle, ulong outAddress, ulong length,
        bool waitsForNoPipe = false)
    {
        ulong inOffset = ulong.MaxValue, outOffset = ulong.MaxValue;
        if (inAddress != 0 && !UserMemory.ReadU64(inAddress, out inOffset) || outAddress != 0 && !UserMemory.ReadU64(outAddress, out outOffset))
            return -Errno.EFAULT;
        if (inAddress != 0 && (long)inOffset < 0 || outAddress != 0 && (long)outOffset < 0)
            return -Errno.EINVAL;
        return length == 0 ? 0 : Transfer(task, outHandle, outOffset, outAddress, inHandle, inOffset, inAddress, length, waitsForNoPipe);
    }

    // Of no bytes, sendfile still says what is wrong with its descriptors.
    private static long Transfer(TaskState* task, ulong outHandle, ulong outOffset, ulong outAddress, ulong inHandle, ulong inOffset, ulong inAddress,
        ulong length, bool waitsForNoPipe = false)
    {
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.Transfer, outHandle, outOffset, inHandle, inOffset,
            (length < TransferLimit ? length : TransferLimit) | (waitsForNoPipe ? WaitsForNoPipe : 0));
        long result = PathArgument.Finish(task, &request);
        DescriptorTable.NoteActivity(task, (uint)inHandle);
        DescriptorTable.NoteActivity(task, (uint)outHandle);
        if (result == -Errno.EPIPE)
            SignalToSelf.BrokenPipe(task);
        SignalToSelf.IfTooLarge(task, &request, result);
        if (result > 0 && inAddress != 0 && !UserMemory.WriteU64(inAddress, inOffset + (ulong)result))
            return -Errno.EFAULT;
        if (result > 0 && outAddress != 0 && !UserMemory.WriteU64(outAddress, outOffset + (ulong)result))
            return -Errno.EFAULT;
        return result;
    }
}
