using System.Runtime.CompilerServices;
using Libsys.Abi;

namespace Microkernel;

// Waiting, waking, and what other threads do to a thread.
internal unsafe partial struct Thread
{
    /// <summary>
    /// Puts the current thread to sleep. False: the pending flag forbids it (Interrupted), and nothing has happened.
    /// The caller has put it on a queue or does so next.
    /// </summary>
    public static bool MaySleep(Thread* thread, WaitFlags flags) =>
        (flags & WaitFlags.Uninterruptible) != 0 || System.Threading.Volatile.Read(ref thread->Block->Pending) == 0;

    /// <summary>Marks the current thread waiting; it gives up its CPU when the kernel is left.</summary>
    public static void Sleep(Thread* thread, WaitKind kind, ulong deadline, WaitFlags flags)
    {
        thread->State = ThreadState.Waiting;
        thread->Wait = kind;
        thread->Uninterruptible = (flags & WaitFlags.Uninterruptible) != 0;
        if (deadline != ulong.MaxValue)
            Timer.Start(&thread->Timer, thread, Clock.ToTicks(deadline));
    }

    /// <summary>Takes a waiting thread out of whatever it waits in; it is not made ready.</summary>
    public static void Withdraw(Thread* thread)
    {
        if (thread->Wait == WaitKind.Words)
            WordQueues.Withdraw(thread);
        else
            LinkedList.Remove(&thread->Waiter.Place);
        // A caller is on no queue; its reply handle is stale from here on.
        if (thread->Wait == WaitKind.Reply)
            thread->CallSequence++;
        thread->Timer.WaitEnd = ulong.MaxValue;
        thread->Wait = WaitKind.None;
    }

    /// <summary>Ends the wait of a thread that is on no queue any more, with a result in rax. It is not made ready.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Release(Thread* thread, ulong result)
    {
        thread->Timer.WaitEnd = ulong.MaxValue;
        thread->Wait = WaitKind.None;
        FrameOf(thread)->Rax = result;
    }

    /// <summary>Ends a wait with a result in rax and makes the thread ready.</summary>
    public static void Wake(Thread* thread, long result)
    {
        Withdraw(thread);
        FrameOf(thread)->Rax = (ulong)result;
        Scheduler.MakeReady(thread);
    }

    /// <summary>Ends the wait of a thread whose message nobody will answer: a call returns PeerGone, a faulting thread ends.</summary>
    public static void PeerGone(Thread* thread)
    {
        if (thread->InFault)
        {
            Withdraw(thread);
            thread->InFault = false;
            End(thread, 0);
        }
        else
        {
            Wake(thread, (long)KernelStatus.PeerGone);
        }
    }

    /// <summary>Interrupts a thread: see ThreadBlock.Pending.</summary>
    public static void Interrupt(Thread* thread, bool forGroup = false)
    {
        if (thread->State == ThreadState.Ended)
            return;
        if (thread->State == ThreadState.Waiting && !thread->InFault)
        {
            // A kernel call is made inside the window.
            thread->Block->Pending |= forGroup ? 1 | ThreadBlock.PendingForGroup : 1;
            if (!thread->Uninterruptible)
                Wake(thread, (long)KernelStatus.Interrupted);
            return;
        }
        thread->Requests |= forGroup ? ThreadRequest.Interrupt | ThreadRequest.InterruptForGroup : ThreadRequest.Interrupt;
        if (thread->State == ThreadState.Running)
            Scheduler.Reconsider(thread->Cpu);
    }

    /// <summary>Interrupts a thread as one of its group.</summary>
    public static void InterruptForGroup(Thread* thread) => Interrupt(thread, forGroup: true);

    /// <summary>Suspends a thread, keeping its wait. True: it does not run any more.</summary>
    public static bool Suspend(Thread* thread)
    {
        thread->Requests |= ThreadRequest.Suspend;
        switch (thread->State)
        {
            case ThreadState.Ready:
                Scheduler.Unready(thread);
                thread->State = ThreadState.Stopped;
                return true;
            case ThreadState.Running:
                Scheduler.Reconsider(thread->Cpu);
                return false;
            default:
                return true;
        }
    }

    /// <summary>Lets a suspended thread go on.</summary>
    public static void Resume(Thread* thread)
    {
        thread->Requests &= ~ThreadRequest.Suspend;
        if (thread->State == ThreadState.Stopped)
            Scheduler.MakeReady(thread);
    }

    /// <summary>Ends a thread, or asks the CPU on which it runs to do so.</summary>
    public static void Terminate(Thread* thread)
    {
        if (thread->State == ThreadState.Ended)
            return;
        if (thread->State == ThreadState.Running)
        {
            thread->Requests |= ThreadRequest.Terminate;
            Scheduler.Reconsider(thread->Cpu);
            return;
        }
        if (thread->State == ThreadState.Waiting)
            Withdraw(thread);
        else if (thread->State == ThreadState.Ready)
            Scheduler.Unready(thread);
        End(thread, 0);
    }

    /// <summary>Ends a thread that is on no queue.</summary>
    public static void End(Thread* thread, ulong argument)
    {
        AddressSpace* space = thread->Space;
        Cpu* cpu = Microkernel.Cpu.Current;
        if (cpu->Thread == thread)
            Scheduler.Drop(cpu);
        thread->State = ThreadState.Ended;
        Timer.Stop(&thread->Timer);
        thread->CallSequence++;
        Unfinish(thread);
        if (thread->SpareReply != null)
            HandleTable.Close(space, thread->SpareReply);
        if (thread->ManyWaiters != 0)
        {
            FrameAllocator.Free(thread->ManyWaiters);
            thread->ManyWaiters = 0;
        }
        LinkedList.Remove(&thread->InSpace);
        space->ThreadCount--;
        space->SetSlot(thread->Slot, 0);
        space->EndedUser += thread->UserTime;
        space->EndedSystem += thread->SystemTime;
        space->LastExitArgument = argument;
        if (space->ThreadCount == 0)
            AddressSpace.TellDeath(space);
        // A handle of an ended thread must not keep its space.
        thread->Space = null;
        KernelObject.Release(&thread->Header);
        KernelObject.Release(&space->Header);
    }

    /// <summary>Gives up a half-made object of a restartable call.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unfinish(Thread* thread)
    {
        if (thread->Unfinished == null)
            return;
        KernelObject.Release(thread->Unfinished);
        thread->Unfinished = null;
    }

    /// <summary>
    /// Delivers an interrupt to a thread that is about to return to ring 3: in program code as an upcall, in the window as the sticky flag;
    /// inside the exit stub, back to its re-check.
    /// </summary>
    public static void DeliverInterrupt(Thread* thread)
    {
        bool forGroup = (thread->Requests & ThreadRequest.InterruptForGroup) != 0;
        thread->Requests &= ~(ThreadRequest.Interrupt | ThreadRequest.InterruptForGroup);
        if (forGroup)
            thread->Block->Pending |= ThreadBlock.PendingForGroup;
        RegisterFrame* frame = FrameOf(thread);
        if (frame->Rip < Window.Base)
        {
            Upcall.Enter(thread, EntryKind.Interrupted, 0);
            return;
        }
        thread->Block->Pending |= 1;
        PersonalityHeader* header = Personality.Header;
        if (frame->Rip >= header->ExitRecheck && frame->Rip < header->ExitEnd)
        {
            frame->Rip = header->ExitRecheck;
            frame->Rdi = thread->Fields.BlockAddress;
            frame->Rsp = thread->Fields.StackTop;
            frame->Vector = 1;
        }
    }
}
