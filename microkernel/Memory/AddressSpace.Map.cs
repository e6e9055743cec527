using System.Runtime.CompilerServices;
using System.Threading;
using Libsys.Abi;

namespace Microkernel;

// Changing what is mapped. Ranges have been checked by the caller: page aligned, not empty, inside user space.
internal unsafe partial struct AddressSpace
{
    /// <summary>Pages that one step of a restartable call handles: some 100 µs under emulation.</summary>
    public const uint StepPages = 256;

    /// <summary>Maps a free range. Object null: anonymous and private.</summary>
    public KernelStatus Map(ulong start, ulong end, MapFlags flags, MapFlags limit, MemoryObject* o, ulong offset, uint limitOrLabel, bool isFixed)
    {
        Region* region = NewRegion();
        if (region == null)
            return KernelStatus.NoMemory;
        region->Start = start;
        region->End = end;
        region->Flags = flags & Region.Kept;
        region->Limit = limit;
        region->Fixed = isFixed;
        region->LimitOrLabel = limitOrLabel;
        region->Object = o;
        region->Offset = o == null ? 0 : offset;
        Region.Attach(region);
        Insert(region);
        Merge(region);
        return KernelStatus.Ok;
    }

    /// <summary>
    /// Unmaps about <see cref="StepPages"/> pages from the start of a range; returns the address reached (end: done), or 0: no memory to split a region.
    /// </summary>
    public ulong UnmapStep(ulong start, ulong end)
    {
        if (!SplitRange(start, end))
            return 0;
        uint budget = StepPages;
        while (true)
        {
            Region* region = Find(start);
            if (region == null || region->Start >= end)
            {
                start = end;
                break;
            }
            ulong reached = RemovePages(region, region->Start, region->End, ref budget, 0);
            if (reached < region->End)
            {
                // Trim from below, so that the list stays true between steps.
                NoteFree(region->Start, reached);
                MappedBytes -= reached - region->Start;
                region->Offset += region->Object == null ? 0 : reached - region->Start;
                region->Start = reached;
                start = reached;
                break;
            }
            start = region->End;
            NoteFree(region->Start, start);
            Remove(region);
            // Regions without pages cost time too.
            budget = budget > 8 ? budget - 8 : 0;
            if (budget == 0)
                break;
        }
        Shootdown.Commit();
        return start < end ? start : end;
    }

    /// <summary>Clears up to <paramref name="budget"/> pages of a region; returns the address reached.</summary>
    /// <param name="kept">Which pages stay: <see cref="PageTree.Private"/> for private copies, its absence in <see cref="PageTree.Present"/> for the object's
    /// own, 0 for none.</param>
    private ulong RemovePages(Region* region, ulong start, ulong end, ref uint budget, ulong kept)
    {
        AddressSpace* self = Self;
        Unsafe.SkipInit(out PageCursor cursor);
        cursor.Start(Root, Levels, start / PhysicalMap.PageSize, end / PhysicalMap.PageSize);
        while (true)
        {
            if (budget == 0)
                return cursor.Index == 0 ? start : (cursor.Index + 1) * PhysicalMap.PageSize;
            if (!cursor.Next())
                return end;
            ulong value = *cursor.Entry;
            if (kept != 0 && (value & PageTree.Private) == (kept & PageTree.Private))
                continue;
            budget--;
            ulong address = cursor.Index * PhysicalMap.PageSize;
            value = PageTree.Clear(Root, Levels, cursor.Index, cursor.Entry);
            ResidentPages--;
            Shootdown.Page(self, address);
            ReleaseEntry(region, address, value);
        }
    }

    // Gives up what a cleared entry held.
    private static void ReleaseEntry(Region* region, ulong address, ulong value)
    {
        if ((value & PageTree.Private) != 0)
        {
            Shootdown.ReleaseFrame(value & PageTree.AddressMask);
        }
        else if (region->Object != null && (value & region->Object->Counted) != 0)
        {
            region->Object->MarkDirty((region->Offset + (address - region->Start)) / PhysicalMap.PageSize);
        }
    }

    /// <summary>Clears entries of a range that show the object's own pages; the caller commits the shootdown.</summary>
    public void RemoveObjectPages(Region* region, ulong start, ulong end)
    {
        uint budget = uint.MaxValue;
        RemovePages(region, start, end, ref budget, PageTree.Private);
    }

