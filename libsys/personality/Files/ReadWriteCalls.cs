using System.Runtime.CompilerServices;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// read(2), write(2) and their positioned and vectored forms. A call larger than a pool block becomes several requests where that cannot be told from one:
/// files that can seek are read until full or short; pipes, terminals and sockets give what their first request gives. Writes of up to
/// PIPE_BUF bytes are always one request.
/// </summary>
internal static unsafe class ReadWriteCalls
{
    /// <summary>Largest piece of one request.</summary>
    private const uint Piece = PoolBlocks.UnitLength << PoolBlocks.LargestOrder;

    /// <summary>PIPE_BUF, pipe(7): writes up to this are not mixed with others.</summary>
    private const uint AtomicLength = 4096;

    /// <summary>Offset argument for "the description's own".</summary>
    private const ulong Own = ulong.MaxValue;

    private const uint RWF_HIPRI = 1, RWF_DSYNC = 2, RWF_SYNC = 4;

    /// <summary>read, write.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Plain(TaskState* task, ulong fd, ulong buffer, ulong length, bool write)
    {
        Descriptor descriptor;
        if (!DescriptorTable.Look(task, fd, &descriptor))
            return -Errno.EBADF;
        if ((descriptor.Bits & DescriptorBits.Local) != 0)
            return -Errno.EINVAL;
        if (length > IoVectors.LargestTotal)
            length = IoVectors.LargestTotal;
        if (!UserMemory.IsUser(buffer, length))
            return -Errno.EFAULT;
        long result;
        ulong offset = Own;
        if ((descriptor.Bits & DescriptorBits.Device) != 0 && MemoryDevices.TryMove(task, descriptor.Bits, buffer, length, write, out result))
            return result;
        if ((descriptor.Bits & DescriptorBits.Slot) != 0 && TryInMemory(task, &descriptor, buffer, length, write, ref offset, out result))
            return result;
        if ((descriptor.Bits & DescriptorBits.EventCounter) != 0
            && (write ? EventCounters.TryWrite(task, descriptor.Handle, buffer, length, out result)
                : EventCounters.TryRead(task, descriptor.Handle, buffer, length, out result)))
            return result;
        return PlainByRequest(task, fd, &descriptor, buffer, length, offset, write);
    }

    /// <summary>pread64, pwrite64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Positioned(TaskState* task, ulong fd, ulong buffer, ulong length, ulong offset, bool write)
    {
        if (offset > long.MaxValue)
            return -Errno.EINVAL;
        Descriptor descriptor;
        if (!DescriptorTable.Look(task, fd, &descriptor))
            return -Errno.EBADF;
        if ((descriptor.Bits & DescriptorBits.Local) != 0)
            return -Errno.EINVAL;
        if (length > IoVectors.LargestTotal)
            length = IoVectors.LargestTotal;
        if (!UserMemory.IsUser(buffer, length))
            return -Errno.EFAULT;
        long result;
        if ((descriptor.Bits & DescriptorBits.Device) != 0 && MemoryDevices.TryMove(task, descriptor.Bits, buffer, length, write, out result))
            return result;
        if ((descriptor.Bits & DescriptorBits.Slot) != 0 && TryInMemory(task, &descriptor, buffer, length, write, ref offset, out result))
            return result;
        return ByRequest(task, fd, &descriptor, buffer, length, offset, write);
    }

    /// <summary>readv, writev.</summary>
    public static long Vectored(TaskState* task, ulong fd, ulong array, ulong count, bool write) => VectoredAt(task, fd, array, count, Own, write, 0);

    /// <summary>preadv, pwritev.</summary>
    public static long VectoredPositioned(TaskState* task, ulong fd, ulong array, ulong count, ulong offset, bool write) =>
        offset > long.MaxValue ? -Errno.EINVAL : VectoredAt(task, fd, array, count, offset, write, 0);

    /// <summary>preadv2, pwritev2: offset −1 is the description's own.</summary>
    public static long VectoredFlagged(TaskState* task, ulong fd, ulong array, ulong count, ulong offset, bool write, ulong flags)
    {
        if (offset > long.MaxValue && offset != Own)
            return -Errno.EINVAL;
        // RWF_NOWAIT and RWF_APPEND would change what the request does; vfs has no such flag yet.
        if ((flags & ~(ulong)(RWF_HIPRI | RWF_DSYNC | RWF_SYNC)) != 0)
            return -Errno.EOPNOTSUPP;
        return VectoredAt(task, fd, array, count, offset, write, (uint)flags);
    }

