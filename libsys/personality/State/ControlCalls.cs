using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>Calls to the process server over the control endpoint. Results beyond the first word stay in the message area.</summary>
internal static unsafe class ControlCalls
{
    /// <summary>True if this space has a process server.</summary>
    public static bool HasServer(TaskState* task) => (task->Process->Flags & ProcessFlags.Server) == 0;

    /// <summary>Calls and waits, whatever signals arrive. Returns the first word of the reply, or -ESRCH if the server is gone.</summary>
    public static long Call(TaskState* task, ProcessOperation operation, ulong a1, ulong a2, ulong a3, ulong a4, ulong a5)
    {
        Prepare(task, operation, a1, a2, a3, a4, a5);
        long status = KernelCalls.Call(WellKnownHandle.Control, Deadline.Never, WaitFlags.Uninterruptible);
        return Result(task, status);
    }

    /// <summary>The same, ended by signals: then the call has had no effect and -<see cref="Errno.RestartSystemCall"/> comes back.</summary>
    public static long CallInterruptibly(TaskState* task, ProcessOperation operation, ulong a1, ulong a2, ulong a3, ulong a4, ulong a5)
    {
        Prepare(task, operation, a1, a2, a3, a4, a5);
        long status = KernelCalls.Call(WellKnownHandle.Control, Deadline.Never, WaitFlags.None);
        return status == (long)KernelStatus.Interrupted ? -Errno.RestartSystemCall : Result(task, status);
    }

    /// <summary>The same with an end in time, which has had no effect either: then <paramref name="isLate"/> is true.</summary>
    public static long CallUntil(TaskState* task, ulong deadline, ProcessOperation operation, ulong a1, ulong a2, out bool isLate)
    {
        Prepare(task, operation, a1, a2, 0, 0, 0);
        long status = KernelCalls.Call(WellKnownHandle.Control, deadline, WaitFlags.None);
        isLate = status == (long)KernelStatus.TimedOut;
        return status == (long)KernelStatus.Interrupted ? -Errno.RestartSystemCall : Result(task, status);
    }

    /// <summary>A server tells its supervisor that it ends. Comes back only if there is no supervisor that listens.</summary>
    public static void Report(TaskState* task, SupervisorOperation operation, ulong a1, ulong a2, ulong a3, ulong a4, ulong a5, ulong a6)
    {
        Prepare(task, (ProcessOperation)operation, a1, a2, a3, a4, a5);
        KernelCalls.MessageWords(task)[6] = a6;
        KernelCalls.Call(WellKnownHandle.Control, Deadline.Never, WaitFlags.Uninterruptible);
    }

    private static void Prepare(TaskState* task, ProcessOperation operation, ulong a1, ulong a2, ulong a3, ulong a4, ulong a5)
    {
        ulong* words = KernelCalls.MessageWords(task);
        words[0] = (ulong)operation;
        words[1] = a1;
        words[2] = a2;
        words[3] = a3;
        words[4] = a4;
        words[5] = a5;
        words[6] = 0;
        words[7] = 0;
        TaskState.MessageOf(task)->HandleCount = 0;
    }

    private static long Result(TaskState* task, long status) => status < 0 ? -Errno.ESRCH : (long)KernelCalls.MessageWords(task)[0];
}
