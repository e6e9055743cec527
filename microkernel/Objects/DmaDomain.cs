using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Libsys.Abi;

namespace Microkernel;

/// <summary>Frames that a device may reach, in the order of a range of pages.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Pin
{
    public ulong Count;
    /// <summary>Number of the first frame; <see cref="Count"/> numbers follow each other.</summary>
    public uint FirstFrame;
}

/// <summary>
/// What one device may reach, and where there is an <see cref="Iommu"/> all that it can reach. Pins belong to the domain, so a driver's death leaves them: a
/// device that still writes finds the frames it was given, and nobody else's. A pin is one more holder of each frame: a frame whose object gives it up
/// meanwhile is in quarantine, charged as before, until the last pin ends.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DmaDomain
{
    public KernelObject Header;
    /// <summary>Page tree (of <see cref="Levels"/>) with a pin in each entry in use; the index is the pin's number.</summary>
    public ulong Root;
    public ulong Pins, Pages;
    /// <summary>Where the search for a free number starts: a number is not used again at once.</summary>
    public ulong NextNumber;
    /// <summary>Tables by which the IOMMU knows the pins' frames, and the function's number. 0: no function's, or there is no IOMMU.</summary>
    public ulong Tables;
    public uint Function;
    /// <summary>Place in the list of the <see cref="Reaper"/>.</summary>
    public Link Reaping;

    private const int Levels = 2;
    // Bounds the search for a free number.
    private const ulong MaxPins = 8192;

    /// <summary>Makes one, of a function's number + 1 or of none (0): the function reaches what is pinned here, and nothing else any more.</summary>
    public static DmaDomain* Create(Account* account, uint functionPlusOne)
    {
        DmaDomain* domain = (DmaDomain*)KernelObject.Allocate(account, ObjectType.DmaDomain, (uint)sizeof(DmaDomain));
        if (domain == null)
            return null;
        bool isTranslated = functionPlusOne != 0 && Iommu.IsThere;
        domain->Root = PageTree.NewTable(account);
        domain->Tables = domain->Root != 0 && isTranslated ? PageTree.NewTable(account) : 0;
        domain->Function = functionPlusOne - 1;
        if (domain->Root != 0 && (!isTranslated || (domain->Tables != 0 && Iommu.Attach(domain->Function, domain->Tables))))
            return domain;
        if (domain->Tables != 0)
            FrameAllocator.Free(domain->Tables);
        if (domain->Root != 0)
            FrameAllocator.Free(domain->Root);
        ObjectAllocator.Free(domain);
        return null;
    }

    /// <summary>
    /// Pins pages of an object and tells where they are. A number above 0, or a negative status: nothing has happened then, but that pages may be committed.
    /// </summary>
    public static long PinPages(DmaDomain* domain, MemoryObject* o, ulong first, ulong count, ulong* addresses)
    {
        if (domain->Pins == MaxPins - 1)
            return (long)KernelStatus.NoHandle;
        ulong* entry;
        do
        {
            domain->NextNumber = domain->NextNumber % (MaxPins - 1) + 1;
            entry = PageTree.Find(domain->Root, Levels, domain->NextNumber);
        }
        while (entry != null && *entry != 0);
        entry = PageTree.Create(domain->Root, Levels, domain->NextNumber, domain->Header.Account);
        Pin* pin = entry == null ? null : (Pin*)ObjectAllocator.Allocate(domain->Header.Account, (uint)(sizeof(Pin) + (int)count * sizeof(uint)));
        if (pin == null)
        {
            PageTree.Prune(domain->Root, Levels, domain->NextNumber);
            return (long)KernelStatus.NoMemory;
        }
        uint* frames = &pin->FirstFrame;
        for (; pin->Count < count; pin->Count++)
        {
            if (o->Kind == MemoryKind.Anonymous)
                o->Commit(first + pin->Count);
            ulong frame = o->PageAt(first + pin->Count);
            // A device may write, which a borrowed page forbids.
            if (frame == 0 || (frame & PageTree.Borrowed) != 0)
            {
                Release(domain, pin);
                PageTree.Prune(domain->Root, Levels, domain->NextNumber);
                return (long)(o->Kind == MemoryKind.Anonymous && frame == 0 ? KernelStatus.NoMemory : KernelStatus.NotMapped);
            }
            if (domain->Tables != 0 && !Iommu.Map(domain, frame))
            {
                Release(domain, pin);
                PageTree.Prune(domain->Root, Levels, domain->NextNumber);
                return (long)KernelStatus.NoMemory;
            }
            FrameAllocator.RecordOf(frame)->ShareCount++;
            frames[pin->Count] = (uint)(frame / PhysicalMap.PageSize);
            addresses[pin->Count] = frame;
        }
        PageTree.Set(entry, (ulong)pin);
        domain->Pins++;
        domain->Pages += count;
        return (long)domain->NextNumber;
    }

    private static void Release(DmaDomain* domain, Pin* pin)
    {
        uint* frames = &pin->FirstFrame;
        // Before anybody else can have the frames.
        if (domain->Tables != 0)
            Iommu.Unmap(domain, frames, pin->Count);
        for (ulong i = 0; i < pin->Count; i++)
            Shootdown.ReleaseFrame(frames[i] * PhysicalMap.PageSize);
        Shootdown.Commit();
        ObjectAllocator.Free(pin);
    }

    /// <summary>Ends one pin; false: there is none of this number.</summary>
    public static bool Unpin(DmaDomain* domain, ulong number)
    {
        ulong* entry = number < MaxPins ? PageTree.Find(domain->Root, Levels, number) : null;
        if (entry == null || *entry == 0)
            return false;
        Pin* pin = (Pin*)PageTree.Clear(domain->Root, Levels, number, entry);
        domain->Pins--;
        domain->Pages -= pin->Count;
        Release(domain, pin);
        return true;
    }

    /// <summary>Ends any one pin; true: none is left.</summary>
    public static bool UnpinStep(DmaDomain* domain)
    {
        Unsafe.SkipInit(out PageCursor cursor);
        cursor.Start(domain->Root, Levels, 0, MaxPins);
        if (cursor.Next())
            Unpin(domain, cursor.Index);
        return domain->Pins == 0;
    }

    /// <summary>Frees the object, after the last reference and <see cref="UnpinStep"/>.</summary>
    public static void Free(DmaDomain* domain)
    {
        if (domain->Tables != 0)
        {
            Iommu.Detach(domain->Function, domain->Tables);
            FrameAllocator.Free(domain->Tables);
        }
        FrameAllocator.Free(domain->Root);
        ObjectAllocator.Free(domain);
    }
}
