using Libsys.Abi;

namespace Microkernel;

// What every space is born with: the personality's image, its memory, and the kernel page.
internal unsafe partial struct AddressSpace
{
    private const MapFlags ReadWrite = MapFlags.Read | MapFlags.Write;

    /// <summary>Maps the window's regions into an empty space.</summary>
    public KernelStatus MapWindow()
    {
        PersonalityHeader* header = Personality.Header;
        ulong slots = Window.ThreadSlots;
        if (MapFixed(Window.Vdso, header->TextEnd, MapFlags.Read | MapFlags.Execute | MapFlags.Shared, Personality.Image)
            && MapFixed(header->TextEnd, header->RodataEnd, MapFlags.Read | MapFlags.Shared, Personality.Image)
            && MapFixed(header->RodataEnd, header->DataEnd, ReadWrite, Personality.Image)
            && MapFixed(header->DataEnd, header->BssEnd, ReadWrite, null)
            && MapFixed(Window.ThreadBlocks, Window.ThreadBlocks + slots * PhysicalMap.PageSize, ReadWrite | MapFlags.ForkOmit, null)
            && MapFixed(Window.KernelPageAddress, Window.KernelPageAddress + PhysicalMap.PageSize, MapFlags.Read | MapFlags.Shared, PublishedPage.Object)
            && MapFixed(Window.Stacks, Window.Stacks + slots * Window.StackStride, ReadWrite, null)
            && MapFixed(Window.Heap, Window.Heap + Window.HeapLength, ReadWrite, null))
            return KernelStatus.Ok;
        return KernelStatus.NoMemory;
    }

    private bool MapFixed(ulong start, ulong end, MapFlags flags, MemoryObject* o)
    {
        if (start == end)
            return true;
        ulong offset = o == Personality.Image ? start - Window.Vdso : 0;
        return Map(start, end, flags, flags & MapFlags.Protection, o, offset, 0, true) == KernelStatus.Ok;
    }

    /// <summary>The kernel's alias of the block of a thread slot, allocated on first use and zeroed; null: no memory.</summary>
    public ThreadBlock* PrepareBlock(uint slot)
    {
        ulong address = Window.ThreadBlockOf(slot);
        ulong* entry = CreateEntry(address);
        if (entry == null)
            return null;
        if (*entry == 0)
        {
            ulong frame = FrameAllocator.AllocateZeroed(Header.Account);
            if (frame == 0)
            {
                PruneAt(address);
                return null;
            }
            Enter(entry, frame | PageTree.Present | PageTree.User | PageTree.Writable | PageTree.NoExecute | PageTree.Private | PageTree.Accessed
                | PageTree.Dirty);
            return (ThreadBlock*)PhysicalMap.At(frame);
        }
        // A former thread's: the frame stays with the slot, so that ending a thread needs no shootdown.
        byte* block = PhysicalMap.At(*entry & PageTree.AddressMask);
        Machine.ZeroPage(block);
        return (ThreadBlock*)block;
    }

    /// <summary>Lets a growing region start lower.</summary>
    public void Extend(Region* region, ulong start)
    {
        MappedBytes += region->Start - start;
        region->Start = start;
    }
}
