using Libsys.Abi;
using Libsys.Hosting;
using Servers.Drivers.Pci.Bus;

namespace Servers.Drivers.Pci.Hosting;

/// <summary>Configuration space in memory (ECAM): PCI Express Base 5.0 §7.2.2. A bus is mapped when it is first looked at.</summary>
internal sealed class EnhancedConfiguration : IConfigurationSpace
{
    // The host bridge of the q35 machine (Intel 82Q35 MCH, data sheet 316966 §5.1.16): its function 0, reached by ports, says where the memory is.
    private const uint HostBridge = 0x29C0_8086;
    private const int BridgeRegister = 0x60;
    private const ulong IsEnabled = 1, LengthMask = 6, AddressMask = 0x0000_000F_FC00_0000;

    // Configuration mechanism 1, PCI Local Bus 3.0 §3.2.2.3.2.
    private const ushort AddressPort = 0xCF8, DataPort = 0xCFC;
    private const uint PortEnable = 1u << 31;

    private const ulong BusLength = 1 << 20;
    private const int BusBits = 8, FunctionShift = 12;

    private readonly MachineHandle machine;
    private readonly ulong start;
    private readonly MappedMemory?[] buses;

    private EnhancedConfiguration(MachineHandle machine, ulong start, int count)
    {
        this.machine = machine;
        this.start = start;
        buses = new MappedMemory?[count];
    }

    /// <inheritdoc/>
    public int LastBus => buses.Length - 1;

    /// <summary>Asks the host bridge where configuration space is. Null: the machine is another one, or has it nowhere.</summary>
    public static EnhancedConfiguration? Find(MachineHandle machine, IoPorts ports)
    {
        if (ReadByPorts(ports, 0) != HostBridge)
            return null;
        ulong register = (ulong)ReadByPorts(ports, BridgeRegister + sizeof(uint)) << 32 | ReadByPorts(ports, BridgeRegister);
        if ((register & IsEnabled) == 0)
            return null;
        // 256, 128 or 64 buses.
        int buses = 256 >> (int)((register & LengthMask) >> 1);
        return new EnhancedConfiguration(machine, register & AddressMask, buses);
    }

    /// <inheritdoc/>
    public uint Read(int address, int offset) => Bus(address).ReadUInt32(At(address, offset));

    /// <inheritdoc/>
    public void Write(int address, int offset, uint value) => Bus(address).WriteUInt32(At(address, offset), value);

    private static ulong At(int address, int offset) => (ulong)((address & byte.MaxValue) << FunctionShift | offset);

    private static uint ReadByPorts(IoPorts ports, int offset)
    {
        ports.Write32(AddressPort, PortEnable | (uint)offset);
        return ports.Read32(DataPort);
    }

    private MappedMemory Bus(int address)
    {
        int bus = address >> BusBits;
        return buses[bus] ??= RegisterMemory.Map(machine, start + (ulong)bus * BusLength, BusLength);
    }
}
