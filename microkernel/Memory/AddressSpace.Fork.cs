using System.Runtime.CompilerServices;
using Libsys.Abi;

namespace Microkernel;

// Copy-on-write duplication of a space, in steps.
internal unsafe partial struct AddressSpace
{
    /// <summary>
    /// Copies regions and pages from <paramref name="position"/> up into <paramref name="child"/>, about <see cref="StepPages"/> pages.
    /// Returns the address to go on with, ulong.MaxValue when done, 0: no memory (the child is to be destroyed).
    /// </summary>
    public ulong ForkStep(AddressSpace* child, ulong position)
    {
        uint budget = StepPages;
        // Both lists are gone through together; the path leads to what the child has been given last, unless something that it had has been passed since.
        Region* existing = child->Find(position);
        Region** path = stackalloc Region*[Region.MaxHeight];
        bool isTraced = false;
        for (Region* region = Find(position); region != null; region = position < region->End ? region : region->Next0)
        {
            ulong start = region->Start > position ? region->Start : position;
            ulong end = region->End;
            bool pages = (region->Flags & (MapFlags.ForkWipe | MapFlags.ForkOmit)) == 0;
            // Thread blocks are left out but the child needs their (empty) region.
            if ((region->Flags & MapFlags.ForkOmit) == 0 || region->Fixed)
            {
                // Between steps another thread may have changed the parent: what the child has already stays, and only pages that fit it follow.
                for (; existing != null && existing->End <= start; existing = existing->Next0)
                    isTraced = false;
                Region* copy = existing;
                if (copy != null && copy->Start <= start)
                {
                    if (copy->End < end)
                        end = copy->End;
                    pages &= copy->Object == region->Object && ((copy->Flags ^ region->Flags) & MapFlags.Shared) == 0
                        && (region->Object == null || copy->Offset - copy->Start == region->Offset - region->Start);
                }
                else
                {
                    if (copy != null && copy->Start < end)
                        end = copy->Start;
                    copy = child->CopyRegion(region, start, end);
                    if (copy == null)
                        return ForkFailed();
                    if (!isTraced)
                        child->Trace(start, path);
                    isTraced = true;
                    child->InsertBehind(path, copy);
                }
                if (pages)
                {
                    ulong reached = CopyPages(copy, start, end, ref budget);
                    if (reached == 0)
                        return ForkFailed();
                    end = reached;
                }
            }
            position = end;
            budget = budget > 8 ? budget - 8 : 0;
            if (budget == 0)
            {
                Shootdown.Commit();
                return position;
            }
        }
        Shootdown.Commit();
        return ulong.MaxValue;
    }

    private static ulong ForkFailed()
    {
        Shootdown.Commit();
        return 0;
    }

    // Null: no memory. The region is to be linked.
    private Region* CopyRegion(Region* source, ulong start, ulong end)
    {
        Region* region = NewRegion();
        if (region == null)
            return null;
        Region.CopyPart(region, source, start, end);
        region->Flags &= ~MapFlags.Offered;
        Region.Attach(region);
        return region;
    }

    // Private frames become shared and read-only on both sides; entries of the object's own pages are copied too, which saves the child faults. The
    // child's entries have the protection of its own region: the parent's may have changed since that was copied.
    private ulong CopyPages(Region* copy, ulong start, ulong end, ref uint budget)
    {
        AddressSpace* self = Self, child = copy->Space;
        ulong privateFlags = copy->EntryFlags(false), sharedFlags = copy->EntryFlags((copy->Flags & MapFlags.Shared) != 0);
        ulong limit = end / PhysicalMap.PageSize;
        bool isActive = ActiveCpus != 0;
        Unsafe.SkipInit(out PageCursor cursor);
        // One leaf table at a time, and all that a step has of it.
        for (cursor.Start(Root, Levels, start / PhysicalMap.PageSize, limit); cursor.Next(); cursor.Start(Root, Levels, (cursor.Index | 511) + 1, limit))
        {
            if (budget == 0)
                return cursor.Index * PhysicalMap.PageSize;
            ulong* target = child->CreateEntry(cursor.Index * PhysicalMap.PageSize);
            if (target == null)
                return 0;
            ulong length = limit - cursor.Index, rest = 512 - (cursor.Index & 511);
            ulong* last = cursor.Entry + (length < rest ? length : rest);
            uint made = 0;
            for (ulong* entry = cursor.Entry; entry != last; entry++)
            {
                ulong value = *entry;
                if (value == 0)
                {
                    entry = PageTree.NextUsed(entry, last) - 1;
                    continue;
                }
                ulong* to = target + (entry - cursor.Entry);
                if (*to != 0)
                    continue;
                made++;
                if ((value & PageTree.Private) == 0)
                {
                    ulong kind = value & PageTree.Borrowed;
                    *to = (value & PageTree.AddressMask) | kind | (kind == 0 ? sharedFlags : privateFlags);
                    continue;
                }
                *to = (value & (PageTree.AddressMask | PageTree.Borrowed)) | PageTree.Private | privateFlags;
                FrameAllocator.RecordOf(value & PageTree.AddressMask)->ShareCount++;
                if ((value & PageTree.Writable) == 0)
                    continue;
                *entry = value & ~PageTree.Writable;
                if (isActive)
                    Shootdown.Page(self, (cursor.Index + (ulong)(entry - cursor.Entry)) * PhysicalMap.PageSize);
            }
            PageTree.CountAs(cursor.Entry, target, made);
            child->ResidentPages += made;
            budget = budget > made ? budget - made : 0;
        }
        return end;
    }
}
