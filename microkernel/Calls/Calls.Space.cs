using Libsys.Abi;

namespace Microkernel;

// Address spaces: what is mapped.
internal static unsafe partial class Calls
{
    private const MapFlags Access = MapFlags.Read | MapFlags.Write | MapFlags.Execute;

    private static bool TrySpaceOf(Thread* thread, ulong handle, Rights needed, out AddressSpace* space, out long status)
    {
        if (!TryFind(thread, handle, ObjectType.AddressSpace, needed, out space, out status))
            return false;
        if (space->Dying)
            status = BadState;
        return !space->Dying;
    }

    // A range that a region may cover.
    private static bool IsUserRange(ulong address, ulong length) =>
        ((address | length) & PhysicalMap.PageMask) == 0 && length != 0 && address >= Window.Lowest && address < Window.Top && length <= Window.Top - address;

    // W^X: both only where a program asked for it in private memory.
    private static bool IsProtection(MapFlags flags) =>
        (flags & (MapFlags.Write | MapFlags.Execute)) != (MapFlags.Write | MapFlags.Execute) || (flags & MapFlags.WriteExecute) != 0;

    public static long SpaceCreate(Thread* thread, ulong accountHandle, ulong endpointHandle, ulong badge)
    {
        AddressSpace* space = NewSpace(thread, accountHandle, endpointHandle, badge, out long status);
        if (space == null)
            return status;
        if (space->MapWindow() != KernelStatus.Ok)
        {
            KernelObject.Release(&space->Header);
            return NoMemory;
        }
        return Give(thread, &space->Header, Rights.All, 0);
    }

    private static AddressSpace* NewSpace(Thread* thread, ulong accountHandle, ulong endpointHandle, ulong badge, out long status)
    {
        Account* account = (Account*)Find(thread, accountHandle, ObjectType.Account, Rights.Manage, out status);
        if (account == null)
            return null;
        Endpoint* endpoint = null;
        if (endpointHandle != 0)
        {
            endpoint = (Endpoint*)Find(thread, endpointHandle, ObjectType.Endpoint, Rights.Manage, out status);
            if (endpoint == null)
                return null;
        }
        AddressSpace* space = AddressSpace.Create(account, endpoint, badge);
        status = space == null ? NoMemory : Ok;
        return space;
    }

    /// <summary>Ends all threads and frees everything, in steps. The handle stays until closed.</summary>
    public static long SpaceDestroy(Thread* thread, ulong handle)
    {
        if (!TryFind(thread, handle, ObjectType.AddressSpace, Rights.Manage, out AddressSpace* space, out long status))
            return status;
        bool own = space == thread->Space;
        bool ended = space->EndThreads();
        if (own)
        {
            // The caller ends with it; what is left is freed when the last reference goes.
            return CallResult.Restart;
        }
        if (!ended)
            return CallResult.Restart;
        AddressSpace.TellDeath(space);
        return space->TeardownStep(AddressSpace.StepPages) ? Ok : CallResult.Restart;
    }

