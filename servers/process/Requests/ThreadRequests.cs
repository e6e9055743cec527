using Libsys.Messages;
using Servers.Processes.Tree;

namespace Servers.Processes.Requests;

/// <summary>Ids of threads. The threads themselves are the kernel's and the personality's.</summary>
internal sealed class ThreadRequests(ProcessTree tree)
{
    /// <summary>Declares what is served here.</summary>
    public void Declare(Operations operations)
    {
        operations.Running.Add(ProcessOperation.AllocateThreadIds, AllocateIds);
        operations.Running.Add(ProcessOperation.ThreadEnded, End);
    }

    // Ids for threads to come.
    private long? AllocateIds(ref Request request) =>
        request.Words[1] is >= 1 and <= 64 ? tree.AllocateThreadIds(request.Caller, (int)request.Words[1]) : -Errno.EINVAL;

    // A thread is about to end.
    private long? End(ref Request request)
    {
        tree.ReleaseThreadId(request.Caller, (int)request.Words[1]);
        return 0;
    }
}
