using System.Runtime.CompilerServices;
using System.Threading;
using Libsys.Abi;

namespace KernelTests;

/// <summary>
/// QEMU's "edu" device (docs/specs/edu in QEMU's sources): interrupts by message when asked to, and copies between memory and a buffer of its own.
/// </summary>
internal unsafe struct EduDevice
{
    private const ulong Machine = WellKnownHandle.BootMachine;
    // Configuration space through ports (PCI Local Bus 3.0 §3.2.2.3.2), and what is in it (§6.1, §6.8.1).
    private const ulong ConfigurationAddress = 0xcf8, ConfigurationData = 0xcfc;
    private const uint Identity = 0x11e8_1234, Command = 4, MemoryAndMaster = 6, BaseAddress = 0x10, Capabilities = 0x34, MessageCapability = 5;
    private const uint Id = 0, RaiseInterrupt = 0x60, AcknowledgeInterrupt = 0x64, Source = 0x80, Destination = 0x88, Count = 0x90, Start = 0x98;
    private const uint Version = 0x0100_00ed;
    private const ulong Buffer = 0x4_0000;
    private const ulong Registers = 0x2800_0000, RegistersLength = 0x10_0000;

    /// <summary>Bytes of a copy: half of its buffer, because QEMU before 8.2 refuses to fill all of it.</summary>
    public const ulong CopyLength = 2048;

    private long ports, memory;
    private uint function;

    /// <summary>Its number as domains are made for it, + 1: device · 8, on bus 0.</summary>
    public ulong NumberPlusOne => (function >> 8 & 0xff) + 1;

    /// <summary>Finds the device on bus 0 and maps its registers; false: the machine has none.</summary>
    public bool Open()
    {
        ports = Kernel.Call(KernelCall.IoPortsCreate, Machine, ConfigurationAddress, 8);
        for (uint device = 0; device < 32; device++)
        {
            function = 1u << 31 | device << 11;
            if (Read(0) != Identity)
                continue;
            Write(Command, Read(Command) | MemoryAndMaster);
            memory = Kernel.Call(KernelCall.MemoryDevice, Machine, Read(BaseAddress) & ~15u, RegistersLength);
            Kernel.Call(KernelCall.SpaceMap, WellKnownHandle.Self, Registers, RegistersLength, (ulong)(MapFlags.Read | MapFlags.Write | MapFlags.Shared),
                (ulong)memory);
            return Register(Id) == Version;
        }
        return false;
    }

    public void Close()
    {
        Kernel.Call(KernelCall.SpaceUnmap, WellKnownHandle.Self, Registers, RegistersLength);
        Kernel.Call(KernelCall.HandleClose, (ulong)memory);
        Kernel.Call(KernelCall.HandleClose, (ulong)ports);
    }

    // Not inlined: the compiler would narrow the access where few bits are asked for, and the device answers whole words only.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static uint Register(uint register) => Volatile.Read(ref *(uint*)(Registers + register));

    private uint Read(uint register)
    {
        Kernel.Call(KernelCall.PortWrite, (ulong)ports, ConfigurationAddress, 4, function | register);
        return (uint)Kernel.Call(KernelCall.PortRead, (ulong)ports, ConfigurationData, 4);
    }

    private void Write(uint register, uint value)
    {
        Kernel.Call(KernelCall.PortWrite, (ulong)ports, ConfigurationAddress, 4, function | register);
        Kernel.Call(KernelCall.PortWrite, (ulong)ports, ConfigurationData, 4, value);
    }

    /// <summary>Makes it send a message when it interrupts; false: it cannot.</summary>
    public bool EnableMessages(ulong address, ulong data)
    {
        uint at = Read(Capabilities) & 0xfc;
        while (at != 0 && (Read(at) & 0xff) != MessageCapability)
            at = (Read(at) >> 8) & 0xfc;
        if (at == 0)
            return false;
        // A 64-bit address, one message, enabled.
        Write(at + 4, (uint)address);
        Write(at + 8, (uint)(address >> 32));
        Write(at + 12, (uint)data);
        Write(at, Read(at) | 1 << 16);
        return true;
    }

    /// <summary>Interrupts.</summary>
    public void Interrupt() => Volatile.Write(ref *(uint*)(Registers + RaiseInterrupt), 1);

    /// <summary>Ends the interrupt.</summary>
    public void Acknowledge() => Volatile.Write(ref *(uint*)(Registers + AcknowledgeInterrupt), 1);

    /// <summary>Fills its buffer from the start of a page of memory.</summary>
    public void ReadPage(ulong physical) => Copy(physical, Buffer, 1);

    /// <summary>Writes its buffer to the start of a page of memory.</summary>
    public void WritePage(ulong physical) => Copy(Buffer, physical, 3);

    private void Copy(ulong source, ulong destination, uint command)
    {
        Volatile.Write(ref *(ulong*)(Registers + Source), source);
        Volatile.Write(ref *(ulong*)(Registers + Destination), destination);
        Volatile.Write(ref *(ulong*)(Registers + Count), CopyLength);
        Volatile.Write(ref *(ulong*)(Registers + Start), command);
        while ((Register(Start) & 1) != 0)
            Threads.Sleep(1_000_000);
    }
}
