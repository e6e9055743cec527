using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// User and group ids of a process from a copy that every change refreshes; asked for once if its first thread was not born with them. For answers to the
/// program only: every server judges by its own.
/// </summary>
internal static unsafe class KnownIds
{
    /// <summary>Keeps what Identify answered, or the thread was born with. The complement, so that 0 means "not known yet".</summary>
    public static void Remember(ProcessState* process, ulong* words)
    {
        process->KnownUsers = ~words[StartWords.Users];
        process->KnownGroups = ~words[StartWords.Groups];
        process->KnownSaved = ~words[StartWords.Saved];
    }

    /// <summary>They are about to change: not known from before that.</summary>
    public static void Forget(ProcessState* process) => process->KnownUsers = 0;

    /// <summary>Real and effective user id (low and high half).</summary>
    public static ulong Users(TaskState* task) => ~Known(task)->KnownUsers;

    /// <summary>Real and effective group id.</summary>
    public static ulong Groups(TaskState* task) => ~Known(task)->KnownGroups;

    /// <summary>Saved user and group id.</summary>
    public static ulong Saved(TaskState* task) => ~Known(task)->KnownSaved;

    /// <summary>Asks the process server.</summary>
    public static void Refresh(TaskState* task)
    {
        if (ControlCalls.Call(task, ProcessOperation.Identify, 0, 0, 0, 0, 0) >= 0)
            Remember(task->Process, KernelCalls.MessageWords(task));
    }

    private static ProcessState* Known(TaskState* task)
    {
        if (task->Process->KnownUsers == 0)
            Refresh(task);
        return task->Process;
    }
}
