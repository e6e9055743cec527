using System;

namespace PersonalityTests;

/// <summary>sched_getattr(2) and sched_setattr(2): sizes of the structure, checks, and the nice value that they share with getpriority(2).</summary>
internal static unsafe class SchedulingTests
{
    private const uint SetAttributes = 314, GetAttributes = 315, GetPriority = 140;
    private const long E2BIG = -7;

    public static void Run()
    {
        uint* attributes = (uint*)Linux.Map(8192);
        Report.Equal(0, Get(attributes, 48), "sched_getattr of the first version"u8);
        Report.Equal(48, attributes[0], "its size"u8);
        Report.Equal(0, attributes[1], "SCHED_OTHER"u8);
        Report.Equal(0, attributes[5], "no real-time priority"u8);
        Report.Equal(0, Get(attributes, 4096), "sched_getattr with room"u8);
        Report.Equal(56, attributes[0], "size known"u8);
        Report.Equal(Linux.EINVAL, Get(attributes, 47), "sched_getattr, too small"u8);
        Report.Equal(Linux.EINVAL, Get(attributes, 4097), "sched_getattr, too large"u8);
        Report.Equal(Linux.EINVAL, Linux.Call(GetAttributes, 0, (ulong)attributes, 48, 1), "sched_getattr, flags"u8);
        Report.Equal(Linux.EINVAL, Linux.Call(GetAttributes, ulong.MaxValue, (ulong)attributes, 48, 0), "sched_getattr, negative thread"u8);
        Report.Equal(Linux.ESRCH, Linux.Call(GetAttributes, 0x7FFF_FFFF, (ulong)attributes, 48, 0), "sched_getattr, no such thread"u8);
        Report.Equal(Linux.EFAULT, Linux.Call(GetAttributes, 0, 8, 48, 0), "sched_getattr, wild pointer"u8);

        int nice = 20 - (int)Linux.Call(GetPriority, 0, 0);
        Report.Equal(0, Set(attributes, 48, 0, 0, nice + 3, 0), "sched_setattr"u8);
        Report.Equal(20 - nice - 3, Linux.Call(GetPriority, 0, 0), "getpriority agrees"u8);
        Report.Equal(0, Get(attributes, 48), "sched_getattr again"u8);
        Report.Equal(nice + 3, (int)attributes[4], "sched_getattr agrees"u8);
        Report.Equal(0, Set(attributes, 0, 0, 0x10, 0, 0), "size 0, SCHED_FLAG_KEEP_PARAMS"u8);
        Report.Equal(20 - nice - 3, Linux.Call(GetPriority, 0, 0), "parameters kept"u8);
        Report.Equal(0, Set(attributes, 64, 0, 0, nice, 0), "zeros that are not known"u8);
        Report.Equal(20 - nice, Linux.Call(GetPriority, 0, 0), "root may be less nice"u8);

        attributes[14] = 1;
        Report.Equal(E2BIG, Set(attributes, 64, 0, 0, 0, 0), "sched_setattr, unknown fields"u8);
        Report.Equal(56, attributes[0], "told what is known"u8);
        Report.Equal(E2BIG, Set(attributes, 40, 0, 0, 0, 0), "sched_setattr, too small"u8);
        Report.Equal(Linux.EINVAL, Set(attributes, 48, 77, 0, 0, 0), "sched_setattr, policy"u8);
        Report.Equal(Linux.EINVAL, Set(attributes, 48, 0, 0, 0, 1), "sched_setattr, priority without real time"u8);
        Report.Equal(Linux.EINVAL, Set(attributes, 48, 1, 0, 0, 0), "sched_setattr, real time without priority"u8);
        Report.Equal(Linux.EINVAL, Set(attributes, 48, 0, 0x8000, 0, 0), "sched_setattr, unknown flag"u8);
        Report.Equal(Linux.EINVAL, Linux.Call(SetAttributes, 0, (ulong)attributes, 1), "sched_setattr, flags"u8);
        Report.Equal(Linux.EINVAL, Linux.Call(SetAttributes, 0, 0, 0), "sched_setattr, null"u8);
        Report.Equal(Linux.EFAULT, Linux.Call(SetAttributes, 0, 8, 0), "sched_setattr, wild pointer"u8);
        Linux.Call(11, (ulong)attributes, 8192);
        Report.Line("ok scheduling"u8);
    }

    private static long Get(uint* attributes, uint size) => Linux.Call(GetAttributes, 0, (ulong)attributes, size, 0);

    private static long Set(uint* attributes, uint size, uint policy, ulong flags, int nice, uint priority)
    {
        attributes[0] = size;
        attributes[1] = policy;
        *(ulong*)(attributes + 2) = flags;
        attributes[4] = (uint)nice;
        attributes[5] = priority;
        return Linux.Call(SetAttributes, 0, (ulong)attributes, 0);
    }
}
