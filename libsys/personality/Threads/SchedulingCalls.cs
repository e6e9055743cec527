using System.Numerics;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>
/// sched_*(2), getcpu(2). All threads are SCHED_OTHER with one priority: real-time policies need a right that programs do not have, so asking for them is
/// EPERM, as for an unprivileged process on Linux.
/// </summary>
internal static unsafe class SchedulingCalls
{
    private const uint Other = 0, Fifo = 1, RoundRobin = 2, BatchPolicy = 3, Idle = 5, ResetOnFork = 0x4000_0000;

    /// <summary>sched_yield().</summary>
    public static long Yield(TaskState* task, RegisterFrame* frame)
    {
        KernelCalls.Yield();
        return 0;
    }

    /// <summary>sched_getaffinity(thread, length, mask) → bytes written: Linux returns the size of its own mask.</summary>
    public static long GetAffinity(TaskState* task, RegisterFrame* frame)
    {
        TaskState* target = Find(task, (uint)frame->Rdi);
        if (target == null)
            return -Errno.ESRCH;
        ulong length = frame->Rsi;
        if (length < 8 || (length & 7) != 0)
            return -Errno.EINVAL;
        ulong mask = target->Affinity != 0 ? target->Affinity : AllCpus;
        return UserMemory.WriteU64(frame->Rdx, mask) ? 8 : -Errno.EFAULT;
    }

    /// <summary>sched_setaffinity(thread, length, mask).</summary>
    public static long SetAffinity(TaskState* task, RegisterFrame* frame)
    {
        ulong mask = 0;
        ulong length = frame->Rsi < 8 ? frame->Rsi : 8;
        if (!UserMemory.CopyIn(&mask, frame->Rdx, length))
            return -Errno.EFAULT;
        TaskState* target = Find(task, (uint)frame->Rdi);
        if (target == null)
            return -Errno.ESRCH;
        mask &= AllCpus;
        if (mask == 0)
            return -Errno.EINVAL;
        // Another thread's kernel handle is not kept: its wish is noted and reported, but it is not moved.
        if (target == task && KernelCalls.SetAffinity(mask) < 0)
            return -Errno.EINVAL;
        target->Affinity = mask;
        return 0;
    }

    /// <summary>sched_getscheduler(thread).</summary>
    public static long GetScheduler(TaskState* task, RegisterFrame* frame) =>
        (int)frame->Rdi < 0 ? -Errno.EINVAL : Find(task, (uint)frame->Rdi) == null ? -Errno.ESRCH : Other;

    /// <summary>sched_setscheduler(thread, policy, parameters).</summary>
    public static long SetScheduler(TaskState* task, RegisterFrame* frame)
    {
        uint policy = (uint)frame->Rsi & ~ResetOnFork;
        if ((int)frame->Rdi < 0 || frame->Rdx == 0 || (policy != Other && policy != Fifo && policy != RoundRobin && policy != BatchPolicy && policy != Idle))
            return -Errno.EINVAL;
        return Set(task, frame->Rdi, policy, frame->Rdx);
    }

    /// <summary>sched_setparam(thread, parameters).</summary>
    public static long SetParameters(TaskState* task, RegisterFrame* frame) =>
        (int)frame->Rdi < 0 || frame->Rsi == 0 ? -Errno.EINVAL : Set(task, frame->Rdi, Other, frame->Rsi);

    /// <summary>sched_getparam(thread, parameters).</summary>
    public static long GetParameters(TaskState* task, RegisterFrame* frame)
    {
        if ((int)frame->Rdi < 0 || frame->Rsi == 0)
            return -Errno.EINVAL;
        if (Find(task, (uint)frame->Rdi) == null)
            return -Errno.ESRCH;
        return UserMemory.WriteU32(frame->Rsi, 0) ? 0 : -Errno.EFAULT;
    }

    /// <summary>sched_get_priority_max(policy), sched_get_priority_min(policy).</summary>
    public static long PriorityBound(uint policy, bool highest) => policy switch
    {
        Fifo or RoundRobin => highest ? 99 : 1,
        Other or BatchPolicy or Idle => 0,
        _ => -Errno.EINVAL,
    };

    /// <summary>sched_rr_get_interval(thread, interval).</summary>
    public static long Interval(TaskState* task, RegisterFrame* frame)
    {
        // The kernel's time slice as Linux' fair scheduler reports one.
        const ulong Slice = 4_000_000;
        if ((int)frame->Rdi < 0)
            return -Errno.EINVAL;
        if (Find(task, (uint)frame->Rdi) == null)
            return -Errno.ESRCH;
        return TimeSpecification.Write(frame->Rsi, Slice) ? 0 : -Errno.EFAULT;
    }

    /// <summary>getcpu(cpu, node).</summary>
    public static long GetCpu(TaskState* task, RegisterFrame* frame)
    {
        uint cpu = KernelCalls.ThreadUsage() >= 0 ? (uint)KernelCalls.MessageWords(task)[3] : 0;
        if (frame->Rdi != 0 && !UserMemory.WriteU32(frame->Rdi, cpu))
            return -Errno.EFAULT;
        return frame->Rsi == 0 || UserMemory.WriteU32(frame->Rsi, 0) ? 0 : -Errno.EFAULT;
    }

    private static ulong AllCpus => Clock.Page->CpuCount >= 64 ? ulong.MaxValue : (1ul << (int)Clock.Page->CpuCount) - 1;

    private static long Set(TaskState* task, ulong thread, uint policy, ulong parameters)
    {
        if (!UserMemory.ReadU32(parameters, out uint priority))
            return -Errno.EFAULT;
        if (Find(task, (uint)thread) == null)
            return -Errno.ESRCH;
        bool isRealTime = policy == Fifo || policy == RoundRobin;
        if (isRealTime ? priority - 1 > 98 : priority != 0)
            return -Errno.EINVAL;
        return isRealTime ? -Errno.EPERM : 0;
    }

    /// <summary>The thread, if it is an own one or 0, else null: others are the process server's, and what it says of them is the same for all.</summary>
    public static TaskState* Find(TaskState* task, uint thread)
    {
        if (thread == 0 || thread == task->ThreadId)
            return task;
        PersonalityLock.Enter(&task->Process->TaskLock);
        TaskState* other = task->Process->Tasks;
        while (other != null && other->ThreadId != thread)
            other = other->Next;
        PersonalityLock.Exit(&task->Process->TaskLock);
        return other;
    }
}
