using Libsys.Abi;

namespace Microkernel;

/// <summary>Faults on pages that a server supplies.</summary>
internal static unsafe class Pager
{
    /// <summary>
    /// Calls the object's pager: words 0 vector, 1 error code (a write only if the object's page is to be written), 2 offset in the object, badge as given at
    /// creation. False, and the access is refused, if the pager has just said so, there is none, or its space is the faulting one, which could never answer.
    /// </summary>
    public static bool Ask(Cpu* cpu, Thread* thread, Region* region, ulong address, ulong error)
    {
        MemoryObject* o = region->Object;
        address &= ~PhysicalMap.PageMask;
        ulong offset = region->Offset + (address - region->Start);
        bool refused = thread->Refused && thread->MissingAddress == address;
        thread->Refused = false;
        thread->MissingAddress = address;
        // Who writes to a private mapping writes to a copy.
        if ((region->Flags & MapFlags.Shared) == 0)
            error &= ~PageFault.Write;
        if (refused || o->Pager == null || o->Pager->ReceiveHandles == 0 || IsOwn(o->Pager, thread->Space))
            return false;
        Fault.Send(cpu, thread, o->Pager, MessageKind.PageMissing, o->PagerBadge, Fault.Page, error, offset, 0);
        return true;
    }

    // The pager is whoever created the object: the object's account is its space's. A receiver that waits now is better evidence.
    private static bool IsOwn(Endpoint* pager, AddressSpace* space)
    {
        Thread* receiver = (Thread*)pager->Receivers.First;
        return receiver != null ? receiver->Space == space : pager->LastReceiver == space->Identity;
    }
}
