using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// Takes pending signals on the way back to the program: runs default actions and builds handler frames. The pending flag is cleared before the queues are
/// looked at, so a signal that arrives meanwhile sets it again and the exit stub comes back here.
/// </summary>
internal static unsafe class SignalDelivery
{
    // Length of the syscall instruction: a restart goes back to it.
    private const ulong SyscallLength = 2;

    /// <summary>Delivers what is pending.</summary>
    public static void Run(TaskState* task) => Run(task, 0);

    /// <summary>The same at the end of a call, whose result may ask for a restart (see <see cref="Errno.RestartSystemCall"/>).</summary>
    public static void FinishCall(TaskState* task, long result)
    {
        bool restart = Errno.IsRestart(result);
        if (!restart)
            TaskState.FrameOf(task)->Rax = (ulong)result;
        Run(task, restart ? result : 0);
    }

    /// <summary>After the mask shrank: if something that waits is unblocked now, it is delivered on the way out.</summary>
    public static void Recheck(TaskState* task)
    {
        // Against a sender that looks at the mask after it queued: see SignalQueue.Interrupt.
        Interlocked.MemoryBarrier();
        ProcessState* process = task->Process;
        if (((task->PendingSignals | process->PendingSignals | process->ServerPending) & ~task->SignalMask) != 0)
            Flag(TaskState.BlockOf(task));
    }

    /// <summary>Makes the own way out look at the signals. Atomic: the kernel sets bits of the word as well.</summary>
    public static void Flag(ThreadBlock* block) => Interlocked.Or(ref block->Pending, 1);

    /// <summary>True if the thread must end instead of going on.</summary>
    public static bool MustStop(TaskState* task) => task->MustExit != 0 || task->Process->Exiting != 0;

    /// <summary>
    /// True if a call that could go on for long should end with what it has, for a signal waits that is not blocked or the thread is to end. Cheap while
    /// nothing has come. What came is seen again on the way out.
    /// </summary>
    public static bool IsDue(TaskState* task)
    {
        ThreadBlock* block = TaskState.BlockOf(task);
        if (Volatile.Read(ref block->Pending) == 0)
            return false;
        ProcessState* process = task->Process;
        if ((Interlocked.Exchange(ref block->Pending, 0) & ThreadBlock.PendingForGroup) != 0 && ControlCalls.HasServer(task))
            AskServer(task);
        bool isDue = MustStop(task) || ((task->PendingSignals | process->PendingSignals | process->ServerPending) & ~task->SignalMask) != 0;
        if (isDue)
            Flag(block);
        return isDue;
    }

    /// <summary>
    /// Takes a signal in <paramref name="wanted"/>, also from the process server if <paramref name="ask"/> or if it said that one waits. 0 if there is none.
    /// </summary>
    public static uint Take(TaskState* task, ulong wanted, bool ask, SignalEntry* information)
    {
        uint signal = SignalQueue.Take(task, wanted, information);
        ProcessState* process = task->Process;
        if (!ControlCalls.HasServer(task))
            return signal;
        // What the server has comes after what is here: asked for in the next round.
        if (ask)
            task->AskForSignals = 1;
        if (signal != 0 || (task->AskForSignals == 0 && (process->ServerPending & wanted) == 0))
            return signal;
        task->AskForSignals = 0;
        long taken = ControlCalls.Call(task, ProcessOperation.TakeSignal, wanted, 0, 0, 0, 0);
        if (taken < 0)
            return 0;
        ulong* words = KernelCalls.MessageWords(task);
        NoteServer(task, words[1]);
        if (!Signals.IsValid((uint)taken))
            return 0;
        Describe(information, (uint)taken, words);
        return (uint)taken;
    }

    /// <summary>Asks the process server what waits there, and takes nothing.</summary>
    public static void AskServer(TaskState* task) => NoteServer(
        task, ControlCalls.Call(task, ProcessOperation.TakeSignal, 0, 0, 0, 0, 0) < 0 ? 0 : KernelCalls.MessageWords(task)[1]);

    /// <summary>The process server has said what waits there.</summary>
    public static void NoteServer(TaskState* task, ulong pending)
    {
        ProcessState* process = task->Process;
        pending = ChildSignals.Filter(task, pending);
        if ((pending & ~process->ServerPending) != 0)
            process->SignalArrivals++;
        process->ServerPending = pending;
    }

