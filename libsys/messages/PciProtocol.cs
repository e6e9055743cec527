namespace Libsys.Messages;

/// <summary>
/// Calls of servers to the pci server. Word 0 operation, reply word 0: 0 or −errno. A driver's functions are those of the identities that the manifest names
/// for it, numbered from 0 in the order of their addresses; −ENODEV: it has none of that number.
/// </summary>
public enum PciOperation : ulong
{
    /// <summary>() → handle: the <see cref="FunctionTable"/> (read).</summary>
    Table = 16,
    /// <summary>
    /// (function, vectors from 1 to <see cref="PciLimits.Vectors"/>, first bit) + handle: notification (signal, duplicate) → word 1 place in the
    /// table, word 2 vectors that there are, word 3: 1 if an IOMMU holds the device to what it may reach; handles: what the device may reach (signal,
    /// duplicate), then an interrupt for each vector: the n-th signals the n-th bit from the first on. The device is cut off: it can neither reach memory nor
    /// interrupt. A claim before this one has ended. −EIO: it cannot be cut off.
    /// </summary>
    Claim = 17,
    /// <summary>
    /// (function, base address register, part from 0 on) → handle: registers (read, write); word 1 where they begin in what the base address register covers,
    /// word 2 bytes. Only whoever has claimed the function (−EPERM). −ENXIO: no such register, or part.
    /// </summary>
    Registers = 18,
    /// <summary>
    /// (function): whoever has claimed it has reset the device: nothing that it was given before is in its reach any more. From now on it may reach memory.
    /// −EPERM as above.
    /// </summary>
    Enable = 19,
    /// <summary>
    /// (address of a function): it can reach no memory any more, because whoever had claimed it has ended, and that was read back. −EBUSY: that process runs.
    /// −EIO: it cannot be cut off. Anybody may ask.
    /// </summary>
    Quiesce = 20,
    /// <summary>
    /// (function): resets it, by what its configuration space has for that, since its device does not come to the reset that its driver knows. Only whoever has
    /// claimed it (−EPERM). It answers at the same registers afterwards and interrupts by the same messages, and reaches no memory before the next
    /// <see cref="Enable"/>. −EOPNOTSUPP: it has no way to be reset; it is cut off from memory all the same. −EIO: it is not there any more, or does not obey.
    /// Takes up to some seconds.
    /// </summary>
    Reset = 21,
}

/// <summary>Limits of the protocol.</summary>
public static class PciLimits
{
    /// <summary>Interrupts of a claim: what a message carries beside the domain.</summary>
    public const int Vectors = 3;
    /// <summary>Base address registers of a function.</summary>
    public const int Registers = 6;
}

/// <summary>
/// The functions on the bus, as the pci server publishes them: memory that it writes and others read. An entry is valid while its sequence is even and
/// unchanged around the read; the first without an address ends the table. Places never change.
/// </summary>
public static class FunctionTable
{
    /// <summary>Entries.</summary>
    public const int Entries = 64;
    /// <summary>Bytes an entry: a page of fields, and a page with the function's configuration space.</summary>
    public const int EntryLength = 8192;
    /// <summary>Bytes of the table.</summary>
    public const ulong Length = (ulong)Entries * EntryLength;
    /// <summary>Where the configuration space is in an entry.</summary>
    public const int Configuration = 4096;
    /// <summary>Bytes of configuration space of a function of PCI Express, and of another.</summary>
    public const int LongConfiguration = 4096, ShortConfiguration = 256;
#pragma warning disable CS1591 // offsets of fields; names say what they are
    // u32: bus << 8 | device << 3 | function, and Present.
    public const int Sequence = 0, Address = 4, ConfigurationLength = 8, DriverLength = 12, Driver = 16 /* ≤ 64 bytes */;
    public const uint Present = 1u << 31;
    // Ranges of the base address registers and of the expansion ROM, then of a bridge's windows: first address, length (0: none), flags of the register, u64.
    public const int Ranges = 128, RangeLength = 24, RangeCount = 7;
#pragma warning restore CS1591
}