    /// <summary>Clears all entries of a range, also of private copies, up to a budget. True: none is left.</summary>
    public bool RemoveAllPages(Region* region, ulong start, ulong end, ref uint budget) => RemovePages(region, start, end, ref budget, 0) == end;

    /// <summary>Write-protects the object's pages in a range and returns a bit for each that counts as dirty, bit 0 = first page of the range.</summary>
    public ulong CollectDirtyWord(ulong start, ulong end, ulong counted)
    {
        AddressSpace* self = Self;
        ulong dirty = 0;
        Unsafe.SkipInit(out PageCursor cursor);
        cursor.Start(Root, Levels, start / PhysicalMap.PageSize, end / PhysicalMap.PageSize);
        while (cursor.Next())
        {
            ulong value = *cursor.Entry;
            if ((value & PageTree.Private) != 0 || (value & (counted | PageTree.Writable)) == 0)
                continue;
            value = Interlocked.And(ref *cursor.Entry, ~(PageTree.Dirty | PageTree.Writable));
            if ((value & counted) != 0)
                dirty |= 1ul << (int)(cursor.Index - start / PhysicalMap.PageSize);
            Shootdown.Page(self, cursor.Index * PhysicalMap.PageSize);
        }
        return dirty;
    }

    /// <summary>NotMapped if [start, end) has a hole, NoRight if a region's limit forbids the protection, BadArgument if one is the kernel's own.</summary>
    public KernelStatus CheckProtect(ulong start, ulong end, MapFlags protection)
    {
        ulong reached = start;
        for (Region* region = Find(start); region != null && region->Start < end; region = region->Next0)
        {
            if (region->Start > reached)
                return KernelStatus.NotMapped;
            if (region->Fixed)
                return KernelStatus.BadArgument;
            if ((protection & ~region->Limit) != 0)
                return KernelStatus.NoRight;
            if ((protection & MapFlags.WriteExecute) != 0 && (region->Flags & MapFlags.Shared) != 0)
                return KernelStatus.BadArgument;
            reached = region->End;
        }
        return reached >= end ? KernelStatus.Ok : KernelStatus.NotMapped;
    }

    /// <summary>Splits the regions at the ends of a range whose protection will change, before anything has. False: no memory.</summary>
    public bool PrepareProtect(ulong start, ulong end, MapFlags protection)
    {
        Region* first = Find(start), last = Find(end - 1);
        return SplitRange(
            ((first->Flags ^ protection) & MapFlags.Protection) != 0 ? start : first->Start, ((last->Flags ^ protection) & MapFlags.Protection) != 0 ? end
            : last->End);
    }

    /// <summary>
    /// Changes the protection of one region, or of as much of it as holds <see cref="StepPages"/> pages, at the start of a checked range.
    /// Returns the address reached, 0: no memory to split the region.
    /// </summary>
    public ulong ProtectStep(ulong start, ulong end, MapFlags protection)
    {
        Region* region = Find(start);
        if (region == null || region->Start >= end)
            return end;
        if (region->Start > start)
            start = region->Start;
        ulong stop = region->End < end ? region->End : end;
        if (((region->Flags ^ protection) & MapFlags.Protection) == 0)
            return stop;
        Unsafe.SkipInit(out PageCursor cursor);
        if (stop - start > StepPages * PhysicalMap.PageSize)
        {
            cursor.Start(Root, Levels, start / PhysicalMap.PageSize, stop / PhysicalMap.PageSize);
            for (uint pages = 0; cursor.Next(); pages++)
            {
                if (pages == StepPages)
                {
                    stop = cursor.Index * PhysicalMap.PageSize;
                    break;
                }
            }
        }
        if (region->Start != start || region->End != stop)
        {
            if (!SplitRange(start, stop))
                return 0;
            region = Find(start);
        }
        region->Flags = (region->Flags & ~MapFlags.Protection) | protection;
        ProtectPages(region);
        Merge(region);
        Shootdown.Commit();
        return stop;
    }

