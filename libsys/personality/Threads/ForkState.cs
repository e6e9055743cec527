namespace Libsys.Personality;

/// <summary>
/// A fork copies the personality's heap while other threads may be in the middle of changing it. So the forking thread takes every lock first, in the order of
/// <see cref="PersonalityLock"/>; the copy is then whole, and the child, where no other thread lives, frees its copies of the locks.
/// Nothing may be allocated while the locks are held.
/// </summary>
internal static unsafe class ForkState
{
    /// <summary>
    /// Takes all locks but that of the descriptor table, which the files part takes between the map lock and this: it calls <see cref="EnterMap"/> first.
    /// </summary>
    public static void EnterLocks(TaskState* task)
    {
        ProcessState* process = task->Process;
        PersonalityLock.Enter(&process->Actions->Lock);
        PersonalityLock.Enter(&process->TaskLock);
        PersonalityLock.Enter(&process->SignalLock);
        if (process->Timers != null)
            PersonalityLock.Enter(&process->Timers->Lock);
        PersonalityLock.Enter(&process->Space->HeapLock);
        if (process->Space->Random != null)
            PersonalityLock.Enter(&process->Space->Random->Lock);
        PersonalityHeap.EnterLock();
    }

    /// <summary>Takes the map lock, the first in the order.</summary>
    public static void EnterMap(TaskState* task) => PersonalityLock.Enter(&task->Process->Space->MapLock);

    /// <summary>In the parent, after the fork: gives all back, the map lock too.</summary>
    public static void ExitLocks(TaskState* task)
    {
        ProcessState* process = task->Process;
        PersonalityHeap.ExitLock();
        if (process->Space->Random != null)
            PersonalityLock.Exit(&process->Space->Random->Lock);
        PersonalityLock.Exit(&process->Space->HeapLock);
        if (process->Timers != null)
            PersonalityLock.Exit(&process->Timers->Lock);
        PersonalityLock.Exit(&process->SignalLock);
        PersonalityLock.Exit(&process->TaskLock);
        PersonalityLock.Exit(&process->Actions->Lock);
        PersonalityLock.Exit(&process->Space->MapLock);
    }

    /// <summary>In the child: free locks, one thread, no pending signals, no timers (fork(2)).</summary>
    public static void BecomeChild(TaskState* task)
    {
        ProcessState* process = task->Process;
        PersonalityHeap.ResetLock();
        if (process->Space->Random != null)
            RandomGenerator.AfterFork(process->Space->Random);
        PersonalityLock.Reset(&process->Space->HeapLock);
        PersonalityLock.Reset(&process->SignalLock);
        PersonalityLock.Reset(&process->TaskLock);
        PersonalityLock.Reset(&process->Actions->Lock);
        PersonalityLock.Reset(&process->Space->MapLock);
        FutexWaiters.Forget(process->Space);
        process->Actions->References = 1;
        process->Space->Processes = 1;
        process->Tasks = task;
        task->Next = null;
        process->TaskCount = 1;
        process->Exiting = 0;
        process->ThreadIdsLeft = 0;
        process->ServerPending = 0;
        process->IdsPlace = 0;
        process->IsUnknown = 0;
        // Another thread's exec, which is not here.
        PersonalityHeap.Free(process->StartTable);
        process->StartTable = null;
        process->StartTableHandle = 0;
        process->ChildSignalsUnheard = 0;
        process->ChildSignalsWanted = 0;
        process->Ender = 0;
        process->Leaving = 0;
        process->Space->Departed = null;
        process->Flags &= ~(ProcessFlags.Borrower | ProcessFlags.Detached);
        ProcessTimers.Forget(process);
        SignalQueue.Forget(process);
    }
}
