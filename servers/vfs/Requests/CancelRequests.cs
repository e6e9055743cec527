using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Vfs.Requests;

/// <summary>Ends requests that wait.</summary>
public static class CancelRequests
{
    /// <summary>Declares what is served here.</summary>
    public static void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.Cancel, Cancel);
    }

    // A0 tag.
    private static long Cancel(Request request)
    {
        request.Connection!.Cancel(request.Submission.A0, request);
        return 0;
    }
}
