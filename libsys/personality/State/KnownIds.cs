using System.Threading;
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
        process->HasOtherFileIds = (words[StartWords.VfsSlot] & StartWords.OtherFileIds) != 0;
        process->KnownGroups = ~words[StartWords.Groups];
        process->KnownSaved = ~words[StartWords.Saved];
        // Last: who finds these known finds the others as new.
        Volatile.Write(ref process->KnownUsers, ~words[StartWords.Users]);
    }

    /// <summary>
    /// Effective user and group id by which vfs judges now, or judged until something changed, which a later look at its turn tells. False: not known here.
    /// </summary>
    public static bool TryForFiles(TaskState* task, out uint user, out uint group)
    {
        ulong users = Volatile.Read(ref task->Process->KnownUsers);
        user = (uint)(~users >> 32);
        group = (uint)(~task->Process->KnownGroups >> 32);
        return users != 0 && !task->Process->HasOtherFileIds;
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
