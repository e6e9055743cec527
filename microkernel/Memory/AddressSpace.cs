using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Libsys.Abi;

namespace Microkernel;

/// <summary>Page tables, the regions that say what is mapped, a handle table, and the threads that live in them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe partial struct AddressSpace
{
    public KernelObject Header;
    /// <summary>Never that of another space, also not of one that is gone.</summary>
    public ulong Identity;
    /// <summary>Physical address of the top page table; 0 when all that the space held is freed.</summary>
    public ulong Root;
    /// <summary>CPUs whose cr3 holds <see cref="Root"/>.</summary>
    public ulong ActiveCpus;
    /// <summary>Head of the region list; covers nothing.</summary>
    public Region Sentinel;
    public uint RegionCount;
    /// <summary>Being destroyed: no new regions, threads, handles.</summary>
    public bool Dying;
    /// <summary>The death was told; it is told once.</summary>
    public bool DeathTold;
    /// <summary>Handles of this space in its own table: they keep nothing alive.</summary>
    public uint OwnHandles;
    /// <summary>Handles of this space elsewhere. When the last is closed nobody can reach the space any more, and it ends with its threads.</summary>
    public uint OutsideHandles;
    public ulong MappedBytes, ResidentPages;
    public HandleTable Handles;
    /// <summary>Frame of pointers to frames of slots; a slot holds its thread, or <see cref="ReservedSlot"/>.</summary>
    public ulong SlotDirectory;
    public uint SlotHint;
    public uint ThreadCount;
    public LinkedList Threads;
    public Endpoint* FaultEndpoint;
    public ulong FaultBadge;
    public ulong LastExitArgument;
    /// <summary>
    /// Place in the fault endpoint's list of deaths to be told. Its reference keeps the struct, but not what the space holds: that may be all that could
    /// receive the message.
    /// </summary>
    public Link Death;
    /// <summary>Place in the list of the <see cref="Reaper"/>, from the last outside reference until it is emptied.</summary>
    public Link Reaping;
    /// <summary>Times of threads that have ended, ticks.</summary>
    public ulong EndedUser, EndedSystem;
    public ulong MinorFaults;
    // No gap between the first and the second is as long as the third: a program of many regions would else pass all of them at each mmap(2).
    private ulong gapTop, gapHighest, gapLength;
    public LinkedList Watches;

    /// <summary>Most regions a space may have: Linux' default vm.max_map_count is 65,530.</summary>
    public const uint MaxRegions = 65536;
    /// <summary>Value of a slot that ThreadReserve has given out.</summary>
    public const ulong ReservedSlot = 1;
    private const int Levels = 4;

    // Sound: address spaces are kernel objects, which never move.
    private AddressSpace* Self => (AddressSpace*)Unsafe.AsPointer(ref this);

    private static ulong lastIdentity;
    private static uint randomState = 0x9e3779b9;

    /// <summary>A space with the kernel's half and the window's own regions; null: no memory.</summary>
    public static AddressSpace* Create(Account* account, Endpoint* faultEndpoint, ulong badge)
    {
        AddressSpace* space = (AddressSpace*)KernelObject.Allocate(account, ObjectType.AddressSpace, (uint)sizeof(AddressSpace));
        if (space == null)
            return null;
        space->Root = PageTree.NewTable(account);
        if (space->Root == 0)
        {
            ObjectAllocator.Free(space);
            return null;
        }
        space->Identity = ++lastIdentity;
        KernelSpace.CopyKernelHalf(space->Root);
        space->FaultEndpoint = faultEndpoint;
        space->FaultBadge = badge;
        if (faultEndpoint != null)
            faultEndpoint->Header.Acquire();
        return space;
    }

    /// <summary>The first region that ends above an address: it holds the address or is the next one above. Null: none.</summary>
    public Region* Find(ulong address) => Before(address)->Next0;

    // The last region that ends at or below an address, or the sentinel.
    private Region* Before(ulong address)
    {
        Region* region = &Self->Sentinel;
        for (int level = Region.MaxHeight - 1; level >= 0; level--)
        {
            Region* next;
            while ((next = *Region.NextAt(region, level)) != null && next->End <= address)
                region = next;
        }
        return region;
    }

    /// <summary>A new region outside the list; null: no memory or too many.</summary>
    private Region* NewRegion()
    {
        if (RegionCount >= MaxRegions)
            return null;
        Region* region = (Region*)ObjectAllocator.Allocate(Header.Account, (uint)sizeof(Region));
        if (region == null)
            return null;
        // xorshift32 (G. Marsaglia, 2003): heights need not be secret, only spread.
        randomState ^= randomState << 13;
        randomState ^= randomState >> 17;
        randomState ^= randomState << 5;
        int height = 1;
        for (uint bits = randomState; height < Region.MaxHeight && (bits & 3) == 0; bits >>= 2)
            height++;
        region->Height = (byte)height;
        return region;
    }

    /// <summary>Links a region whose range is free.</summary>
    private void Insert(Region* region)
    {
        Region** path = stackalloc Region*[Region.MaxHeight];
        Trace(region->Start, path);
        InsertBehind(path, region);
    }

    // The last region on each level that ends at or below an address, or the sentinel.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Trace(ulong address, Region** path)
    {
        Region* before = &Self->Sentinel;
        for (int level = Region.MaxHeight - 1; level >= 0; level--)
        {
            Region* next;
            while ((next = *Region.NextAt(before, level)) != null && next->End <= address)
                before = next;
            path[level] = before;
        }
    }

    // Links a region behind those of a path, which is then one to what begins behind it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void InsertBehind(Region** path, Region* region)
    {
        AddressSpace* self = Self;
        region->Space = self;
        region->Previous = path[0] == &self->Sentinel ? null : path[0];
        for (int level = region->Height - 1; level >= 0; level--)
        {
            *Region.NextAt(region, level) = *Region.NextAt(path[level], level);
            *Region.NextAt(path[level], level) = region;
            path[level] = region;
        }
        if (region->Next0 != null)
            region->Next0->Previous = region;
        RegionCount++;
        MappedBytes += region->End - region->Start;
    }

    /// <summary>Unlinks and frees a region; its pages must be gone.</summary>
    private void Remove(Region* region)
    {
        Region* sentinel = &Self->Sentinel;
        Region* before = sentinel;
        for (int level = Region.MaxHeight - 1; level >= 0; level--)
        {
            Region* next;
            while ((next = *Region.NextAt(before, level)) != null && next->Start < region->Start)
                before = next;
            if (next == region)
                *Region.NextAt(before, level) = *Region.NextAt(region, level);
        }
        if (region->Next0 != null)
            region->Next0->Previous = region->Previous;
        Discard(region);
    }

    // Frees a region that is not linked any more.
    private void Discard(Region* region)
    {
        RegionCount--;
        MappedBytes -= region->End - region->Start;
        Region.Detach(region);
        ObjectAllocator.Free(region);
    }

    // Of the list's levels only the lowest is left: whoever takes all regions from the front needs no other.
    private void Flatten()
    {
        for (int level = Region.MaxHeight - 1; level > 0; level--)
            *Region.NextAt(&Self->Sentinel, level) = null;
    }

    // Unlinks and frees the first region of a flat list.
    private void RemoveFirst()
    {
        Region* first = Sentinel.Next0;
        Sentinel.Next0 = first->Next0;
        if (first->Next0 != null)
            first->Next0->Previous = null;
        Discard(first);
    }

    /// <summary>True if an address is inside a region, not its start.</summary>
    private bool IsInside(ulong address)
    {
        Region* region = Find(address);
        return region != null && region->Start < address;
    }

    /// <summary>Makes both ends of a range boundaries between regions. False: no memory, and nothing has changed.</summary>
    private bool SplitRange(ulong start, ulong end)
    {
        Region* first = null, second = null;
        if (IsInside(start) && (first = NewRegion()) == null)
            return false;
        if (IsInside(end) && (second = NewRegion()) == null)
        {
            FreeUnused(first);
            return false;
        }
        if (first != null)
            Split(start, first);
        if (second != null)
            Split(end, second);
        return true;
    }

    private void Split(ulong address, Region* upper)
    {
        Region* region = Find(address);
        Region.CopyPart(upper, region, address, region->End);
        upper->Flags &= ~MapFlags.GrowsDown;
        MappedBytes -= region->End - address;
        region->End = address;
        Region.Attach(upper);
        Insert(upper);
    }

    /// <summary>Frees a region that is not in the list; null is none.</summary>
    private static void FreeUnused(Region* region)
    {
        if (region != null)
            ObjectAllocator.Free(region);
    }

    /// <summary>Joins a region with equal neighbours.</summary>
    private void Merge(Region* region)
    {
        Region* previous = region->Previous;
        if (previous != null && Region.Continues(previous, region))
            region = Join(previous, region);
        Region* next = region->Next0;
        if (next != null && Region.Continues(region, next))
            Join(region, next);
    }

    private Region* Join(Region* lower, Region* upper)
    {
        ulong end = upper->End;
        // Remove takes the upper part's length off the sum; the lower part gets it.
        Remove(upper);
        MappedBytes += end - lower->End;
        lower->End = end;
        return lower;
    }

    /// <summary>True if [start, end) holds no region.</summary>
    public bool IsFree(ulong start, ulong end)
    {
        Region* region = Find(start);
        return region == null || region->Start >= end;
    }

    /// <summary>True if [start, end) touches a region of the kernel's own.</summary>
    public bool TouchesFixed(ulong start, ulong end)
    {
        // The window's regions all lie at or above this.
        if (end <= Window.Vdso)
            return false;
        for (Region* region = Find(start); region != null && region->Start < end; region = region->Next0)
            if (region->Fixed)
                return true;
        return false;
    }

    /// <summary>The page table entry of a user address, null where a table is missing.</summary>
    public ulong* EntryOf(ulong address) => PageTree.Find(Root, Levels, address / PhysicalMap.PageSize);

    /// <summary>The same, with tables made as needed; null: no memory.</summary>
    public ulong* CreateEntry(ulong address) => PageTree.Create(Root, Levels, address / PhysicalMap.PageSize, Header.Account);

    /// <summary>Frees tables that were made for an entry and hold nothing.</summary>
    public void PruneAt(ulong address) => PageTree.Prune(Root, Levels, address / PhysicalMap.PageSize);

    /// <summary>Fills a page table entry that was empty.</summary>
    public void Enter(ulong* entry, ulong value)
    {
        PageTree.Set(entry, value);
        ResidentPages++;
    }

    /// <summary>Resident pages of a range.</summary>
    public ulong CountResident(ulong start, ulong end)
    {
        Unsafe.SkipInit(out PageCursor cursor);
        cursor.Start(Root, Levels, start / PhysicalMap.PageSize, end / PhysicalMap.PageSize);
        ulong count = 0;
        while (cursor.Next())
            count++;
        return count;
    }
}
