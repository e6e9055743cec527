using Libsys.Abi;

namespace Libsys.Hosting;

/// <summary>Authority over the hardware. The supervisor alone holds it in full; others hold a copy that can only write the log.</summary>
/// <param name="Index">Index in the own table.</param>
public readonly unsafe record struct MachineHandle(uint Index)
{
    /// <summary>As a handle of any type.</summary>
    public KernelHandle Handle => new(Index);

    /// <summary>Writes a line to the log port as one piece; what does not fit the message area is cut off.</summary>
    public KernelStatus WriteLog(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> fits = text[..Math.Min(text.Length, ThreadBlock.MessageLength)];
        fits.CopyTo(Kernel.MessageBytes);
        return Kernel.Status(KernelCall.LogWrite, Index, (ulong)fits.Length);
    }

    /// <summary>
    /// Reads the kernel's log from a position (bytes since boot; 0 is the start) on; what is older than the kernel keeps is skipped.
    /// </summary>
    /// <param name="position">Moves behind the bytes read.</param>
    /// <param name="text">Takes them; about 2,000 a call at most.</param>
    /// <param name="skipped">Bytes that were asked for but are no longer kept.</param>
    /// <returns>Bytes read, 0 at the log's end; negative: a <see cref="KernelStatus"/>.</returns>
    public long ReadLog(ref ulong position, Span<byte> text, out ulong skipped)
    {
        skipped = 0;
        long result = Kernel.Call(KernelCall.LogRead, Index, position);
        if (result < 0)
            return result;
        ReadOnlySpan<byte> area = Kernel.MessageBytes;
        ulong first = BitConverter.ToUInt64(area);
        int count = Math.Min((int)result, text.Length);
        area.Slice(16, count).CopyTo(text);
        skipped = first - position;
        position = first + (ulong)count;
        return count;
    }

    /// <summary>Signals bits once, when fewer frames are left in the machine. One watch at a time.</summary>
    public KernelStatus WatchMemory(ulong frames, NotificationHandle notification, ulong bits) =>
        Kernel.Status(KernelCall.MemoryWatch, Index, frames, notification.Index, bits);

    /// <summary>Sets the nanoseconds between 1970-01-01 UTC and time zero.</summary>
    public KernelStatus SetClock(ulong wallOffset) => Kernel.Status(KernelCall.ClockSet, Index, wallOffset);

    /// <summary>Ends the machine at once, as a failure.</summary>
    public KernelStatus Halt() => Kernel.Status(KernelCall.Halt, Index);

    /// <summary>Makes an object of device registers, which <paramref name="account"/> (default: the own space's) pays for.</summary>
    public KernelStatus TryCreateDeviceMemory(ulong physicalAddress, ulong length, out MemoryObjectHandle memory, AccountHandle account = default)
    {
        KernelStatus status = Kernel.Handle(out uint handle, KernelCall.MemoryDevice, Index, physicalAddress, length, account.Index);
        memory = new MemoryObjectHandle(handle);
        return status;
    }

    /// <summary>Binds an interrupt line to bits of a notification.</summary>
    public KernelStatus TryCreateInterrupt(uint line, NotificationHandle notification, ulong bits, out KernelHandle interrupt)
    {
        KernelStatus status = Kernel.Handle(out uint handle, KernelCall.InterruptCreate, Index, line, notification.Index, bits);
        interrupt = new KernelHandle(handle);
        return status;
    }

    /// <summary>
    /// Binds messages of a device (MSI) to bits of a notification: the device is to write <paramref name="data"/> to <paramref name="address"/>.
    /// </summary>
    public KernelStatus TryCreateMessageInterrupt(
        NotificationHandle notification, ulong bits, out KernelHandle interrupt, out ulong address, out uint data, AccountHandle account = default)
    {
        KernelStatus status = Kernel.Handle(out uint handle, KernelCall.InterruptCreateMessage, Index, notification.Index, bits, account.Index);
        Message* area = Kernel.MessageArea;
        interrupt = new KernelHandle(handle);
        address = status == KernelStatus.Ok ? area->Words[0] : 0;
        data = status == KernelStatus.Ok ? (uint)area->Words[1] : 0;
        return status;
    }

    /// <summary>
    /// Makes what one device may reach: nothing yet. <paramref name="account"/> pays for its pins (0: the own space's). An IOMMU holds the function to it: bus
    /// &lt;&lt; 8 | device &lt;&lt; 3 | function.
    /// </summary>
    public KernelStatus TryCreateDmaDomain(out DmaDomainHandle domain, AccountHandle account, int function)
    {
        KernelStatus status = Kernel.Handle(out uint handle, KernelCall.DmaDomainCreate, Index, account.Index, (ulong)function + 1);
        domain = new DmaDomainHandle(handle);
        return status;
    }

    /// <summary>Has an interrupt by message fire when the IOMMU refuses an access. BadState: there is none.</summary>
    public KernelStatus ReportDmaFaults(Interrupt interrupt) => Kernel.Status(KernelCall.DmaFaults, Index, interrupt.Index);

    /// <summary>Takes one access that the IOMMU has refused. False: none is recorded.</summary>
    public bool TryTakeDmaFault(out DmaFault fault)
    {
        bool isThere = Kernel.Status(KernelCall.DmaFault, Index) == KernelStatus.Ok;
        Message* area = Kernel.MessageArea;
        fault = isThere ? new DmaFault((int)area->Words[0], area->Words[1], (int)area->Words[2], area->Words[3] != 0) : default;
        return isThere;
    }

    /// <summary>Makes a range of I/O ports.</summary>
    public KernelStatus TryCreatePorts(ushort first, uint count, out IoPorts ports)
    {
        KernelStatus status = Kernel.Handle(out uint handle, KernelCall.IoPortsCreate, Index, first, count);
        ports = new IoPorts(handle);
        return status;
    }
}