    public static long SpaceMap(Thread* thread, ulong handle, ulong address, ulong length, ulong flagBits, ulong objectHandle, ulong offset)
    {
        const MapFlags Known = MapFlags.Protection | MapFlags.Shared | MapFlags.Replace | MapFlags.ForkOmit | MapFlags.ForkWipe | MapFlags.GrowsDown
            | MapFlags.Uncached
            | MapFlags.NeverWrite | MapFlags.NeverExecute | MapFlags.MayRepeat;
        if (!TrySpaceOf(thread, handle, Rights.None, out AddressSpace* space, out long status))
            return status;
        Rights rights = HandleTable.Find(thread, handle)->Rights;
        MapFlags flags = (MapFlags)flagBits;
        uint limitOrLabel = (uint)(flagBits >> 32);
        bool grows = (flags & MapFlags.GrowsDown) != 0;
        if (!IsUserRange(address, length) || (flags & ~Known) != 0 || !IsProtection(flags) || (limitOrLabel != 0 && (grows || objectHandle == 0)))
            return BadArgument;
        bool manages = (rights & Rights.Manage) != 0;
        // In the window they may replace what is offered, and nothing is free to them.
        if (!manages && ((rights & Rights.Map) == 0 || objectHandle == 0 || grows
            || (address + length > Window.Vdso && space->CheckProtect(address, address + length, MapFlags.None) != KernelStatus.Ok)))
            return (long)KernelStatus.NoRight;
        MemoryObject* o = null;
        MapFlags limit = MapFlags.Protection;
        if ((flags & MapFlags.MayRepeat) != 0 && ((flags & MapFlags.Shared) == 0 || objectHandle == 0))
            return BadArgument;
        if (grows)
        {
            // The object argument is the length limit in bytes.
            if (objectHandle / PhysicalMap.PageSize > uint.MaxValue || (flags & MapFlags.Shared) != 0)
                return BadArgument;
            limitOrLabel = (uint)(objectHandle / PhysicalMap.PageSize);
        }
        else if (objectHandle != 0)
        {
            HandleEntry* entry = HandleTable.Find(thread, objectHandle, ObjectType.MemoryObject, Rights.Read, out status);
            if (entry == null)
                return status;
            o = (MemoryObject*)entry->Object;
            limit = LimitOf(entry->Rights, (flags & MapFlags.Shared) != 0);
            // A mapping may reach beyond the object's end; touching that faults. A private copy of a device register would have to be read.
            if ((offset & PhysicalMap.PageMask) != 0 || offset > MemoryObject.MaxLength - length
                || (o->Uncached && (flags & (MapFlags.Shared | MapFlags.MayRepeat)) != MapFlags.Shared))
                return BadArgument;
            if (o->Destroyed)
                return BadState;
        }
        else if ((flags & (MapFlags.Shared | MapFlags.Uncached)) != 0)
        {
            return BadArgument;
        }
        if ((flags & MapFlags.NeverWrite) != 0)
            limit &= ~(MapFlags.Write | MapFlags.WriteExecute);
        if ((flags & MapFlags.NeverExecute) != 0)
            limit &= ~(MapFlags.Execute | MapFlags.WriteExecute);
        if ((flags & MapFlags.Protection & ~limit) != 0)
            return (flags & MapFlags.WriteExecute) != 0 && (flags & MapFlags.Shared) != 0 ? BadArgument : (long)KernelStatus.NoRight;
        if (!space->IsFree(address, address + length))
        {
            if ((flags & MapFlags.Replace) == 0 || space->TouchesFixed(address, address + length) || (!manages && !space->IsOffered(address, address + length)))
                return (long)KernelStatus.Occupied;
            // Room for the new region comes with the regions that go.
            ulong reached = space->UnmapStep(address, address + length);
            if (reached == 0)
                return NoMemory;
            if (reached < address + length)
                return CallResult.Restart;
        }
        return (long)space->Map(address, address + length, flags, limit, o, offset, limitOrLabel, false);
    }

    // What a handle's rights allow; private writes go to copies, so reading suffices.
    private static MapFlags LimitOf(Rights rights, bool shared)
    {
        MapFlags limit = MapFlags.Read;
        if (!shared || (rights & Rights.Write) != 0)
            limit |= MapFlags.Write;
        if ((rights & Rights.Execute) != 0)
            limit |= MapFlags.Execute;
        if (!shared)
            limit |= MapFlags.WriteExecute;
        return limit;
    }

    // Checks the arguments that unmap, protect, discard and populate share.
    private static bool TryRangeOf(Thread* thread, ulong handle, ulong address, ulong length, out AddressSpace* space, out long status)
    {
        if (!TrySpaceOf(thread, handle, Rights.Manage, out space, out status))
            return false;
        if (IsUserRange(address, length))
            return true;
        status = BadArgument;
        return false;
    }

    /// <summary>Unmaps a range, in steps that advance the arguments.</summary>
    public static long SpaceUnmap(Thread* thread, ulong handle, ulong address, ulong length)
    {
        if (!TryRangeOf(thread, handle, address, length, out AddressSpace* space, out long status))
            return status;
        if (space->TouchesFixed(address, address + length))
            return BadArgument;
        ulong reached = space->UnmapStep(address, address + length);
        return reached == 0 ? NoMemory : Advance(Thread.FrameOf(thread), reached - address, length);
    }