    // Gives the entries of a region what its flags say now.
    private void ProtectPages(Region* region)
    {
        const ulong kept = PageTree.AddressMask | PageTree.Private | PageTree.Borrowed | PageTree.Dirty | PageTree.Accessed;
        AddressSpace* self = Self;
        ulong closed = region->EntryFlags(false), open = region->EntryFlags(true);
        bool isShared = (region->Flags & MapFlags.Shared) != 0;
        Unsafe.SkipInit(out PageCursor cursor);
        cursor.Start(Root, Levels, region->Start / PhysicalMap.PageSize, region->End / PhysicalMap.PageSize);
        while (cursor.Next())
        {
            ulong value = *cursor.Entry;
            bool writable = (value & PageTree.Private) != 0
                ? FrameAllocator.RecordOf(value & PageTree.AddressMask)->ShareCount == 1
                : isShared && (value & PageTree.Borrowed) == 0;
            ulong made = (value & kept) | (writable ? open : closed);
            if (made == value)
                continue;
            // The bits that the CPU sets may have been set since.
            ulong found = Interlocked.Exchange(ref *cursor.Entry, made);
            *cursor.Entry |= found & (PageTree.Dirty | PageTree.Accessed);
            Shootdown.Page(self, cursor.Index * PhysicalMap.PageSize);
        }
    }

    /// <summary>Offers what a range holds, or takes the offer back, for as many regions as a step handles. Returns the address reached, 0: no memory.</summary>
    public ulong OfferStep(ulong start, ulong end, bool offered)
    {
        // Taking back goes to the regions' ends and so cannot fail: an offer too few makes its owner try again.
        if (offered && !SplitRange(start, end))
            return 0;
        for (uint budget = StepPages; budget != 0; budget--)
        {
            Region* region = Find(start);
            if (region == null || region->Start >= end)
                return end;
            region->Flags = offered ? region->Flags | MapFlags.Offered : region->Flags & ~MapFlags.Offered;
            start = region->End;
            Merge(region);
        }
        return start < end ? start : end;
    }

    /// <summary>True if all regions that a range touches are offered.</summary>
    public bool IsOffered(ulong start, ulong end)
    {
        for (Region* region = Find(start); region != null && region->Start < end; region = region->Next0)
            if ((region->Flags & MapFlags.Offered) == 0 || region->Start < start || region->End > end)
                return false;
        return true;
    }

    /// <summary>Drops private pages of part of a range; returns the address reached.</summary>
    public ulong DiscardStep(ulong start, ulong end)
    {
        uint budget = StepPages;
        ulong reached = end;
        for (Region* region = Find(start); region != null && region->Start < end; region = region->Next0)
        {
            ulong low = region->Start > start ? region->Start : start, high = region->End < end ? region->End : end;
            reached = RemovePages(region, low, high, ref budget, PageTree.Present);
            // Regions without pages cost time too.
            budget = budget > 8 ? budget - 8 : 0;
            if (reached < high || budget == 0)
                break;
            reached = end;
        }
        Shootdown.Commit();
        return reached;
    }

    /// <summary>
    /// Commits pages of an object, as many as the pages from <paramref name="at"/> to <paramref name="end"/> need tables when they lie
    /// <paramref name="distance"/> further, and regions. A bounded step: returns the address reached, ulong.MaxValue: done, 0: no memory.
    /// </summary>
    public ulong ReserveStep(MemoryObject* reserve, ulong at, ulong end, ulong distance)
    {
        // Frames for regions, and for a table that is freed as one of the source and made again as one of the target.
        const ulong Regions = 4;
        for (uint budget = StepPages / 4; budget != 0; budget--)
        {
            ulong before = at - 1 + distance;
            at = NextUsed(at, end);
            ulong crossed = (at + distance) ^ before;
            ulong wanted = at == end ? Regions : reserve->Committed == 0 ? Levels - 1 : crossed >> 39 != 0 ? 3ul : crossed >> 30 != 0 ? 2ul : 1;
            for (ulong page = 0; page < wanted; page++)
                if (reserve->Commit(reserve->Committed) == 0)
                    return 0;
            if (at == end)
                return ulong.MaxValue;
            at = NextTable(at, end, distance);
        }
        return at;
    }

    /// <summary>The first address of a range that has a page, or the range's end.</summary>
    private ulong NextUsed(ulong start, ulong end)
    {
        Unsafe.SkipInit(out PageCursor cursor);
        cursor.Start(Root, Levels, start / PhysicalMap.PageSize, end / PhysicalMap.PageSize);
        return cursor.Next() ? cursor.Index * PhysicalMap.PageSize : end;
    }

