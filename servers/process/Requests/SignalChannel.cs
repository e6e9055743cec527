using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Processes.Linux;
using Servers.Processes.Tree;

namespace Servers.Processes.Requests;

/// <summary>
/// What the console driver may ask: signals for process groups, for what is typed at a terminal. It gets an endpoint of its own with a badge of its own, so
/// that programs cannot pass for it.
/// </summary>
internal sealed class SignalChannel(EndpointHandle console, ProcessTree tree)
{
    /// <summary>Badge of the driver's endpoint; spaces are numbered from 1 and never come here.</summary>
    public const ulong Badge = ulong.MaxValue;

    // Lines drain at 11 KiB a second on real hardware; a full queue takes less than this.
    private const ulong LongestDrain = 2_000_000_000;

    /// <summary>Hands the endpoint over.</summary>
    public KernelStatus Connect(EndpointHandle programs)
    {
        KernelStatus status = programs.TryMint(Badge, out EndpointHandle minted);
        if (status != KernelStatus.Ok)
            return status;
        Message message = default;
        message.Words[0] = (ulong)ConsoleControlOperation.SetSignalTarget;
        message.HandleCount = 1;
        message.Handles[0] = minted.Index;
        message.Rights[0] = (uint)Rights.Signal;
        status = console.Call(ref message);
        minted.Handle.Close();
        return status;
    }

    /// <summary>Waits until what programs wrote has left the machine.</summary>
    public void Drain()
    {
        Message message = default;
        message.Words[0] = (ulong)ConsoleControlOperation.Drain;
        console.Call(ref message, SystemClock.Now + LongestDrain);
    }

    /// <summary>The driver's request.</summary>
    public long Answer(in Message message)
    {
        long target = (long)message.Words[1];
        int signal = (int)message.Words[2];
        if ((ProcessOperation)message.Words[0] != ProcessOperation.Kill || target is >= 0 or <= int.MinValue || !Signals.IsValid(signal))
            return Errno.EINVAL;
        return tree.SignalGroup((int)-target, signal);
    }
}