    /// <summary>Changes the protection of a range without holes, in steps that advance the arguments.</summary>
    public static long SpaceProtect(Thread* thread, ulong handle, ulong address, ulong length, ulong flagBits)
    {
        if (!TryRangeOf(thread, handle, address, length, out AddressSpace* space, out long status))
            return status;
        MapFlags protection = (MapFlags)flagBits;
        if ((flagBits & ~(ulong)MapFlags.Protection) != 0 || !IsProtection(protection))
            return BadArgument;
        status = (long)space->CheckProtect(address, address + length, protection);
        if (status != Ok)
            return status;
        ulong end = address + length, reached = address;
        if (!space->PrepareProtect(address, end, protection))
            return NoMemory;
        for (int steps = 0; steps < 8 && reached < end; steps++)
        {
            ulong next = space->ProtectStep(reached, end, protection);
            if (next == 0)
                return NoMemory;
            reached = next;
        }
        return Advance(Thread.FrameOf(thread), reached - address, length);
    }

    /// <summary>Lets holders of <see cref="Rights.Map"/> replace what a range holds, or not any more; in steps that advance the arguments.</summary>
    public static long SpaceOffer(Thread* thread, ulong handle, ulong address, ulong length, ulong offered)
    {
        if (!TryRangeOf(thread, handle, address, length, out AddressSpace* space, out long status))
            return status;
        if (offered > 1 || space->TouchesFixed(address, address + length))
            return BadArgument;
        ulong reached = space->OfferStep(address, address + length, offered != 0);
        return reached == 0 ? NoMemory : Advance(Thread.FrameOf(thread), reached - address, length);
    }

    /// <summary>Maps once more what a mapping of the space shows. Whose object it is, and by which right it was mapped, does not matter.</summary>
    public static long SpaceRepeat(Thread* thread, ulong handle, ulong address, ulong length, ulong flagBits, ulong from)
    {
        const MapFlags Known = MapFlags.Protection | MapFlags.Shared | MapFlags.ForkOmit;
        if (!TryRangeOf(thread, handle, address, length, out AddressSpace* space, out long status))
            return status;
        MapFlags flags = (MapFlags)flagBits;
        if ((flagBits & ~(ulong)Known) != 0 || !IsProtection(flags) || !IsUserRange(from, length))
            return BadArgument;
        Region* source = space->Find(from);
        if (source == null || source->Start > from || source->End - from < length || (source->Flags & MapFlags.MayRepeat) == 0)
            return (long)KernelStatus.NotMapped;
        bool shared = (flags & MapFlags.Shared) != 0;
        MapFlags limit = source->Limit;
        if (!shared)
            limit |= (limit & MapFlags.Execute) == 0 ? MapFlags.Write : MapFlags.Write | MapFlags.WriteExecute;
        if ((flags & MapFlags.Protection & ~limit) != 0)
            return (long)KernelStatus.NoRight;
        if (source->Object->Destroyed)
            return BadState;
        if (!space->IsFree(address, address + length))
            return (long)KernelStatus.Occupied;
        uint label = shared ? source->LimitOrLabel : 0;
        return (long)space->Map(address, address + length, flags, limit, source->Object, source->Offset + (from - source->Start), label, false);
    }

    public static long SpaceQuery(Thread* thread, ulong handle, ulong address)
    {
        if (!TrySpaceOf(thread, handle, Rights.Read, out AddressSpace* space, out long status))
            return status;
        Region* region = space->Find(address);
        if (region == null)
            return (long)KernelStatus.NotMapped;
        ulong* words = Words(thread);
        words[0] = region->Start;
        words[1] = region->End - region->Start;
        words[2] = (ulong)(region->Flags & ~MapFlags.Offered);
        words[3] = region->Object == null ? 0 : region->Object->Identity;
        words[4] = region->Offset;
        words[5] = space->CountResident(region->Start, region->End) * PhysicalMap.PageSize;
        words[6] = region->Object == null ? 0 : region->LimitOrLabel;
        return (long)region->Start;
    }

    public static long SpaceFindGap(Thread* thread, ulong handle, ulong length, ulong lowest, ulong highest, ulong alignment)
    {
        if (!TrySpaceOf(thread, handle, Rights.Read, out AddressSpace* space, out long status))
            return status;
        if (lowest < Window.Lowest)
            lowest = Window.Lowest;
        if (highest > Window.Top)
            highest = Window.Top;
        if (alignment < PhysicalMap.PageSize)
            alignment = PhysicalMap.PageSize;
        if (((length | lowest | highest) & PhysicalMap.PageMask) != 0 || length == 0 || (alignment & (alignment - 1)) != 0)
            return BadArgument;
        if (highest <= lowest || highest - lowest < length)
            return NoMemory;
        ulong address = space->FindGap(length, lowest, highest, alignment);
        return address == 0 ? NoMemory : (long)address;
    }

