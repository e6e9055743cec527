using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Drivers.Console.Terminals;

namespace Servers.Drivers.Console.Hosting;

/// <summary>Sends signals through the process server, once it has handed over an endpoint for that.</summary>
internal sealed class SignalEndpoint(Log log) : ISignalTarget
{
    // The process server answers a Kill at once. Should it wait for this driver at that moment, the signal is given up rather than both.
    private const ulong Patience = 100_000_000;
    private const ulong SignalFromKernel = 0x80; // SI_KERNEL, sigaction(2)
    private EndpointHandle target;

    /// <summary>Takes the endpoint over.</summary>
    public void Connect(EndpointHandle endpoint)
    {
        if (target.Handle.IsValid)
            target.Handle.Close();
        target = endpoint;
    }

    /// <inheritdoc/>
    public void Signal(uint group, int number)
    {
        if (!target.Handle.IsValid)
            return;
        Message message = default;
        message.Words[0] = (ulong)ProcessOperation.Kill;
        message.Words[1] = (ulong)-(long)group;
        message.Words[2] = (ulong)number;
        message.Words[3] = SignalFromKernel;
        KernelStatus status = target.Call(ref message, SystemClock.Now + Patience);
        if (status != KernelStatus.Ok)
            log.Write($"signal {number} for group {group} was not delivered: {status}");
    }
}
