using Libsys.Abi;
using Libsys.Hosting;
using Servers.Processes.Tree;

namespace Servers.Processes.Requests;

/// <summary>A thread that waits for a child.</summary>
/// <param name="reply">The call.</param>
/// <param name="mustNotWait">It would have waited, and there is no room for that: EAGAIN if there is nothing to report.</param>
internal sealed class WaitCaller(ReplyHandle reply, bool mustNotWait) : IWaitCaller
{
    /// <inheritdoc/>
    public bool TryAnswer(in WaitResult result)
    {
        Message message = default;
        message.Words[0] = (ulong)(result.Pid == 0 && mustNotWait ? -Errno.EAGAIN : result.Pid);
        message.Words[1] = (ulong)result.Status;
        message.Words[2] = result.Usage.UserNanoseconds;
        message.Words[3] = result.Usage.SystemNanoseconds;
        message.Words[4] = result.Usage.PeakResident;
        message.Words[5] = (ulong)result.Code;
        message.Words[6] = result.Uid;
        return reply.Reply(ref message) == KernelStatus.Ok;
    }

    /// <inheritdoc/>
    public void Drop() => reply.Close();
}
