using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>exit, exit_group, set_tid_address and the robust list (exit(2), set_robust_list(2)).</summary>
internal static unsafe class ThreadExit
{
    /// <summary>exit(status): the calling thread; the last one takes the process along.</summary>
    public static long Exit(TaskState* task, RegisterFrame* frame)
    {
        Run(task, (uint)(frame->Rdi & 0xFF) << 8);
        return 0;
    }

    /// <summary>exit_group(status).</summary>
    public static long ExitGroup(TaskState* task, RegisterFrame* frame)
    {
        RobustList.Walk(task);
        ClearTid(task);
        ProcessEnd.Process(task, (uint)(frame->Rdi & 0xFF) << 8);
        return 0;
    }

    /// <summary>set_tid_address(address) → thread id.</summary>
    public static long SetTidAddress(TaskState* task, RegisterFrame* frame)
    {
        task->ClearChildTid = frame->Rdi;
        return task->ThreadId;
    }

    /// <summary>Ends the calling thread. <paramref name="status"/>: wait status if it is the last. Does not return.</summary>
    public static void Run(TaskState* task, uint status)
    {
        ProcessState* process = task->Process;
        RobustList.Walk(task);
        if (Unlink(process, task))
        {
            ClearTid(task);
            ProcessEnd.Process(task, status);
        }
        SignalQueue.Drop(task);
        SharedEnd.Finish(process);
        if (ControlCalls.HasServer(task))
            ControlCalls.Call(task, ProcessOperation.ThreadEnded, task->ThreadId, 0, 0, 0, 0);
        ulong word = task->ClearChildTid;
        bool valid = word != 0 && (word & 3) == 0 && UserMemory.IsUser(word, 4);
        // The kernel clears and wakes the word when the thread is gone: then its program stack can be unmapped.
        KernelCalls.ThreadExit(0, valid ? word : 0);
        Stubs.Stop();
    }

    // True if it was the last one; that one stays in the list.
    private static bool Unlink(ProcessState* process, TaskState* task)
    {
        PersonalityLock.Enter(&process->TaskLock);
        bool last = process->TaskCount == 1;
        if (!last)
        {
            TaskState** link = &process->Tasks;
            while (*link != task)
                link = &(*link)->Next;
            *link = task->Next;
            process->TaskCount--;
            SharedEnd.Arrive(process);
        }
        PersonalityLock.Exit(&process->TaskLock);
        return last;
    }

    private static void ClearTid(TaskState* task)
    {
        ulong word = task->ClearChildTid;
        if (word == 0 || task->Process->Space->Processes < 2)
            return;
        // A vfork child's memory lives on.
        if (UserMemory.WriteU32(word, 0))
            KernelCalls.WordWake(word, 1, 0);
    }
}
