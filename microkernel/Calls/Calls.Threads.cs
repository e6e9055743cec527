using Libsys.Abi;

namespace Microkernel;

// Threads, and groups of threads of a space.
internal static unsafe partial class Calls
{
    private const Rights ThreadRights = Rights.Read | Rights.Manage | Rights.Duplicate;

    private static bool TryThreadOf(Thread* thread, ulong handle, Rights needed, out Thread* other, out long status)
    {
        if (!TryFind(thread, handle, ObjectType.Thread, needed, out other, out status))
            return false;
        if (other->State == ThreadState.Ended)
            status = BadState;
        return other->State != ThreadState.Ended;
    }

    public static long ThreadReserve(Thread* thread, ulong handle)
    {
        if (!TrySpaceOf(thread, handle, Rights.Manage, out AddressSpace* space, out long status))
            return status;
        long slot = space->FindFreeSlot();
        if (slot < 0)
            return (long)KernelStatus.NoHandle;
        return space->SetSlot((uint)slot, AddressSpace.ReservedSlot) ? slot : NoMemory;
    }

    public static long ThreadRelease(Thread* thread, ulong handle, ulong slot)
    {
        if (!TrySpaceOf(thread, handle, Rights.Manage, out AddressSpace* space, out long status))
            return status;
        if (slot >= Window.ThreadSlots)
            return BadArgument;
        if (space->SlotAt((uint)slot) != AddressSpace.ReservedSlot)
            return BadState;
        space->SetSlot((uint)slot, 0);
        return Ok;
    }

    public static long ThreadCreate(Thread* thread, ulong handle, ulong slot, ulong entry, ulong argument, ulong group, ulong flagBits)
    {
        if (!TrySpaceOf(thread, handle, Rights.Manage, out AddressSpace* space, out long status))
            return status;
        uint priority = (uint)(flagBits >> 8) & 0xff;
        if (slot >= Window.ThreadSlots || entry >= Window.Top || group > uint.MaxValue || (flagBits & ~0xff07ul) != 0 || priority >= Scheduler.Priorities)
            return BadArgument;
        if (space->SlotAt((uint)slot) > AddressSpace.ReservedSlot)
            return (long)KernelStatus.Occupied;
        if (handle == WellKnownHandle.Self)
            group = thread->Group;
        if (priority == 0)
            priority = thread->Priority;
        if (priority > space->Header.Account->PriorityCap)
            priority = space->Header.Account->PriorityCap;
        if (!space->SetSlot((uint)slot, space->SlotAt((uint)slot)))
            return NoMemory;
        Thread* made = Thread.Create(space, (uint)slot, entry, argument, (uint)group, priority);
        if (made == null)
            return NoMemory;
        long result = (flagBits & (ulong)ThreadFlags.WithoutHandle) != 0 ? Ok
            : HandleTable.Install(thread->Space, 0, &made->Header, ObjectType.Thread, ThreadRights, 0);
        if (result < 0)
        {
            KernelObject.Release(&made->Header);
            return result;
        }
        if ((flagBits & (ulong)ThreadFlags.WithWords) != 0)
            FastPath.CopyWords(&thread->Block->Message, &made->Block->Message);
        Thread.Join(made);
        if ((flagBits & (ulong)ThreadFlags.Suspended) != 0)
            made->Requests |= ThreadRequest.Suspend;
        else
            Scheduler.MakeReady(made);
        return result;
    }

    /// <summary>Ends the caller, then clears a word and wakes one waiter there.</summary>
    public static long ThreadExit(Thread* thread, ulong argument, ulong word)
    {
        AddressSpace* space = thread->Space;
        ulong keyObject = 0, keyOffset = 0;
        bool found = false;
        if (word != 0 && WordQueues.KeyOf(space, word, out keyObject, out keyOffset))
        {
            ulong physical = PageFault.PhysicalOf(space, word, true);
            if (physical != 0)
            {
                System.Threading.Volatile.Write(ref *(uint*)PhysicalMap.At(physical), 0);
                found = true;
            }
        }
        // The space may go with its last thread, but not before the reference of this call.
        space->Header.Acquire();
        Thread.End(thread, argument);
        if (found)
            WordQueues.Wake(keyObject, keyOffset, 1, uint.MaxValue);
        KernelObject.Release(&space->Header);
        return CallResult.Blocked;
    }

