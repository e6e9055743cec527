using System.Threading;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>
/// The end of a process whose address space others go on using (vfork, CLONE_VM). No thread of it may be cut off in the middle of a critical section or a
/// request: a lock, the reader's role or a pool block would be lost for the others. So its threads go one by one, each at a point where it holds nothing, and
/// the last one tells the process server. See docs/decisions/deaths-at-safe-points.md.
/// </summary>
internal static unsafe class SharedEnd
{
    // The others are asked again this often: one that had just cleared its pending flag may have missed the first time.
    private const ulong AskAgainNanoseconds = 10_000_000;

    // A thread in an uninterruptible call of a server may take as long as that server does. Beyond this the process server ends it where it stands.
    private const ulong PatienceNanoseconds = 1_000_000_000;

    /// <summary>True if the calling thread must go through this before its process ends.</summary>
    public static bool IsNeeded(TaskState* task) => ControlCalls.HasServer(task) && Volatile.Read(ref task->Process->Space->Processes) > 1;

    /// <summary>
    /// Makes the calling thread the one that ends the process, and waits until the others are gone. Does not return in a thread that is not the first to come.
    /// </summary>
    public static void Run(TaskState* task, uint status)
    {
        ProcessState* process = task->Process;
        uint self = task->Slot + 1;
        uint ender = Interlocked.CompareExchange(ref process->Ender, self, 0);
        if (ender != 0 && ender != self)
            ThreadExit.Run(task, 0);
        process->ExitStatus = status;
        Volatile.Write(ref process->Exiting, 1);
        Interlocked.MemoryBarrier();
        ulong giveUp = Clock.Now + PatienceNanoseconds;
        while (true)
        {
            uint seen = Volatile.Read(ref process->Departures);
            if (!Ask(task) && ProcessTimers.Stop(process))
                break;
            ulong now = Clock.Now;
            if (now >= giveUp)
                break;
            KernelCalls.WordWait(&process->Departures, seen, now + AskAgainNanoseconds, WaitFlags.Uninterruptible);
        }
        SignalQueue.Drop(task);
        if ((process->Flags & ProcessFlags.Detached) != 0)
            Depart(task);
    }

    /// <summary>A thread that has left the list does its last work; counted under the task lock.</summary>
    public static void Arrive(ProcessState* process) => process->Leaving++;

    /// <summary>It holds nothing any more, and will take nothing.</summary>
    public static void Finish(ProcessState* process)
    {
        PersonalityLock.Enter(&process->TaskLock);
        process->Leaving--;
        PersonalityLock.Exit(&process->TaskLock);
        Announce(process);
    }

    /// <summary>Wakes the thread that ends the process.</summary>
    public static void Announce(ProcessState* process)
    {
        if (Volatile.Read(ref process->Ender) == 0)
            return;
        Interlocked.Increment(ref process->Departures);
        KernelCalls.WordWake(&process->Departures, 1);
    }

    /// <summary>Frees the state of those who departed and whose threads are gone. A slot that was used again meanwhile only delays it.</summary>
    public static void Collect(SpaceState* space)
    {
        ProcessState* process = (ProcessState*)Interlocked.Exchange(ref *(ulong*)&space->Departed, 0);
        while (process != null)
        {
            ProcessState* next = process->NextDeparted;
            if (KernelCalls.SlotInUse(process->Ender - 1) == 0)
                PersonalityHeap.Free(process);
            else
                Push(space, process);
            process = next;
        }
    }

    // True if another thread of the process is still there.
    private static bool Ask(TaskState* task)
    {
        ProcessState* process = task->Process;
        PersonalityLock.Enter(&process->TaskLock);
        bool any = process->TaskCount > 1 || process->Leaving != 0;
        for (TaskState* other = process->Tasks; other != null; other = other->Next)
        {
            if (other != task)
                KernelCalls.InterruptSlot(other->Slot);
        }
        PersonalityLock.Exit(&process->TaskLock);
        return any;
    }

    // What only this process used. Its state itself is needed until its thread is gone.
    private static void Depart(TaskState* task)
    {
        ProcessState* process = task->Process;
        SpaceState* space = process->Space;
        SharedProcess.ReleaseParts(process);
        Interlocked.Decrement(ref space->Processes);
        Push(space, process);
    }

    private static void Push(SpaceState* space, ProcessState* process)
    {
        ulong first;
        do
        {
            first = Volatile.Read(ref *(ulong*)&space->Departed);
            process->NextDeparted = (ProcessState*)first;
        }
        while (Interlocked.CompareExchange(ref *(ulong*)&space->Departed, (ulong)process, first) != first);
    }
}
