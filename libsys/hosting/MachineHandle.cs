using Libsys.Abi;

namespace Libsys.Hosting;

/// <summary>Authority over the hardware. The supervisor alone holds it in full; others hold a copy that can only write the log.</summary>
/// <param name="Index">Index in the own table.</param>
public readonly record struct MachineHandle(uint Index)
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

    /// <summary>Sets the nanoseconds between 1970-01-01 UTC and time zero.</summary>
    public KernelStatus SetClock(ulong wallOffset) => Kernel.Status(KernelCall.ClockSet, Index, wallOffset);

    /// <summary>Ends the machine at once, as a failure.</summary>
    public KernelStatus Halt() => Kernel.Status(KernelCall.Halt, Index);

    /// <summary>Makes an object of device registers.</summary>
    public KernelStatus TryCreateDeviceMemory(ulong physicalAddress, ulong length, out MemoryObjectHandle memory)
    {
        KernelStatus status = Kernel.Handle(out uint handle, KernelCall.MemoryDevice, Index, physicalAddress, length);
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

    /// <summary>Makes a range of I/O ports.</summary>
    public KernelStatus TryCreatePorts(ushort first, uint count, out IoPorts ports)
    {
        KernelStatus status = Kernel.Handle(out uint handle, KernelCall.IoPortsCreate, Index, first, count);
        ports = new IoPorts(handle);
        return status;
    }
}
