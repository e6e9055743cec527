using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>clock_gettime, clock_getres, gettimeofday, time, times, nanosleep, clock_nanosleep and their restart.</summary>
internal static unsafe class ClockCalls
{
    private const uint Realtime = 0, Monotonic = 1, ProcessCpu = 2, ThreadCpu = 3, MonotonicRaw = 4, RealtimeCoarse = 5, MonotonicCoarse = 6, BootTime = 7,
        RealtimeAlarm = 8, BootTimeAlarm = 9, Tai = 11;

    // USER_HZ, the unit of times(2).
    private const ulong TickNanoseconds = TimeSpecification.Second / 100;

    /// <summary>clock_gettime(clock, time).</summary>
    public static long GetTime(TaskState* task, RegisterFrame* frame)
    {
        if (!Read(task, (uint)frame->Rdi, out ulong time))
            return -Errno.EINVAL;
        return TimeSpecification.Write(frame->Rsi, time) ? 0 : -Errno.EFAULT;
    }

    /// <summary>clock_getres(clock, resolution).</summary>
    public static long GetResolution(TaskState* task, RegisterFrame* frame)
    {
        // Coarse clocks have the tick of Linux' usual configuration (250 Hz); here they are as fine as the others but promise no more.
        const ulong CoarseTick = 4_000_000;
        uint clock = (uint)frame->Rdi;
        if (!Read(task, clock, out _))
            return -Errno.EINVAL;
        ulong resolution = clock == RealtimeCoarse || clock == MonotonicCoarse ? CoarseTick : 1;
        return frame->Rsi == 0 || TimeSpecification.Write(frame->Rsi, resolution) ? 0 : -Errno.EFAULT;
    }

    /// <summary>gettimeofday(time, zone).</summary>
    public static long GetTimeOfDay(TaskState* task, RegisterFrame* frame)
    {
        if (frame->Rdi != 0 && !TimeSpecification.WriteMicroseconds(frame->Rdi, Clock.Now + Clock.Page->WallOffset))
            return -Errno.EFAULT;
        return frame->Rsi == 0 || UserMemory.WriteU64(frame->Rsi, 0) ? 0 : -Errno.EFAULT;
    }

    /// <summary>time(address).</summary>
    public static long Time(TaskState* task, RegisterFrame* frame)
    {
        ulong seconds = (Clock.Now + Clock.Page->WallOffset) / TimeSpecification.Second;
        return frame->Rdi == 0 || UserMemory.WriteU64(frame->Rdi, seconds) ? (long)seconds : -Errno.EFAULT;
    }

    /// <summary>times(buffer): ticks of 10 ms.</summary>
    public static long Times(TaskState* task, RegisterFrame* frame)
    {
        if (frame->Rdi != 0)
        {
            ulong* ticks = stackalloc ulong[4];
            ticks[0] = ticks[1] = ticks[2] = ticks[3] = 0;
            if (KernelCalls.Usage(Group(task)) >= 0)
            {
                ticks[0] = KernelCalls.MessageWords(task)[2] / TickNanoseconds;
                ticks[1] = KernelCalls.MessageWords(task)[3] / TickNanoseconds;
            }
            if (ControlCalls.HasServer(task) && ControlCalls.Call(task, Libsys.Messages.ProcessOperation.Usage, ulong.MaxValue, 0, 0, 0, 0) >= 0)
            {
                ticks[2] = KernelCalls.MessageWords(task)[1] / TickNanoseconds;
                ticks[3] = KernelCalls.MessageWords(task)[2] / TickNanoseconds;
            }
            if (!UserMemory.CopyOut(frame->Rdi, ticks, 32))
                return -Errno.EFAULT;
        }
        return (long)(Clock.Now / TickNanoseconds);
    }

    /// <summary>nanosleep(duration, remaining).</summary>
    public static long Sleep(TaskState* task, RegisterFrame* frame)
    {
        long result = TimeSpecification.Read(frame->Rdi, out ulong duration);
        return result < 0 ? result : SleepUntil(task, Clock.After(duration), frame->Rsi);
    }

