using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>kill(2), rt_sigqueueinfo(2).</summary>
internal static unsafe class KillCalls
{
    // What stops, continues or cannot be handled is the process server's; real-time signals are counted there, against RLIMIT_SIGPENDING.
    private const ulong ServersOwn = Signals.StopByDefault | Signals.Unblockable | 1ul << (Signals.SIGCONT - 1);

    /// <summary>kill(pid, signal).</summary>
    public static long Kill(TaskState* task, ulong pid, ulong signal)
    {
        if ((uint)signal > Signals.Last)
            return -Errno.EINVAL;
        if ((int)(uint)pid == int.MinValue)
            return -Errno.ESRCH;
        if (TryKillSelf(task, (uint)pid, (uint)signal, out long result))
            return result;
        return ControlCalls.Call(task, ProcessOperation.Kill, (ulong)(long)(int)(uint)pid, (uint)signal, Signals.SI_USER, 0, 0);
    }

    /// <summary>rt_sigqueueinfo(pid, signal, siginfo).</summary>
    public static long Queue(TaskState* task, ulong pid, ulong signal, ulong information)
    {
        SignalEntry entry;
        long result = SignalSendCalls.ReadInformation(information, (uint)signal, &entry);
        if (result < 0)
            return result;
        // Only the kernel tells si_code ≥ 0 and SI_TKILL; a process may tell itself anything.
        if ((entry.Code >= 0 || entry.Code == Signals.SI_TKILL) && (uint)pid != task->Process->ProcessId)
            return -Errno.EPERM;
        return (int)(uint)pid <= 0
            ? -Errno.ESRCH
            : ControlCalls.Call(task, ProcessOperation.Kill, (uint)pid, (uint)signal, (ulong)(uint)entry.Code, entry.Value, 0);
    }

    // Without the server, if this thread takes the signal at once. One that stays pending is left to the process server, which keeps it over exec, and so is
    // one that the server has already: a standard signal waits once (signal(7)).
    private static bool TryKillSelf(TaskState* task, uint pid, uint signal, out long result)
    {
        ProcessState* process = task->Process;
        result = 0;
        if (pid != process->ProcessId)
            return false;
        if (signal == 0)
            return true;
        ulong set = Signals.Of(signal);
        bool isPendingThere = (process->ServerPending & set) != 0 || (Volatile.Read(ref TaskState.BlockOf(task)->Pending) & ThreadBlock.PendingForGroup) != 0;
        if (signal >= Signals.FirstRealTime || (set & (ServersOwn | task->SignalMask)) != 0 || isPendingThere)
            return false;
        SignalEntry entry;
        SignalQueue.Describe(&entry, signal, Signals.SI_USER, pid, (uint)KnownIds.Users(task), 0);
        result = SignalQueue.Send(task, process, null, &entry);
        return true;
    }
}
