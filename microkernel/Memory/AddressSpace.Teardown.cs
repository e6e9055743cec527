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
        // From here on no CPU reaches what the tables hold, so that it can go at once, and in the order of the tables and not of the regions.
        Shootdown.Evict(self);
        ulong root = Root;
        if (!FreeTable(&root, Levels - 1, 0, ref budget))
            return false;
        // Whoever has the right may have touched pages between two steps: none are left now, and without regions there will be none.
        Flatten();
        for (; Sentinel.Next0 != null; RemoveFirst())
            if (budget-- == 0)
                return false;
        Panic.Assert(ResidentPages == 0 && RegionCount == 0, "pages left in an empty space"u8);
        FrameAllocator.Free(Root);
        Root = 0;
        return true;
    }

    // Frees what a table of user space holds, and the table with it, about a budget of pages; true when all is gone. The root stays.
    private bool FreeTable(ulong* above, int height, ulong index, ref uint budget)
    {
        ulong table = *above & PageTree.AddressMask;
        ulong* first = (ulong*)PhysicalMap.At(table), entry = first;
        Frame* record = FrameAllocator.RecordOf(table);
        // Each table below that is freed is taken off the count.
        for (; height != 0 && record->ShareCount != 0; entry++)
        {
            entry = PageTree.NextUsed(entry, first + 512);
            if (budget == 0 || !FreeTable(entry, height - 1, index + ((ulong)(entry - first) << (9 * height)), ref budget))
                return false;
        }
        if (table == Root)
            return true;
        FreePages(first, record->ShareCount, index);
        budget = budget > record->ShareCount ? budget - record->ShareCount : 0;
        *above = 0;
        PageTree.RecordOfTable(above)->ShareCount--;
        FrameAllocator.Free(table);
        return true;
    }

    private void FreePages(ulong* first, uint count, ulong index)
    {
        ResidentPages -= count;
        // Nearly all are one account's, which is uncharged once.
        Account* owner = null;
        uint freed = 0;
        for (ulong* entry = first; count != 0; entry++)
        {
            ulong value = *entry;
            if (value == 0)
            {
                entry = PageTree.NextUsed(entry, first + 512) - 1;
                continue;
            }
            count--;
            if ((value & PageTree.Private) != 0)
            {
                if (--FrameAllocator.RecordOf(value & PageTree.AddressMask)->ShareCount == 0)
                    FrameAllocator.Free(value & PageTree.AddressMask, ref owner, ref freed);
            }
            else if ((value & PageTree.Dirty) != 0)
            {
                ulong address = (index + (ulong)(entry - first)) * PhysicalMap.PageSize;
                ReleaseEntry(Find(address), address, value);
            }
        }
        FrameAllocator.Uncharge(owner, freed);
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
