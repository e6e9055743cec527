using System.Runtime.InteropServices;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>
/// sched_setattr(2), sched_getattr(2). As with the older calls all threads are SCHED_OTHER, batch and idle are accepted as such, and the other policies need a
/// right that programs do not have. The nice value is the process', as with setpriority(2) here.
/// </summary>
internal static unsafe class SchedulingAttributes
{
    /// <summary>struct sched_attr: the first version ends before the last two fields.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Attributes
    {
        public uint Size, Policy;
        public ulong Flags;
        public int Nice;
        public uint Priority;
        public ulong Runtime, Deadline, Period;
        public uint LeastUtilization, MostUtilization;
    }

    private const uint FirstLength = 48, Length = 56, LargestLength = 4096;
    private const uint Other = 0, Fifo = 1, RoundRobin = 2, Batch = 3, Idle = 5, DeadlinePolicy = 6, LargestPriority = 99;
    private const ulong ResetOnFork = 1, Reclaim = 2, DeadlineOverrun = 4, KeepPolicy = 8, KeepParameters = 0x10, ClampUtilization = 0x60;
    private const int LowestNice = -20, HighestNice = 19;

    /// <summary>sched_getattr(thread, attributes, size, flags).</summary>
    public static long Get(TaskState* task, RegisterFrame* frame)
    {
        uint size = (uint)frame->Rdx;
        if (frame->Rsi == 0 || (int)frame->Rdi < 0 || size < FirstLength || size > LargestLength || (uint)frame->R10 != 0)
            return -Errno.EINVAL;
        if (SchedulingCalls.Find(task, (uint)frame->Rdi) == null)
            return -Errno.ESRCH;
        Attributes attributes;
        BlockMemory.Zero(&attributes, Length);
        attributes.Size = size < Length ? size : Length;
        attributes.Nice = Nice(task);
        return UserMemory.CopyOut(frame->Rsi, &attributes, attributes.Size) ? 0 : -Errno.EFAULT;
    }

    /// <summary>sched_setattr(thread, attributes, flags).</summary>
    public static long Set(TaskState* task, RegisterFrame* frame)
    {
        if (frame->Rsi == 0 || (int)frame->Rdi < 0 || (uint)frame->Rdx != 0)
            return -Errno.EINVAL;
        Attributes attributes;
        long result = Read(frame->Rsi, &attributes);
        if (result < 0)
            return result;
        if ((int)attributes.Policy < 0)
            return -Errno.EINVAL;
        if (SchedulingCalls.Find(task, (uint)frame->Rdi) == null)
            return -Errno.ESRCH;
        uint policy = (attributes.Flags & KeepPolicy) != 0 ? Other : attributes.Policy;
        result = Check(&attributes, policy);
        if (result < 0 || (attributes.Flags & KeepParameters) != 0 || !ControlCalls.HasServer(task))
            return result;
        if (attributes.Nice == Nice(task))
            return 0;
        // setpriority(2) says EACCES where this call says EPERM.
        return LimitCalls.Priority(task, 0, 0, true, (ulong)(long)attributes.Nice) < 0 ? -Errno.EPERM : 0;
    }

    private static long Check(Attributes* attributes, uint policy)
    {
        if (policy is not (Other or Fifo or RoundRobin or Batch or Idle or DeadlinePolicy))
            return -Errno.EINVAL;
        if ((attributes->Flags & ~(ResetOnFork | Reclaim | DeadlineOverrun | KeepPolicy | KeepParameters | ClampUtilization)) != 0)
            return -Errno.EINVAL;
        bool isRealTime = policy is Fifo or RoundRobin;
        if (attributes->Priority > LargestPriority || isRealTime != (attributes->Priority != 0))
            return -Errno.EINVAL;
        if (policy == DeadlinePolicy && (attributes->Runtime == 0 || attributes->Deadline < attributes->Runtime))
            return -Errno.EINVAL;
        if (isRealTime || policy == DeadlinePolicy)
            return -Errno.EPERM;
        return (attributes->Flags & ClampUtilization) != 0 ? -Errno.EOPNOTSUPP : 0;
    }

    // The caller's structure may be of an older or newer version: what it lacks is zero, and what we do not know must be. Else it is told how much we know.
    private static long Read(ulong address, Attributes* attributes)
    {
        BlockMemory.Zero(attributes, Length);
        if (!UserMemory.ReadU32(address, out uint size))
            return -Errno.EFAULT;
        if (size == 0)
            size = FirstLength;
        if (size < FirstLength || size > LargestLength)
            return TooBig(address);
        for (ulong offset = Length; offset < size; offset++)
        {
            byte extra;
            if (!UserMemory.CopyIn(&extra, address + offset, 1))
                return -Errno.EFAULT;
            if (extra != 0)
                return TooBig(address);
        }
        if (!UserMemory.CopyIn(attributes, address, size < Length ? size : Length))
            return -Errno.EFAULT;
        if (size < Length && (attributes->Flags & ClampUtilization) != 0)
            return -Errno.EINVAL;
        // Out of range is taken to the nearest, as setpriority(2) does.
        attributes->Nice = attributes->Nice < LowestNice ? LowestNice : attributes->Nice > HighestNice ? HighestNice : attributes->Nice;
        return 0;
    }

    private static long TooBig(ulong address)
    {
        UserMemory.WriteU32(address, Length);
        return -Errno.E2BIG;
    }

    // getpriority(2) of the own process says 20 − nice.
    private static int Nice(TaskState* task) => ControlCalls.HasServer(task) ? 20 - (int)LimitCalls.Priority(task, 0, 0, false, 0) : 0;
}
