using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>fork(2), vfork(2), and clone(2) of processes.</summary>
internal static unsafe class ProcessCreation
{
    /// <summary>fork and vfork, as clone with their flags.</summary>
    public static long Fork(TaskState* task, ulong flags)
    {
        CloneArguments arguments;
        arguments.Flags = flags;
        arguments.Stack = 0;
        arguments.ParentTid = 0;
        arguments.ChildTid = 0;
        arguments.Tls = 0;
        arguments.ExitSignal = Signals.SIGCHLD;
        return Clone(task, &arguments);
    }

    /// <summary>A clone without CLONE_THREAD; flags are checked for contradictions already.</summary>
    public static long Clone(TaskState* task, CloneArguments* arguments)
    {
        if (!ControlCalls.HasServer(task))
            return -Errno.ENOSYS;
        if (arguments->ExitSignal > Signals.Last)
            return -Errno.EINVAL;
        if ((arguments->Flags & CloneFlags.CLONE_VM) != 0)
            return SharedProcess.Create(task, arguments);
        // Tables are shared only inside a space.
        if ((arguments->Flags & (CloneFlags.CLONE_FILES | CloneFlags.CLONE_FS)) != 0)
            return -Errno.EINVAL;
        return Copy(task, arguments);
    }

    /// <summary>
    /// First thing of a new process, in the new thread: learns its ids (<see cref="TaskState.ThreadId"/>, the process's id and slot) from the words that it was
    /// born with (<see cref="StartWords"/>); after a fork, takes up its own connection to vfs and frees the files part's locks.
    /// </summary>
    public static void BeginChild(TaskState* task, ThreadStart* start, ulong* words, bool forked)
    {
        ProcessState* process = task->Process;
        if (forked)
        {
            ServerConnections.AfterFork(process->Space->Connection);
            DescriptorTable.AfterFork(process->Descriptors);
            MemorySources.AfterFork(process->Space);
            StreamPlaces.AfterFork(process->Space);
            SharedFiles.AfterFork(process->Space);
            NamesMapping.AfterFork(task);
        }
        else
            process->Tasks = task;
        if (!TryIdentify(task, words))
        {
            if (forked)
                ProcessEnd.EndSpace(task);
            KernelCalls.ThreadExit(0, 0);
        }
        if (forked)
            DescriptorTable.PublishAll(process);
        ulong flags = start->FilesState0;
        // With shared memory it is the parent's word, and the child may look at it before the parent runs again.
        if (!forked && (flags & CloneFlags.CLONE_PARENT_SETTID) != 0)
            UserMemory.WriteU32(start->FilesState1, task->ThreadId);
        if ((flags & CloneFlags.CLONE_CLEAR_SIGHAND) != 0)
            ClearHandlers(process->Actions);
    }

    private static long Copy(TaskState* task, CloneArguments* arguments)
    {
        ProcessState* process = task->Process;
        long moved = EpollMove.All(task);
        if (moved < 0)
            return moved;
        ThreadStart* start = ThreadStart.CaptureProcess(task, process, arguments);
        if (start == null)
            return -Errno.ENOMEM;
        start->FilesState0 = arguments->Flags;
        ulong announced = ChildSignals.Announce(task, arguments->Flags);
        // Order: map lock, descriptor table, the rest. The connection's locks are not taken: the child makes its connection anew.
        ForkState.EnterMap(task);
        PersonalityLock.Enter(&process->Descriptors->Lock);
        ForkState.EnterLocks(task);
        long result = ControlCalls.Call(task, ProcessOperation.Fork, (ulong)start, task->Slot, arguments->Flags | announced, arguments->ExitSignal, 0);
        ForkState.ExitLocks(task);
        PersonalityLock.Exit(&process->Descriptors->Lock);
        ThreadStart.Free(start);
        ChildSignals.Confirm(task, announced);
        if (result > 0 && (arguments->Flags & CloneFlags.CLONE_PARENT_SETTID) != 0)
            UserMemory.WriteU32(arguments->ParentTid, (uint)result);
        return result;
    }

    // Who it is. Words that nobody wrote are of a thread that its own program made, and lead nowhere.
    private static bool TryIdentify(TaskState* task, ulong* words)
    {
        if (words[StartWords.Pid] == 0)
            return false;
        ProcessState* process = task->Process;
        process->ProcessId = (uint)words[StartWords.Pid];
        process->VfsProcessSlot = (uint)words[StartWords.VfsSlot];
        task->ThreadId = process->ProcessId;
        KnownIds.Remember(process, words);
        return true;
    }

    private static void ClearHandlers(SignalActions* actions)
    {
        for (uint signal = Signals.First; signal <= Signals.Last; signal++)
        {
            SignalAction* action = SignalActions.Get(actions, signal);
            if (action->Handler == SignalHandler.Ignore)
                continue;
            action->Handler = SignalHandler.Default;
            action->Flags = 0;
            action->Mask = 0;
        }
    }
}
