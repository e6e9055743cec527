using Libsys.Abi;

namespace Microkernel;

// Memory objects.
internal static unsafe partial class Calls
{
    private const Rights MemoryRights = Rights.Read | Rights.Write | Rights.Execute | Rights.Manage | Rights.Destroy | Rights.Duplicate;

    private static bool IsPageRange(ulong offset, ulong length, ulong limit) =>
        ((offset | length) & PhysicalMap.PageMask) == 0 && length != 0 && length <= limit && offset <= limit - length;

    private static bool TryMemoryOf(Thread* thread, ulong handle, Rights needed, out MemoryObject* o, out long status) =>
        TryFind(thread, handle, ObjectType.MemoryObject, needed, out o, out status);

    /// <summary>An anonymous object. A sealed one is committed in steps; the half-made object hangs at the thread.</summary>
    public static long MemoryCreate(Thread* thread, ulong accountHandle, ulong length, ulong flags)
    {
        if (!TryAccountOr(thread, accountHandle, out Account* account, out long status))
            return status;
        if (!IsPageRange(0, length, MemoryObject.MaxLength) || (flags & ~(ulong)MemoryFlags.Sealed) != 0)
            return BadArgument;
        MemoryObject* o = (MemoryObject*)thread->Unfinished;
        if (o == null)
        {
            o = MemoryObject.Create(account, MemoryKind.Anonymous, length);
            if (o == null)
                return NoMemory;
            o->Flags = (uint)flags;
            thread->Unfinished = &o->Header;
            thread->UnfinishedPosition = 0;
        }
        ulong committed = (flags & (ulong)MemoryFlags.Sealed) == 0 ? 0 : length / PhysicalMap.PageSize;
        for (uint budget = AddressSpace.StepPages; thread->UnfinishedPosition < committed; budget--)
        {
            if (budget == 0)
                return CallResult.Restart;
            if (o->Commit(thread->UnfinishedPosition) == 0)
                return NoMemory;
            thread->UnfinishedPosition++;
        }
        thread->Unfinished = null;
        return Give(thread, &o->Header, MemoryRights, 0);
    }

    public static long MemoryDestroy(Thread* thread, ulong handle)
    {
        if (!TryMemoryOf(thread, handle, Rights.Destroy, out MemoryObject* o, out long status))
            return status;
        return o->DestroyStep(AddressSpace.StepPages) ? Ok : CallResult.Restart;
    }

    /// <summary>Frees a range of pages, in steps that advance the arguments.</summary>
    public static long MemoryDiscard(Thread* thread, ulong handle, ulong offset, ulong length, ulong copies)
    {
        if (!TryMemoryOf(thread, handle, Rights.Manage, out MemoryObject* o, out long status))
            return status;
        if (!IsPageRange(offset, length, o->Length) || copies > 1)
            return BadArgument;
        if ((o->Flags & (uint)MemoryFlags.Sealed) != 0 || o->Kind == MemoryKind.Physical || o->Destroyed)
            return BadState;
        ulong first = offset / PhysicalMap.PageSize, last = first + length / PhysicalMap.PageSize;
        if (copies != 0 && !o->UnmapCopies(first, last, AddressSpace.StepPages))
            return CallResult.Restart;
        ulong reached = o->DropPages(first, last, AddressSpace.StepPages, out Words(thread)[0]);
        return Advance(Thread.FrameOf(thread), (reached - first) * PhysicalMap.PageSize, length);
    }

    // Ends a call whose range is in rsi, rdx, or lets it start over with the rest.
    private static long Advance(RegisterFrame* frame, ulong done, ulong length)
    {
        if (done >= length)
            return Ok;
        frame->Rsi += done;
        frame->Rdx -= done;
        return CallResult.Restart;
    }

    public static long MemoryDevice(Thread* thread, ulong machine, ulong address, ulong length, ulong accountHandle)
    {
        if (!TryDevices(thread, machine, accountHandle, out Account* account, out long status))
            return status;
        const ulong PhysicalLimit = 1ul << 46;
        if (!IsPageRange(address, length, PhysicalLimit) || Boot.TouchesMemory(address, address + length))
            return BadArgument;
        MemoryObject* o = MemoryObject.Create(account, MemoryKind.Physical, length, address);
        if (o != null)
            o->Uncached = true;
        return Give(thread, (KernelObject*)o, MemoryRights & ~Rights.Execute, 0);
    }

    public static long MemoryQuery(Thread* thread, ulong handle)
    {
        if (!TryMemoryOf(thread, handle, Rights.Read, out MemoryObject* o, out long status))
            return status;
        ulong* words = Words(thread);
        words[0] = o->Length;
        words[1] = o->Flags;
        words[2] = o->Committed * PhysicalMap.PageSize;
        words[3] = o->MappingCount;
        words[4] = o->Identity;
        words[5] = o->WriterCount;
        return (long)words[2];
    }