    public static long ThreadSuspend(Thread* thread, ulong handle)
    {
        if (!TryThreadOf(thread, handle, Rights.Manage, out Thread* other, out long status))
            return status;
        return Thread.Suspend(other) || other == thread ? Ok : CallResult.Restart;
    }

    public static long ThreadResume(Thread* thread, ulong handle)
    {
        if (TryThreadOf(thread, handle, Rights.Manage, out Thread* other, out long status))
            Thread.Resume(other);
        return status;
    }

    public static long ThreadInterrupt(Thread* thread, ulong handle)
    {
        if (TryThreadOf(thread, handle, Rights.Manage, out Thread* other, out long status))
            Thread.Interrupt(other);
        return status;
    }

    public static long ThreadInterruptSlot(Thread* thread, ulong slot)
    {
        ulong held = slot < Window.ThreadSlots ? thread->Space->SlotAt((uint)slot) : 0;
        if (held <= AddressSpace.ReservedSlot)
            return BadArgument;
        Thread.Interrupt((Thread*)held);
        return Ok;
    }

    public static long ThreadSlotInUse(Thread* thread, ulong slot) =>
        slot < Window.ThreadSlots ? (thread->Space->SlotAt((uint)slot) > AddressSpace.ReservedSlot ? 1 : 0) : BadArgument;

    private static bool IsStopped(Thread* thread) =>
        (thread->Requests & ThreadRequest.Suspend) != 0 && thread->State is ThreadState.Stopped or ThreadState.Waiting;

    public static long ThreadReadRegisters(Thread* thread, ulong handle)
    {
        if (!TryThreadOf(thread, handle, Rights.Read, out Thread* other, out long status))
            return status;
        return IsStopped(other) ? CopyRegisters(thread, other) : BadState;
    }

    private static long CopyRegisters(Thread* thread, Thread* other)
    {
        Machine.CopyWords(Words(thread), Thread.FrameOf(other), (ulong)sizeof(RegisterFrame));
        return Ok;
    }

    public static long SpaceReadRegisters(Thread* thread, ulong handle, ulong slot)
    {
        if (!TrySpaceOf(thread, handle, Rights.Manage, out AddressSpace* space, out long status))
            return status;
        if (slot >= Window.ThreadSlots)
            return BadArgument;
        ulong held = space->SlotAt((uint)slot);
        return held > AddressSpace.ReservedSlot && ((Thread*)held)->State is ThreadState.Stopped or ThreadState.Waiting ? CopyRegisters(thread, (Thread*)held)
            : BadState;
    }

    /// <summary>Sets registers of a stopped thread. Segments, the fixed flags and addresses outside user space are not taken.</summary>
    public static long ThreadWriteRegisters(Thread* thread, ulong handle)
    {
        if (!TryThreadOf(thread, handle, Rights.Manage, out Thread* other, out long status))
            return status;
        if (!IsStopped(other) || other->State == ThreadState.Waiting)
            return BadState;
        RegisterFrame* from = (RegisterFrame*)Words(thread);
        ulong rip = System.Threading.Volatile.Read(ref from->Rip), rsp = System.Threading.Volatile.Read(ref from->Rsp);
        if (rip >= Window.Top || rsp >= 1ul << 47)
            return BadArgument;
        Thread.Unfinish(other);
        RegisterFrame* to = Thread.FrameOf(other);
        ulong cs = to->Cs, ss = to->Ss;
        Machine.CopyWords(to, from, (ulong)sizeof(RegisterFrame));
        to->Cs = cs;
        to->Ss = ss;
        to->Rip = rip;
        to->Rsp = rsp;
        to->Rflags = (to->Rflags & UserFlags.Settable) | UserFlags.Initial;
        to->Vector = 1;
        return Ok;
    }

