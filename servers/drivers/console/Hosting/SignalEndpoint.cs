using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Drivers.Console.Terminals;

namespace Servers.Drivers.Console.Hosting;

/// <summary>Sends signals through the process server, once it has handed over an endpoint for that.</summary>
internal sealed class SignalEndpoint(EventLoop loop, Log log) : ISignalTarget
{
    // The process server answers a Kill at once, unless it waits for this driver at that very moment, as it does before power-off: then the signal is given up.
    private const ulong Patience = 20_000_000;
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
    public void Signal(uint group, int number) => loop.Post(() => Send(group, number)); // in a turn of its own: between two, calls to this driver are seen

    /// <summary>The process server waits for this driver: it cannot take signals until it has its answer, and then none matter any more.</summary>
    public bool IsPeerWaiting { get; set; }

    private void Send(uint group, int number)
    {
        if (!target.Handle.IsValid || IsPeerWaiting)
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
