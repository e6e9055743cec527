using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>Calls of System V IPC; what is none is absent.</summary>
internal static unsafe class SystemVEntry
{
    /// <summary>Result, or a value of <see cref="Errno"/> negated; -ENOSYS for what is not known.</summary>
    public static long Call(TaskState* task, RegisterFrame* frame, uint number)
    {
        ulong a = frame->Rdi, b = frame->Rsi, c = frame->Rdx, d = frame->R10, e = frame->R8;
        switch (number)
        {
            case LinuxCall.shmget: return SegmentCalls.Get(task, a, b, c);
            case LinuxCall.shmat: return SegmentCalls.Attach(task, a, b, c);
            case LinuxCall.shmdt: return SegmentCalls.Detach(task, a);
            case LinuxCall.shmctl: return SegmentCalls.Control(task, a, b, c);
            case LinuxCall.semget: return SemaphoreCalls.Get(task, a, b, c);
            case LinuxCall.semop: return SemaphoreCalls.Operate(task, a, b, c, 0);
            case LinuxCall.semtimedop: return SemaphoreCalls.Operate(task, a, b, c, d);
            case LinuxCall.semctl: return SemaphoreCalls.Control(task, a, b, c, d);
            case LinuxCall.msgget: return QueueCalls.Get(task, a, b);
            case LinuxCall.msgsnd: return QueueCalls.Send(task, a, b, c, d);
            case LinuxCall.msgrcv: return QueueCalls.Receive(task, a, b, c, d, e);
            case LinuxCall.msgctl: return QueueCalls.Control(task, a, b, c);
            default: return -Errno.ENOSYS;
        }
    }
}
