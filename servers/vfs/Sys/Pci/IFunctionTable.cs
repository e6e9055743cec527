namespace Servers.Vfs.Sys.Pci;

/// <summary>What is on the PCI bus.</summary>
public interface IFunctionTable
{
    /// <summary>Functions there are; their places never change.</summary>
    int Count { get; }

    /// <summary>A function as it is published now; null: it cannot be read.</summary>
    FunctionEntry? Read(int place);
}

/// <summary>A function on the bus.</summary>
/// <param name="Address">Bus &lt;&lt; 8 | device &lt;&lt; 3 | function.</param>
/// <param name="Configuration">Its configuration space, as it was when its driver claimed it.</param>
/// <param name="Ranges">What it answers at: six base address registers, then the expansion ROM.</param>
/// <param name="Driver">Server that drives it; empty: none.</param>
public sealed record FunctionEntry(int Address, byte[] Configuration, IReadOnlyList<AddressRange> Ranges, string Driver);

/// <summary>Addresses, with the flags of the register that says so.</summary>
public readonly record struct AddressRange(ulong First, ulong Length, uint Flags);
