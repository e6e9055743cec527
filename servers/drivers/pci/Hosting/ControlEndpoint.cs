using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Manifest;
using Libsys.Messages;

namespace Servers.Drivers.Pci.Hosting;

/// <summary>Calls of drivers, and of who shows the bus (<see cref="PciOperation"/>).</summary>
/// <param name="context">Who calls, and the log.</param>
/// <param name="table">What is published, for who maps it.</param>
/// <param name="published">The same, to be written.</param>
/// <param name="devices">The functions that have drivers.</param>
/// <param name="refused">What the IOMMU refuses devices; null: there is none.</param>
internal sealed class ControlEndpoint(
    ServerContext context, MemoryObjectHandle table, PublishedFunctions published, IReadOnlyList<DrivenFunction> devices, RefusedAccesses? refused)
{
    /// <summary>One message.</summary>
    public void Receive(in Message message)
    {
        var reply = new ReplyHandle(message.ReplyHandle);
        Message answer = default;
        Span<KernelHandle> closing = stackalloc KernelHandle[PciLimits.Vectors + 1];
        int count = 0;
        long result = Serve(message, ref answer, closing, ref count);
        if (result != 0)
        {
            answer = default;
            answer.Words[0] = (ulong)result;
        }

        if (reply.IsValid)
            reply.Reply(ref answer);
        // What was sent is the caller's too by now.
        foreach (KernelHandle handle in closing[..count])
            handle.Close();
        message.CloseHandles();
    }

    /// <summary>Some driver has ended: its devices reach no memory any more.</summary>
    public void QuiesceAbandoned()
    {
        foreach (DrivenFunction device in devices)
        {
            // Those that nobody had are cut off already.
            if (device.Claimant != 0 && device.Quiesce(IsAlive) == -Errno.EIO)
                context.Log.Write($"{device.Function.Address:x4} cannot be cut off from memory");
        }
    }

    private bool IsAlive(ulong number) => context.Directory?.IsAlive(number) != false;

    private long Serve(in Message message, ref Message answer, Span<KernelHandle> made, ref int count)
    {
        if (message.Words[0] == (ulong)PciOperation.Table)
        {
            Add(ref answer, table.Handle, Rights.Read);
            return 0;
        }

        if (message.Words[0] == (ulong)PciOperation.Quiesce)
        {
            ulong address = message.Words[1];
            // One without a driver never was allowed to.
            return devices.FirstOrDefault(one => (uint)one.Function.Address == address)?.Quiesce(IsAlive) ?? 0;
        }

        ulong caller = ServerBadge.Number(message.Badge);
        if (context.Directory is null || !context.Directory.TryFind(caller, out string name, out _))
            return -Errno.EPERM;
        DrivenFunction? device = devices.Where(owned => owned.Owner == name).Skip((int)Math.Min(message.Words[1], int.MaxValue)).FirstOrDefault();
        if (device is null)
            return -Errno.ENODEV;
        if (message.Words[0] == (ulong)PciOperation.Claim)
            return Claim(device, caller, message, ref answer, made, ref count);
        if (device.Claimant != caller)
            return -Errno.EPERM;
        switch ((PciOperation)message.Words[0])
        {
            case PciOperation.Registers:
                long result = device.Registers(
                    (int)Math.Min(message.Words[2], int.MaxValue), (int)Math.Min(message.Words[3], int.MaxValue), out MemoryObjectHandle memory,
                    out ulong offset, out ulong length);
                if (result != 0)
                    return result;
                (answer.Words[1], answer.Words[2]) = (offset, length);
                made[count++] = memory.Handle;
                Add(ref answer, memory.Handle, Rights.Read | Rights.Write);
                return 0;
            case PciOperation.Enable:
                device.Enable();
                published.Write(device.Place, device.Function, device.Owner);
                return 0;
            case PciOperation.Reset:
                return Reset(device);
            default:
                return -Errno.ENOSYS;
        }
    }

    private long Reset(DrivenFunction device)
    {
        long result = device.Reset();
        published.Write(device.Place, device.Function, device.Owner);
        context.Log.Write($"{device.Owner} has {device.Function.Address:x4} reset by {device.ResetMethod}: {result}");
        return result;
    }

    private long Claim(DrivenFunction device, ulong caller, in Message message, ref Message answer, Span<KernelHandle> made, ref int count)
    {
        ulong vectors = message.Words[2], firstBit = message.Words[3];
        bool isValid = vectors is > 0 and <= PciLimits.Vectors && firstBit >= LoopBits.FirstInterrupt && firstBit + vectors - 1 <= LoopBits.LastInterrupt
            && message.HandleCount == 1;
        if (!isValid)
            return -Errno.EINVAL;
        refused?.TakeAll();
        long result = device.Claim(caller, (int)vectors, (int)firstBit, new NotificationHandle(message.Handles[0]), made, out count);
        if (result != 0)
        {
            context.Log.Write($"{device.Owner} cannot have {device.Function.Address:x4}: {result}");
            return result;
        }

        answer.Words[1] = (ulong)device.Place;
        answer.Words[2] = (ulong)(count - 1);
        answer.Words[3] = refused != null ? 1ul : 0;
        Add(ref answer, made[0], Rights.Signal | Rights.Duplicate);
        for (int vector = 1; vector < count; vector++)
            Add(ref answer, made[vector], Rights.Wait);
        published.Write(device.Place, device.Function, device.Owner);
        return 0;
    }

    private static void Add(ref Message answer, KernelHandle handle, Rights rights)
    {
        answer.Handles[(int)answer.HandleCount] = handle.Index;
        answer.Rights[(int)answer.HandleCount++] = (uint)rights;
    }
}
