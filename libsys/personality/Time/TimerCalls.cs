using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>setitimer, getitimer, alarm, timer_create and its relatives.</summary>
internal static unsafe class TimerCalls
{
    /// <summary>setitimer(which, new, old).</summary>
    public static long SetInterval(TaskState* task, RegisterFrame* frame)
    {
        uint which = (uint)frame->Rdi;
        ulong period = 0, value = 0;
        if (frame->Rsi != 0)
        {
            long result = TimeSpecification.ReadMicroseconds(frame->Rsi, out period);
            if (result == 0)
                result = TimeSpecification.ReadMicroseconds(frame->Rsi + 16, out value);
            if (result < 0)
                return result;
        }
        if (which >= ProcessTimers.FirstCreated)
            return -Errno.EINVAL;
        ProcessTimers* timers = ProcessTimers.Ensure(task);
        if (timers == null)
            return -Errno.ENOMEM;
        Exchange(task, timers, which, value, period, false, out ulong oldValue, out ulong oldPeriod);
        return frame->Rdx == 0 || WriteInterval(frame->Rdx, oldValue, oldPeriod) ? 0 : -Errno.EFAULT;
    }

    /// <summary>getitimer(which, current).</summary>
    public static long GetInterval(TaskState* task, RegisterFrame* frame)
    {
        uint which = (uint)frame->Rdi;
        if (which >= ProcessTimers.FirstCreated)
            return -Errno.EINVAL;
        ulong value = 0, period = 0;
        if (task->Process->Timers != null)
            Look(task, task->Process->Timers, which, out value, out period);
        return WriteInterval(frame->Rsi, value, period) ? 0 : -Errno.EFAULT;
    }

    /// <summary>alarm(seconds) → seconds that were left, rounded up to at least 1.</summary>
    public static long Alarm(TaskState* task, RegisterFrame* frame)
    {
        ulong seconds = (uint)frame->Rdi;
        if (seconds == 0 && task->Process->Timers == null)
            return 0;
        ProcessTimers* timers = ProcessTimers.Ensure(task);
        // alarm cannot fail; without memory for its thread nothing was armed before either.
        if (timers == null)
            return 0;
        Exchange(task, timers, 0, seconds * TimeSpecification.Second, 0, false, out ulong left, out _);
        // Rounded to the nearest second, but never to 0 while it runs.
        ulong whole = (left + TimeSpecification.Second / 2) / TimeSpecification.Second;
        return left != 0 && whole == 0 ? 1 : (long)whole;
    }

    /// <summary>timer_create(clock, event, id).</summary>
    public static long Create(TaskState* task, RegisterFrame* frame)
    {
        const uint NotifySignal = 0, NotifyNone = 1, NotifyThread = 4;
        long clock = KindOf((uint)frame->Rdi);
        if (clock < 0)
            return clock;
        ulong value = 0;
        uint signal = Signals.SIGALRM, notify = NotifySignal, thread = 0;
        bool isDefault = frame->Rsi == 0;
        if (!isDefault)
        {
            // struct sigevent: value, signal and kind, thread, room up to 64 bytes.
            ulong* words = stackalloc ulong[8];
            if (!UserMemory.CopyIn(words, frame->Rsi, 64))
                return -Errno.EFAULT;
            value = words[0];
            signal = (uint)words[1];
            notify = (uint)(words[1] >> 32);
            thread = (uint)words[2];
        }
        if (notify != NotifySignal && notify != NotifyNone && notify != NotifyThread)
            return -Errno.EINVAL;
        if (notify != NotifyNone && !Signals.IsValid(signal))
            return -Errno.EINVAL;
        ProcessTimers* timers = ProcessTimers.Ensure(task);
        if (timers == null)
            return -Errno.EAGAIN;

        PersonalityLock.Enter(&timers->Lock);
        uint index = ProcessTimers.FirstCreated;
        while (index < ProcessTimers.Count && ProcessTimers.Get(timers, index)->Used != 0)
            index++;
        if (index < ProcessTimers.Count)
        {
            IntervalTimer* timer = ProcessTimers.Get(timers, index);
            timer->Used = 1;
            timer->Clock = (uint)clock;
            timer->Signal = notify == NotifyNone ? 0 : signal;
            timer->Thread = notify == NotifyThread ? thread : 0;
            timer->Code = Signals.SI_TIMER;
            timer->Overrun = 0;
            timer->Value = isDefault ? index - ProcessTimers.FirstCreated : value;
            timer->Deadline = 0;
            timer->Period = 0;
        }
        PersonalityLock.Exit(&timers->Lock);
        if (index == ProcessTimers.Count)
            return -Errno.EAGAIN;
        return UserMemory.WriteU32(frame->Rdx, index - ProcessTimers.FirstCreated) ? 0 : -Errno.EFAULT;
    }

