using Libsys.Abi;

namespace Microkernel;

/// <summary>Spaces and memory objects whose last reference is gone, to be freed in bounded steps: at the end of kernel calls, when idle, and when memory runs out.</summary>
internal static unsafe class Reaper
{
    private const uint Budget = 64;

    private static KernelObject* head, tail;

    private static KernelObject** NextOf(KernelObject* o) =>
        o->Type == ObjectType.AddressSpace ? (KernelObject**)&((AddressSpace*)o)->NextDead : &((MemoryObject*)o)->NextDead;

    /// <summary>Something waits.</summary>
    public static bool HasWork => head != null;

    /// <summary>Queues an object without references.</summary>
    public static void Add(KernelObject* o)
    {
        *NextOf(o) = null;
        if (tail == null)
            head = o;
        else
            *NextOf(tail) = o;
        tail = o;
    }

    /// <summary>One bounded step; false: nothing to do.</summary>
    public static bool Step()
    {
        KernelObject* o = head;
        if (o == null)
            return false;
        if (o->Type == ObjectType.AddressSpace)
        {
            if (!((AddressSpace*)o)->TeardownStep(Budget))
                return true;
        }
        else if (!((MemoryObject*)o)->DestroyStep(Budget))
        {
            return true;
        }
        head = *NextOf(o);
        if (head == null)
            tail = null;
        if (o->Type == ObjectType.AddressSpace)
            AddressSpace.Free((AddressSpace*)o);
        else
            MemoryObject.Free((MemoryObject*)o);
        return true;
    }
}
