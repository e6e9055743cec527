using Libsys.Abi;

namespace Libsys.Hosting;

/// <summary>The right to answer one call, once.</summary>
/// <param name="Index">Index in the own table; 0 if the message wants no answer.</param>
public readonly unsafe record struct ReplyHandle(uint Index)
{
    /// <summary>True if there is a caller to answer.</summary>
    public bool IsValid => Index != 0;

    /// <summary>
    /// Answers; the handle is gone after that, whatever happens. PeerGone: the caller no longer waits, nothing was delivered and no handle moved.
    /// </summary>
    public KernelStatus Reply(ref Message message)
    {
        *Kernel.MessageArea = message;
        KernelStatus status = Kernel.Status(KernelCall.EndpointReply, Index);
        if (status != KernelStatus.Ok)
            Close();
        return status;
    }

    /// <summary>Answers with words alone.</summary>
    public KernelStatus Reply(long result, ulong word1 = 0, ulong word2 = 0)
    {
        Message message = default;
        message.Words[0] = (ulong)result;
        message.Words[1] = word1;
        message.Words[2] = word2;
        return Reply(ref message);
    }

    /// <summary>
    /// The verdict on a fault: the access is not made good. A missing page is a fault of the program then; what its personality could not take ends the thread.
    /// </summary>
    public void Refuse(MessageKind kind)
    {
        const long end = 0, refuse = 2; // see MessageKind
        if (IsValid)
            Reply(kind == MessageKind.PageMissing ? refuse : end);
    }

    /// <summary>Gives the right up; the caller gets PeerGone.</summary>
    public KernelStatus Close() => Kernel.Status(KernelCall.HandleClose, Index);
}
