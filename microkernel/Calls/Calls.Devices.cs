using Libsys.Abi;

namespace Microkernel;

// Interrupts, I/O ports and memory for devices.
internal static unsafe partial class Calls
{
    public static long InterruptCreate(Thread* thread, ulong machine, ulong line, ulong notification, ulong bits)
    {
        if (Find(thread, machine, ObjectType.Machine, Rights.Manage, out long status) == null)
            return status;
        return line >= IoApic.Lines ? BadArgument : CreateInterrupt(thread, (uint)line, notification, bits, thread->Space->Header.Account);
    }

    public static long InterruptCreateMessage(Thread* thread, ulong machine, ulong notification, ulong bits, ulong accountHandle)
    {
        if (!TryDevices(thread, machine, accountHandle, out Account* account, out long status))
            return status;
        uint line = Interrupt.FreeMessageLine();
        long handle = line == 0 ? (long)KernelStatus.NoHandle : CreateInterrupt(thread, line, notification, bits, account);
        if (handle >= 0)
        {
            Words(thread)[0] = LocalApic.MessageAddress(Cpu.At(0)->ApicId);
            Words(thread)[1] = Vectors.FirstLine + line;
        }
        return handle;
    }

    // What finds its devices itself, a bus' server, has the right Map alone: no ports, lines, clock or end of the machine.
    private static bool TryDevices(Thread* thread, ulong machine, ulong accountHandle, out Account* account, out long status)
    {
        account = null;
        return Find(thread, machine, ObjectType.Machine, Rights.Map, out status) != null && TryAccountOr(thread, accountHandle, out account, out status);
    }

    private static long CreateInterrupt(Thread* thread, uint line, ulong notification, ulong bits, Account* account)
    {
        HandleEntry* entry = HandleTable.Find(thread, notification, ObjectType.Notification, Rights.Signal, out long status);
        if (entry == null || !Interrupt.IsFree(line))
            return entry == null ? status : (long)KernelStatus.Occupied;
        Interrupt* interrupt = Interrupt.Create(account, line, (Notification*)entry->Object, bits & entry->Extra);
        return Give(thread, (KernelObject*)interrupt, Rights.Wait | Rights.Manage | Rights.Duplicate, 0);
    }

    public static long InterruptAcknowledge(Thread* thread, ulong handle)
    {
        Interrupt* interrupt = (Interrupt*)Find(thread, handle, ObjectType.Interrupt, Rights.Wait, out long status);
        if (interrupt != null)
            Interrupt.Acknowledge(interrupt);
        return status;
    }

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

    private static bool TryPortsOf(Thread* thread, ulong handle, ulong port, ulong width, out IoPorts* ports, out long status)
    {
        if (!TryFind(thread, handle, ObjectType.IoPorts, Rights.Signal, out ports, out status))
            return false;
        if (width is 1 or 2 or 4 && ports->Covers(port, width))
            return true;
        status = BadArgument;
        return false;
    }

    public static long PortRead(Thread* thread, ulong handle, ulong port, ulong width)
    {
        if (!TryPortsOf(thread, handle, port, width, out _, out long status))
            return status;
        return width switch
        {
            1 => Machine.PortIn8((ushort)port),
            2 => Machine.PortIn16((ushort)port),
            _ => Machine.PortIn32((ushort)port),
        };
    }

    public static long PortWrite(Thread* thread, ulong handle, ulong port, ulong width, ulong value)
    {
        if (!TryPortsOf(thread, handle, port, width, out _, out long status))
            return status;
        if (width == 1)
            Machine.PortOut8((ushort)port, (byte)value);
        else if (width == 2)
            Machine.PortOut16((ushort)port, (ushort)value);
        else
            Machine.PortOut32((ushort)port, (uint)value);
        return Ok;
    }

    public static long PortWriteBytes(Thread* thread, ulong handle, ulong port, ulong length)
    {
        if (!TryPortsOf(thread, handle, port, 1, out IoPorts* ports, out long status))
            return status;
        if (length > ThreadBlock.MessageLength)
            return BadArgument;
        Machine.PortWriteBytes((ushort)port, (byte*)&thread->Block->Message, length);
        ports->Written += length;
        return Ok;
    }