    /// <summary>timer_settime(id, flags, new, old).</summary>
    public static long SetTime(TaskState* task, RegisterFrame* frame)
    {
        const uint Absolute = 1;
        if (!Find(task, frame->Rdi, out ProcessTimers* timers, out uint index) || frame->Rdx == 0)
            return -Errno.EINVAL;
        ulong first = 0;
        long result = TimeSpecification.Read(frame->Rdx, out ulong period);
        if (result == 0)
            result = TimeSpecification.Read(frame->Rdx + 16, out first);
        if (result < 0)
            return result;
        Exchange(task, timers, index, first, period, ((uint)frame->Rsi & Absolute) != 0, out ulong oldValue, out ulong oldPeriod);
        return frame->R10 == 0 || (TimeSpecification.Write(frame->R10, oldPeriod) && TimeSpecification.Write(frame->R10 + 16, oldValue)) ? 0 : -Errno.EFAULT;
    }

    /// <summary>timer_gettime(id, current).</summary>
    public static long GetTime(TaskState* task, RegisterFrame* frame)
    {
        if (!Find(task, frame->Rdi, out ProcessTimers* timers, out uint index))
            return -Errno.EINVAL;
        Look(task, timers, index, out ulong value, out ulong period);
        return TimeSpecification.Write(frame->Rsi, period) && TimeSpecification.Write(frame->Rsi + 16, value) ? 0 : -Errno.EFAULT;
    }

    /// <summary>timer_getoverrun(id).</summary>
    public static long GetOverrun(TaskState* task, RegisterFrame* frame) =>
        Find(task, frame->Rdi, out ProcessTimers* timers, out uint index) ? (int)(ProcessTimers.Get(timers, index)->Overrun & int.MaxValue) : -Errno.EINVAL;

    /// <summary>timer_delete(id).</summary>
    public static long Delete(TaskState* task, RegisterFrame* frame)
    {
        if (!Find(task, frame->Rdi, out ProcessTimers* timers, out uint index))
            return -Errno.EINVAL;
        PersonalityLock.Enter(&timers->Lock);
        ProcessTimers.Get(timers, index)->Used = 0;
        ProcessTimers.Get(timers, index)->Deadline = 0;
        PersonalityLock.Exit(&timers->Lock);
        return 0;
    }

    // CLOCK_*: wall clock and monotonic ones, or CPU time of the process. Alarm clocks would wake a sleeping machine: there is none.
    private static long KindOf(uint clock) => clock switch
    {
        0 or 1 or 7 or 11 => ProcessTimers.Monotonic,
        2 => ProcessTimers.Cpu,
        3 or 4 or 5 or 6 or 8 or 9 => -Errno.EOPNOTSUPP,
        _ => -Errno.EINVAL,
    };

    private static bool Find(TaskState* task, ulong id, out ProcessTimers* timers, out uint index)
    {
        timers = task->Process->Timers;
        index = (uint)id + ProcessTimers.FirstCreated;
        return timers != null && (uint)id < ProcessTimers.Count - ProcessTimers.FirstCreated && ProcessTimers.Get(timers, index)->Used != 0;
    }

    private static void Exchange(TaskState* task, ProcessTimers* timers, uint index, ulong value, ulong period, bool absolute, out ulong oldValue,
        out ulong oldPeriod)
    {
        PersonalityLock.Enter(&timers->Lock);
        IntervalTimer* timer = ProcessTimers.Get(timers, index);
        ulong now = ProcessTimers.Now(task, timer->Clock);
        oldValue = timer->Deadline == 0 ? 0 : timer->Deadline > now ? timer->Deadline - now : 1;
        oldPeriod = timer->Period;
        ulong deadline = 0;
        if (value != 0)
        {
            // Absolute times of the wall clock are far beyond any uptime: that tells them from monotonic ones.
            ulong offset = Clock.Page->WallOffset;
            deadline = !absolute ? now + value : offset != 0 && value >= offset ? value - offset : value;
            if (deadline == 0 || (!absolute && deadline < now))
                deadline = Deadline.Never - 1;
        }
        timer->Deadline = deadline;
        timer->Period = period;
        timer->Overrun = 0;
        ProcessTimers.Changed(timers);
        PersonalityLock.Exit(&timers->Lock);
    }

    private static void Look(TaskState* task, ProcessTimers* timers, uint index, out ulong value, out ulong period)
    {
        PersonalityLock.Enter(&timers->Lock);
        IntervalTimer* timer = ProcessTimers.Get(timers, index);
        ulong now = ProcessTimers.Now(task, timer->Clock);
        value = timer->Deadline == 0 ? 0 : timer->Deadline > now ? timer->Deadline - now : 1;
        period = timer->Period;
        PersonalityLock.Exit(&timers->Lock);
    }

    private static bool WriteInterval(ulong address, ulong value, ulong period) =>
        TimeSpecification.WriteMicroseconds(address, period) && TimeSpecification.WriteMicroseconds(address + 16, value);
}