    /// <summary>Reads into the personality's own memory at an offset: bytes, short only at the end of the file, or −errno.</summary>
    public static long ReadOwn(TaskState* task, uint handle, ulong offset, byte* buffer, ulong length)
    {
        ulong done = 0;
        while (done < length)
        {
            VfsRequest request;
            VfsRequest.Begin(&request, VfsOperation.Read, handle, offset + done);
            uint wanted = length - done < Piece ? (uint)(length - done) : Piece;
            long result = VfsPool.Take(task, &request, wanted, wanted < AtomicLength ? wanted : AtomicLength);
            if (result < 0)
                return result;
            wanted = request.PoolLength;
            result = VfsClient.Call(task, &request);
            if (result > wanted)
                result = -Errno.EIO;
            if (result > 0)
                BlockMemory.Move(buffer + done, VfsPool.BufferOf(&request), (ulong)result);
            VfsPool.Give(task, &request);
            if (result < 0)
                return result;
            done += (ulong)result;
            if (result == 0)
                break;
        }
        return (long)done;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryInMemory(TaskState* task, Descriptor* descriptor, ulong buffer, ulong length, bool write, ref ulong offset, out long result) =>
        write ? SharedWrites.TryWrite(task, descriptor, buffer, length, ref offset, out result)
            : SharedContents.TryRead(task, descriptor, buffer, length, ref offset, out result);

    private static bool TryInMemory(TaskState* task, Descriptor* descriptor, IoVectors* vectors, bool write, ref ulong offset, out long result) =>
        write ? SharedWrites.TryWrite(task, descriptor, vectors, ref offset, out result)
            : SharedContents.TryRead(task, descriptor, vectors, ref offset, out result);

    // What of read or write is longer than a few steps: streams, timers, signals, and requests for all that could not be done here.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long PlainByRequest(TaskState* task, ulong fd, Descriptor* descriptor, ulong buffer, ulong length, ulong offset, bool write)
    {
        if ((descriptor->Bits & DescriptorBits.Stream) != 0)
            return MoveStream(task, fd, descriptor, buffer, length, write);
        if ((descriptor->Bits & DescriptorBits.Messages) != 0)
            return MoveMessage(task, fd, descriptor, buffer, length, offset, write);
        if ((descriptor->Bits & (DescriptorBits.Timer | DescriptorBits.Signals)) != 0)
            return MoveAtOnce(task, fd, descriptor, buffer, length, write);
        // One value a call, however much is given.
        if ((descriptor->Bits & DescriptorBits.EventCounter) != 0 && write && length > sizeof(ulong))
            length = sizeof(ulong);
        return ByRequest(task, fd, descriptor, buffer, length, offset, write);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long ByRequest(TaskState* task, ulong fd, Descriptor* descriptor, ulong buffer, ulong length, ulong offset, bool write)
    {
        DescriptorTable.Complete(task, fd, descriptor);
        IoVectors vectors;
        IoVectors.Single(&vectors, buffer, length);
        return write ? Write(task, fd, descriptor, &vectors, offset) : Read(task, fd, descriptor, &vectors, offset);
    }

    private static long MoveStream(TaskState* task, ulong fd, Descriptor* descriptor, ulong buffer, ulong length, bool write)
    {
        IoVectors vectors;
        IoVectors.Single(&vectors, buffer, length);
        if (Streams.TryMove(task, descriptor, &vectors, write, out long moved))
            return moved;
        DescriptorTable.Complete(task, fd, descriptor);
        return Rest(task, fd, descriptor, &vectors, write, moved);
    }

    private static long MoveMessage(TaskState* task, ulong fd, Descriptor* descriptor, ulong buffer, ulong length, ulong offset, bool write)
    {
        IoVectors vectors;
        IoVectors.Single(&vectors, buffer, length);
        return MessageStreams.TryMove(task, descriptor, &vectors, write, out long moved) ? moved
            : ByRequest(task, fd, descriptor, buffer, length, offset, write);
    }

    private static long VectoredAt(TaskState* task, ulong fd, ulong array, ulong count, ulong offset, bool write, uint flags)
    {
        Descriptor descriptor;
        if (!DescriptorTable.Look(task, fd, &descriptor))
            return -Errno.EBADF;
        if ((descriptor.Bits & DescriptorBits.Local) != 0)
            return -Errno.EINVAL;
        IoVectors vectors;
        long result = IoVectors.Load(&vectors, array, count);
        if (result < 0)
            return result;
        if ((descriptor.Bits & DescriptorBits.Device) != 0 && MemoryDevices.TryMove(task, descriptor.Bits, &vectors, write, out result))
        {
            IoVectors.Free(&vectors);
            return result;
        }
        if ((write ? DescriptorBits.EventCounter : DescriptorBits.Timer | DescriptorBits.Signals) is var scalar && (descriptor.Bits & scalar) != 0
            && offset == Own)
            result = MoveEach(task, fd, &vectors, write);
        else if (offset == Own && (descriptor.Bits & DescriptorBits.Stream) != 0)
        {
            if (!Streams.TryMove(task, &descriptor, &vectors, write, out result))
            {
                DescriptorTable.Complete(task, fd, &descriptor);
                result = Rest(task, fd, &descriptor, &vectors, write, result);
            }
        }
        else if (offset == Own && (descriptor.Bits & DescriptorBits.Messages) != 0
            && MessageStreams.TryMove(task, &descriptor, &vectors, write, out result))
        {
            // It is done.
        }
        else if ((descriptor.Bits & DescriptorBits.Slot) == 0 || !TryInMemory(task, &descriptor, &vectors, write, ref offset, out result))
        {
            DescriptorTable.Complete(task, fd, &descriptor);
            result = write ? Write(task, fd, &descriptor, &vectors, offset) : Read(task, fd, &descriptor, &vectors, offset);
        }
        IoVectors.Free(&vectors);
        if (write && result > 0 && (flags & (RWF_DSYNC | RWF_SYNC)) != 0)
        {
            long synced = VfsClient.Call(task, VfsOperation.Sync, descriptor.Handle, (flags & RWF_SYNC) == 0 ? 1ul : 0);
            if (synced < 0)
                return synced;
        }
        return result;
    }

    // What a timerfd or signalfd has.
    private static long MoveAtOnce(TaskState* task, ulong fd, Descriptor* descriptor, ulong buffer, ulong length, bool write)
    {
        if ((descriptor->Bits & DescriptorBits.Signals) != 0)
            return write ? -Errno.EINVAL : SignalDescriptors.Read(task, descriptor, buffer, length);
        return Timers.TryMove(task, descriptor, buffer, length, write, out long result) ? result
            : ByRequest(task, fd, descriptor, buffer, length, Own, write: false);
    }

    // What of a stream memory cannot do, a request does.
    private static long Rest(TaskState* task, ulong fd, Descriptor* descriptor, IoVectors* vectors, bool write, long moved)
    {
        long rest = write ? Write(task, fd, descriptor, vectors, Own) : Read(task, fd, descriptor, vectors, Own);
        return rest >= 0 ? moved + rest : moved > 0 ? moved : rest;
    }

    // eventfd(2) on Linux knows no vectors when it is written, timerfd and signalfd none when they are read: each buffer is a call of its own.
    private static long MoveEach(TaskState* task, ulong fd, IoVectors* vectors, bool write)
    {
        ulong done = 0;
        while (IoVectors.Next(vectors, out ulong address, out ulong length))
        {
            long result = Plain(task, fd, address, length, write);
            if (result < 0)
                return done > 0 ? (long)done : result;
            done += (ulong)result;
            if ((ulong)result < length)
                break;
        }
        return (long)done;
    }

    private static long Read(TaskState* task, ulong fd, Descriptor* descriptor, IoVectors* vectors, ulong offset)
    {
        if (offset == Own && vectors->Total != 0 && (descriptor->Bits & DescriptorBits.Messages) != 0)
            return ReceiveCalls.Whole(task, descriptor, vectors);
        bool fills = offset != Own || IsSeekable(task, fd, descriptor, vectors->Total);
        ulong done = 0;
        do
        {
            VfsRequest request;
            DataRequest.Begin(&request, VfsOperation.Read, descriptor, offset == Own ? Own : offset + done);
            request.Uninterruptible = fills ? 1u : 0;
            ulong left = vectors->Total - done;
            uint wanted = left < Piece ? (uint)left : Piece;
            if (!fills)
                wanted = VfsPool.PatientLength(task, wanted);
            long result = wanted == 0 ? 0 : VfsPool.Take(task, &request, wanted, wanted < PoolBlocks.UnitLength ? wanted : PoolBlocks.UnitLength);
            if (result == 0)
            {
                wanted = request.PoolLength;
                result = VfsClient.Call(task, &request);
            }
            if (result > wanted)
                result = -Errno.EIO;
            ulong copied = result > 0 ? IoVectors.CopyOut(vectors, VfsPool.BufferOf(&request), (ulong)result) : 0;
            VfsPool.Give(task, &request);
            DescriptorTable.NoteActivity(task, descriptor->Handle);
            SharedFiles.Learn(task, fd, descriptor, &request);
            if (result <= 0)
                return done > 0 ? (long)done : PathArgument.Restart(&request, result);
            IoVectors.Advance(vectors, copied);
            done += copied;
            if (copied < (ulong)result)
            {
                // The program's memory ended. What a file gave too much is still there for the next read; what a pipe gave is lost.
                if (offset == Own && fills)
                    VfsClient.Call(task, VfsOperation.Seek, descriptor->Handle, copied - (ulong)result, 1);
                return done > 0 ? (long)done : -Errno.EFAULT;
            }
            if (!fills || result < wanted)
                break;
        }
        while (done < vectors->Total);
        return (long)done;
    }

    private static long Write(TaskState* task, ulong fd, Descriptor* descriptor, IoVectors* vectors, ulong offset)
    {
        if (offset == Own && PostedWrites.TryWrite(task, descriptor, vectors))
            return (long)vectors->Total;
        if (offset == Own && (descriptor->Bits & DescriptorBits.Messages) != 0)
            return SendCalls.Whole(task, descriptor, vectors);
        bool patient = offset == Own && !IsSeekable(task, fd, descriptor, vectors->Total);
        ulong done = 0;
        do
        {
            VfsRequest request;
            DataRequest.Begin(&request, VfsOperation.Write, descriptor, offset == Own ? Own : offset + done);
            request.Uninterruptible = patient ? 0 : 1u;
            ulong left = vectors->Total - done;
            uint wanted = left < Piece ? (uint)left : Piece;
            // Never split what must stay in one piece.
            if (patient && vectors->Total > AtomicLength)
                wanted = VfsPool.PatientLength(task, wanted);
            long result = wanted == 0 ? 0 : VfsPool.Take(task, &request, wanted, wanted < AtomicLength ? wanted : AtomicLength);
            uint given = request.PoolLength;
            if (result == 0 && wanted > 0)
            {
                given = (uint)IoVectors.CopyIn(vectors, VfsPool.BufferOf(&request), given);
                if (given < request.PoolLength && (descriptor->Bits & DescriptorBits.Stream) != 0)
                    given &= ~(AtomicLength - 1); // as in memory: pages as a whole
                request.PoolLength = given;
                if (given == 0)
                    result = -Errno.EFAULT;
            }
            if (result == 0)
                result = VfsClient.Call(task, &request);
            if (result > given)
                result = -Errno.EIO;
            VfsPool.Give(task, &request);
            DescriptorTable.NoteActivity(task, descriptor->Handle);
            SharedFiles.Learn(task, fd, descriptor, &request);
            // Also when part of it was written: Linux raises it and then reports the part.
            if (result == -Errno.EPIPE && request.V0 != SocketAnswer.IsSilent)
                SignalToSelf.BrokenPipe(task);
            // Only when nothing was written: the part that fits is an answer of its own.
            if (done == 0)
                SignalToSelf.IfTooLarge(task, &request, result);
            if (result <= 0)
                return done > 0 ? (long)done : PathArgument.Restart(&request, result);
            IoVectors.Advance(vectors, (ulong)result);
            done += (ulong)result;
            if (request.Ending == VfsEnding.Interrupted && result < given)
                break;
        }
        while (done < vectors->Total);
        return (long)done;
    }

    /// <summary>Whether the file has an offset; asked only when it matters, that is when the call does not fit one piece.</summary>
    private static bool IsSeekable(TaskState* task, ulong fd, Descriptor* descriptor, ulong total)
    {
        if ((descriptor->Bits & DescriptorBits.Unknown) == 0)
            return (descriptor->Bits & DescriptorBits.Seekable) != 0;
        return total > AtomicLength && DescriptorFacts.Learn(task, fd, descriptor) && (descriptor->Bits & DescriptorBits.Seekable) != 0;
    }
}