    /// <summary>clock_nanosleep(clock, flags, time, remaining).</summary>
    public static long SleepOnClock(TaskState* task, RegisterFrame* frame)
    {
        const uint Absolute = 1;
        uint clock = (uint)frame->Rdi;
        // A thread cannot sleep on its own CPU time; on the process's it could, which nobody does.
        if (clock == ThreadCpu)
            return -Errno.EINVAL;
        if (clock != Realtime && clock != Monotonic && clock != BootTime && clock != Tai)
            return clock is ProcessCpu or RealtimeAlarm or BootTimeAlarm or MonotonicRaw or RealtimeCoarse or MonotonicCoarse ? -Errno.EOPNOTSUPP
            : -Errno.EINVAL;
        long result = TimeSpecification.Read(frame->Rdx, out ulong time);
        if (result < 0)
            return result;
        if (((uint)frame->Rsi & Absolute) == 0)
            return SleepUntil(task, Clock.After(time), frame->R10);

        ulong offset = clock == Realtime || clock == Tai ? Clock.Page->WallOffset : 0;
        result = WaitUntil(task, time > offset ? time - offset : 0);
        return result == -Errno.RestartBlock ? -Errno.RestartNoHandler : result;
    }

    /// <summary>restart_syscall(): goes on with the interrupted wait.</summary>
    public static long Continue(TaskState* task, RegisterFrame* frame)
    {
        switch ((RestartKind)task->RestartKind)
        {
            case RestartKind.Sleep:
                return SleepUntil(task, task->RestartDeadline, task->RestartArgument0);
            case RestartKind.Futex:
                return FutexCalls.Continue(task);
            case RestartKind.Poll:
            case RestartKind.Epoll:
                return FileCalls.Call(task, frame, LinuxCall.restart_syscall);
            default:
                return -Errno.EINTR;
        }
    }

    /// <summary>Value of a clock, nanoseconds. False: no such clock.</summary>
    public static bool Read(TaskState* task, uint clock, out ulong time)
    {
        switch (clock)
        {
            case Realtime:
            case RealtimeCoarse:
            case RealtimeAlarm:
            case Tai:
                time = Clock.Now + Clock.Page->WallOffset;
                return true;
            case Monotonic:
            case MonotonicRaw:
            case MonotonicCoarse:
            case BootTime:
            case BootTimeAlarm:
                time = Clock.Now;
                return true;
            case ProcessCpu:
                time = ProcessTime(task);
                return true;
            case ThreadCpu:
                time = ThreadTime(task);
                return true;
            default:
                return ReadDynamic(task, (int)clock, out time);
        }
    }

    // CPU clocks of a given process or thread: (~id << 3) | 4 for threads | 2 for scheduling time (clock_getcpuclockid(3)).
    private static bool ReadDynamic(TaskState* task, int clock, out ulong time)
    {
        time = 0;
        uint id = (uint)~(clock >> 3);
        if (clock >= 0 || (clock & 3) == 3)
            return false;
        bool isThread = (clock & 4) != 0;
        if (isThread ? id != 0 && id != task->ThreadId : id != 0 && id != task->Process->ProcessId)
            return false;
        time = isThread ? ThreadTime(task) : ProcessTime(task);
        return true;
    }

    /// <summary>CPU time of the process, nanoseconds.</summary>
    public static ulong ProcessTime(TaskState* task)
    {
        ulong* words = KernelCalls.MessageWords(task);
        return KernelCalls.Usage(Group(task)) >= 0 ? words[2] + words[3] : 0;
    }

    private static ulong ThreadTime(TaskState* task)
    {
        ulong* words = KernelCalls.MessageWords(task);
        return KernelCalls.ThreadUsage() >= 0 ? words[0] + words[1] : 0;
    }

    private static uint Group(TaskState* task) => ControlCalls.HasServer(task) ? task->Process->ProcessId : 0;

    private static long SleepUntil(TaskState* task, ulong deadline, ulong remaining)
    {
        long result = WaitUntil(task, deadline);
        if (result != -Errno.RestartBlock)
            return result;
        ulong now = Clock.Now;
        if (remaining != 0 && !TimeSpecification.Write(remaining, deadline > now ? deadline - now : 0))
            return -Errno.EFAULT;
        task->RestartKind = (uint)RestartKind.Sleep;
        task->RestartDeadline = deadline;
        task->RestartArgument0 = remaining;
        return result;
    }

    private static long WaitUntil(TaskState* task, ulong deadline)
    {
        uint word = 0;
        VfsConnection* connection = task->Process->Space->Connection;
        while (Clock.Now < deadline)
        {
            ulong until = PoolRest.Until(connection, deadline);
            long status = KernelCalls.WordWait(&word, 0, until, WaitFlags.None);
            if (status == (long)KernelStatus.Interrupted)
                return -Errno.RestartBlock;
            if (status == (long)KernelStatus.TimedOut && until == deadline)
                break;
            if (status == (long)KernelStatus.TimedOut)
                PoolRest.GiveBack(task, connection);
        }
        return 0;
    }
}