    public static long PortReadWhile(Thread* thread, ulong handle, ulong port, ulong statusAndMask, ulong count)
    {
        ulong statusPort = statusAndMask >> 16, mask = statusAndMask & 0xffff;
        if (!TryPortsOf(thread, handle, port, 1, out IoPorts* ports, out long status))
            return status;
        if (!ports->Covers(statusPort, 1) || mask is 0 or > byte.MaxValue || count > PortHistory.ReadLimit)
            return BadArgument;
        return (long)IoPorts.ReadWhile(ports, (ushort)port, (ushort)statusPort, (byte)mask, (byte*)Words(thread), count);
    }

    public static long PortQuery(Thread* thread, ulong handle)
    {
        if (!TryFind(thread, handle, ObjectType.IoPorts, Rights.Signal, out IoPorts* ports, out long status))
            return status;
        ulong* words = Words(thread);
        words[0] = ports->Written;
        words[1] = ports->Received;
        Machine.CopyWords(words + 2, ports->Last, PortHistory.Length);
        return Ok;
    }

    public static long DmaDomainCreate(Thread* thread, ulong machine, ulong accountHandle, ulong functionPlusOne)
    {
        if (!TryDevices(thread, machine, accountHandle, out Account* account, out long status))
            return status;
        if (functionPlusOne > Iommu.Functions)
            return BadArgument;
        return Give(thread, (KernelObject*)DmaDomain.Create(account, (uint)functionPlusOne), Rights.Signal | Rights.Manage | Rights.Duplicate, 0);
    }

    public static long DmaPin(Thread* thread, ulong handle, ulong objectHandle, ulong offset, ulong length)
    {
        const ulong MaxLength = ThreadBlock.MessageLength / sizeof(ulong) * PhysicalMap.PageSize;
        if (!TryFind(thread, handle, ObjectType.DmaDomain, Rights.Signal, out DmaDomain* domain, out long status))
            return status;
        if (!TryMemoryOf(thread, objectHandle, Rights.Read | Rights.Write, out MemoryObject* o, out status))
            return status;
        if (!IsPageRange(offset, length, o->Length) || length > MaxLength)
            return BadArgument;
        if (o->Kind == MemoryKind.Physical || o->Destroyed)
            return BadState;
        return DmaDomain.PinPages(domain, o, offset / PhysicalMap.PageSize, length / PhysicalMap.PageSize, Words(thread));
    }

    public static long DmaUnpin(Thread* thread, ulong handle, ulong pin)
    {
        if (!TryFind(thread, handle, ObjectType.DmaDomain, pin == 0 ? Rights.Signal | Rights.Manage : Rights.Signal, out DmaDomain* domain, out long status))
            return status;
        if (pin == 0)
            return DmaDomain.UnpinStep(domain) ? Ok : CallResult.Restart;
        return !DmaDomain.Unpin(domain, pin) ? BadArgument : Iommu.IsDoubtful(domain) ? BadState : Ok;
    }

    public static long DmaQuery(Thread* thread, ulong handle)
    {
        if (!TryFind(thread, handle, ObjectType.DmaDomain, Rights.Signal, out DmaDomain* domain, out long status))
            return status;
        Words(thread)[0] = domain->Pins;
        Words(thread)[1] = domain->Pages;
        return Ok;
    }

    public static long DmaFaults(Thread* thread, ulong machine, ulong interruptHandle)
    {
        if (Find(thread, machine, ObjectType.Machine, Rights.Map, out long status) == null
            || !TryFind(thread, interruptHandle, ObjectType.Interrupt, Rights.Wait, out Interrupt* interrupt, out status))
            return status;
        if (interrupt->Line < IoApic.Lines)
            return BadArgument;
        if (!Iommu.IsThere)
            return BadState;
        Iommu.ReportFaults(LocalApic.MessageAddress(Cpu.At(0)->ApicId), Vectors.FirstLine + interrupt->Line);
        return Ok;
    }

    public static long DmaFault(Thread* thread, ulong machine)
    {
        if (Find(thread, machine, ObjectType.Machine, Rights.Map, out long status) == null)
            return status;
        return Iommu.IsThere && Iommu.TakeFault(Words(thread)) ? Ok : (long)KernelStatus.WouldBlock;
    }
}
