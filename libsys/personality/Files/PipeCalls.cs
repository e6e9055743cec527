using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>fcntl(2) F_GETPIPE_SZ and F_SETPIPE_SZ, vmsplice(2).</summary>
internal static unsafe class PipeCalls
{
    private const uint Piece = PoolBlocks.UnitLength << PoolBlocks.LargestOrder;
    private const uint SPLICE_F_NONBLOCK = 2, SPLICE_F_ALL = 15;

    /// <summary>A pipe's size, or another one for it: vfs knows what is a pipe.</summary>
    public static long Size(TaskState* task, Descriptor* descriptor, ulong size, bool isSet)
    {
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.PipeSize, descriptor->Handle, size, isSet ? 1ul : 0);
        return PathArgument.Restart(&request, VfsClient.Call(task, &request));
    }

    /// <summary>
    /// vmsplice: bytes of the program go into a pipe, or those of a pipe to the program. They are copied, which a program cannot tell: what it may not do,
    /// change memory that it has spliced until it was read, has no effect.
    /// </summary>
    public static long SpliceMemory(TaskState* task, ulong fd, ulong array, ulong count, ulong flags)
    {
        if (((uint)flags & ~SPLICE_F_ALL) != 0)
            return -Errno.EINVAL;
        Descriptor descriptor;
        if (!DescriptorTable.Find(task, fd, &descriptor))
            return -Errno.EBADF;
        IoVectors vectors;
        long result = IoVectors.Load(&vectors, array, count);
        if (result < 0)
            return result;
        bool isPipe = (descriptor.Bits & DescriptorBits.Local) == 0 && DescriptorFacts.Learn(task, fd, &descriptor)
            && (descriptor.Mode & InodeMode.TypeMask) == InodeMode.Fifo && (descriptor.Access & OpenFlags.Path) == 0;
        if (vectors.Total != 0)
            result = isPipe ? Move(task, &descriptor, &vectors, OpenFlags.Writes(descriptor.Access), (uint)flags) : -Errno.EBADF;
        IoVectors.Free(&vectors);
        return result;
    }

    // As much as there is, or as fits; only the first piece waits for any.
    private static long Move(TaskState* task, Descriptor* descriptor, IoVectors* vectors, bool write, uint flags)
    {
        ulong done = 0;
        while (done < vectors->Total)
        {
            VfsRequest request;
            ulong stays = (flags & SPLICE_F_NONBLOCK) != 0 || done != 0 ? 1ul : 0;
            VfsRequest.Begin(&request, write ? VfsOperation.PutPages : VfsOperation.TakePages, descriptor->Handle, stays);
            ulong left = vectors->Total - done;
            uint wanted = VfsPool.PatientLength(task, left < Piece ? (uint)left : Piece);
            long result = VfsPool.Take(task, &request, wanted, wanted < PoolBlocks.UnitLength ? wanted : PoolBlocks.UnitLength);
            if (result < 0)
                return done > 0 ? (long)done : result;
            uint given = request.PoolLength;
            if (write)
                request.PoolLength = given = (uint)IoVectors.CopyIn(vectors, VfsPool.BufferOf(&request), given);
            result = given == 0 ? -Errno.EFAULT : VfsClient.Call(task, &request);
            if (result > given)
                result = -Errno.EIO;
            ulong moved = result > 0 ? (ulong)result : 0;
            if (!write && moved != 0)
                moved = IoVectors.CopyOut(vectors, VfsPool.BufferOf(&request), moved);
            VfsPool.Give(task, &request);
            DescriptorTable.NoteActivity(task, descriptor->Handle);
            if (result == -Errno.EPIPE && done == 0)
                SignalToSelf.BrokenPipe(task);
            if (moved == 0)
                return done > 0 ? (long)done : result > 0 ? -Errno.EFAULT : PathArgument.Restart(&request, result);
            IoVectors.Advance(vectors, moved);
            done += moved;
            if (moved < wanted)
                break;
        }
        return (long)done;
    }
}
