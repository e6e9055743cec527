using Libsys.Abi;

namespace Microkernel;

// Thread slots: a directory frame of frames of 512 slots.
internal unsafe partial struct AddressSpace
{
    private const uint SlotsPerFrame = 512;

    private ulong* SlotEntry(uint slot, bool create)
    {
        if (SlotDirectory == 0)
        {
            if (!create || (SlotDirectory = FrameAllocator.AllocateZeroed(Header.Account)) == 0)
                return null;
        }
        ulong* frame = (ulong*)PhysicalMap.At(SlotDirectory) + slot / SlotsPerFrame;
        if (*frame == 0)
        {
            if (!create || (*frame = FrameAllocator.AllocateZeroed(Header.Account)) == 0)
                return null;
        }
        return (ulong*)PhysicalMap.At(*frame) + slot % SlotsPerFrame;
    }

    /// <summary>A thread's address, <see cref="ReservedSlot"/>, or 0.</summary>
    public ulong SlotAt(uint slot)
    {
        ulong* entry = SlotEntry(slot, false);
        return entry == null ? 0 : *entry;
    }

    /// <summary>Sets a slot; false: no memory (never when it was set before).</summary>
    public bool SetSlot(uint slot, ulong value)
    {
        ulong* entry = SlotEntry(slot, true);
        if (entry == null)
            return false;
        *entry = value;
        return true;
    }

    /// <summary>A free slot, searched round and round so that a slot rests before it is used again; -1: none.</summary>
    public long FindFreeSlot()
    {
        for (uint tried = 0; tried < Window.ThreadSlots; tried++)
        {
            uint slot = SlotHint;
            SlotHint = (SlotHint + 1) % Window.ThreadSlots;
            if (SlotAt(slot) == 0)
            {
                // Low numbers keep blocks and stacks together: go back to the start while few are in use.
                if (SlotHint > 2 * ThreadCount + 8)
                    SlotHint = 0;
                return slot;
            }
        }
        return -1;
    }

    private void FreeSlots()
    {
        if (SlotDirectory == 0)
            return;
        ulong* frames = (ulong*)PhysicalMap.At(SlotDirectory);
        for (uint i = 0; i < Window.ThreadSlots / SlotsPerFrame; i++)
            if (frames[i] != 0)
                FrameAllocator.Free(frames[i]);
        FrameAllocator.Free(SlotDirectory);
        SlotDirectory = 0;
    }
}
