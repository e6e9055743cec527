namespace Libsys.Abi;

/// <summary>
/// What the counting kernel counts since boot, on all CPUs together (docs/decisions/counting-kernel.md). It answers the call
/// <see cref="KernelCounters.FirstCall"/> + counter with the number; the product's kernel has no such call.
/// </summary>
public enum KernelCounter : uint
{
    /// <summary>Kernel calls, those of this table left out.</summary>
    KernelCalls = 0,
    /// <summary><see cref="KernelCall.EndpointCall"/> among them.</summary>
    EndpointCalls = 1,
    /// <summary>Interrupts and exceptions that came while ring 3 ran.</summary>
    Interrupts = 2,
    /// <summary>Loads of another address space's page tables.</summary>
    SpaceSwitches = 3,
}

/// <summary>Bounds of <see cref="KernelCounter"/>.</summary>
public static class KernelCounters
{
    /// <summary>Call number of the first counter; far beyond <see cref="KernelCall"/>.</summary>
    public const uint FirstCall = 0x1000;
    /// <summary>Number of counters.</summary>
    public const int Count = 4;
}