    /// <summary>Moves a range of one region, in steps that advance the arguments, or has no effect.</summary>
    public static long SpaceMove(Thread* thread, ulong handle, ulong address, ulong length, ulong target, ulong keeps)
    {
        if (!TryRangeOf(thread, handle, address, length, out AddressSpace* space, out long status))
            return status;
        if (!IsUserRange(target, length) || keeps > 1 || (address < target + length && target < address + length))
            return BadArgument;
        if (space->TouchesFixed(address, address + length))
            return BadArgument;
        if (!space->IsFree(target, target + length))
            return (long)KernelStatus.Occupied;
        // One step has no effect when it lacks memory. More of them get beforehand what they may lack: an object that hangs at the thread has it.
        MemoryObject* reserve = (MemoryObject*)thread->Unfinished;
        Region* region = space->Find(address);
        if (reserve == null && (region == null || region->Start > address || region->End < address + length))
            return (long)KernelStatus.NotMapped;
        if (reserve == null && length > AddressSpace.StepPages * PhysicalMap.PageSize)
        {
            reserve = MemoryObject.Create(space->Header.Account, MemoryKind.Anonymous, MemoryObject.MaxLength);
            if (reserve == null)
                return NoMemory;
            thread->Unfinished = &reserve->Header;
            thread->UnfinishedPosition = address;
        }
        if (reserve != null && thread->UnfinishedPosition != ulong.MaxValue)
        {
            thread->UnfinishedPosition = space->ReserveStep(reserve, thread->UnfinishedPosition, address + length, target - address);
            return thread->UnfinishedPosition == 0 ? NoMemory : CallResult.Restart;
        }
        ulong moved;
        while ((moved = space->MoveStep(address, address + length, target, keeps != 0)) == 0 && reserve != null && reserve->Committed != 0)
            reserve->DropPages(reserve->Committed - 1, reserve->Committed, 1, out _);
        if (moved == 0)
            return NoMemory;
        if (moved < length)
            Thread.FrameOf(thread)->R10 += moved;
        return Advance(Thread.FrameOf(thread), moved, length);
    }

    /// <summary>Frees private pages of a range, in steps that advance the arguments.</summary>
    public static long SpaceDiscard(Thread* thread, ulong handle, ulong address, ulong length)
    {
        if (!TryRangeOf(thread, handle, address, length, out AddressSpace* space, out long status))
            return status;
        // Thread blocks are the kernel's to free.
        if (address < Window.ThreadBlocks + Window.ThreadSlots * PhysicalMap.PageSize && address + length > Window.ThreadBlocks)
            return BadArgument;
        ulong reached = space->DiscardStep(address, address + length);
        return Advance(Thread.FrameOf(thread), reached - address, length);
    }

    /// <summary>Touches pages for writing, in steps that advance the arguments.</summary>
    public static long SpacePopulate(Thread* thread, ulong handle, ulong address, ulong length)
    {
        if (!TryRangeOf(thread, handle, address, length, out AddressSpace* space, out long status))
            return status;
        ulong done = 0;
        for (uint budget = AddressSpace.StepPages; done < length && budget != 0; budget--, done += PhysicalMap.PageSize)
        {
            ulong* entry = space->EntryOf(address + done);
            if (entry != null && (*entry & (PageTree.User | PageTree.Writable)) == (PageTree.User | PageTree.Writable))
                continue;
            ulong rest = (length - done) / PhysicalMap.PageSize;
            switch (PageFault.Resolve(space, address + done, PageFault.Write | (rest < budget ? rest : budget) << PageFault.Count, out _))
            {
                case FaultResult.Resolved:
                    break;
                case FaultResult.NoMemory:
                    return NoMemory;
                case FaultResult.Missing:
                    return BadState;
                default:
                    return (long)KernelStatus.NotMapped;
            }
        }
        return Advance(Thread.FrameOf(thread), done, length);
    }

    public static long SpaceRead(Thread* thread, ulong handle, ulong address, ulong length)
    {
        if (!TrySpaceOf(thread, handle, Rights.Manage, out AddressSpace* space, out long status))
            return status;
        if (length > ThreadBlock.MessageLength)
            return BadArgument;
        byte* to = (byte*)Words(thread);
        ulong done = 0;
        while (done < length && PageFault.Peek(space, address + done, out byte* page))
        {
            ulong offset = (address + done) & PhysicalMap.PageMask;
            for (; done < length && offset < PhysicalMap.PageSize; offset++)
                to[done++] = page == null ? (byte)0 : page[offset];
        }
        return done == 0 && length != 0 ? (long)KernelStatus.NotMapped : (long)done;
    }

