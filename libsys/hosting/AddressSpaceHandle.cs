using Libsys.Abi;

namespace Libsys.Hosting;

/// <summary>One region of an address space.</summary>
/// <param name="Start">First address.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Flags">Protection and behaviour.</param>
/// <param name="ObjectIdentity">Which memory object, 0 for anonymous private memory.</param>
/// <param name="Offset">Offset of Start in the object.</param>
/// <param name="Resident">Bytes that are in memory.</param>
/// <param name="Label">What who mapped the object has labelled it with, 0: nothing.</param>
public readonly record struct RegionState(ulong Start, ulong Length, MapFlags Flags, ulong ObjectIdentity, ulong Offset, ulong Resident, uint Label);

/// <summary>What a group of threads (or all of a space) has used. CPU times include ended threads.</summary>
/// <param name="Resident">Bytes of the space in memory.</param>
/// <param name="Mapped">Bytes mapped.</param>
/// <param name="UserNanoseconds">CPU time in programs and personality.</param>
/// <param name="SystemNanoseconds">CPU time in the kernel.</param>
/// <param name="Threads">Threads alive.</param>
/// <param name="MinorFaults">Faults that needed no I/O.</param>
/// <param name="Runnable">Threads that run or could.</param>
/// <param name="PeakCharged">The most bytes that the account which pays for the space has been charged.</param>
public readonly record struct SpaceUsage(ulong Resident, ulong Mapped, ulong UserNanoseconds, ulong SystemNanoseconds, uint Threads, ulong MinorFaults,
    uint Runnable, ulong PeakCharged);

