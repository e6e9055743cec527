using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>
/// From Linux call number to handler: one switch, which the compiler turns into a jump table. A handler takes (task, frame), reads its arguments from
/// rdi, rsi, rdx, r10, r8, r9 of the frame, and returns the result or a negated <see cref="Errno"/>. What is not local goes on to <see cref="FileCalls"/>.
/// Calls with an entry of their own (<see cref="LocalCalls"/>, <see cref="HotCalls"/>) come here from servers only, which have no other answer to the latter.
/// </summary>
internal static unsafe class Dispatch
{
    /// <summary>Runs one call.</summary>
    public static long Call(TaskState* task, RegisterFrame* frame)
    {
        switch (frame->Rax)
        {
            case LinuxCall.brk: return BreakCall.Set(task, frame);
            case LinuxCall.mremap: return RemapCall.Remap(task, frame);
            case LinuxCall.msync: return AdviceCalls.Synchronise(task, frame);
            case LinuxCall.mincore: return AdviceCalls.InCore(task, frame);
            case LinuxCall.madvise: return AdviceCalls.Advise(task, frame);
            case LinuxCall.mlock: return AdviceCalls.Lock(task, frame->Rdi, frame->Rsi, true);
            case LinuxCall.mlock2: return (uint)frame->Rdx > 1 ? -Errno.EINVAL : AdviceCalls.Lock(task, frame->Rdi, frame->Rsi, frame->Rdx == 0);
            case LinuxCall.munlock: return AdviceCalls.Lock(task, frame->Rdi, frame->Rsi, false);
            case LinuxCall.mlockall: return AdviceCalls.LockAll(task, frame);
            case LinuxCall.munlockall: return 0;

            case LinuxCall.rt_sigreturn: return SignalFrame.Return(task, frame);
            case LinuxCall.rt_sigpending: return SignalMaskCalls.Pending(task, frame);
            case LinuxCall.rt_sigtimedwait: return SignalMaskCalls.TimedWait(task, frame);
            case LinuxCall.rt_sigsuspend: return SignalMaskCalls.Suspend(task, frame);
            case LinuxCall.sigaltstack: return SignalStack.Change(task, frame);
            case LinuxCall.pause: return SignalMaskCalls.Pause(task, frame);
            case LinuxCall.rt_tgsigqueueinfo: return SignalSendCalls.QueueToThread(task, frame);

            case LinuxCall.clone: return CloneCalls.Clone(task, frame);
            case LinuxCall.clone3: return CloneCalls.Clone3(task, frame);
            case LinuxCall.exit: return ThreadExit.Exit(task, frame);
            case LinuxCall.exit_group: return ThreadExit.ExitGroup(task, frame);
            case LinuxCall.set_tid_address: return ThreadExit.SetTidAddress(task, frame);
            case LinuxCall.set_robust_list: return RobustList.Set(task, frame);
            case LinuxCall.get_robust_list: return RobustList.Get(task, frame);
            case LinuxCall.sched_yield: return SchedulingCalls.Yield(task, frame);
            case LinuxCall.sched_getaffinity: return SchedulingCalls.GetAffinity(task, frame);
            case LinuxCall.sched_setaffinity: return SchedulingCalls.SetAffinity(task, frame);
            case LinuxCall.sched_getscheduler: return SchedulingCalls.GetScheduler(task, frame);
            case LinuxCall.sched_setscheduler: return SchedulingCalls.SetScheduler(task, frame);
            case LinuxCall.sched_getparam: return SchedulingCalls.GetParameters(task, frame);
            case LinuxCall.sched_setparam: return SchedulingCalls.SetParameters(task, frame);
            case LinuxCall.sched_get_priority_max: return SchedulingCalls.PriorityBound((uint)frame->Rdi, true);
            case LinuxCall.sched_get_priority_min: return SchedulingCalls.PriorityBound((uint)frame->Rdi, false);
            case LinuxCall.sched_rr_get_interval: return SchedulingCalls.Interval(task, frame);
            case LinuxCall.sched_getattr: return SchedulingAttributes.Get(task, frame);
            case LinuxCall.sched_setattr: return SchedulingAttributes.Set(task, frame);
            case LinuxCall.getcpu: return SchedulingCalls.GetCpu(task, frame);

            case LinuxCall.clock_getres: return ClockCalls.GetResolution(task, frame);
            case LinuxCall.gettimeofday: return ClockCalls.GetTimeOfDay(task, frame);
            case LinuxCall.time: return ClockCalls.Time(task, frame);
            case LinuxCall.times: return ClockCalls.Times(task, frame);
            case LinuxCall.nanosleep: return ClockCalls.Sleep(task, frame);
            case LinuxCall.clock_nanosleep: return ClockCalls.SleepOnClock(task, frame);
            case LinuxCall.restart_syscall: return ClockCalls.Continue(task, frame);

            case LinuxCall.alarm: return TimerCalls.Alarm(task, frame);
            case LinuxCall.setitimer: return TimerCalls.SetInterval(task, frame);
            case LinuxCall.getitimer: return TimerCalls.GetInterval(task, frame);
            case LinuxCall.timer_create: return TimerCalls.Create(task, frame);
            case LinuxCall.timer_settime: return TimerCalls.SetTime(task, frame);
            case LinuxCall.timer_gettime: return TimerCalls.GetTime(task, frame);
            case LinuxCall.timer_getoverrun: return TimerCalls.GetOverrun(task, frame);
            case LinuxCall.timer_delete: return TimerCalls.Delete(task, frame);

            case LinuxCall.uname: return HostNameCalls.Uname(task, frame);
            case LinuxCall.sysinfo: return SystemCalls.SystemInformation(task, frame);
            case LinuxCall.arch_prctl: return SystemCalls.ArchitectureControl(task, frame);
            case LinuxCall.personality: return SystemCalls.ExecutionDomain(task, frame);
            case LinuxCall.capget: return SystemCalls.GetCapabilities(task, frame);
            case LinuxCall.membarrier: return SystemCalls.MemoryBarrier(task, frame);
            case LinuxCall.prctl: return ProcessControlCall.Call(task, frame);
        }
        return CallServers(task, frame);
    }

