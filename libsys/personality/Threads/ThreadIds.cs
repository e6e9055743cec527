using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>Thread ids: from the process server in batches, counted locally where there is none.</summary>
internal static unsafe class ThreadIds
{
    // A batch costs one call; ids are plenty (2^22 on Linux) and what is left over at exit is simply not used.
    private const uint Batch = 16;

    /// <summary>An unused id, or -EAGAIN.</summary>
    public static long Allocate(TaskState* task)
    {
        ProcessState* process = task->Process;
        PersonalityLock.Enter(&process->TaskLock);
        long result = -Errno.EAGAIN;
        if (!ControlCalls.HasServer(task))
        {
            result = process->NextThreadId++;
        }
        else if (process->ThreadIdsLeft != 0)
        {
            process->ThreadIdsLeft--;
            result = process->NextThreadId++;
        }
        PersonalityLock.Exit(&process->TaskLock);
        return result >= 0 ? result : Refill(task);
    }

    // Outside the lock, because it waits for a server. If two threads refill at once, one batch is lost.
    private static long Refill(TaskState* task)
    {
        long first = ControlCalls.Call(task, ProcessOperation.AllocateThreadIds, Batch, 0, 0, 0, 0);
        if (first <= 0)
            return -Errno.EAGAIN;
        ProcessState* process = task->Process;
        PersonalityLock.Enter(&process->TaskLock);
        process->NextThreadId = (uint)first + 1;
        process->ThreadIdsLeft = Batch - 1;
        PersonalityLock.Exit(&process->TaskLock);
        return first;
    }
}
