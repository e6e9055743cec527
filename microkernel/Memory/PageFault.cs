using System.Threading;
using Libsys.Abi;

namespace Microkernel;

/// <summary>What became of a page fault.</summary>
internal enum FaultResult
{
    /// <summary>The access can be tried again.</summary>
    Resolved,
    /// <summary>No region, or its protection forbids the access.</summary>
    Refused,
    /// <summary>The account or the machine has no frame.</summary>
    NoMemory,
    /// <summary>The page, or one that may be written, must come from the object's pager.</summary>
    Missing,
}

/// <summary>Resolves page faults from the region list: demand zero, object pages, copy-on-write, growing stacks.</summary>
internal static unsafe class PageFault
{
    /// <summary>Error code bits (SDM vol. 3 §4.7): the access was a write, an instruction fetch.</summary>
    public const ulong Write = 2, Fetch = 16;
    /// <summary>From this bit on, where the CPU has none: pages that will be asked for in the same way, this one and those that follow it.</summary>
    public const int Count = 32;
    // The entry has a bit that the CPU reserves: a device's address that is longer than the CPU's addresses.
    private const ulong Reserved = 8;

    // Pages of an object that exist already are entered around the fault, within an aligned block of this many: entries are cheap, faults are not.
    private const ulong AroundPages = 16;
    private const ulong BlockMask = AroundPages * PhysicalMap.PageSize - 1;
    // Linux' stack_guard_gap: what must stay free below a stack.
    private const ulong StackGap = 256 * PhysicalMap.PageSize;

    /// <summary>Makes the page at a user address accessible as asked, or says why not.</summary>
    /// <param name="missing">With <see cref="FaultResult.Missing"/>: the region whose object lacks the page.</param>
    public static FaultResult Resolve(AddressSpace* space, ulong address, ulong access, out Region* missing)
    {
        missing = null;
        if (address >= Window.Top || (access & Reserved) != 0)
            return FaultResult.Refused;
        Region* region = space->Find(address);
        if (region == null)
            return FaultResult.Refused;
        if (region->Start > address && !Grow(region, address))
            return FaultResult.Refused;
        MapFlags needed = (access & Write) != 0 ? MapFlags.Write : (access & Fetch) != 0 ? MapFlags.Execute : MapFlags.Read | MapFlags.Write | MapFlags.Execute;
        if ((region->Flags & needed) == 0)
            return FaultResult.Refused;
        space->MinorFaults++;
        address &= ~PhysicalMap.PageMask;
        ulong* entry = space->EntryOf(address);
        if (entry != null && *entry != 0)
            return Upgrade(space, region, address, entry, access, out missing);
        return Fill(space, region, address, entry, access, out missing);
    }

    private static bool Grow(Region* region, ulong address)
    {
        if ((region->Flags & MapFlags.GrowsDown) == 0)
            return false;
        ulong start = address & ~PhysicalMap.PageMask;
        ulong floor = region->Previous == null ? Window.Lowest : region->Previous->End + StackGap;
        if (start < floor || (region->LimitOrLabel != 0 && region->End - start > region->LimitOrLabel * PhysicalMap.PageSize))
            return false;
        region->Space->Extend(region, start);
        return true;
    }

    // The page is present: copy-on-write, or another CPU was faster, or a stale translation.
    private static FaultResult Upgrade(AddressSpace* space, Region* region, ulong address, ulong* entry, ulong access, out Region* missing)
    {
        missing = null;
        ulong value = *entry;
        if ((access & Write) != 0 && (value & PageTree.Writable) == 0)
        {
            ulong frame = value & PageTree.AddressMask;
            bool isPrivate = (value & PageTree.Private) != 0;
            ulong made = region->EntryFlags(true) | PageTree.Accessed | PageTree.Dirty;
            if (isPrivate ? FrameAllocator.RecordOf(frame)->ShareCount > 1 : (region->Flags & MapFlags.Shared) == 0)
            {
                ulong copy = FrameAllocator.Allocate(space->Header.Account);
                if (copy == 0)
                    return FaultResult.NoMemory;
                Machine.CopyPage(PhysicalMap.At(copy), PhysicalMap.At(frame));
                if (isPrivate)
                    FrameAllocator.RecordOf(frame)->ShareCount--;
                *entry = copy | made | PageTree.Private;
                // Other threads of the space may still read the old frame.
                Shootdown.Page(space, address);
                Shootdown.Commit();
                return FaultResult.Resolved;
            }
            if ((value & PageTree.Borrowed) != 0)
            {
                missing = region;
                return FaultResult.Missing;
            }
            *entry = frame | made | (value & PageTree.Private);
        }
        Machine.InvalidatePage(address);
        return FaultResult.Resolved;
    }

