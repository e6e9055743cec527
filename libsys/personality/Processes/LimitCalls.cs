using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>getrlimit(2), setrlimit, prlimit64; getpriority(2), setpriority.</summary>
internal static unsafe class LimitCalls
{
    private const uint RLIMIT_NOFILE = 7;

    /// <summary>prlimit64(pid, resource, new, old); getrlimit and setrlimit are it with one of the two.</summary>
    public static long Limit(TaskState* task, ulong pid, ulong resource, ulong newAddress, ulong oldAddress)
    {
        ulong soft = 0, hard = 0;
        if (newAddress != 0 && (!UserMemory.ReadU64(newAddress, out soft) || !UserMemory.ReadU64(newAddress + 8, out hard)))
            return -Errno.EFAULT;
        ulong setting = newAddress != 0 ? 1ul : 0;
        long result = ControlCalls.Call(task, ProcessOperation.ResourceLimit, (uint)pid, (uint)resource, setting, soft, hard);
        if (result < 0)
            return result;
        ulong* words = KernelCalls.MessageWords(task);
        ulong oldSoft = words[1], oldHard = words[2];
        bool own = (uint)pid == 0 || (uint)pid == task->Process->ProcessId;
        if (setting != 0 && own && (uint)resource == RLIMIT_NOFILE && task->Process->Descriptors != null)
            task->Process->Descriptors->Limit = Bounded(soft);
        return oldAddress == 0 || UserMemory.WriteU64(oldAddress, oldSoft) && UserMemory.WriteU64(oldAddress + 8, oldHard) ? 0 : -Errno.EFAULT;
    }

    /// <summary>getpriority: 20 − nice, so that it is never negative; setpriority.</summary>
    public static long Priority(TaskState* task, ulong which, ulong who, bool setting, ulong value) => (uint)which > 2
        ? -Errno.EINVAL
        : ControlCalls.Call(task, ProcessOperation.Priority, (uint)which, (uint)who, setting ? 1ul : 0, (ulong)(long)(int)(uint)value, 0);

    /// <summary>A limit of open files as far as descriptors go.</summary>
    public static uint Bounded(ulong limit) => limit < int.MaxValue ? (uint)limit : int.MaxValue;
}
