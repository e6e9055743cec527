using Libsys.Abi;

namespace Libsys.Hosting;

/// <summary>An interrupt line that is bound to bits of the own event loop. Masked when it fires, until acknowledged.</summary>
/// <param name="Index">Index in the own table.</param>
/// <param name="Bits">Bits of the loop's notification that it signals.</param>
public readonly record struct Interrupt(uint Index, ulong Bits)
{
    /// <summary>Unmasks the line. To be called after the device was served, and once at the start.</summary>
    public KernelStatus Acknowledge() => Kernel.Status(KernelCall.InterruptAcknowledge, Index);
}