    private static void Describe(SignalEntry* information, uint signal, ulong* words)
    {
        information->Signal = signal;
        information->Code = (int)words[2];
        information->Error = (int)(words[2] >> 32);
        information->Pid = (uint)words[3];
        information->Uid = (uint)(words[3] >> 32);
        information->Value = words[4];
        information->Status = (int)words[4];
        information->UserTime = words[5];
        information->SystemTime = words[6];
    }

    private static void Run(TaskState* task, long restart)
    {
        ThreadBlock* block = TaskState.BlockOf(task);
        bool handled = false;
        while (true)
        {
            // Only the process server interrupts the whole group. Asking it for each signal among own threads would let a thread that is flooded with them do
            // nothing else.
            bool ask = (Interlocked.Exchange(ref block->Pending, 0) & ThreadBlock.PendingForGroup) != 0;
            if (MustStop(task))
                ProcessEnd.Thread(task);
            SignalEntry information;
            uint signal = Take(task, ~task->SignalMask, ask, &information);
            if (signal == 0)
            {
                if (block->Pending != 0)
                    continue;
                break;
            }
            if (Act(task, &information, restart, handled))
            {
                handled = true;
                restart = 0;
            }
        }

        if (restart != 0)
            Restart(task, restart);
        if (!handled && task->HasSavedMask != 0)
        {
            task->HasSavedMask = 0;
            SignalMaskCalls.Set(task, task->SavedMask);
        }
    }

    // True if a handler's frame was built.
    private static bool Act(TaskState* task, SignalEntry* information, long restart, bool handled)
    {
        uint signal = information->Signal;
        SignalAction action;
        TakeAction(task, signal, &action);
        if (action.Handler == SignalHandler.Ignore)
            return false;
        if (action.Handler == SignalHandler.Default)
        {
            DefaultAction(task, signal, information);
            return false;
        }

        if (restart != 0)
            EndOrRestart(task, restart, action.Flags);
        if (!SignalFrame.Build(task, information, &action))
        {
            // The handler cannot run: SIGSEGV in its place, which kills if it is SIGSEGV's own handler that has no stack (signal(7)).
            Faults.Force(task, Signals.SIGSEGV, Signals.SI_KERNEL, 0, signal == Signals.SIGSEGV);
            return true;
        }
        task->HasSavedMask = 0;
        ulong mask = task->SignalMask | action.Mask;
        if ((action.Flags & SignalHandler.SA_NODEFER) == 0)
            mask |= Signals.Of(signal);
        task->SignalMask = mask & ~Signals.Unblockable;
        return true;
    }

    private static void TakeAction(TaskState* task, uint signal, SignalAction* action)
    {
        SignalActions* actions = task->Process->Actions;
        SignalAction* kept = SignalActions.Get(actions, signal);
        PersonalityLock.Enter(&actions->Lock);
        action->Handler = kept->Handler;
        action->Flags = kept->Flags;
        action->Restorer = kept->Restorer;
        action->Mask = kept->Mask;
        if ((kept->Flags & SignalHandler.SA_RESETHAND) != 0 && kept->Handler != SignalHandler.Ignore)
            kept->Handler = SignalHandler.Default;
        PersonalityLock.Exit(&actions->Lock);
    }

    private static void DefaultAction(TaskState* task, uint signal, SignalEntry* information)
    {
        ulong set = Signals.Of(signal);
        if ((Signals.IgnoredByDefault & set) != 0)
            return;
        if ((Signals.StopByDefault & set) != 0)
        {
            // Answered when continued. Without a process server nobody could continue it.
            if (ControlCalls.HasServer(task))
                ControlCalls.Call(task, ProcessOperation.Stop, signal, 0, 0, 0, 0);
            return;
        }
        ProcessEnd.BySignal(task, signal, information, (Signals.CoreByDefault & set) != 0);
    }

    // A handler runs: signal(7), "Interruption of system calls and library functions by signal handlers".
    private static void EndOrRestart(TaskState* task, long restart, ulong flags)
    {
        if (restart == -Errno.RestartSystemCall && (flags & SignalHandler.SA_RESTART) != 0)
            Restart(task, restart);
        else
            TaskState.FrameOf(task)->Rax = unchecked((ulong)-Errno.EINTR);
    }

    private static void Restart(TaskState* task, long restart)
    {
        RegisterFrame* frame = TaskState.FrameOf(task);
        frame->Rip -= SyscallLength;
        // Else rax still has the number: the result has not been stored.
        if (restart == -Errno.RestartBlock)
            frame->Rax = LinuxCall.restart_syscall;
    }
}
