using Libsys.Abi;

namespace Microkernel;

// The end of a space, in steps: threads, handles, regions with their pages, tables.
internal unsafe partial struct AddressSpace
{
    /// <summary>Ends every thread that does not run on another CPU right now, and asks those that do to end. True when none is left.</summary>
    public bool EndThreads()
    {
        AddressSpace* self = Self;
        Dying = true;
        for (Link* link = Threads.Head; link != null;)
        {
            Link* next = link->Next;
            Thread.Terminate((Thread*)link->Owner);
            link = next;
        }
        return Threads.Head == null;
    }

    /// <summary>
    /// One bounded step of freeing what a space without threads holds; true when done. The struct itself stays until its last reference goes.
    /// </summary>
    public bool TeardownStep(uint budget)
    {
        AddressSpace* self = Self;
        Panic.Assert(Threads.Head == null, "teardown of a space with threads"u8);
        Dying = true;
        if (Root == 0)
            return true;
        if (!WordQueues.DropWatches(self, budget) || !Handles.CloseStep(self, budget))
            return false;
        FreeSlots();
        if (UnmapStep(PhysicalMap.PageSize, Window.Top) < Window.Top)
            return false;
        Panic.Assert(ResidentPages == 0 && RegionCount == 0, "pages left in an empty space"u8);
        Shootdown.Evict(self);
        FrameAllocator.Free(Root);
        Root = 0;
        return true;
    }

    /// <summary>Frees the struct, after the last reference and <see cref="TeardownStep"/>.</summary>
    public static void Free(AddressSpace* space)
    {
        if (space->FaultEndpoint != null)
            KernelObject.Release(&space->FaultEndpoint->Header);
        ObjectAllocator.Free(space);
    }

    /// <summary>Tells the fault endpoint, once, that the space has no thread left or was destroyed. Allocates nothing.</summary>
    public static void TellDeath(AddressSpace* space)
    {
        Panic.Assert(space != FirstSpace.Space, "the first address space has ended"u8);
        if (space->DeathTold || space->FaultEndpoint == null)
            return;
        space->DeathTold = true;
        Endpoint.DeliverDeath(space->FaultEndpoint, space);
    }
}
