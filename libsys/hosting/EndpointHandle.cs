using Libsys.Abi;

namespace Libsys.Hosting;

/// <summary>An endpoint: small synchronous calls that may carry handles.</summary>
/// <param name="Index">Index in the own table.</param>
public readonly unsafe record struct EndpointHandle(uint Index)
{
    /// <summary>As a handle of any type.</summary>
    public KernelHandle Handle => new(Index);

    /// <summary>Makes one with all rights, charged to <paramref name="account"/> (default: the own space's).</summary>
    public static KernelStatus TryCreate(out EndpointHandle endpoint, AccountHandle account = default)
    {
        KernelStatus status = Kernel.Handle(out uint handle, KernelCall.EndpointCreate, account.Index);
        endpoint = new EndpointHandle(handle);
        return status;
    }

    /// <summary>Makes a caller's handle with a badge that the receiver can trust.</summary>
    public KernelStatus TryMint(ulong badge, out EndpointHandle minted)
    {
        KernelStatus status = Kernel.Handle(out uint handle, KernelCall.EndpointMint, Index, badge);
        minted = new EndpointHandle(handle);
        return status;
    }

    /// <summary>
    /// Calls and waits for the reply, which replaces <paramref name="message"/>. Not interruptible: a withdrawn call may have had its effect already. Only for
    /// peers that are trusted to answer at once.
    /// </summary>
    public KernelStatus Call(ref Message message, ulong deadline = NotificationHandle.Never)
    {
        *Kernel.MessageArea = message;
        KernelStatus status = Kernel.Status(KernelCall.EndpointCall, Index, deadline, (ulong)(WaitFlags.Uninterruptible | WaitFlags.VectorsUnused));
        if (status == KernelStatus.Ok)
            message = *Kernel.MessageArea;
        return status;
    }

    /// <summary>Receives a message if one waits; WouldBlock or TimedOut if not.</summary>
    public KernelStatus TryReceive(out Message message)
    {
        KernelStatus status = Kernel.Status(KernelCall.EndpointReceive, Index, 0, (ulong)WaitFlags.Uninterruptible);
        message = status == KernelStatus.Ok ? *Kernel.MessageArea : default;
        return status;
    }

    /// <summary>The arrival of a message also signals these bits.</summary>
    public KernelStatus Bind(NotificationHandle notification, ulong bits) =>
        Kernel.Status(KernelCall.EndpointBind, Index, notification.Index, bits);
}
