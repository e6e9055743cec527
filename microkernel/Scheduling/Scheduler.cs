using System.Runtime.CompilerServices;
using Libsys.Abi;

namespace Microkernel;

/// <summary>
/// Which thread runs where. Ready threads wait in one queue a priority, shared by all CPUs; a thread runs until it waits, a higher priority
/// becomes ready, or its turn ends while an equal one is ready. The kernel itself is never preempted.
/// </summary>
internal static unsafe partial class Scheduler
{
    /// <summary>Priorities 0 (unused) to 31.</summary>
    public const uint Priorities = 32;
    /// <summary>What the first thread of the system has: leaves room for drivers above and batch work below.</summary>
    public const uint DefaultPriority = 16;
    /// <summary>Turn among equals. Long enough that switches cost nothing, short enough for 100 busy threads to look alive.</summary>
    public const ulong TurnNanoseconds = 10_000_000;

    private static LinkedList* queues;
    private static ulong readyMask, turnTicks;

    /// <summary>Takes room for the queues.</summary>
    public static void Initialize(void* page)
    {
        queues = (LinkedList*)page;
        turnTicks = Clock.TicksOf(TurnNanoseconds);
        spreadTicks = Clock.TicksOf(SpreadNanoseconds);
        spinTicks = Clock.TicksOf(SpinNanoseconds);
    }

    /// <summary>Makes a thread ready, and finds it a CPU: one that idles, or one that runs something of lower priority.</summary>
    public static void MakeReady(Thread* thread)
    {
        if ((thread->Requests & (ThreadRequest.Suspend | ThreadRequest.Terminate)) == ThreadRequest.Suspend)
        {
            thread->State = ThreadState.Stopped;
            return;
        }
        Enqueue(thread);
        Cpu* self = Cpu.Current;
        ulong idle = idleMask & ~wokenMask & thread->Affinity;
        if ((idle & self->Mask) != 0)
            return;
        if (self->Thread != null && self->Thread->State != ThreadState.Running && (thread->Affinity & self->Mask) != 0)
        {
            // This CPU looks for a thread as soon as it leaves the kernel.
            self->Reschedule = 1;
            return;
        }
        ulong spinning = idle & spinningMask;
        if (spinning != 0)
        {
            // Sees the queue that is not empty.
            ulong taker = spinning & (0 - spinning);
            spinningMask &= ~taker;
            wokenMask |= taker;
            return;
        }
        if (idle != 0 && self->Thread != null && (thread->Affinity & self->Mask) != 0)
        {
            if (thread->Priority > self->Thread->Priority)
                self->Reschedule = 1;
            else
                Spread(self);
            return;
        }
        if (idle != 0)
        {
            Cpu* target = thread->Cpu != null && (idle & thread->Cpu->Mask) != 0 ? thread->Cpu : Cpu.At(Machine.HighestBit(idle));
            WakeUp(target);
            return;
        }
        Cpu* lowest = null;
        for (uint i = 0; i < Cpu.Count; i++)
        {
            Cpu* cpu = Cpu.At(i);
            Thread* running = cpu->Thread;
            if ((thread->Affinity & cpu->Mask) == 0 || running == null || cpu->Reschedule != 0 || running->Priority >= thread->Priority)
                continue;
            if (lowest == null || running->Priority < lowest->Thread->Priority || (cpu == self && running->Priority == lowest->Thread->Priority))
                lowest = cpu;
        }
        if (lowest != null)
            Reconsider(lowest);
    }

    /// <summary>Makes a CPU that runs a thread pass through the kernel, where it sees requests and looks who deserves it.</summary>
    public static void Reconsider(Cpu* cpu)
    {
        cpu->Reschedule = 1;
        if (cpu != Cpu.Current)
            LocalApic.Send(cpu->ApicId, Vectors.Reschedule);
    }

    private static void Enqueue(Thread* thread)
    {
        thread->State = ThreadState.Ready;
        LinkedList.Append(queues + thread->Priority, &thread->Waiter.Place);
        readyMask |= 1ul << (int)thread->Priority;
        PublishedPage.Page->Runnable++;
        PublishedPage.Page->Ready++;
    }

    /// <summary>Takes a ready thread off its queue.</summary>
    public static void Unready(Thread* thread)
    {
        LinkedList.Remove(&thread->Waiter.Place);
        if (queues[thread->Priority].Head == null)
            readyMask &= ~(1ul << (int)thread->Priority);
        PublishedPage.Page->Runnable--;
        PublishedPage.Page->Ready--;
    }

    /// <summary>Changes a thread's priority wherever it is.</summary>
    public static void SetPriority(Thread* thread, uint priority)
    {
        if (thread->State != ThreadState.Ready)
        {
            thread->Priority = priority;
            if (thread->State == ThreadState.Running)
                Reconsider(thread->Cpu);
            return;
        }
        Unready(thread);
        thread->Priority = priority;
        MakeReady(thread);
    }

    /// <summary>Changes the CPUs that a thread may use wherever it is.</summary>
    public static void SetAffinity(Thread* thread, ulong mask)
    {
        thread->Affinity = mask;
        if (thread->State == ThreadState.Ready)
        {
            Unready(thread);
            MakeReady(thread);
        }
        else if (thread->State == ThreadState.Running && (mask & thread->Cpu->Mask) == 0)
        {
            Reconsider(thread->Cpu);
        }
    }

    // The best ready thread of at least a priority that may run on a CPU; stays on its queue.
    private static Thread* Best(Cpu* cpu, uint least)
    {
        ulong mask = readyMask;
        while (mask != 0)
        {
            uint priority = Machine.HighestBit(mask);
            if (priority < least)
                return null;
            for (Link* place = queues[priority].Head; place != null; place = place->Next)
                if ((((Thread*)place->Owner)->Affinity & cpu->Mask) != 0)
                    return (Thread*)place->Owner;
            mask &= ~(1ul << (int)priority);
        }
        return null;
    }

