using System.Globalization;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Drivers.Pci.Hosting;

/// <summary>
/// What the IOMMU has refused: a device that reached for memory that nobody had lent it is cut off, and its driver reported, since devices do what drivers tell
/// them.
/// </summary>
internal sealed class RefusedAccesses(ServerContext context, MachineHandle machine, IReadOnlyList<DrivenFunction> devices)
{
    // A device that is cut off makes no more of them; what the records still have is taken in the next turn.
    private const int MostInATurn = 64;

    private bool hasToldOfOthers;

    /// <summary>Begins; false: the machine has no IOMMU, and nothing is refused.</summary>
    public bool Watch(EventLoop loop)
    {
        const ulong bit = 1ul << LoopBits.FirstInterrupt;
        if (machine.TryCreateMessageInterrupt(loop.Notification, bit, out KernelHandle handle, out _, out _) != KernelStatus.Ok)
            return false;
        var interrupt = new Interrupt(handle.Index, bit);
        if (machine.ReportDmaFaults(interrupt) != KernelStatus.Ok)
        {
            handle.Close();
            return false;
        }

        loop.Add(interrupt, TakeAll);
        // What a predecessor has not taken interrupts nobody again.
        TakeAll();
        return true;
    }

    /// <summary>Looks at what has been refused by now. Before a claim, so that no driver is held to account for what its device did before.</summary>
    public void TakeAll()
    {
        for (int taken = 0; taken < MostInATurn && machine.TryTakeDmaFault(out DmaFault fault); taken++)
            Judge(fault);
    }

    private void Judge(in DmaFault fault)
    {
        int address = fault.Function;
        DrivenFunction? device = devices.FirstOrDefault(one => one.Function.Address == address);
        if (device?.HasStrayed ?? hasToldOfOthers)
            return;
        context.Log.Write(string.Create(
            CultureInfo.InvariantCulture,
            $"{address:x4} of {device?.Owner ?? "nobody"} was refused a {(fault.IsWrite ? "write" : "read")} at {fault.Address:x}, reason {fault.Reason:x}"));
        if (device == null)
        {
            hasToldOfOthers = true;
            return;
        }

        device.HasStrayed = true;
        if (!device.Function.TryCutOff())
            context.Log.Write($"{address:x4} cannot be cut off from memory");
        if (device.Claimant != 0 && context.Directory?.TryFind(device.Claimant, out _, out PublishedServer server) == true)
            context.ReportStray(device.Owner, server.Generation);
    }
}
