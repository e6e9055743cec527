using Libsys.Abi;

namespace Microkernel;

/// <summary>Spaces, memory objects and DMA domains whose last reference is gone, to be freed in bounded steps: at the end of kernel calls, when idle, and when memory runs out.</summary>
internal static unsafe class Reaper
{
    private const uint Budget = 64;

    private static KernelObject* head, tail;

    private static KernelObject** NextOf(KernelObject* o) => o->Type switch
    {
        ObjectType.AddressSpace => &((AddressSpace*)o)->NextReaped,
        ObjectType.DmaDomain => &((DmaDomain*)o)->NextDead,
        _ => &((MemoryObject*)o)->NextDead,
    };

    /// <summary>Something waits.</summary>
    public static bool HasWork => head != null;

    /// <summary>Objects ever queued, and how many of them, first come first, are freed.</summary>
    public static ulong Queued, Freed;

    /// <summary>Queues an object without references.</summary>
    public static void Add(KernelObject* o)
    {
        *NextOf(o) = null;
        if (tail == null)
            head = o;
        else
            *NextOf(tail) = o;
        tail = o;
        Queued++;
    }

    /// <summary>One bounded step; false: nothing to do.</summary>
    public static bool Step()
    {
        KernelObject* o = head;
        if (o == null)
            return false;
        bool done = o->Type switch
        {
            ObjectType.AddressSpace => ((AddressSpace*)o)->TeardownStep(Budget),
            ObjectType.DmaDomain => DmaDomain.UnpinStep((DmaDomain*)o),
            _ => ((MemoryObject*)o)->DestroyStep(Budget),
        };
        if (!done)
            return true;
        Freed++;
        head = *NextOf(o);
        if (head == null)
            tail = null;
        if (o->Type == ObjectType.AddressSpace)
        {
            // Its death may not be told yet.
            ((AddressSpace*)o)->Emptied = true;
            if (o->References == 0)
                AddressSpace.Free((AddressSpace*)o);
        }
        else if (o->Type == ObjectType.DmaDomain)
            DmaDomain.Free((DmaDomain*)o);
        else
            MemoryObject.Free((MemoryObject*)o);
        return true;
    }
}