    // The page has no entry, or an empty one.
    private static FaultResult Fill(AddressSpace* space, Region* region, ulong address, ulong* entry, ulong access, out Region* missing)
    {
        missing = null;
        MemoryObject* o = region->Object;
        bool shared = (region->Flags & MapFlags.Shared) != 0;
        ulong page = 0;
        ulong index = 0;
        if (o != null)
        {
            if (o->Destroyed)
                return FaultResult.Refused;
            index = (region->Offset + (address - region->Start)) / PhysicalMap.PageSize;
            page = o->PageAt(index);
            if (page == 0)
            {
                if (index >= o->Length / PhysicalMap.PageSize)
                    return FaultResult.Refused;
                if (o->Kind == MemoryKind.Paged)
                {
                    missing = region;
                    return FaultResult.Missing;
                }
                page = o->Commit(index);
                if (page == 0)
                    return FaultResult.NoMemory;
                // What is there already gets its entry together with this one.
                ulong end = (address | BlockMask) < region->End ? (address | BlockMask) + 1 : region->End, wanted = shared ? access >> Count : 0;
                for (ulong next = 1; next < wanted && next < (end - address) / PhysicalMap.PageSize && index + next < o->Length / PhysicalMap.PageSize; next++)
                    if (o->Commit(index + next) == 0)
                        break;
            }
            else if ((page & PageTree.Borrowed) != 0 && shared && (access & Write) != 0)
            {
                missing = region;
                return FaultResult.Missing;
            }
        }
        if (entry == null && (entry = space->CreateEntry(address)) == null)
            return FaultResult.NoMemory;
        if (o == null || (!shared && (access & Write) != 0))
        {
            ulong made = o == null ? FrameAllocator.AllocateZeroed(space->Header.Account) : FrameAllocator.Allocate(space->Header.Account);
            if (made == 0)
            {
                space->PruneAt(address);
                return FaultResult.NoMemory;
            }
            if (o != null)
                Machine.CopyPage(PhysicalMap.At(made), PhysicalMap.At(page & PageTree.AddressMask));
            ulong flags = region->EntryFlags(true) | PageTree.Private | PageTree.Accessed | (access & Write) << 5;
            space->Enter(entry, made | flags);
            if (o == null && access >> Count > 1)
                FillMore(space, region, address, access >> Count, entry, flags);
            return FaultResult.Resolved;
        }
        space->Enter(entry, page | region->EntryFlags(shared && (page & PageTree.Borrowed) == 0) | PageTree.Accessed | (access & Write) << 5);
        if (!o->Uncached)
            Around(space, region, shared, address, entry);
        return FaultResult.Resolved;
    }

    // The empty pages behind one that is there now, of anonymous memory, as far as its table goes; without memory none.
    private static void FillMore(AddressSpace* space, Region* region, ulong address, ulong wanted, ulong* entry, ulong flags)
    {
        ulong left = (region->End - address) / PhysicalMap.PageSize, rest = 512 - (address / PhysicalMap.PageSize & 511);
        left = left < rest ? left : rest;
        for (ulong* end = entry + (left < wanted ? left : wanted); ++entry < end;)
        {
            if (*entry != 0)
                continue;
            ulong frame = FrameAllocator.AllocateZeroed(space->Header.Account);
            if (frame == 0)
                return;
            space->Enter(entry, frame | flags);
        }
    }

