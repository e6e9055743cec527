using System.Numerics;
using System.Threading;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>Pending signals of a thread or of the process. Standard signals wait at most once, real-time signals as often as the limit allows.</summary>
internal static unsafe class SignalQueue
{
    /// <summary>
    /// Makes <paramref name="signal"/> pending for <paramref name="target"/>, or for the whole process if that is null, and interrupts a thread that takes it.
    /// Returns 0, or -EAGAIN when a real-time signal finds the queue full.
    /// </summary>
    public static long Send(TaskState* sender, ProcessState* process, TaskState* target, SignalEntry* information)
    {
        uint signal = information->Signal;
        if (IsIgnored(process, target, signal))
            return 0;
        SignalEntry* entry = (SignalEntry*)PersonalityHeap.AllocateDirty((ulong)sizeof(SignalEntry));
        PersonalityLock.Enter(&process->SignalLock);
        ulong* pending = target != null ? &target->PendingSignals : &process->PendingSignals;
        SignalEntry** queue = target != null ? &target->Queue : &process->Queue;
        bool waits = (*pending & Signals.Of(signal)) != 0;
        bool isRealTime = signal >= Signals.FirstRealTime;
        bool full = entry == null || process->QueuedSignals >= SignalEntry.Limit;
        long result = 0;
        if (isRealTime && full && information->Code != Signals.SI_USER)
        {
            result = -Errno.EAGAIN;
        }
        else
        {
            if (!full && (isRealTime || !waits))
            {
                Copy(entry, information);
                entry->Next = null;
                while (*queue != null)
                    queue = &(*queue)->Next;
                *queue = entry;
                process->QueuedSignals++;
                entry = null;
            }
            *pending |= Signals.Of(signal);
            process->SignalArrivals++;
        }
        PersonalityLock.Exit(&process->SignalLock);
        PersonalityHeap.Free(entry);
        if (result == 0)
            Wake(sender, process, target, signal);
        return result;
    }

    /// <summary>
    /// Takes the next signal of <paramref name="task"/> that is in <paramref name="wanted"/>: the thread's own first, synchronous ones before others, then the
    /// lowest number. Returns 0 if there is none.
    /// </summary>
    public static uint Take(TaskState* task, ulong wanted, SignalEntry* information)
    {
        ProcessState* process = task->Process;
        if (((task->PendingSignals | process->PendingSignals) & wanted) == 0)
            return 0;
        PersonalityLock.Enter(&process->SignalLock);
        uint signal = TakeFrom(process, &task->PendingSignals, &task->Queue, wanted, information, out SignalEntry* used);
        if (signal == 0)
            signal = TakeFrom(process, &process->PendingSignals, &process->Queue, wanted, information, out used);
        PersonalityLock.Exit(&process->SignalLock);
        PersonalityHeap.Free(used);
        return signal;
    }

    /// <summary>Forgets pending signals of the set (an action became "ignore"), for the process and its threads.</summary>
    public static void Discard(ProcessState* process, ulong set)
    {
        PersonalityLock.Enter(&process->TaskLock);
        PersonalityLock.Enter(&process->SignalLock);
        DiscardFrom(process, &process->PendingSignals, &process->Queue, set);
        for (TaskState* task = process->Tasks; task != null; task = task->Next)
            DiscardFrom(process, &task->PendingSignals, &task->Queue, set);
        PersonalityLock.Exit(&process->SignalLock);
        PersonalityLock.Exit(&process->TaskLock);
    }

    /// <summary>Forgets what waits for a thread that ends.</summary>
    public static void Drop(TaskState* task)
    {
        ProcessState* process = task->Process;
        PersonalityLock.Enter(&process->SignalLock);
        DiscardFrom(process, &task->PendingSignals, &task->Queue, ulong.MaxValue);
        PersonalityLock.Exit(&process->SignalLock);
    }

    /// <summary>In a forked child: nothing is pending. The parent's threads' entries stay in the copied heap; they are few and bounded.</summary>
    public static void Forget(ProcessState* process)
    {
        process->PendingSignals = 0;
        DiscardFrom(process, &process->PendingSignals, &process->Queue, ulong.MaxValue);
        process->QueuedSignals = 0;
    }

