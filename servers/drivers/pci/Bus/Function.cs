using Libsys.Hosting.Devices;
using Libsys.Messages;

namespace Servers.Drivers.Pci.Bus;

/// <summary>A function on the bus.</summary>
/// <param name="space">Its configuration space, with that of others.</param>
/// <param name="address">Bus, device and function.</param>
public sealed class Function(IConfigurationSpace space, int address)
{
    // Reading back is what tells that the device has seen the write; one that does not is broken.
    private const int Attempts = 1000;

    /// <summary>Bus &lt;&lt; 8 | device &lt;&lt; 3 | function.</summary>
    public int Address => address;

    /// <summary>Vendor ID.</summary>
    public ushort Vendor { get; } = (ushort)space.Read(address, Registers.Identity);

    /// <summary>Device ID.</summary>
    public ushort Device { get; } = (ushort)(space.Read(address, Registers.Identity) >> 16);

    /// <summary>Type of its header.</summary>
    public int HeaderType { get; } = (int)(space.Read(address, Registers.Header) >> 16 & 0x7F);

    /// <summary>Base address registers, then the expansion ROM.</summary>
    public IReadOnlyList<FunctionRange> Ranges { get; set; } = [];

    /// <summary>Bytes of configuration space.</summary>
    public int ConfigurationLength { get; } = space.Read(address, Registers.ExtendedCapabilities) == uint.MaxValue || Find(space, address,
        Registers.ExpressCapability) == 0 ? FunctionTable.ShortConfiguration : FunctionTable.LongConfiguration;

    /// <summary>Reads 32 bits of its configuration space.</summary>
    public uint Read(int offset) => space.Read(address, offset);

    /// <summary>Writes 32 bits of it.</summary>
    public void Write(int offset, uint value) => space.Write(address, offset, value);

    /// <summary>Where a capability is; 0: it has none such.</summary>
    public int FindCapability(int capability) => Find(space, address, capability);

    /// <summary>
    /// It reaches memory no more, and interrupts nobody: bus mastering off, read back, and nothing outstanding. False: it does not obey, or has not finished.
    /// What it has been given stays untouched by others all the same until its driver has reset it.
    /// </summary>
    public bool TryCutOff()
    {
        Change(Registers.BusMaster, Registers.LineDisable);
        if (FindCapability(Registers.MessagesCapability) is > 0 and int messages)
            Write(messages, Read(messages) & ~Registers.MessagesEnable);
        int express = FindCapability(Registers.ExpressCapability);
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            bool isPending = express > 0 && (Read(express + Registers.DeviceControl) & Registers.TransactionsPending) != 0;
            if ((Read(Registers.Command) & Registers.BusMaster) == 0 && !isPending)
                return true;
        }

        return false;
    }

    /// <summary>It answers at its registers and may reach memory.</summary>
    public void Enable() => Change(0, Registers.BusMaster | Registers.MemorySpace);

    /// <summary>It answers at its registers.</summary>
    public void AnswerAtRegisters() => Change(0, Registers.MemorySpace);

    /// <summary>Writes where it answers into its base address registers again. False: it does not keep that.</summary>
    public bool TryWriteRanges()
    {
        bool isKept = true;
        for (int register = 0; register < PciLimits.Registers && register < Ranges.Count; register++)
        {
            (ulong address, ulong length, uint flags) = Ranges[register];
            if (length == 0)
                continue;
            isKept &= TryWrite(register, (uint)address | flags);
            if ((flags & (Registers.IsPorts | Registers.TypeMask)) == Registers.IsWide)
                isKept &= TryWrite(++register, (uint)(address >> 32));
        }

        return isKept;
    }

    private bool TryWrite(int register, uint value)
    {
        int at = Registers.BaseAddress + register * sizeof(uint);
        Write(at, value);
        return Read(at) == value;
    }

    private void Change(uint clear, uint set) => Write(Registers.Command, Read(Registers.Command) & Registers.CommandMask & ~clear | set);

    private static int Find(IConfigurationSpace space, int address, int capability) =>
        PciCapabilities.Find(offset => space.Read(address, offset), capability);
}
