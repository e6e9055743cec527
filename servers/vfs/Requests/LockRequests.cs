using System.Buffers.Binary;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>flock(2) and the record locks of fcntl(2). Deadlocks between record locks are not detected.</summary>
/// <param name="posted">What is told that somebody waits for a close; null: nobody is.</param>
public sealed class LockRequests(PostedCalls? posted) : IRequestState
{
    // Bounds what one file can make vfs keep.
    private const int RecordLimit = 4096;

    /// <summary>Declares what is served here.</summary>
    public void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.Lock, Lock, OperationTraits.Grows);
        operations.Add(VfsOperation.RecordLock, RecordLock, OperationTraits.Grows);
    }

    // A0 handle, A1 operation.
    private long Lock(Request request)
    {
        const ulong shared = 1, exclusive = 2, nonBlocking = 4, unlock = 8;
        if (request.Find(request.Submission.A0) is not { } file || (file.Flags & OpenFlags.Path) != 0)
            return Outcome.Of(Errno.EBADF);
        ulong operation = request.Submission.A1 & ~nonBlocking;
        if (operation == unlock)
        {
            file.Inode.Locks?.ReleaseFile(file);
            return 0;
        }

        if (operation is not (shared or exclusive))
            return Outcome.Of(Errno.EINVAL);
        FileLocks locks = file.Inode.Locks ??= new FileLocks();
        if (locks.TryLock(file, operation == exclusive))
            return 0;
        if ((request.Submission.A1 & nonBlocking) != 0)
            return Outcome.Of(Errno.EAGAIN);
        return Wait(request, locks);
    }

    // A0 handle, A1 command, struct flock in the pool.
    private long RecordLock(Request request)
    {
        const ulong get = 5, set = 6, setWait = 7;
        const int flockLength = 32;
        if (request.Find(request.Submission.A0) is not { } file || (file.Flags & OpenFlags.Path) != 0)
            return Outcome.Of(Errno.EBADF);
        if (request.Payload.Length < flockLength)
            return Outcome.Of(Errno.EFAULT);
        Span<byte> flock = request.Payload[..flockLength];
        ushort type = BinaryPrimitives.ReadUInt16LittleEndian(flock);
        Errno error = ReadRange(request, file, flock, out long start, out long last);
        if (error != Errno.None)
            return Outcome.Of(error);
        const ushort read = 0, write = 1, unlock = 2;
        ulong command = request.Submission.A1;
        if (type > unlock || command is not (get or set or setWait) || (command == get && type == unlock))
            return Outcome.Of(Errno.EINVAL);
        var wanted = new RecordLock(request.Process.Handles, request.Process.Pid, start, last, type == write);
        if (command == get)
            return Get(file, flock, wanted);
        if (type == unlock)
        {
            // A hole in the middle of a range makes two of one.
            if (file.Inode.Locks is { } held && held.Splits(request.Process.Handles, start, last) && IsFull(held, request))
                return Outcome.Of(Errno.ENOLCK);
            file.Inode.Locks?.Clear(request.Process.Handles, start, last);
            return 0;
        }

        if ((type == read && !file.CanRead) || (type == write && !file.CanWrite))
            return Outcome.Of(Errno.EBADF);
        FileLocks locks = file.Inode.Locks ??= new FileLocks();
        if (!locks.TryFindConflict(wanted, out _))
        {
            if (IsFull(locks, request))
                return Outcome.Of(Errno.ENOLCK);
            locks.Set(wanted);
            return 0;
        }

        if (command == set)
            return Outcome.Of(Errno.EAGAIN);
        return Wait(request, locks);
    }

    // Closing a file gives its locks up: while somebody waits, closes are not posted. The request's end is told by its state.
    private long Wait(Request request, FileLocks locks)
    {
        request.WaitIn(locks.Waiters);
        if (request.State == null)
        {
            request.State = this;
            posted?.LockWaitBegins();
        }

        return Outcome.Waiting;
    }

    /// <inheritdoc/>
    void IRequestState.Abandon(OperationContext request) => posted?.LockWaitEnds();

    // One call adds two ranges at most.
    private static bool IsFull(FileLocks locks, Request request) =>
        locks.RecordCount + 2 > RecordLimit || !request.Process.Handles.Memory.HasRoom(2 * FileLocks.RecordBytes);

    private static long Get(OpenFile file, Span<byte> flock, in RecordLock wanted)
    {
        const ushort read = 0, write = 1, unlock = 2;
        if (file.Inode.Locks is not { } locks || !locks.TryFindConflict(wanted, out RecordLock conflict))
        {
            BinaryPrimitives.WriteUInt16LittleEndian(flock, unlock);
            return 0;
        }

        BinaryPrimitives.WriteUInt16LittleEndian(flock, conflict.IsExclusive ? write : read);
        BinaryPrimitives.WriteUInt16LittleEndian(flock[2..], 0);
        BinaryPrimitives.WriteInt64LittleEndian(flock[8..], conflict.Start);
        BinaryPrimitives.WriteInt64LittleEndian(flock[16..], conflict.Last == long.MaxValue ? 0 : conflict.Last - conflict.Start + 1);
        BinaryPrimitives.WriteUInt32LittleEndian(flock[24..], conflict.Pid);
        return 0;
    }

    // struct flock: type, whence, start at 8, length at 16; a length of 0 reaches to the end of everything, a negative one lies before the start.
    private static Errno ReadRange(Request request, OpenFile file, ReadOnlySpan<byte> flock, out long start, out long last)
    {
        const ushort fromEnd = 2;
        start = last = 0;
        ushort whence = BinaryPrimitives.ReadUInt16LittleEndian(flock[2..]);
        if (whence == fromEnd && file.Inode.Refresh(request) is var error and not Errno.None)
            return error;
        long origin = whence switch { 0 => 0, 1 => file.Offset, fromEnd => file.Inode.Size, _ => -1 };
        if (origin < 0)
            return Errno.EINVAL;
        long distance = BinaryPrimitives.ReadInt64LittleEndian(flock[8..]);
        long length = BinaryPrimitives.ReadInt64LittleEndian(flock[16..]);
        if (distance > long.MaxValue - origin)
            return Errno.EOVERFLOW;
        start = origin + distance;
        if (start < 0)
            return Errno.EINVAL;
        if (length > 0)
        {
            if (length - 1 > long.MaxValue - start)
                return Errno.EOVERFLOW;
            last = start + length - 1;
        }
        else if (length < 0)
        {
            last = start - 1;
            if (length == long.MinValue || start + length < 0)
                return Errno.EINVAL;
            start += length;
        }
        else
        {
            last = long.MaxValue;
        }

        return Errno.None;
    }
}
