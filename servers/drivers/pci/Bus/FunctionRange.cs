namespace Servers.Drivers.Pci.Bus;

/// <summary>Addresses that a function answers at.</summary>
/// <param name="Address">First of them.</param>
/// <param name="Length">How many; 0: none.</param>
/// <param name="Flags">Flags of the register, <see cref="Registers.IsPorts"/> and the others; of a ROM 0.</param>
public readonly record struct FunctionRange(ulong Address, ulong Length, uint Flags)
{
    /// <summary>Memory that can be mapped.</summary>
    public bool IsMemory => Length > 0 && (Flags & Registers.IsPorts) == 0;
}