    /// <summary>True if a thread that has just been released may run here at once: nothing better is ready, and nothing else is to be done to it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool MayHandOver(Cpu* cpu, Thread* next) =>
        (next->Affinity & cpu->Mask) != 0 && readyMask >> (int)next->Priority <= 1 && next->Requests == ThreadRequest.None;

    /// <summary>The current thread waits and hands its CPU to one that it has just released, or makes that ready where the priorities say so.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void HandOver(Cpu* cpu, Thread* next)
    {
        if (MayHandOver(cpu, next))
            SwitchTo(cpu, next);
        else
            MakeReady(next);
    }

    /// <summary>True if <see cref="Leave"/> would do nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool MayStay(Cpu* cpu)
    {
        Thread* current = cpu->Thread;
        return current != null && current->State == ThreadState.Running && current->Requests == ThreadRequest.None && cpu->Reschedule == 0;
    }

    /// <summary>Last thing in every entry: carries out requests to the current thread and picks who runs. Returns with a running current thread.</summary>
    public static void Leave(Cpu* cpu)
    {
        while (true)
        {
            Thread* current = cpu->Thread;
            if (current != null && current->State == ThreadState.Running)
            {
                if (current->Requests != ThreadRequest.None)
                    CarryOut(current);
                if (current->State == ThreadState.Running)
                {
                    if (cpu->Reschedule == 0)
                        return;
                    cpu->Reschedule = 0;
                    bool turnOver = Machine.TimeStamp() >= cpu->TurnEnd;
                    if ((current->Affinity & cpu->Mask) == 0)
                    {
                        // Another CPU is to run it, and may have to be told.
                        PutAway(cpu);
                        MakeReady(current);
                        continue;
                    }
                    Thread* better = Best(cpu, current->Priority + (turnOver ? 0u : 1u));
                    if (better == null)
                    {
                        if (turnOver)
                        {
                            // A turn starts at the last accounting. Were that long ago, it would be over at once, and its timer interrupt the next
                            // thing to happen, again and again.
                            Clock.Account(cpu);
                            StartTurn(cpu);
                        }
                        return;
                    }
                    Enqueue(current);
                    Run(cpu, better);
                    continue;
                }
            }
            cpu->Reschedule = 0;
            Thread* next = Best(cpu, 0);
            if (next != null)
                Run(cpu, next);
            else
                Idle(cpu);
        }
    }

    // Takes a thread off its ready queue and starts its turn here.
    private static void Run(Cpu* cpu, Thread* thread)
    {
        Unready(thread);
        StopSpinning(cpu);
        SwitchTo(cpu, thread);
        StartTurn(cpu);
        Spread(cpu);
    }

    private static void CarryOut(Thread* thread)
    {
        if ((thread->Requests & ThreadRequest.Terminate) != 0)
        {
            Thread.End(thread, 0);
            return;
        }
        if ((thread->Requests & ThreadRequest.Interrupt) != 0)
            Thread.DeliverInterrupt(thread);
        if ((thread->Requests & ThreadRequest.Suspend) != 0)
            thread->State = ThreadState.Stopped;
    }

    /// <summary>Lets a CPU forget its current thread, which has ended or is saved.</summary>
    public static void Drop(Cpu* cpu)
    {
        Clock.Account(cpu);
        PublishedPage.Page->Runnable--;
        cpu->SetThread(null);
    }

    // Saves what the CPU's registers still hold of the current thread, for an idle CPU.
    private static void PutAway(Cpu* cpu)
    {
        if (cpu->Thread == null)
            return;
        Machine.SaveUserState(cpu->Thread, Features.XsaveMask);
        Drop(cpu);
    }

    /// <summary>
    /// Makes a thread, which is on no queue and not counted as runnable, the CPU's current one. The turn goes on: two threads that hand the CPU to and
    /// fro share one, or an equal third would never run.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SwitchTo(Cpu* cpu, Thread* next, WaitFlags flags = WaitFlags.None)
    {
        Thread* old = cpu->Thread;
        KernelPage* page = PublishedPage.Page;
        if (old != null)
        {
            // As many are runnable as before: one stops and one starts.
            Clock.Account(cpu);
            Machine.SwitchUserState(old, next, Features.XsaveMask, (flags & WaitFlags.VectorsUnused) != 0 ? 0 : 1u);
        }
        else
        {
            page->Runnable++;
            // The registers may still hold the thread's state: it ran here last and nobody else since.
            if (cpu->FpuOwner != next || next->Cpu != cpu)
                Machine.RestoreUserState(next, Features.XsaveMask);
        }
        cpu->FpuOwner = next;
        next->State = ThreadState.Running;
        next->Cpu = cpu;
        cpu->SetThread(next);
        page->ContextSwitches++;
        page->FreeFrames = FrameAllocator.FreeCount;
        AddressSpace* space = next->Space;
        if (cpu->LoadedSpace == space && cpu->StaleTranslations == 0)
            return;
        if (cpu->LoadedSpace != null)
            cpu->LoadedSpace->ActiveCpus &= ~cpu->Mask;
        space->ActiveCpus |= cpu->Mask;
        cpu->LoadedSpace = space;
        cpu->StaleTranslations = 0;
        Machine.WriteCr3(space->Root);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StartTurn(Cpu* cpu)
    {
        cpu->TurnEnd = cpu->AccountedTime + turnTicks;
        if (cpu->ArmedTime > cpu->TurnEnd + turnTicks)
            Timer.Arm(cpu, cpu->TurnEnd);
    }
}