    public static long MemoryCollectDirty(Thread* thread, ulong handle, ulong offset, ulong length)
    {
        const ulong MaxPages = 128;
        if (!TryMemoryOf(thread, handle, Rights.Manage, out MemoryObject* o, out long status))
            return status;
        if (!IsPageRange(offset, length, o->Length) || length > MaxPages * PhysicalMap.PageSize)
            return BadArgument;
        if (o->Destroyed || o->Kind == MemoryKind.Physical)
            return BadState;
        ulong* words = Words(thread);
        ulong first = offset / PhysicalMap.PageSize, pages = length / PhysicalMap.PageSize;
        ulong low = o->CollectDirty(first, pages < 64 ? pages : 64);
        ulong high = pages > 64 ? o->CollectDirty(first + 64, pages - 64) : 0;
        o->Counted = PageTree.Dirty;
        Shootdown.Commit();
        words[0] = low;
        words[1] = high;
        return Ok;
    }

    public static long MemoryCreatePaged(Thread* thread, ulong accountHandle, ulong length, ulong endpoint, ulong badge)
    {
        if (!TryAccountOr(thread, accountHandle, out Account* account, out long status))
            return status;
        if (!TryFind(thread, endpoint, ObjectType.Endpoint, Rights.Manage, out Endpoint* pager, out status))
            return status;
        if (!IsPageRange(0, length, MemoryObject.MaxLength))
            return BadArgument;
        MemoryObject* o = MemoryObject.Create(account, MemoryKind.Paged, length);
        if (o == null)
            return NoMemory;
        pager->Header.Acquire();
        o->Pager = pager;
        o->PagerBadge = badge;
        return Give(thread, &o->Header, MemoryRights, 0);
    }

    /// <summary>Moves frames from an anonymous object into a pager-backed one, or makes them pages of both, in steps that advance the arguments.</summary>
    public static long MemorySupply(Thread* thread, ulong handle, ulong offset, ulong length, ulong sourceHandle, ulong sourceOffset, bool share,
        ulong touched)
    {
        if (!TryMemoryOf(thread, handle, Rights.Manage, out MemoryObject* o, out long status))
            return status;
        if (!TryMemoryOf(thread, sourceHandle, Rights.Read, out MemoryObject* source, out status))
            return status;
        if (!IsPageRange(offset, length, o->Length) || !IsPageRange(sourceOffset, length, source->Length) || touched > 1)
            return BadArgument;
        if (o->Kind != MemoryKind.Paged || o->Destroyed || source->Destroyed || source->Uncached)
            return BadState;
        if (!share && (source->Kind != MemoryKind.Anonymous || (source->Flags & (uint)MemoryFlags.Sealed) != 0))
            return BadState;
        // Mappings of the target could write what is the source's too.
        if (share && source->Kind != MemoryKind.Physical && !TryMemoryOf(thread, sourceHandle, Rights.Read | Rights.Write, out source, out status))
            return status;
        o->Counted |= touched != 0 ? PageTree.Accessed : 0;
        ulong pages = length / PhysicalMap.PageSize;
        ulong step = pages < AddressSpace.StepPages ? pages : AddressSpace.StepPages;
        ulong* entry = null;
        for (ulong i = 0; i < step; i++)
        {
            ulong from = sourceOffset / PhysicalMap.PageSize + i, to = offset / PhysicalMap.PageSize + i;
            ulong page = share ? source->PageAt(from) : 0;
            if (share && page == 0)
                return (long)KernelStatus.NotMapped;
            if (!(share ? MemoryObject.SharePage(source, page, o, to, ref entry) : MemoryObject.MovePage(source, from, o, to)))
            {
                Shootdown.Commit();
                return NoMemory;
            }
        }
        Shootdown.Commit();
        RegisterFrame* frame = Thread.FrameOf(thread);
        frame->R8 += step == pages ? 0 : step * PhysicalMap.PageSize;
        return Advance(frame, step * PhysicalMap.PageSize, length);
    }

    /// <summary>Nobody supplies pages any more: what is missing reads as zero, and the object ends at a length behind all its pages.</summary>
    public static long MemoryDetach(Thread* thread, ulong handle, ulong length)
    {
        if (!TryMemoryOf(thread, handle, Rights.Manage, out MemoryObject* o, out long status))
            return status;
        if (length != 0 && !IsPageRange(0, length, o->Length))
            return BadArgument;
        return o->Kind == MemoryKind.Paged && !o->Destroyed && o->Detach(length) ? Ok : BadState;
    }
}
