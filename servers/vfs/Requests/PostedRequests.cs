using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>Requests about calls that are not waited for, docs/posted-calls.md.</summary>
/// <param name="posted">Serves those; null: there are none.</param>
public sealed class PostedRequests(PostedCalls? posted)
{
    /// <summary>Declares what is served here.</summary>
    public void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.LendHandles, Lend, OperationTraits.Grows);
        operations.Add(VfsOperation.ServePosted, Serve);
    }

    private long Lend(Request request)
    {
        if (posted is null || request.Connection!.Posted is null)
            return Outcome.Of(Errno.ENODEV);
        if (!posted.HasPublishedRoot(request.Process))
            return Outcome.Of(Errno.EACCES);
        Errno error = request.Process.Handles.Lend();
        if (error != Errno.None)
            return Outcome.Of(error);
        posted.Mind(request.Connection);
        request.V0 = (ulong)request.Process.Handles.FirstLent;
        request.V1 = request.Process.Handles.FreeLent;
        return 0;
    }

    private long Serve(Request request)
    {
        posted?.Serve(request.Connection!);
        return 0;
    }
}
