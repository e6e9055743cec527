using Libsys.Abi;

namespace Microkernel;

/// <summary>Faults on pages that a server supplies.</summary>
internal static unsafe class Pager
{
    /// <summary>
    /// Calls the object's pager: words 0 vector, 1 error code, 2 offset in the object, badge as given at creation. False, and the access is refused, if
    /// there is none or the pager's space is the faulting one, which could never answer.
    /// </summary>
    public static bool Ask(Cpu* cpu, Thread* thread, Region* region, ulong address, ulong error)
    {
        MemoryObject* o = region->Object;
        ulong offset = region->Offset + ((address & ~PhysicalMap.PageMask) - region->Start);
        if (o->Pager == null || o->Pager->ReceiveHandles == 0 || IsOwn(o->Pager, thread->Space))
            return false;
        Fault.Send(cpu, thread, o->Pager, MessageKind.PageMissing, o->PagerBadge, Fault.Page, error, offset, 0);
        return true;
    }

    // The pager is whoever created the object: the object's account is its space's. A receiver that waits now is better evidence.
    private static bool IsOwn(Endpoint* pager, AddressSpace* space)
    {
        Thread* receiver = (Thread*)pager->Receivers.First;
        return receiver != null ? receiver->Space == space : pager->LastReceiver == space;
    }
}
