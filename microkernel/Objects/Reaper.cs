using System.Runtime.CompilerServices;
using Libsys.Abi;

namespace Microkernel;

/// <summary>
/// Spaces, memory objects and DMA domains whose last reference is gone, to be freed in bounded steps: at the end of kernel calls, when idle, and when memory
/// runs out.
/// </summary>
internal static unsafe class Reaper
{
    private const uint Budget = 64;

    private static LinkedList dead;

    /// <summary>Objects ever queued, and how many of them, first come first, are freed.</summary>
    public static ulong Queued, Freed;

    /// <summary>Something waits.</summary>
    public static bool HasWork;

    /// <summary>Queues an object without references.</summary>
    public static void Add(Link* place, KernelObject* o)
    {
        place->Owner = o;
        LinkedList.Append((LinkedList*)Unsafe.AsPointer(ref dead), place);
        HasWork = true;
        Queued++;
    }

    /// <summary>One bounded step; false: nothing to do.</summary>
    public static bool Step()
    {
        if (!HasWork)
            return false;
        KernelObject* o = (KernelObject*)dead.Head->Owner;
        bool done = o->Type switch
        {
            ObjectType.AddressSpace => ((AddressSpace*)o)->TeardownStep(Budget),
            ObjectType.DmaDomain => DmaDomain.UnpinStep((DmaDomain*)o),
            _ => ((MemoryObject*)o)->DestroyStep(Budget),
        };
        if (!done)
            return true;
        Freed++;
        LinkedList.Remove(dead.Head);
        HasWork = dead.Head != null;
        if (o->Type == ObjectType.AddressSpace)
        {
            // Its death may not be told yet.
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