    /// <summary>Copies from one space into another.</summary>
    public static long SpaceCopy(Thread* thread, ulong handle, ulong address, ulong sourceHandle, ulong source, ulong length)
    {
        if (!TrySpaceOf(thread, handle, Rights.Manage, out AddressSpace* space, out long status)
            || !TrySpaceOf(thread, sourceHandle, Rights.Manage, out AddressSpace* from, out status))
            return status;
        if (((address | source | length) & (sizeof(ulong) - 1)) != 0 || length > CallLimits.SpaceCopy)
            return BadArgument;
        for (ulong part; length != 0; address += part, source += part, length -= part)
        {
            // As far as both pages go.
            part = PhysicalMap.PageSize - (address & PhysicalMap.PageMask);
            ulong rest = PhysicalMap.PageSize - (source & PhysicalMap.PageMask);
            part = part < rest ? part : rest;
            part = part < length ? part : length;
            // The target first: this can change what the other space has at the same place.
            ulong to = PageFault.PhysicalOf(space, address, true);
            if (to == 0)
                return PageFault.Resolve(space, address, PageFault.Write, out _) == FaultResult.NoMemory ? NoMemory : (long)KernelStatus.NotMapped;
            if (!PageFault.Peek(from, source, out byte* page))
                return (long)KernelStatus.NotMapped;
            if (page == null)
                Machine.ZeroWords(PhysicalMap.At(to), part);
            else
                Machine.CopyWords(PhysicalMap.At(to), page + (source & PhysicalMap.PageMask), part);
        }
        return Ok;
    }

    /// <summary>Duplicates a space, in steps; the half-made child hangs at the thread.</summary>
    public static long SpaceFork(Thread* thread, ulong handle, ulong accountHandle, ulong endpointHandle, ulong badge)
    {
        if (!TrySpaceOf(thread, handle, Rights.Read | Rights.Manage, out AddressSpace* space, out long status))
            return status;
        AddressSpace* child = (AddressSpace*)thread->Unfinished;
        if (child == null)
        {
            child = NewSpace(thread, accountHandle, endpointHandle, badge, out status);
            if (child == null)
                return status;
            thread->Unfinished = &child->Header;
            thread->UnfinishedPosition = 0;
        }
        thread->UnfinishedPosition = space->ForkStep(child, thread->UnfinishedPosition);
        if (thread->UnfinishedPosition == 0)
            return NoMemory;
        if (thread->UnfinishedPosition != ulong.MaxValue)
            return CallResult.Restart;
        thread->Unfinished = null;
        return Give(thread, &child->Header, Rights.All, 0);
    }

    public static long SpaceUsage(Thread* thread, ulong handle, ulong group)
    {
        if (!TryFind(thread, handle, ObjectType.AddressSpace, Rights.Read, out AddressSpace* space, out long status))
            return status;
        if (thread->Space == space)
            Clock.Account(Cpu.Current);
        ulong user = group == 0 ? space->EndedUser : 0, system = group == 0 ? space->EndedSystem : 0, threads = 0, runnable = 0;
        for (Link* link = space->Threads.Head; link != null; link = link->Next)
        {
            Thread* other = (Thread*)link->Owner;
            if (!IsInGroup(other, group))
                continue;
            user += other->UserTime;
            system += other->SystemTime;
            threads++;
            runnable += other->State is ThreadState.Running or ThreadState.Ready ? 1u : 0;
        }
        // The kernel's own regions are a few at the top of the window.
        ulong own = 0;
        for (Region* region = space->Find(Window.Vdso); region != null; region = region->Next0)
            own += region->Fixed ? region->End - region->Start : 0;
        ulong* words = Words(thread);
        words[0] = space->ResidentPages * PhysicalMap.PageSize;
        words[1] = space->MappedBytes - own;
        words[2] = Clock.NanosecondsOf(user);
        words[3] = Clock.NanosecondsOf(system);
        words[4] = threads;
        words[5] = space->MinorFaults;
        words[6] = runnable;
        words[7] = space->Header.Account->Frames.Peak * PhysicalMap.PageSize;
        return Ok;
    }
}
