using System.Runtime.InteropServices;
using System.Threading;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>One interval timer. Times are in nanoseconds of its clock (wall-clock times are turned into time since boot when it is set).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct IntervalTimer
{
    /// <summary>1 while it exists.</summary>
    public uint Used;
    /// <summary><see cref="ProcessTimers.Monotonic"/> or <see cref="ProcessTimers.Cpu"/>.</summary>
    public uint Clock;
    /// <summary>Signal to send; 0 = none (SIGEV_NONE).</summary>
    public uint Signal;
    /// <summary>Thread to send it to (SIGEV_THREAD_ID), 0 = the process.</summary>
    public uint Thread;
    /// <summary>si_code: SI_KERNEL for setitimer, SI_TIMER for timer_create.</summary>
    public int Code;
    /// <summary>Expirations since the signal was last sent, beyond the first.</summary>
    public uint Overrun;
    /// <summary>si_value.</summary>
    public ulong Value;
    /// <summary>When it fires; 0 = disarmed.</summary>
    public ulong Deadline;
    /// <summary>Period, 0 = once.</summary>
    public ulong Period;
}

/// <summary>
/// Interval timers of a process (setitimer, alarm, timer_create). A thread of the personality, made with the first timer, sleeps until the next one fires and
/// sends its signal; programs do not see it. It ends with the process.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ProcessTimers
{
    /// <summary>Timers of one process: three of setitimer, the rest for timer_create, whose callers get EAGAIN beyond.</summary>
    public const uint Count = 64;

    /// <summary>First timer of timer_create; below are ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF.</summary>
    public const uint FirstCreated = 3;

    /// <summary>Time since boot.</summary>
    public const uint Monotonic = 1;

    /// <summary>CPU time of the process.</summary>
    public const uint Cpu = 2;

    /// <summary>Guards the timers.</summary>
    public PersonalityLock Lock;

    /// <summary>1 once its thread has been made.</summary>
    public uint HasThread;

    /// <summary>1: the timer thread is to end. 2: it does, and touches nothing any more.</summary>
    public uint Stopping;

    /// <summary>Changes with each change of a timer; the timer thread sleeps on it.</summary>
    public uint Changes;

    // sizeof(IntervalTimer) / 8.
    private const int WordsEach = 6;
    private fixed ulong storage[(int)Count * WordsEach];

    /// <summary>Timer <paramref name="index"/>.</summary>
    public static IntervalTimer* Get(ProcessTimers* timers, uint index) => (IntervalTimer*)timers->storage + index;

    /// <summary>The process's timers, with their thread running; null if there is no memory or no thread.</summary>
    public static ProcessTimers* Ensure(TaskState* task)
    {
        ProcessState* process = task->Process;
        if (process->Timers != null)
            return process->Timers;
        ProcessTimers* timers = (ProcessTimers*)PersonalityHeap.Allocate((ulong)sizeof(ProcessTimers));
        if (timers == null)
            return null;
        for (uint i = 0; i < FirstCreated; i++)
        {
            IntervalTimer* timer = Get(timers, i);
            timer->Used = 1;
            timer->Clock = i == 0 ? Monotonic : Cpu;
            timer->Signal = (uint)(i == 0 ? Signals.SIGALRM : i == 1 ? Signals.SIGVTALRM : Signals.SIGPROF);
            timer->Code = Signals.SI_KERNEL;
        }
        PersonalityLock.Enter(&process->TaskLock);
        ProcessTimers* present = process->Timers;
        if (present == null)
            process->Timers = timers;
        PersonalityLock.Exit(&process->TaskLock);
        if (present != null)
        {
            PersonalityHeap.Free(timers);
            return present;
        }
        timers->HasThread = StartThread(process) ? 1u : 0;
        return timers->HasThread != 0 ? timers : null;
    }

    /// <summary>In a forked child: timers are not inherited, and their thread was not copied.</summary>
    public static void Forget(ProcessState* process)
    {
        ProcessTimers* timers = process->Timers;
        process->Timers = null;
        PersonalityHeap.Free(timers);
    }

    /// <summary>Asks the timer thread to end. True if there is none, or if it touches nothing any more.</summary>
    public static bool Stop(ProcessState* process)
    {
        ProcessTimers* timers = process->Timers;
        if (timers == null || timers->HasThread == 0)
            return true;
        if (Interlocked.CompareExchange(ref timers->Stopping, 1, 0) == 0)
        {
            PersonalityLock.Enter(&timers->Lock);
            Changed(timers);
            PersonalityLock.Exit(&timers->Lock);
        }
        return Volatile.Read(ref timers->Stopping) == 2;
    }

    /// <summary>The clock of a timer now.</summary>
    public static ulong Now(TaskState* task, uint clock) => clock == Cpu ? ClockCalls.ProcessTime(task) : Personality.Clock.Now;

    /// <summary>The timer thread. Does not return.</summary>
    public static void Run(TaskState* task)
    {
        ProcessTimers* timers = task->Process->Timers;
        while (Volatile.Read(ref timers->Stopping) == 0)
        {
            PersonalityLock.Enter(&timers->Lock);
            uint changes = timers->Changes;
            ulong next = FindExpired(task, timers, out IntervalTimer* expired, out uint index);
            SignalEntry entry;
            uint thread = 0;
            bool sends = expired != null && Fire(task, expired, index, &entry, out thread);
            PersonalityLock.Exit(&timers->Lock);
            if (sends)
                Send(task, thread, &entry);
            else if (expired == null)
                KernelCalls.WordWait(&timers->Changes, changes, next, WaitFlags.Uninterruptible);
        }
        ProcessState* process = task->Process;
        Volatile.Write(ref timers->Stopping, 2);
        SharedEnd.Announce(process);
        KernelCalls.ThreadExit(0, 0);
        Stubs.Stop();
    }

    /// <summary>After a change under the lock: the thread looks again.</summary>
    public static void Changed(ProcessTimers* timers)
    {
        timers->Changes++;
        KernelCalls.WordWake(&timers->Changes, 1);
    }

    private static bool StartThread(ProcessState* process)
    {
        ThreadStart* start = (ThreadStart*)PersonalityHeap.Allocate((ulong)sizeof(ThreadStart));
        long slot = start == null ? -1 : KernelCalls.ThreadReserve();
        if (slot < 0)
        {
            PersonalityHeap.Free(start);
            return false;
        }
        start->TimersOf = process;
        long handle = KernelCalls.ThreadCreate((uint)slot, ((PersonalityHeader*)Window.Base)->ThreadEntry, (ulong)start, ThreadFlags.None);
        if (handle < 0)
        {
            KernelCalls.ThreadRelease((uint)slot);
            PersonalityHeap.Free(start);
            return false;
        }
        KernelCalls.HandleClose((uint)handle);
        return true;
    }

    // The first timer whose time has come, or the time since boot at which to look again.
    private static ulong FindExpired(TaskState* task, ProcessTimers* timers, out IntervalTimer* expired, out uint index)
    {
        // CPU time cannot run faster than all CPUs together; shorter sleeps than this would only burn what they measure.
        const ulong ShortestCpuSleep = 1_000_000;
        ulong next = Deadline.Never;
        expired = null;
        for (index = 0; index < Count; index++)
        {
            IntervalTimer* timer = Get(timers, index);
            if (timer->Deadline == 0)
                continue;
            ulong now = Now(task, timer->Clock);
            if (now >= timer->Deadline)
            {
                expired = timer;
                return 0;
            }
            ulong at = timer->Deadline;
            if (timer->Clock == Cpu)
            {
                ulong sleep = (timer->Deadline - now) / Personality.Clock.Page->CpuCount;
                at = Personality.Clock.Now + (sleep < ShortestCpuSleep ? ShortestCpuSleep : sleep);
            }
            if (at < next)
                next = at;
        }
        return next;
    }

    private static bool Fire(TaskState* task, IntervalTimer* timer, uint index, SignalEntry* entry, out uint thread)
    {
        ulong now = Now(task, timer->Clock);
        ulong missed = 0;
        if (timer->Period == 0)
        {
            timer->Deadline = 0;
        }
        else
        {
            missed = (now - timer->Deadline) / timer->Period;
            timer->Deadline += (missed + 1) * timer->Period;
        }
        thread = timer->Thread;
        if (timer->Signal == 0)
            return false;
        // A signal that still waits counts the expiration instead of queueing again (timer_getoverrun(2)).
        bool waits = thread == 0 && (task->Process->PendingSignals & Signals.Of(timer->Signal)) != 0;
        if (waits)
        {
            timer->Overrun += (uint)missed + 1;
            return false;
        }
        timer->Overrun = (uint)missed;
        bool created = index >= FirstCreated;
        SignalQueue.Describe(entry, timer->Signal, timer->Code, created ? index - FirstCreated : 0, created ? timer->Overrun : 0, timer->Value);
        return true;
    }

    private static void Send(TaskState* task, uint thread, SignalEntry* entry)
    {
        ProcessState* process = task->Process;
        if (thread == 0)
        {
            SignalQueue.Send(null, process, null, entry);
            return;
        }
        PersonalityLock.Enter(&process->TaskLock);
        TaskState* target = process->Tasks;
        while (target != null && target->ThreadId != thread)
            target = target->Next;
        if (target != null)
            SignalQueue.Send(null, process, target, entry);
        PersonalityLock.Exit(&process->TaskLock);
    }
}
