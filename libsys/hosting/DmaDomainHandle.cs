using Libsys.Abi;

namespace Libsys.Hosting;

/// <summary>
/// What one device may reach. Pins belong to the domain: they outlive the driver as long as anybody, the supervisor say, holds a handle, and frames
/// that their objects give up meanwhile are used for nothing else.
/// </summary>
/// <param name="Index">Index in the own table.</param>
public readonly unsafe record struct DmaDomainHandle(uint Index)
{
    /// <summary>As a handle of any type.</summary>
    public KernelHandle Handle => new(Index);

    /// <summary>Most pages of one pin.</summary>
    public const int LongestPin = ThreadBlock.MessageLength / sizeof(ulong);

    /// <summary>Pins a range of an object, whole pages, and tells the physical address of each page.</summary>
    /// <param name="addresses">Takes them: one for each page of the range, <see cref="LongestPin"/> at most.</param>
    /// <param name="pin">The pin's number, above 0.</param>
    public KernelStatus TryPin(MemoryObjectHandle memory, ulong offset, Span<ulong> addresses, out uint pin)
    {
        const ulong PageLength = 4096;
        KernelStatus status = Kernel.Handle(out pin, KernelCall.DmaPin, Index, memory.Index, offset, (ulong)addresses.Length * PageLength);
        if (status == KernelStatus.Ok)
            new ReadOnlySpan<ulong>(Kernel.MessageArea, addresses.Length).CopyTo(addresses);
        return status;
    }

    /// <summary>
    /// Ends one pin. The device must not use its pages any more. BadState: it has ended, but the device has been refused an access since it got this domain,
    /// or has another by now: what it has said to have done may not have happened.
    /// </summary>
    public KernelStatus Unpin(uint pin) => pin == 0 ? KernelStatus.BadArgument : Kernel.Status(KernelCall.DmaUnpin, Index, pin);

    /// <summary>Ends all pins: after a reset of the device. Needs the right to manage.</summary>
    public KernelStatus UnpinAll() => Kernel.Status(KernelCall.DmaUnpin, Index, 0);

    /// <summary>How many pins there are, and how many pages they hold.</summary>
    public KernelStatus TryQuery(out ulong pins, out ulong pages)
    {
        KernelStatus status = Kernel.Status(KernelCall.DmaQuery, Index);
        Message* area = Kernel.MessageArea;
        pins = status == KernelStatus.Ok ? area->Words[0] : 0;
        pages = status == KernelStatus.Ok ? area->Words[1] : 0;
        return status;
    }
}
