using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Processes.Tree;

namespace Servers.Processes.Requests;

/// <summary>exit(2) and wait(2).</summary>
internal sealed class EndRequests(ProcessTree tree, HandleRoom room)
{
    /// <summary>Declares what is served here.</summary>
    public void Declare(Operations operations)
    {
        operations.Running.Add(ProcessOperation.Exit, Exit);
        operations.Running.Add(ProcessOperation.Wait, Wait, OperationTraits.Waits);
    }

    // Ends the caller.
    private long? Exit(ref Request request)
    {
        tree.End(request.Caller, WaitStatus.Sanitize(request.Words[1]));
        request.Drop();
        return null;
    }

    // Answers when a child has something to report.
    private long? Wait(ref Request request)
    {
        Process process = request.Caller;
        var options = (WaitOptions)request.Words[2];
        if ((options & ~WaitOptions.All) != 0 || (request.Words[2] >> 32) != 0)
            return -Errno.EINVAL;
        // wait4 has no WEXITED: ended children are always reported there.
        if ((options & (WaitOptions.WEXITED | WaitOptions.WNOWAIT)) == 0)
            options |= WaitOptions.WEXITED;
        // A call that waits keeps a handle. Without room for it, it is answered like one that does not wait.
        bool mustNotWait = (options & WaitOptions.WNOHANG) == 0 && !room.Has(1, process.Credentials.IsPrivileged);
        if (mustNotWait)
            options |= WaitOptions.WNOHANG;
        var caller = new WaitCaller(request.Keep(), mustNotWait);
        tree.Wait(process, new WaitRequest((int)request.Words[1], process.Group, options, request.Slot, caller));
        return null;
    }
}
