using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>Calls of System V IPC; what is none is absent.</summary>
internal static unsafe class SystemVEntry
{
    /// <summary>Result, or a value of <see cref="Errno"/> negated; -ENOSYS for what is not known.</summary>
    public static long Call(TaskState* task, RegisterFrame* frame, uint number)
    {
        ulong a = frame->Rdi, b = frame->Rsi, c = frame->Rdx;
        switch (number)
        {
            case LinuxCall.shmget: return SegmentCalls.Get(task, a, b, c);
            case LinuxCall.shmat: return SegmentCalls.Attach(task, a, b, c);
            case LinuxCall.shmdt: return SegmentCalls.Detach(task, a);
            case LinuxCall.shmctl: return SegmentCalls.Control(task, a, b, c);
            default: return -Errno.ENOSYS;
        }
    }
}
