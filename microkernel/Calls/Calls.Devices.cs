using Libsys.Abi;

namespace Microkernel;

// Interrupts, I/O ports and memory for devices.
internal static unsafe partial class Calls
{
    /// <summary>Binds a line to a notification.</summary>
    public static long InterruptCreate(Thread* thread, ulong machine, ulong line, ulong notification, ulong bits)
    {
        if (line >= IoApic.Lines)
            return BadArgument;
        return CreateInterrupt(thread, machine, (uint)line, notification, bits);
    }

    /// <summary>Binds messages of a device to a notification.</summary>
    public static long InterruptCreateMessage(Thread* thread, ulong machine, ulong notification, ulong bits)
    {
        uint line = Interrupt.FreeMessageLine();
        if (line == 0)
            return (long)KernelStatus.NoHandle;
        long handle = CreateInterrupt(thread, machine, line, notification, bits);
        if (handle >= 0)
        {
            Words(thread)[0] = LocalApic.MessageAddress(Cpu.At(0)->ApicId);
            Words(thread)[1] = Vectors.FirstLine + line;
        }
        return handle;
    }

    private static long CreateInterrupt(Thread* thread, ulong machine, uint line, ulong notification, ulong bits)
    {
        if (Find(thread, machine, ObjectType.Machine, Rights.Manage, out long status) == null)
            return status;
        HandleEntry* entry = HandleTable.Find(thread, notification, ObjectType.Notification, Rights.Signal, out status);
        if (entry == null)
            return status;
        if (!Interrupt.IsFree(line))
            return (long)KernelStatus.Occupied;
        Interrupt* interrupt = Interrupt.Create(thread->Space->Header.Account, line, (Notification*)entry->Object, bits & entry->Extra);
        return Give(thread, (KernelObject*)interrupt, Rights.Wait | Rights.Manage | Rights.Duplicate, 0);
    }

    /// <summary>Lets a line fire again.</summary>
    public static long InterruptAcknowledge(Thread* thread, ulong handle)
    {
        Interrupt* interrupt = (Interrupt*)Find(thread, handle, ObjectType.Interrupt, Rights.Wait, out long status);
        if (interrupt != null)
            Interrupt.Acknowledge(interrupt);
        return status;
    }

    /// <summary>A range of ports.</summary>
    public static long IoPortsCreate(Thread* thread, ulong machine, ulong first, ulong count)
    {
        const ulong PortCount = 0x1_0000;
        if (Find(thread, machine, ObjectType.Machine, Rights.Manage, out long status) == null)
            return status;
        if (first >= PortCount || count == 0 || count > PortCount - first)
            return BadArgument;
        IoPorts* ports = (IoPorts*)KernelObject.Allocate(thread->Space->Header.Account, ObjectType.IoPorts, (uint)sizeof(IoPorts));
        if (ports == null)
            return NoMemory;
        ports->First = (uint)first;
        ports->Count = (uint)count;
        return Give(thread, &ports->Header, Rights.Signal | Rights.Manage | Rights.Duplicate, 0);
    }

    private static IoPorts* PortsOf(Thread* thread, ulong handle, ulong port, ulong width, out long status)
    {
        IoPorts* ports = (IoPorts*)Find(thread, handle, ObjectType.IoPorts, Rights.Signal, out status);
        if (ports == null)
            return null;
        if (width is not (1 or 2 or 4) || !ports->Covers(port, width))
        {
            status = BadArgument;
            return null;
        }
        return ports;
    }

    /// <summary>Reads a port.</summary>
    public static long PortRead(Thread* thread, ulong handle, ulong port, ulong width)
    {
        if (PortsOf(thread, handle, port, width, out long status) == null)
            return status;
        return width switch
        {
            1 => Machine.PortIn8((ushort)port),
            2 => Machine.PortIn16((ushort)port),
            _ => Machine.PortIn32((ushort)port),
        };
    }

    /// <summary>Writes a port.</summary>
    public static long PortWrite(Thread* thread, ulong handle, ulong port, ulong width, ulong value)
    {
        if (PortsOf(thread, handle, port, width, out long status) == null)
            return status;
        if (width == 1)
            Machine.PortOut8((ushort)port, (byte)value);
        else if (width == 2)
            Machine.PortOut16((ushort)port, (ushort)value);
        else
            Machine.PortOut32((ushort)port, (uint)value);
        return Ok;
    }