/// <summary>An address space. "group" is the number that ThreadCreate recorded: the process id of a program's threads.</summary>
/// <param name="Index">Index in the own table.</param>
public readonly unsafe record struct AddressSpaceHandle(uint Index)
{
    /// <summary>The own address space.</summary>
    public static AddressSpaceHandle Self => new(WellKnownHandle.Self);

    /// <summary>As a handle of any type.</summary>
    public KernelHandle Handle => new(Index);

    /// <summary>Makes an empty space: the window's own regions only. Faults that nobody takes, and its death, become messages with this badge.</summary>
    public static KernelStatus TryCreate(AccountHandle account, EndpointHandle faults, ulong badge, out AddressSpaceHandle space)
    {
        KernelStatus status = Kernel.Handle(out uint handle, KernelCall.SpaceCreate, account.Index, faults.Index, badge);
        space = new AddressSpaceHandle(handle);
        return status;
    }

    /// <summary>Makes a copy: each region copied (copy-on-write), shared or left out as it says; no handles, no threads.</summary>
    public KernelStatus TryFork(AccountHandle account, EndpointHandle faults, ulong badge, out AddressSpaceHandle child)
    {
        KernelStatus status = Kernel.Handle(out uint handle, KernelCall.SpaceFork, Index, account.Index, faults.Index, badge);
        child = new AddressSpaceHandle(handle);
        return status;
    }

    /// <summary>Ends all threads and unmaps all.</summary>
    public KernelStatus Destroy() => Kernel.Status(KernelCall.SpaceDestroy, Index);

    /// <summary>Maps an object (or fresh private memory for no handle). The label is what <see cref="TryQuery"/> tells of it.</summary>
    public KernelStatus Map(ulong address, ulong length, MapFlags flags, MemoryObjectHandle memory = default, ulong offset = 0, uint label = 0) =>
        Kernel.Status(KernelCall.SpaceMap, Index, address, length, (ulong)flags | (ulong)label << 32, memory.Index, offset);

    /// <summary>Unmaps; holes are fine.</summary>
    public KernelStatus Unmap(ulong address, ulong length) => Kernel.Status(KernelCall.SpaceUnmap, Index, address, length);

    /// <summary>The region at <paramref name="address"/>, or the next one above; NotMapped if there is none.</summary>
    public KernelStatus TryQuery(ulong address, out RegionState region)
    {
        KernelStatus status = Kernel.Status(KernelCall.SpaceQuery, Index, address);
        Message* area = Kernel.MessageArea;
        region = status != KernelStatus.Ok
            ? default
            : new RegionState(
                area->Words[0], area->Words[1], (MapFlags)area->Words[2], area->Words[3], area->Words[4], area->Words[5], (uint)area->Words[6]);
        return status;
    }

    /// <summary>Highest address in the range where <paramref name="length"/> bytes are free.</summary>
    public KernelStatus TryFindGap(ulong length, ulong lowest, ulong highest, ulong alignment, out ulong address)
    {
        long result = Kernel.Call(KernelCall.SpaceFindGap, Index, length, lowest, highest, alignment);
        address = result < 0 ? 0 : (ulong)result;
        return result < 0 ? (KernelStatus)result : KernelStatus.Ok;
    }

    /// <summary>Installs a duplicate of an own handle in this space's table; index 0 lets the kernel choose.</summary>
    public KernelStatus TryInstall(uint index, KernelHandle handle, Rights rights, out uint installed) =>
        Kernel.Handle(out installed, KernelCall.HandleInstall, Index, index, handle.Index, (ulong)rights);

    /// <summary>Installs a caller's handle of an endpoint in this space's table, with a badge that the receiver can trust.</summary>
    public KernelStatus Install(uint index, EndpointHandle endpoint, ulong badge) =>
        Kernel.Status(KernelCall.EndpointInstall, Index, index, endpoint.Index, badge);

    /// <summary>
    /// Copies what another space has into pages of this one, at most <see cref="CallLimits.SpaceCopy"/> bytes; addresses and length are multiples of 8.
    /// </summary>
    public KernelStatus CopyFrom(ulong address, AddressSpaceHandle other, ulong source, ulong length) =>
        Kernel.Status(KernelCall.SpaceCopy, Index, address, other.Index, source, length);

    /// <summary>Makes the pages of a range that its space will write.</summary>
    public KernelStatus Populate(ulong address, ulong length) => Kernel.Status(KernelCall.SpacePopulate, Index, address, length);

    /// <summary>Starts a thread at <paramref name="entry"/>; priority 0 is the caller's.</summary>
    public KernelStatus TryCreateThread(uint slot, ulong entry, ulong argument, uint group, ThreadFlags flags, byte priority, out ThreadHandle thread)
    {
        KernelStatus status = Kernel.Handle(out uint handle, KernelCall.ThreadCreate, Index, slot, entry, argument, group, (ulong)flags | (ulong)priority << 8);
        thread = new ThreadHandle(handle);
        return status;
    }

    /// <summary>The same; nobody has a handle of the thread, which finds words in its message area.</summary>
    public KernelStatus StartThread(uint slot, ulong entry, ulong argument, uint group, in MessageWords words, byte priority)
    {
        Kernel.MessageArea->Words = words;
        return Kernel.Status(
            KernelCall.ThreadCreate, Index, slot, entry, argument, group,
            (ulong)(ThreadFlags.WithWords | ThreadFlags.WithoutHandle) | (ulong)priority << 8);
    }

    /// <summary>Interrupts all threads of the group.</summary>
    public KernelStatus Interrupt(uint group) => Kernel.Status(KernelCall.SpaceInterrupt, Index, group);

    /// <summary>Stops the group's threads, keeping their waits.</summary>
    public KernelStatus Suspend(uint group) => Kernel.Status(KernelCall.SpaceSuspend, Index, group);

    /// <summary>Lets the group's threads run again.</summary>
    public KernelStatus Resume(uint group) => Kernel.Status(KernelCall.SpaceResume, Index, group);

    /// <summary>Ends the group's threads.</summary>
    public KernelStatus Terminate(uint group) => Kernel.Status(KernelCall.SpaceTerminate, Index, group);

    /// <summary>
    /// Copies what is at an address of the space, resident or zero, without the space noticing: for crash reports. <paramref name="count"/> is smaller
    /// than asked where the rest is not there; at most <see cref="ThreadBlock.MessageLength"/> bytes a call.
    /// </summary>
    public KernelStatus TryRead(ulong address, Span<byte> bytes, out int count)
    {
        long result = Kernel.Call(KernelCall.SpaceRead, Index, address, (ulong)Math.Min(bytes.Length, ThreadBlock.MessageLength));
        count = result < 0 ? 0 : (int)result;
        Kernel.MessageBytes[..count].CopyTo(bytes);
        return result < 0 ? (KernelStatus)result : KernelStatus.Ok;
    }

    /// <summary>Registers of the thread in a slot, if it is suspended or waits (for a fault's verdict, say).</summary>
    public KernelStatus TryReadRegisters(uint slot, out RegisterFrame registers)
    {
        KernelStatus status = Kernel.Status(KernelCall.SpaceReadRegisters, Index, slot);
        registers = status == KernelStatus.Ok ? *(RegisterFrame*)Kernel.MessageArea : default;
        return status;
    }

    /// <summary>Registers of the program whose thread is in its personality, as the thread's block has them: the space can write there what it likes.</summary>
    public KernelStatus TryReadProgramRegisters(uint slot, out RegisterFrame registers)
    {
        registers = default;
        if (slot >= Window.ThreadSlots)
            return KernelStatus.BadArgument;
        RegisterFrame copy;
        KernelStatus status = TryRead(Window.ThreadBlockOf(slot), new Span<byte>(&copy, sizeof(RegisterFrame)), out int count);
        if (status == KernelStatus.Ok && count == sizeof(RegisterFrame))
            registers = copy;
        return status;
    }

    /// <summary>Memory and CPU time of the group (0: of all threads).</summary>
    public KernelStatus TryUsage(uint group, out SpaceUsage usage)
    {
        KernelStatus status = Kernel.Status(KernelCall.SpaceUsage, Index, group);
        Message* area = Kernel.MessageArea;
        usage = status != KernelStatus.Ok
            ? default
            : new SpaceUsage(area->Words[0], area->Words[1], area->Words[2], area->Words[3], (uint)area->Words[4], area->Words[5], (uint)area->Words[6],
                area->Words[7]);
        return status;
    }
}