    public static long ThreadSetPriority(Thread* thread, ulong handle, ulong priority)
    {
        if (!TryThreadOf(thread, handle, Rights.Manage, out Thread* other, out long status))
            return status;
        if (priority == 0 || priority >= Scheduler.Priorities || priority > other->Space->Header.Account->PriorityCap)
            return BadArgument;
        Scheduler.SetPriority(other, (uint)priority);
        return Ok;
    }

    public static long ThreadSetAffinity(Thread* thread, ulong handle, ulong mask)
    {
        if (!TryThreadOf(thread, handle, Rights.Manage, out Thread* other, out long status))
            return status;
        if ((mask & (Cpu.Count == 64 ? ulong.MaxValue : (1ul << (int)Cpu.Count) - 1)) == 0)
            return BadArgument;
        Scheduler.SetAffinity(other, mask);
        return Ok;
    }

    /// <summary>Ends the caller's turn, so that its equals run.</summary>
    public static long ThreadYield(Cpu* cpu)
    {
        cpu->TurnEnd = 0;
        cpu->Reschedule = 1;
        return Ok;
    }

    public static long ThreadUsage(Thread* thread, ulong handle)
    {
        if (!TryFind(thread, handle, ObjectType.Thread, Rights.Read, out Thread* other, out long status))
            return status;
        if (other == thread)
            Clock.Account(Cpu.Current);
        ulong* words = Words(thread);
        words[0] = Clock.NanosecondsOf(other->UserTime);
        words[1] = Clock.NanosecondsOf(other->SystemTime);
        words[2] = (ulong)other->State;
        words[3] = other->Cpu == null ? 0 : other->Cpu->Index;
        return Ok;
    }

    private static bool IsInGroup(Thread* thread, ulong group) => group == 0 || thread->Group == group;

    // Does something to each thread of a group; 0 is all. What is done may end the thread.
    private static long ForGroup(Thread* thread, ulong handle, ulong group, delegate*<Thread*, void> action)
    {
        if (!TrySpaceOf(thread, handle, Rights.Manage, out AddressSpace* space, out long status))
            return status;
        for (Link* link = space->Threads.Head; link != null;)
        {
            Link* next = link->Next;
            if (IsInGroup((Thread*)link->Owner, group))
                action((Thread*)link->Owner);
            link = next;
        }
        return Ok;
    }

    public static long SpaceInterrupt(Thread* thread, ulong handle, ulong group) => ForGroup(thread, handle, group, &Thread.InterruptForGroup);

    public static long SpaceResume(Thread* thread, ulong handle, ulong group) => ForGroup(thread, handle, group, &Thread.Resume);

    public static long SpaceTerminate(Thread* thread, ulong handle, ulong group) => ForGroup(thread, handle, group, &Thread.Terminate);

    /// <summary>Returns when all of the group has stopped (but the caller, which stops as it returns).</summary>
    public static long SpaceSuspend(Thread* thread, ulong handle, ulong group)
    {
        if (!TrySpaceOf(thread, handle, Rights.Manage, out AddressSpace* space, out long status))
            return status;
        bool stopped = true, own = false;
        for (Link* link = space->Threads.Head; link != null; link = link->Next)
        {
            Thread* other = (Thread*)link->Owner;
            if (!IsInGroup(other, group))
                continue;
            if (other == thread)
                own = true;
            else
                stopped &= Thread.Suspend(other);
        }
        if (!stopped)
            return CallResult.Restart;
        if (own)
            Thread.Suspend(thread);
        return Ok;
    }
}
