using Servers.Vfs.Blocks;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Ext4;

/// <summary>Memory that a device can take blocks from and put them into: neighbouring slots of the page cache, a block in each page.</summary>
internal sealed class BlockBuffers
{
    private readonly Volume volume;
    private readonly List<int> slots = [];

    public BlockBuffers(Volume volume) => this.volume = volume;

    /// <summary>How many blocks there is room for.</summary>
    public int Count => slots.Count;

    /// <summary>Takes room for so many in all. False: no memory; what there is stays.</summary>
    public bool TryGrow(int count)
    {
        while (slots.Count < count)
        {
            int taken = volume.Cache.TakeSlots(count - slots.Count, out int first, out _);
            if (taken == 0)
                return false;
            for (int number = 0; number < taken; number++)
                slots.Add(first + number);
        }

        return true;
    }

    /// <summary>The bytes of a block.</summary>
    public Span<byte> Bytes(int index) => volume.Cache.Slots.Span(slots[index], 1)[..volume.BlockSize];

    /// <summary>Where a device finds them.</summary>
    public BlockSegment Segment(int index) => new(slots[index], 0, volume.BlockSize);

    /// <summary>Gives all back; nothing is under way.</summary>
    public void Free()
    {
        foreach (int slot in slots)
            volume.Cache.Slots.Give(slot, 1, isShared: false);
        slots.Clear();
    }
}
