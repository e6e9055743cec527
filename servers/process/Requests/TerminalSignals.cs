using Libsys.Abi;
using Libsys.Hosting;
using Servers.Processes.Spaces;
using Servers.Processes.Tree;

namespace Servers.Processes.Requests;

/// <summary>
/// Signals that terminals cause. vfs keeps them and rings; this fetches them when nothing else is being done, so neither server ever waits for the other in
/// both directions.
/// </summary>
internal sealed class TerminalSignals(VfsControlClient vfs, ProcessTree tree) : EventSource
{
    private bool isRinging = true;

    /// <summary>Gives vfs the bell.</summary>
    public KernelStatus Connect(NotificationHandle loop)
    {
        KernelStatus status = loop.TryMint(Bits, out NotificationHandle doorbell);
        if (status != KernelStatus.Ok)
            return status;
        long result = vfs.SetSignalDoorbell(doorbell);
        doorbell.Handle.Close();
        return result == 0 ? KernelStatus.Ok : KernelStatus.BadState;
    }

    /// <inheritdoc/>
    protected override bool Turn()
    {
        if (!isRinging)
            return false;
        isRinging = false;
        Span<ulong> signals = stackalloc ulong[VfsControlClient.MostSignals];
        for (int count = signals.Length; count == signals.Length;)
        {
            count = vfs.TakeSignals(signals);
            foreach (ulong entry in signals[..count])
                Deliver((int)(uint)entry, (int)(entry >> 32));
        }

        return true;
    }

    /// <inheritdoc/>
    protected override bool PrepareSleep() => !isRinging;

    /// <inheritdoc/>
    protected override void Signalled() => isRinging = true;

    private void Deliver(int target, int signal)
    {
        if (!Signals.IsValid(signal) || target is 0 or int.MinValue)
            return;
        if (target < 0)
            tree.SignalGroup(-target, signal);
        else if (tree.Find(target) is { } process)
            tree.Queue(process, new SignalInformation(signal, Signals.SI_KERNEL, 0, 0, 0));
    }
}