    /// <summary>The first address behind another that lies in another table when it is <paramref name="distance"/> further, or the range's end.</summary>
    private static ulong NextTable(ulong address, ulong end, ulong distance)
    {
        ulong next = ((address + distance) | (512 * PhysicalMap.PageSize - 1)) + 1 - distance;
        return next < end ? next : end;
    }

    /// <summary>
    /// Moves regions and pages of up to <see cref="StepPages"/> pages from the start of a range to a free place; returns the bytes moved, 0: no memory.
    /// A region is split at the step, so that both lists are true between steps, unless it <paramref name="keeps"/> its place and loses its pages alone.
    /// </summary>
    public ulong MoveStep(ulong start, ulong end, ulong target, bool keeps)
    {
        ulong limit = start + StepPages * PhysicalMap.PageSize;
        Region* first = Find(start);
        if (first == null || first->Start >= end)
            return end - start;
        if (first->Start > start)
        {
            // A hole stays a hole.
            return first->Start - start;
        }
        ulong stop = first->End < end ? first->End : end;
        if (stop > limit)
            stop = limit;
        // The pages of a step lie in at most two leaf tables of the target. All that can fail comes first. One of them may be a table of the source, which must
        // not go when its last page has moved: it counts one entry more for now. Where there are no pages there need be no tables.
        ulong distance = target - start, lowest = NextUsed(start, stop), highest = lowest == stop ? stop : NextUsed(NextTable(lowest, stop, distance), stop);
        Region* made = NewRegion();
        ulong* low = made == null || lowest == stop ? null : CreateEntry(lowest + distance);
        ulong* high = low == null || highest == stop ? low : CreateEntry(highest + distance);
        if (made == null || (lowest != stop && high == null) || (!keeps && !SplitRange(start, stop)))
        {
            FreeUnused(made);
            PruneAt(lowest + distance);
            PruneAt(highest + distance);
            return 0;
        }
        if (low != null)
        {
            PageTree.Hold(low);
            PageTree.Hold(high);
        }
        Region* source = Find(start);
        Region.CopyPart(made, source, start, stop);
        made->Start = target;
        made->End = target + (stop - start);
        if (source->Start < start)
            made->Flags &= ~MapFlags.GrowsDown;
        AddressSpace* self = Self;
        Unsafe.SkipInit(out PageCursor cursor);
        cursor.Start(Root, Levels, start / PhysicalMap.PageSize, stop / PhysicalMap.PageSize);
        while (cursor.Next())
        {
            ulong address = cursor.Index * PhysicalMap.PageSize;
            // In this order, so that a table that holds both is never empty in between.
            ulong* moved = EntryOf(target + (address - start));
            PageTree.Set(moved, *cursor.Entry);
            *moved |= PageTree.Clear(Root, Levels, cursor.Index, cursor.Entry);
            Shootdown.Page(self, address);
        }
        if (low != null)
        {
            PageTree.Release(low);
            PageTree.Release(high);
        }
        Region.Attach(made);
        if (!keeps)
        {
            NoteFree(start, stop);
            Remove(source);
        }
        Insert(made);
        Merge(made);
        Shootdown.Commit();
        return stop - start;
    }

    /// <summary>The highest free range of a length below <paramref name="highest"/>, 0: none.</summary>
    public ulong FindGap(ulong length, ulong lowest, ulong highest, ulong alignment)
    {
        ulong top = highest == gapHighest && length >= gapLength ? gapTop : highest;
        Region* before = Before(top - 1), above = before->Next0;
        Region* below = above != null && above->Start < top ? above : before == &Self->Sentinel ? null : before;
        while (true)
        {
            ulong floor = below == null || below->End < lowest ? lowest : below->End;
            // A region that starts below top but ends above it leaves no room here.
            if (top > floor && top - floor >= length)
            {
                ulong address = (top - length) & ~(alignment - 1);
                if (alignment == PhysicalMap.PageSize)
                    (gapTop, gapHighest, gapLength) = (top, highest, length);
                if (address >= floor)
                    return address;
            }
            if (below == null || below->Start <= lowest)
                return 0;
            if (below->Start < top)
                top = below->Start;
            below = below->Previous;
        }
    }

    // A range is about to be free, and what FindGap remembers ends below it.
    private void NoteFree(ulong start, ulong end)
    {
        if (end <= gapTop || start >= gapHighest)
            return;
        Region* above = Find(end);
        gapTop = above != null && above->Start < gapHighest ? above->Start : gapHighest;
    }
}
