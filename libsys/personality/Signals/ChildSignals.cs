using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// SIGCHLD of a program that leaves it at the default, which is to ignore it: most programs that start others only wait for them. The process server is told so
/// with the second fork, interrupts no thread for it from then on, and counts it in memory (<see cref="PublishedIds.ChildSignals"/>). What Linux does with a
/// signal when it comes (ignored, unless it is blocked) is made up for here when it matters. docs/starting-programs.md.
/// </summary>
internal static unsafe class ChildSignals
{
    private const ulong Child = 1ul << (Signals.SIGCHLD - 1);

    /// <summary>Before a fork: flags for the process server.</summary>
    public static ulong Announce(TaskState* task, ulong cloneFlags)
    {
        ProcessState* process = task->Process;
        if (process->ChildSignalsUnheard == 0)
        {
            if (!IsIgnored(process, cloneFlags) || !PublishedIdWords.TryRead(task, PublishedIds.ChildSignals, out uint count))
                return 0;
            process->ChildSignalsSeen = count;
            // A full fence: another thread that sets an action or waits meanwhile either is seen below or finds the word, see Hear.
            Interlocked.Exchange(ref process->ChildSignalsUnheard, 1);
            if (!IsIgnored(process, cloneFlags))
            {
                Hear(task);
                return 0;
            }
        }
        else if ((cloneFlags & CloneFlags.CLONE_SIGHAND) != 0)
        {
            Hear(task);
            return 0;
        }
        return ChildSignalFlags.Unheard;
    }

    /// <summary>After the fork that said so: another thread may have begun to hear meanwhile, and its word may have come first.</summary>
    public static void Confirm(TaskState* task, ulong announced)
    {
        if (announced != 0 && Volatile.Read(ref task->Process->ChildSignalsUnheard) == 0)
            Tell(task);
    }

    /// <summary>Somebody waits for it or has a signalfd, and may do so again without a word: for good.</summary>
    public static void Want(TaskState* task)
    {
        if (task->Process->ChildSignalsWanted == 0)
            Interlocked.Exchange(ref task->Process->ChildSignalsWanted, 1);
        Hear(task);
    }

    /// <summary>SIGCHLD matters from now on. What waits then, waits as on Linux. The caller has said why before, behind a full fence.</summary>
    public static void Hear(TaskState* task)
    {
        ProcessState* process = task->Process;
        if (Volatile.Read(ref process->ChildSignalsUnheard) == 0)
            return;
        Pass(task);
        if (Interlocked.Exchange(ref process->ChildSignalsUnheard, 0) != 0)
            Tell(task);
    }

    /// <summary>The thread's mask changes: what came before was ignored when it came, or is now.</summary>
    public static void MaskChanges(TaskState* task, ulong before, ulong after)
    {
        if (((before ^ after) & Child) != 0 && task->Process->ChildSignalsUnheard != 0)
            See(task);
    }

    /// <summary>The action becomes the default: what waits is dropped.</summary>
    public static void Drop(TaskState* task)
    {
        if (task->Process->ChildSignalsUnheard != 0)
            See(task);
    }

    /// <summary>What is said of it with an exec.</summary>
    public static ulong Count(TaskState* task)
    {
        Pass(task);
        return task->Process->ChildSignalsUnheard != 0 ? ChildSignalFlags.Counted | task->Process->ChildSignalsSeen : 0;
    }

    /// <summary>The signals that wait at the process server, as it says, without what is ignored already.</summary>
    public static ulong Filter(TaskState* task, ulong pending)
    {
        ProcessState* process = task->Process;
        if (process->ChildSignalsUnheard == 0)
            return pending;
        bool waits = (task->SignalMask & Child) != 0 && PublishedIdWords.TryRead(task, PublishedIds.ChildSignals, out uint count)
            && count != process->ChildSignalsSeen;
        return waits ? pending : pending & ~Child;
    }

    // Others who share the actions may change them without a word to this process.
    private static bool IsIgnored(ProcessState* process, ulong cloneFlags) =>
        (cloneFlags & CloneFlags.CLONE_SIGHAND) == 0 && Volatile.Read(ref process->ChildSignalsWanted) == 0
        && Volatile.Read(ref process->Actions->References) == 1
        && Volatile.Read(ref SignalActions.Get(process->Actions, Signals.SIGCHLD)->Handler) == SignalHandler.Default;

    // Where it is not blocked, all that came is ignored.
    private static void Pass(TaskState* task)
    {
        if (task->Process->ChildSignalsUnheard != 0 && (task->SignalMask & Child) == 0)
            See(task);
    }

    private static void See(TaskState* task)
    {
        if (PublishedIdWords.TryRead(task, PublishedIds.ChildSignals, out uint count))
            task->Process->ChildSignalsSeen = count;
    }

    private static void Tell(TaskState* task)
    {
        ProcessState* process = task->Process;
        ulong said = ChildSignalFlags.Counted | process->ChildSignalsSeen;
        if (ControlCalls.Call(task, ProcessOperation.ChildPolicy, SignalActionCalls.ChildPolicy(process), said, 0, 0, 0) < 0)
            return;
        SignalDelivery.NoteServer(task, KernelCalls.MessageWords(task)[1]);
        SignalDelivery.Recheck(task);
    }
}