    private static void Around(AddressSpace* space, Region* region, bool shared, ulong address, ulong* entry)
    {
        // Of the personality's image every program needs most: as far as the table goes.
        ulong mask = region->Fixed ? 512 * PhysicalMap.PageSize - 1 : BlockMask, low = address & ~mask, high = low + mask + 1;
        if (low < region->Start)
            low = region->Start;
        if (high > region->End)
            high = region->End;
        // The block is aligned, so all its entries are in one table.
        ulong* other = entry - (address - low) / PhysicalMap.PageSize;
        MemoryObject* o = region->Object;
        ulong flags = region->EntryFlags(shared), borrowed = flags & ~PageTree.Writable;
        ulong index = (region->Offset + (low - region->Start)) / PhysicalMap.PageSize, end = o->Length / PhysicalMap.PageSize;
        ulong* source = null;
        uint entered = 0;
        ulong count = (high - low) / PhysicalMap.PageSize;
        if (index + count > end)
            count = end - index;
        ulong* first = other, last = other + count;
        if (o->Kind == MemoryKind.Physical)
        {
            for (ulong page = o->PageAt(index) | flags; other != last; other++, page += PhysicalMap.PageSize)
            {
                if (*other != 0)
                    continue;
                *other = page;
                entered++;
            }
        }
        for (; other != last; other++, index++)
        {
            // Entries of neighbours lie side by side, but for those at the end of a table.
            source = source == null || (index & 511) == 0 ? o->Find(index) : source + 1;
            ulong page = source != null ? *source & (PageTree.AddressMask | PageTree.Borrowed) : 0;
            if (*other != 0 || page == 0)
                continue;
            *other = page | ((page & PageTree.Borrowed) == 0 ? flags : borrowed);
            entered++;
        }
        PageTree.CountMany(first, last - 1, entered);
        space->ResidentPages += entered;
    }

    /// <summary>
    /// The kernel's alias of the page at a user address as it is, null for a page of zeroes that nobody has touched. False: nothing is there without asking
    /// someone.
    /// </summary>
    public static bool Peek(AddressSpace* space, ulong address, out byte* page)
    {
        page = null;
        Region* region = space->Find(address);
        if (region == null || region->Start > address)
            return false;
        MemoryObject* o = region->Object;
        // Reading a device's register can change the device.
        if (o != null && o->Uncached)
            return false;
        ulong* entry = space->EntryOf(address);
        ulong frame = entry == null ? 0 : *entry & PageTree.AddressMask;
        if (frame == 0 && o != null)
        {
            ulong index = (region->Offset + (address - region->Start)) / PhysicalMap.PageSize;
            frame = o->FrameAt(index);
            if (frame == 0 && (o->Kind != MemoryKind.Anonymous || o->Destroyed || index >= o->Length / PhysicalMap.PageSize))
                return false;
        }
        if (frame != 0)
            page = PhysicalMap.At(frame);
        return true;
    }

    /// <summary>
    /// The physical address behind a user address that the kernel reads (or writes) as a word on behalf of a thread; 0 if the thread itself
    /// could not, and for device registers. The kernel never uses the user's own mapping.
    /// </summary>
    public static ulong PhysicalOf(AddressSpace* space, ulong address, bool write)
    {
        for (int attempt = 0; attempt < 2; attempt++)
        {
            if (address >= Window.Top)
                return 0;
            ulong* entry = space->EntryOf(address);
            if (entry != null && (*entry & PageTree.CacheDisable) != 0)
                return 0;
            if (entry != null && (*entry & PageTree.User) != 0 && (!write || (*entry & PageTree.Writable) != 0))
            {
                // As the CPU would: the caller reads or writes by another address.
                ulong marks = write ? PageTree.Accessed | PageTree.Dirty : PageTree.Accessed;
                if ((*entry & marks) != marks)
                    Interlocked.Or(ref *entry, marks);
                return (*entry & PageTree.AddressMask) | (address & PhysicalMap.PageMask);
            }
            if (Resolve(space, address, write ? Write : 0, out _) != FaultResult.Resolved)
                return 0;
        }
        return 0;
    }
}
