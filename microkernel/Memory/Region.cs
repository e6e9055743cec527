using System.Runtime.InteropServices;
using Libsys.Abi;

namespace Microkernel;

/// <summary>
/// A range of an address space with one meaning. The list of regions, not the page tables, is the truth about what is mapped.
/// Regions form a skip list by address (W. Pugh, 1990): expected logarithmic search, and plain neighbour links for everything else.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Region
{
    /// <summary>First byte and exclusive end.</summary>
    public ulong Start, End;
    /// <summary>MapFlags that stay with the region.</summary>
    public MapFlags Flags;
    /// <summary>
    /// Protection that the region can have at most: what the object's handle allowed and the mapper did not withhold; all for anonymous memory.
    /// </summary>
    public MapFlags Limit;
    /// <summary>The kernel's own (window): calls cannot unmap, protect or move it.</summary>
    public bool Fixed;
    /// <summary>Levels of the skip list that this region is part of, 1 to <see cref="MaxHeight"/>.</summary>
    public byte Height;
    /// <summary>GrowsDown: longest length in pages, 0 = no limit. Of an object's mapping: its label (SpaceMap).</summary>
    public uint LimitOrLabel;
    /// <summary>Null: anonymous, private.</summary>
    public MemoryObject* Object;
    /// <summary>Of <see cref="Start"/> in the object, bytes.</summary>
    public ulong Offset;
    public AddressSpace* Space;
    /// <summary>Other mappings of the same object. A <see cref="Link"/> is longer, and the region would no longer fit into 128 bytes.</summary>
    public Region* NextMapping, PreviousMapping;
    public Region* Previous;
    public Region* Next0, Next1, Next2, Next3, Next4, Next5;

    // A quarter of the regions is on each next level: of the 65,536 that a space may have, 64 are on the sixth.
    public const int MaxHeight = 6;

    /// <summary>What makes two neighbours equal apart from their place.</summary>
    public const MapFlags Kept = MapFlags.Protection | MapFlags.Shared | MapFlags.ForkOmit | MapFlags.ForkWipe | MapFlags.GrowsDown | MapFlags.Uncached
        | MapFlags.MayRepeat;

    /// <summary>The following region on a level.</summary>
    public static Region** NextAt(Region* region, int level) => &region->Next0 + level;

    /// <summary>Hardware protection bits of a page of this region that may be written now or not.</summary>
    public ulong EntryFlags(bool writable)
    {
        // Without the User bit ring 3 has no access, and the entry still says which frame is there.
        ulong flags = (Flags & (MapFlags.Read | MapFlags.Write | MapFlags.Execute)) != 0 ? PageTree.Present | PageTree.User : PageTree.Present;
        if ((Flags & MapFlags.Execute) == 0)
            flags |= PageTree.NoExecute;
        if (writable && (Flags & MapFlags.Write) != 0)
            flags |= PageTree.Writable;
        if (Object != null && Object->Uncached)
            flags |= PageTree.CacheDisable | PageTree.WriteThrough;
        return flags;
    }

    /// <summary>Makes a new region like the part [start, end) of another.</summary>
    public static void CopyPart(Region* region, Region* source, ulong start, ulong end)
    {
        region->Start = start;
        region->End = end;
        region->Flags = source->Flags;
        region->Limit = source->Limit;
        region->Fixed = source->Fixed;
        region->LimitOrLabel = source->LimitOrLabel;
        region->Object = source->Object;
        region->Offset = source->Object == null ? 0 : source->Offset + (start - source->Start);
    }

    /// <summary>Puts the region on its object's list and takes a reference.</summary>
    public static void Attach(Region* region)
    {
        MemoryObject* o = region->Object;
        if (o == null)
            return;
        o->Header.Acquire();
        region->PreviousMapping = null;
        region->NextMapping = o->Mappings;
        if (o->Mappings != null)
            o->Mappings->PreviousMapping = region;
        o->Mappings = region;
        o->MappingCount++;
        o->WriterCount += Writes(region);
    }

    // 1 if the object can be written through the region; what decides that never changes.
    private static ulong Writes(Region* region) => (region->Flags & MapFlags.Shared) != 0 && (region->Limit & MapFlags.Write) != 0 ? 1ul : 0;

    /// <summary>Undoes <see cref="Attach"/>.</summary>
    public static void Detach(Region* region)
    {
        MemoryObject* o = region->Object;
        if (o == null)
            return;
        if (region->PreviousMapping != null)
            region->PreviousMapping->NextMapping = region->NextMapping;
        else
            o->Mappings = region->NextMapping;
        if (region->NextMapping != null)
            region->NextMapping->PreviousMapping = region->PreviousMapping;
        region->Object = null;
        o->MappingCount--;
        o->WriterCount -= Writes(region);
        KernelObject.Release(&o->Header);
    }

    /// <summary>True if <paramref name="next"/> continues this region so that both can be one.</summary>
    public static bool Continues(Region* region, Region* next) =>
        region->End == next->Start && region->Flags == next->Flags && region->Limit == next->Limit && !region->Fixed && !next->Fixed
        && (region->Flags & MapFlags.GrowsDown) == 0 && region->Object == next->Object && region->LimitOrLabel == next->LimitOrLabel
        && (region->Object == null || region->Offset + (region->End - region->Start) == next->Offset);
}
