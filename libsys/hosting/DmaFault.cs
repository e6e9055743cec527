namespace Libsys.Hosting;

/// <summary>An access of a device that the IOMMU has refused.</summary>
/// <param name="Function">Whose: bus &lt;&lt; 8 | device &lt;&lt; 3 | function.</param>
/// <param name="Address">Page that it wanted.</param>
/// <param name="Reason">The IOMMU's (VT-d §7.1.3).</param>
/// <param name="IsWrite">It wanted to write.</param>
public readonly record struct DmaFault(int Function, ulong Address, int Reason, bool IsWrite);
