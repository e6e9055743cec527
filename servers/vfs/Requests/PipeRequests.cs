using System.Numerics;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Pipes;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>What pipes alone know: sizes, fcntl(2) F_SETPIPE_SZ, and vmsplice(2).</summary>
public static class PipeRequests
{
    /// <summary>Declares what is served here.</summary>
    public static void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.PipeSize, Size, OperationTraits.Grows);
        operations.Add(VfsOperation.PutPages, Put, OperationTraits.Grows);
        operations.Add(VfsOperation.TakePages, Take);
    }

    // A0 handle, A1 bytes, A2 1 = sets it.
    private static long Size(Request request)
    {
        const ulong largest = 1ul << 31;
        if (Find(request) is not { } file)
            return Outcome.Of(Errno.EBADF);
        if (request.Submission.A2 == 0)
            return file.Pipe.Size;
        if (request.Submission.A1 > largest)
            return Outcome.Of(Errno.EINVAL);
        bool isPrivileged = request.Process.Credentials.IsPrivileged;
        ulong wanted = BitOperations.RoundUpToPowerOf2(Math.Max(request.Submission.A1, Pipe.AtomicLength));
        // An array is not as long; there is no memory for it either.
        Errno error = wanted == largest ? isPrivileged ? Errno.ENOMEM : Errno.EPERM : file.Pipe.Resize((int)wanted, isPrivileged);
        if (error != Errno.EAGAIN)
            return error == Errno.None ? file.Pipe.Size : Outcome.Of(error);
        request.WaitIn(file.Pipe.Waiters);
        return Outcome.Waiting;
    }

    // A0 handle, A1 1 = does not wait; pool: data.
    private static long Put(Request request)
    {
        if (Find(request) is not { CanWrite: true } file)
            return Outcome.Of(Errno.EBADF);
        return WaitOr(request, file, file.Pipe.Write(request.Payload, isWhole: false));
    }

    // The same, for room.
    private static long Take(Request request)
    {
        if (Find(request) is not { CanRead: true } file)
            return Outcome.Of(Errno.EBADF);
        return WaitOr(request, file, file.Pipe.Read(request.Payload));
    }

    private static PipeFile? Find(Request request) => request.Find(request.Submission.A0) as PipeFile;

    // O_NONBLOCK does not matter here, vmsplice(2).
    private static long WaitOr(Request request, PipeFile file, long result)
    {
        if (result != Outcome.Of(Errno.EAGAIN) || (request.Submission.A1 != 0 && !file.Pipe.IsHeld))
            return result;
        request.WaitIn(file.Pipe.Waiters);
        return Outcome.Waiting;
    }
}
