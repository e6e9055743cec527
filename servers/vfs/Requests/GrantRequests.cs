using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Served;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>What another server has the data of: lets a process use its handle there.</summary>
public static class GrantRequests
{
    /// <summary>Declares what is served here.</summary>
    public static void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.Grant, Grant, OperationTraits.Grows);
        operations.Add(VfsOperation.ShowGrant, static _ => Outcome.Of(Errno.ENOSYS)); // for other servers
    }

    // A0 handle → 0; V2 the server and the grant.
    private static long Grant(Request request) => request.Find(request.Submission.A0) switch
    {
        ServedFile file => Outcome.Of(Grant(request, file, (uint)request.Submission.A0)),
        null => Outcome.Of(Errno.EBADF),
        _ => Outcome.Of(Errno.ENODEV),
    };

    /// <summary>The same for a handle that open(2) has made just now; without a grant there is no handle either.</summary>
    public static long Opened(Request request, ServedFile file, long handle)
    {
        Errno error = Grant(request, file, (uint)handle);
        if (error == Errno.None)
            return handle;
        request.Process.Handles.Remove((ulong)handle);
        file.Release();
        return Outcome.Of(error);
    }

    private static Errno Grant(Request request, ServedFile file, uint handle)
    {
        Errno error = file.Grant(request.Connection!, request.Submission.ProcessSlot, request.Process, handle, out ulong number);
        if (error == Errno.None)
            request.V2 = VfsLimits.Granted(file.Server, number);
        return error;
    }
}
