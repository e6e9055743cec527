namespace Servers.Drivers.Pci.Bus;

/// <summary>Offsets and bits of configuration space: PCI Local Bus 3.0 §6.1, §6.2, §6.8; PCI Express Base 5.0 §7.5.</summary>
internal static class Registers
{
    /// <summary>Vendor ID, device ID above it; vendor <see cref="NoFunction"/>: nothing answers.</summary>
    public const int Identity = 0;

    /// <summary>What the bus answers where no function is.</summary>
    public const uint NoFunction = 0xFFFF;

    /// <summary>Command, status above it.</summary>
    public const int Command = 4;

    /// <summary>Command: answers at its I/O ports; at its memory.</summary>
    public const uint PortSpace = 1, MemorySpace = 2;

    /// <summary>Command: may reach memory.</summary>
    public const uint BusMaster = 4;

    /// <summary>Command: does not use its interrupt line.</summary>
    public const uint LineDisable = 1 << 10;

    /// <summary>Bits of the command. Those of the status above it are cleared by ones, so zeros are written there.</summary>
    public const uint CommandMask = 0xFFFF;

    /// <summary>Header type in bits 16–23 of the word; bit 23: the device has several functions.</summary>
    public const int Header = 0x0C;

    /// <summary>Header types.</summary>
    public const int EndpointHeader = 0, BridgeHeader = 1;

    /// <summary>First base address register; there are 6 in an endpoint, 2 in a bridge.</summary>
    public const int BaseAddress = 0x10;

    /// <summary>Base address register: I/O ports; 64 bits wide (type 2 in bits 1–2); prefetchable.</summary>
    public const uint IsPorts = 1, TypeMask = 6, IsWide = 4, IsPrefetchable = 8;

    /// <summary>Bits of a base address register that are flags.</summary>
    public const uint PortFlags = 3, MemoryFlags = 15;

    /// <summary>Expansion ROM of an endpoint and of a bridge; bit 0: it answers. The low 11 bits are no address.</summary>
    public const int EndpointRom = 0x30, BridgeRom = 0x38;

    /// <summary>Bits of the ROM's register that are an address.</summary>
    public const uint RomMask = ~0x7FFu;

    /// <summary>Bus numbers of a bridge: the one behind it in bits 8–15.</summary>
    public const int Buses = 0x18;

    /// <summary>Cache line size and latency timer, beside the header type; the interrupt line: what firmware and software left there.</summary>
    public const int CacheLine = 0x0C, InterruptLine = 0x3C;

    /// <summary>Capabilities.</summary>
    public const int PowerCapability = 0x01, ExpressCapability = 0x10, MessagesCapability = 0x11, AdvancedFeaturesCapability = 0x13;

    /// <summary>First extended capability; 0 or all ones: the function has none, or no space for them.</summary>
    public const int ExtendedCapabilities = 0x100;

    /// <summary>In MSI-X: its table and its pending bits; each has the number of a base address register in the low three bits.</summary>
    public const int MessageTable = 4, PendingBits = 8;

    /// <summary>MSI-X, message control in bits 16–31: enabled, all masked, number of vectors less one.</summary>
    public const uint MessagesEnable = 1u << 31, MessagesMask = 1u << 30, MessageCountMask = 0x7FF;

    /// <summary>Where message control is in its word.</summary>
    public const int MessageControlShift = 16;

    /// <summary>PCI Express: control and status of the device.</summary>
    public const int DeviceControl = 8;

    /// <summary>Device status, above control: requests to memory that have not been answered.</summary>
    public const uint TransactionsPending = 1u << 21;

    /// <summary>PCI Express: capabilities of the device, and that it can reset the function (§7.5.3.3).</summary>
    public const int DeviceCapabilities = 4;

    /// <inheritdoc cref="DeviceCapabilities"/>
    public const uint CanResetFunction = 1u << 28;

    /// <summary>PCI Express, control of the device: resets the function, and reads as zero (§7.5.3.4).</summary>
    public const uint ResetFunction = 1u << 15;

    /// <summary>PCI Express: second control of the device (§7.5.3.16).</summary>
    public const int SecondDeviceControl = 0x28;

    /// <summary>Version of the PCI Express capability in its first word; what has the second control is 2 or more.</summary>
    public const uint ExpressVersionMask = 15u << 16, SecondExpressVersion = 2u << 16;

    /// <summary>
    /// Advanced features (ECN "Advanced Capabilities for Conventional PCI", 2006): in its first word that it tells of outstanding requests, and resets the
    /// function; behind it control, with the reset, and status, with the requests.
    /// </summary>
    public const uint TellsPending = 1u << 24, AdvancedCanReset = 1u << 25;

    /// <inheritdoc cref="TellsPending"/>
    public const int AdvancedControl = 4;

    /// <inheritdoc cref="TellsPending"/>
    public const uint AdvancedReset = 1, AdvancedPending = 1u << 8;

    /// <summary>
    /// Power management 1.2 §3.2.4: control and status; its power state, 0 (D0) to 3 (D3hot); the function keeps its state on the way back from D3hot; the
    /// event that is cleared by a one.
    /// </summary>
    public const int PowerControl = 4;

    /// <inheritdoc cref="PowerControl"/>
    public const uint PowerStateMask = 3, PowerOff = 3, NoSoftReset = 1 << 3, PowerEvent = 1 << 15;
}