    /// <summary>Copies what describes a signal, field by field.</summary>
    public static void Copy(SignalEntry* to, SignalEntry* from)
    {
        to->Signal = from->Signal;
        to->Code = from->Code;
        to->Error = from->Error;
        to->Pid = from->Pid;
        to->Uid = from->Uid;
        to->Status = from->Status;
        to->Value = from->Value;
        to->UserTime = from->UserTime;
        to->SystemTime = from->SystemTime;
    }

    /// <summary>A signal without further information.</summary>
    public static void Describe(SignalEntry* entry, uint signal, int code, uint pid, uint uid, ulong value)
    {
        entry->Signal = signal;
        entry->Code = code;
        entry->Error = 0;
        entry->Pid = pid;
        entry->Uid = uid;
        entry->Status = 0;
        entry->Value = value;
        entry->UserTime = 0;
        entry->SystemTime = 0;
    }

    // Ignored signals are dropped when sent, unless blocked: the program may change the action before it unblocks (signal(7)).
    private static bool IsIgnored(ProcessState* process, TaskState* target, uint signal)
    {
        ulong set = Signals.Of(signal);
        TaskState* first = target != null ? target : process->Tasks;
        if (first == null || (first->SignalMask & set) != 0 || (first->Waiting is not (0 or TaskState.WaitsForReadiness) && (first->WaitedSignals & set) != 0))
            return false;
        ulong handler = SignalActions.Get(process->Actions, signal)->Handler;
        return handler == SignalHandler.Ignore || (handler == SignalHandler.Default && (Signals.IgnoredByDefault & set) != 0);
    }

    private static void Wake(TaskState* sender, ProcessState* process, TaskState* target, uint signal)
    {
        if (target != null)
        {
            Interrupt(sender, target, signal);
            return;
        }
        PersonalityLock.Enter(&process->TaskLock);
        TaskState* chosen = null;
        for (TaskState* task = process->Tasks; task != null; task = task->Next)
        {
            // All of these: it may be that none of them takes it.
            if (task->Waiting == TaskState.WaitsForReadiness)
                Interrupt(sender, task, signal);
            // The main thread is preferred, as on Linux; otherwise any.
            if (Accepts(task, signal) && (chosen == null || task->ThreadId == process->ProcessId))
                chosen = task;
        }
        if (chosen != null)
            Interrupt(sender, chosen, signal);
        PersonalityLock.Exit(&process->TaskLock);
    }

    private static bool Accepts(TaskState* task, uint signal)
    {
        ulong set = Signals.Of(signal);
        return (task->SignalMask & set) == 0 || (task->Waiting != 0 && (task->WaitedSignals & set) != 0);
    }

    private static void Interrupt(TaskState* sender, TaskState* target, uint signal)
    {
        // The other side clears bits of its mask first and looks at the pending signals then.
        Interlocked.MemoryBarrier();
        if (!Accepts(target, signal))
            return;
        if (target == sender)
            SignalDelivery.Flag(TaskState.BlockOf(target));
        else
            KernelCalls.InterruptSlot(target->Slot);
    }

    private static uint TakeFrom(ProcessState* process, ulong* pending, SignalEntry** queue, ulong wanted, SignalEntry* information, out SignalEntry* used)
    {
        used = null;
        ulong ready = *pending & wanted;
        if (ready == 0)
            return 0;
        if ((ready & Signals.Synchronous) != 0)
            ready &= Signals.Synchronous;
        uint signal = (uint)BitOperations.TrailingZeroCount(ready) + 1;

        bool more = false;
        for (SignalEntry** link = queue; *link != null;)
        {
            if ((*link)->Signal != signal)
            {
                link = &(*link)->Next;
            }
            else if (used == null)
            {
                used = *link;
                *link = used->Next;
                process->QueuedSignals--;
            }
            else
            {
                more = true;
                break;
            }
        }
        if (!more)
            *pending &= ~Signals.Of(signal);
        if (used != null)
            Copy(information, used);
        else
            Describe(information, signal, Signals.SI_USER, 0, 0, 0);
        return signal;
    }

    private static void DiscardFrom(ProcessState* process, ulong* pending, SignalEntry** queue, ulong set)
    {
        *pending &= ~set;
        for (SignalEntry** link = queue; *link != null;)
        {
            SignalEntry* entry = *link;
            if ((set & Signals.Of(entry->Signal)) == 0)
            {
                link = &entry->Next;
                continue;
            }
            *link = entry->Next;
            process->QueuedSignals--;
            PersonalityHeap.Free(entry);
        }
    }
}
