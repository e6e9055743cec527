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
                Region* existing = child->Find(start);
                if (existing != null && existing->Start <= start)
                {
                    if (existing->End < end)
                        end = existing->End;
                    pages &= existing->Object == region->Object
                        && (region->Object == null || existing->Offset - existing->Start == region->Offset - region->Start);
                }
                else
                {
                    if (existing != null && existing->Start < end)
                        end = existing->Start;
                    if (!child->CopyRegion(region, start, end))
                        return ForkFailed();
                }
                if (pages)
                {
                    ulong reached = CopyPages(child, start, end, ref budget);
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

    private bool CopyRegion(Region* source, ulong start, ulong end)
    {
        Region* region = NewRegion();
        if (region == null)
            return false;
        Region.CopyPart(region, source, start, end);
        Region.Attach(region);
        Insert(region);
        return true;
    }

    // Private frames become shared and read-only on both sides; entries of the object's own pages are copied as they are, which saves the child faults.
    private ulong CopyPages(AddressSpace* child, ulong start, ulong end, ref uint budget)
    {
        AddressSpace* self = Self;
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
                    value &= ~PageTree.Writable;
                    *cursor.Entry = value;
                    Shootdown.Page(self, cursor.Index * PhysicalMap.PageSize);
                }
            }
            child->Enter(target, value & ~(PageTree.Accessed | ((value & PageTree.Private) == 0 ? PageTree.Dirty : 0)));
        }
        return end;
    }
}
