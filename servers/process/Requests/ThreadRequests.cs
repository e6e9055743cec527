using Servers.Processes.Tree;

namespace Servers.Processes.Requests;

/// <summary>Ids of threads. The threads themselves are the kernel's and the personality's.</summary>
internal sealed class ThreadRequests(ProcessTree tree)
{
    /// <summary>Ids for threads to come.</summary>
    public long? AllocateIds(ref Request request) =>
        request.Words[1] is >= 1 and <= 64 ? tree.AllocateThreadIds(request.Caller, (int)request.Words[1]) : -Errno.EINVAL;

    /// <summary>A thread is about to end.</summary>
    public long? End(ref Request request)
    {
        tree.ReleaseThreadId(request.Caller, (int)request.Words[1]);
        return 0;
    }
}
