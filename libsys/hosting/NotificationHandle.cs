using Libsys.Abi;

namespace Libsys.Hosting;

/// <summary>A notification: a word of bits and a wait queue.</summary>
/// <param name="Index">Index in the own table.</param>
public readonly record struct NotificationHandle(uint Index)
{
    /// <summary>A deadline that never comes.</summary>
    public const ulong Never = ulong.MaxValue;

    /// <summary>As a handle of any type.</summary>
    public KernelHandle Handle => new(Index);

    /// <summary>Makes one, charged to <paramref name="account"/> (default: the own space's).</summary>
    public static KernelStatus TryCreate(out NotificationHandle notification, AccountHandle account = default)
    {
        KernelStatus status = Kernel.Handle(out uint handle, KernelCall.NotificationCreate, account.Index);
        notification = new NotificationHandle(handle);
        return status;
    }

    /// <summary>Ors <paramref name="bits"/> in; never blocks.</summary>
    public KernelStatus Signal(ulong bits) => Kernel.Status(KernelCall.NotificationSignal, Index, bits);

    /// <summary>Has the kernel signal <paramref name="bits"/> once, at a time, in place of an earlier setting. NoMemory: no room for the timer.</summary>
    public KernelStatus SetTimer(ulong bits, ulong deadline) => Kernel.Status(KernelCall.TimerSet, Index, bits, deadline);

    /// <summary>Makes a handle for a peer that can signal these bits and do nothing else.</summary>
    public KernelStatus TryMint(ulong bits, out NotificationHandle minted)
    {
        KernelStatus status = Kernel.Handle(out uint handle, KernelCall.NotificationMint, Index, bits);
        minted = new NotificationHandle(handle);
        return status;
    }

    /// <summary>Waits until a bit is set or the deadline (nanoseconds since boot; 0 polls) and takes all bits. 0 bits with TimedOut or WouldBlock.</summary>
    public KernelStatus Wait(ulong deadline, out ulong bits)
    {
        for (;;)
        {
            long result = Kernel.Call(KernelCall.NotificationWait, Index, deadline, (ulong)WaitFlags.None);
            if (Finish(result, out bits))
                return result < 0 ? (KernelStatus)result : KernelStatus.Ok;
        }
    }

    /// <summary>Signals a peer and waits for the own bits in one step, handing the CPU over to the woken thread.</summary>
    public KernelStatus SignalAndWait(NotificationHandle peer, ulong peerBits, ulong deadline, out ulong bits)
    {
        long result = Kernel.Call(KernelCall.SignalAndWait, peer.Index, peerBits, Index, deadline, (ulong)WaitFlags.VectorsUnused);
        if (Finish(result, out bits))
            return result < 0 ? (KernelStatus)result : KernelStatus.Ok;
        return Wait(deadline, out bits);
    }

    private static bool Finish(long result, out ulong bits)
    {
        bits = result < 0 ? 0 : (ulong)result;
        if (result != (long)KernelStatus.Interrupted)
            return true;
        Kernel.TakePendingSignal();
        return false;
    }
}