    // Everything that needs a server: the files part knows it. A server itself has only a few answers about itself.
    private static long CallServers(TaskState* task, RegisterFrame* frame)
    {
        if (frame->Rax > uint.MaxValue)
            return -Errno.ENOSYS;
        uint number = (uint)frame->Rax;
        long result = ControlCalls.HasServer(task) ? FileCalls.Call(task, frame, number) : CallAsServer(task, frame, number);
        if (result == -Errno.ENOSYS)
            UnknownCalls.Note(task, number);
        return result;
    }

    private static long CallAsServer(TaskState* task, RegisterFrame* frame, uint number)
    {
        switch (number)
        {
            case LinuxCall.kill: return SignalSendCalls.ToProcess(task, frame);
            case LinuxCall.rt_sigqueueinfo: return SignalSendCalls.QueueToProcess(task, frame);
            case LinuxCall.getuid:
            case LinuxCall.geteuid:
            case LinuxCall.getgid:
            case LinuxCall.getegid:
            case LinuxCall.getppid: return 0;
            case LinuxCall.umask:
                uint mask = task->Process->FileMask;
                task->Process->FileMask = (uint)frame->Rdi & 0x1FF; // 0777
                return mask;
            case LinuxCall.write: return ServerOutput.Write(task, frame->Rdi, frame->Rsi, frame->Rdx);
            case LinuxCall.writev: return ServerOutput.WriteVector(task, frame->Rdi, frame->Rsi, frame->Rdx);
            case LinuxCall.getrusage: return ServerCalls.Usage(task, frame);
            case LinuxCall.getrlimit: return ServerCalls.ResourceLimit(task, 0, (uint)frame->Rdi, 0, frame->Rsi);
            case LinuxCall.prlimit64: return ServerCalls.ResourceLimit(task, frame->Rdi, (uint)frame->Rsi, frame->Rdx, frame->R10);
            default: return -Errno.ENOSYS;
        }
    }
}
