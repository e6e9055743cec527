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
        while (true)
        {
            Region* region = Find(position);
            if (region == null)
            {
                Shootdown.Commit();
                return ulong.MaxValue;
            }
            ulong start = region->Start > position ? region->Start : position;
            ulong end = region->End;
            bool pages = (region->Flags & (MapFlags.ForkWipe | MapFlags.ForkOmit)) == 0;
            // Thread blocks are left out but the child needs their (empty) region.
            if ((region->Flags & MapFlags.ForkOmit) == 0 || region->Fixed)
            {
                // Between steps another thread may have changed the parent: what the child has already stays, and only pages that fit it follow.
                Region* copy = child->Find(start);
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
    }

    private static ulong ForkFailed()
    {
        Shootdown.Commit();
        return 0;
    }

    private Region* CopyRegion(Region* source, ulong start, ulong end)
    {
        Region* region = NewRegion();
        if (region == null)
            return null;
        Region.CopyPart(region, source, start, end);
        region->Flags &= ~MapFlags.Offered;
        Region.Attach(region);
        Insert(region);
        return region;
    }

    // Private frames become shared and read-only on both sides; entries of the object's own pages are copied too, which saves the child faults. The
    // child's entries have the protection of its own region: the parent's may have changed since that was copied.
    private ulong CopyPages(Region* copy, ulong start, ulong end, ref uint budget)
    {
        AddressSpace* self = Self, child = copy->Space;
        ulong privateFlags = copy->EntryFlags(false), sharedFlags = copy->EntryFlags((copy->Flags & MapFlags.Shared) != 0);
        Unsafe.SkipInit(out PageCursor cursor);
        cursor.Start(Root, Levels, start / PhysicalMap.PageSize, end / PhysicalMap.PageSize);
        ulong* target = null;
        ulong targetIndex = 0;
        while (cursor.Next())
        {
            if (budget == 0)
                return cursor.Index * PhysicalMap.PageSize;
            budget--;
            // Within one leaf table the entry is found by distance.
            if (target == null || cursor.Index >> 9 != targetIndex >> 9)
                target = child->CreateEntry(cursor.Index * PhysicalMap.PageSize);
            else
                target += cursor.Index - targetIndex;
            targetIndex = cursor.Index;
            if (target == null)
                return 0;
            if (*target != 0)
                continue;
            ulong value = *cursor.Entry;
            if ((value & PageTree.Private) != 0)
            {
                FrameAllocator.RecordOf(value & PageTree.AddressMask)->ShareCount++;
                if ((value & PageTree.Writable) != 0)
                {
                    *cursor.Entry = value & ~PageTree.Writable;
                    Shootdown.Page(self, cursor.Index * PhysicalMap.PageSize);
                }
                child->Enter(target, (value & PageTree.AddressMask) | privateFlags | PageTree.Private);
            }
            else
            {
                child->Enter(target, (value & (PageTree.AddressMask | PageTree.Borrowed)) | ((value & PageTree.Borrowed) == 0 ? sharedFlags : privateFlags));
            }
        }
        return end;
    }
}