    /// <summary>Writes bytes of the message area to one port.</summary>
    public static long PortWriteBytes(Thread* thread, ulong handle, ulong port, ulong length)
    {
        IoPorts* ports = PortsOf(thread, handle, port, 1, out long status);
        if (ports == null)
            return status;
        if (length > ThreadBlock.MessageLength)
            return BadArgument;
        Machine.PortWriteBytes((ushort)port, (byte*)&thread->Block->Message, length);
        ports->Written += length;
        return Ok;
    }

    /// <summary>Reads bytes from a port while the device has some.</summary>
    public static long PortReadWhile(Thread* thread, ulong handle, ulong port, ulong statusAndMask, ulong count)
    {
        ulong statusPort = statusAndMask >> 16, mask = statusAndMask & 0xffff;
        IoPorts* ports = PortsOf(thread, handle, port, 1, out long status);
        if (ports == null)
            return status;
        if (!ports->Covers(statusPort, 1) || mask is 0 or > byte.MaxValue || count > PortHistory.ReadLimit)
            return BadArgument;
        return (long)IoPorts.ReadWhile(ports, (ushort)port, (ushort)statusPort, (byte)mask, (byte*)Words(thread), count);
    }

    /// <summary>What went through the object.</summary>
    public static long PortQuery(Thread* thread, ulong handle)
    {
        IoPorts* ports = (IoPorts*)Find(thread, handle, ObjectType.IoPorts, Rights.Signal, out long status);
        if (ports == null)
            return status;
        ulong* words = Words(thread);
        words[0] = ports->Written;
        words[1] = ports->Received;
        Machine.CopyWords(words + 2, ports->Last, PortHistory.Length);
        return Ok;
    }

    /// <summary>What a device may reach: nothing yet.</summary>
    public static long DmaDomainCreate(Thread* thread, ulong machine, ulong accountHandle)
    {
        if (Find(thread, machine, ObjectType.Machine, Rights.Manage, out long status) == null)
            return status;
        Account* account = AccountOr(thread, accountHandle, out status);
        if (account == null)
            return status;
        return Give(thread, (KernelObject*)DmaDomain.Create(account), Rights.Signal | Rights.Manage | Rights.Duplicate, 0);
    }

    private static DmaDomain* DomainOf(Thread* thread, ulong handle, Rights needed, out long status) =>
        (DmaDomain*)Find(thread, handle, ObjectType.DmaDomain, needed, out status);

    /// <summary>Holds pages of an object in place for the device.</summary>
    public static long DmaPin(Thread* thread, ulong handle, ulong objectHandle, ulong offset, ulong length)
    {
        const ulong MaxLength = ThreadBlock.MessageLength / sizeof(ulong) * PhysicalMap.PageSize;
        DmaDomain* domain = DomainOf(thread, handle, Rights.Signal, out long status);
        if (domain == null)
            return status;
        MemoryObject* o = MemoryOf(thread, objectHandle, Rights.Read | Rights.Write, out status);
        if (o == null)
            return status;
        if (!IsPageRange(offset, length, o->Length) || length > MaxLength)
            return BadArgument;
        if (o->Kind == MemoryKind.Physical || o->Destroyed)
            return BadState;
        return DmaDomain.PinPages(domain, o, offset / PhysicalMap.PageSize, length / PhysicalMap.PageSize, Words(thread));
    }

    /// <summary>Ends a pin, or all in steps.</summary>
    public static long DmaUnpin(Thread* thread, ulong handle, ulong pin)
    {
        DmaDomain* domain = DomainOf(thread, handle, pin == 0 ? Rights.Signal | Rights.Manage : Rights.Signal, out long status);
        if (domain == null)
            return status;
        if (pin == 0)
            return DmaDomain.UnpinStep(domain) ? Ok : CallResult.Restart;
        return DmaDomain.Unpin(domain, pin) ? Ok : BadArgument;
    }

    /// <summary>How much is pinned.</summary>
    public static long DmaQuery(Thread* thread, ulong handle)
    {
        DmaDomain* domain = DomainOf(thread, handle, Rights.Signal, out long status);
        if (domain == null)
            return status;
        Words(thread)[0] = domain->Pins;
        Words(thread)[1] = domain->Pages;
        return Ok;
    }
}
