using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.Pipes;
using Servers.Vfs.Sockets;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>read(2), write(2), lseek(2), getdents64(2).</summary>
/// <param name="posted">Who may post writes; null: nobody.</param>
public sealed class DataRequests(PostedWrites? posted)
{
    /// <summary>Offset argument that stands for the description's own.</summary>
    public const ulong OwnOffset = ulong.MaxValue;

    /// <summary>Declares what is served here.</summary>
    public void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.Read, Read);
        operations.Add(VfsOperation.Write, Write);
        operations.Add(VfsOperation.Seek, Seek);
        operations.Add(VfsOperation.ReadDirectory, ReadDirectory);
    }

    // A0 handle, A1 offset or −1.
    private static long Read(Request request)
    {
        if (request.Find(request.Submission.A0) is not { } file)
            return Outcome.Of(Errno.EBADF);
        if (!file.CanRead)
            return Outcome.Of(Errno.EBADF);
        bool own = request.Submission.A1 == OwnOffset;
        Errno error = CheckOffset(file, own, request.Submission.A1);
        if (error != Errno.None)
            return Outcome.Of(error);
        if (file.TryStart(request, write: false, out long started))
            return started;
        if (request.Progress > 0)
            return request.Progress; // a writer filled the buffer directly
        long result = file.Read(request, request.Payload, own ? file.Offset : (long)request.Submission.A1);
        if (result > 0 && own && file.IsSeekable)
            file.Offset += result;
        return result == Outcome.Of(Errno.EAGAIN) ? request.WaitOr(file, result) : FileAreaRequests.Served(request, file, result);
    }

    // A0 handle, A1 offset or −1.
    private long Write(Request request)
    {
        if (request.Find(request.Submission.A0) is not { } file)
            return Outcome.Of(Errno.EBADF);
        if (!file.CanWrite)
            return Outcome.Of(Errno.EBADF);
        bool own = request.Submission.A1 == OwnOffset;
        Errno error = CheckOffset(file, own, request.Submission.A1);
        if (error != Errno.None)
            return Outcome.Of(error);
        if (file.TryStart(request, write: true, out long started))
        {
            if (started == Outcome.Of(Errno.EPIPE) && file is SocketFile { Kind: not SocketKind.Stream })
                request.V0 = SocketAnswer.IsSilent;
            return started;
        }

        if (file is PipeFile pipe)
            return WritePipe(request, pipe);

        // O_APPEND decides even over pwrite's offset: a known bug of Linux that programs see, pwrite(2).
        bool append = (file.Flags & OpenFlags.Append) != 0 && file.IsSeekable;
        if (append && file.Inode.Refresh(request) is var stale and not Errno.None)
            return Outcome.Of(stale);
        long offset = append ? file.Inode.Size : own ? file.Offset : (long)request.Submission.A1;
        long room = FileSizeLimit.Room(request, file, offset, request.Payload.Length);
        if (room < 0)
            return room;
        long end = file.IsShareable ? file.Inode.Size : 0;
        long result = file.Write(request, request.Payload[..(int)room], offset);
        if (result > 0 && own && file.IsSeekable)
            file.Offset = offset + result;
        if (result > 0 && own && file.IsShareable && file.Inode.Size > end)
            posted?.Permit(request, file, request.Submission.A0);
        return result == Outcome.Of(Errno.EAGAIN) ? request.WaitOr(file, result) : FileAreaRequests.Served(request, file, result);
    }

    // A0 handle, A1 offset, A2 whence.
    private static long Seek(Request request)
    {
        if (request.Find(request.Submission.A0) is not { } file)
            return Outcome.Of(Errno.EBADF);
        return FileAreaRequests.Served(request, file, file.Seek(request, (long)request.Submission.A1, (uint)request.Submission.A2));
    }

    // A0 handle.
    private static long ReadDirectory(Request request)
    {
        if (request.Find(request.Submission.A0) is not { } file)
            return Outcome.Of(Errno.EBADF);
        return file.Inode.IsDirectory ? file.ReadDirectory(request, request.Payload) : Outcome.Of(Errno.ENOTDIR);
    }

    private static long WritePipe(Request request, PipeFile file)
    {
        ReadOnlySpan<byte> rest = request.Payload[(int)request.Progress..];
        long moved = file.Write(rest, isWhole: request.Progress == 0);
        if (moved < 0 && moved != Outcome.Of(Errno.EAGAIN))
            return request.Progress > 0 ? request.Progress : moved;
        if (moved > 0)
            request.Progress += moved;
        if (request.Progress == request.Payload.Length)
            return request.Progress;
        return request.WaitOr(file, request.Progress > 0 ? request.Progress : Outcome.Of(Errno.EAGAIN));
    }

    private static Errno CheckOffset(OpenFile file, bool own, ulong offset)
    {
        if (own)
            return Errno.None;
        if ((long)offset < 0)
            return Errno.EINVAL;
        return file.IsSeekable ? Errno.None : Errno.ESPIPE;
    }
}
