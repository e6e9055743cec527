using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>tkill, tgkill, rt_tgsigqueueinfo to own threads; kill and rt_sigqueueinfo where no process server exists.</summary>
internal static unsafe class SignalSendCalls
{
    /// <summary>tgkill(process, thread, signal), by a process whose real user this is.</summary>
    public static long ToThreadOfGroup(TaskState* task, RegisterFrame* frame, uint user)
    {
        if ((int)frame->Rdi <= 0 || (int)frame->Rsi <= 0)
            return -Errno.EINVAL;
        return SendToThread(task, (uint)frame->Rdi, (uint)frame->Rsi, (uint)frame->Rdx, user);
    }

    /// <summary>tkill(thread, signal), likewise.</summary>
    public static long ToThread(TaskState* task, RegisterFrame* frame, uint user) =>
        (int)frame->Rdi <= 0 ? -Errno.EINVAL : SendToThread(task, 0, (uint)frame->Rdi, (uint)frame->Rsi, user);

    /// <summary>rt_tgsigqueueinfo(process, thread, signal, siginfo).</summary>
    public static long QueueToThread(TaskState* task, RegisterFrame* frame)
    {
        if ((int)frame->Rdi <= 0 || (int)frame->Rsi <= 0)
            return -Errno.EINVAL;
        SignalEntry entry;
        long result = ReadInformation(frame->R10, (uint)frame->Rdx, &entry);
        if (result < 0)
            return result;
        // Only the kernel tells si_code >= 0 and SI_TKILL; a process may tell itself anything.
        if ((entry.Code >= 0 || entry.Code == Signals.SI_TKILL) && (uint)frame->Rdi != task->Process->ProcessId)
            return -Errno.EPERM;
        return Send(task, (uint)frame->Rdi, (uint)frame->Rsi, &entry);
    }

    /// <summary>kill(process, signal) of a server: it can only name itself.</summary>
    public static long ToProcess(TaskState* task, RegisterFrame* frame)
    {
        int pid = (int)frame->Rdi;
        uint signal = (uint)frame->Rsi;
        if (signal > Signals.Last)
            return -Errno.EINVAL;
        if (pid != (int)task->Process->ProcessId && pid != 0 && pid != -1)
            return -Errno.ESRCH;
        if (signal == 0)
            return 0;
        SignalEntry entry;
        SignalQueue.Describe(&entry, signal, Signals.SI_USER, task->Process->ProcessId, 0, 0);
        return SignalQueue.Send(task, task->Process, null, &entry);
    }

    /// <summary>rt_sigqueueinfo(process, signal, siginfo) of a server.</summary>
    public static long QueueToProcess(TaskState* task, RegisterFrame* frame)
    {
        SignalEntry entry;
        long result = ReadInformation(frame->Rdx, (uint)frame->Rsi, &entry);
        if (result < 0)
            return result;
        return (uint)frame->Rdi == task->Process->ProcessId ? SignalQueue.Send(task, task->Process, null, &entry) : -Errno.ESRCH;
    }

    /// <summary>Reads a siginfo that a program gives; the signal number is the call's.</summary>
    public static long ReadInformation(ulong address, uint signal, SignalEntry* entry)
    {
        ulong* words = stackalloc ulong[SignalFrame.InformationWords];
        if (!UserMemory.CopyIn(words, address, SignalFrame.InformationWords * 8))
            return -Errno.EFAULT;
        if (!Signals.IsValid(signal))
            return -Errno.EINVAL;
        SignalQueue.Describe(entry, signal, (int)words[1], (uint)words[2], (uint)(words[2] >> 32), words[3]);
        entry->Error = (int)(words[0] >> 32);
        return 0;
    }

    private static long SendToThread(TaskState* task, uint process, uint thread, uint signal, uint user)
    {
        if (signal > Signals.Last)
            return -Errno.EINVAL;
        SignalEntry entry;
        SignalQueue.Describe(&entry, signal, Signals.SI_TKILL, task->Process->ProcessId, user, 0);
        return Send(task, process, thread, &entry);
    }

    // Threads of other processes are the process server's: FileCalls asks it when this says -ESRCH.
    private static long Send(TaskState* task, uint process, uint thread, SignalEntry* entry)
    {
        ProcessState* own = task->Process;
        if (process != 0 && process != own->ProcessId)
            return ForeignThread(task, process, thread, entry);
        if (thread == task->ThreadId)
            return entry->Signal == 0 ? 0 : SignalQueue.Send(task, own, task, entry);

        PersonalityLock.Enter(&own->TaskLock);
        TaskState* target = own->Tasks;
        while (target != null && target->ThreadId != thread)
            target = target->Next;
        // Under the lock, so that the thread cannot end meanwhile.
        long result = target == null ? -Errno.ESRCH : entry->Signal == 0 ? 0 : SignalQueue.Send(task, own, target, entry);
        PersonalityLock.Exit(&own->TaskLock);
        // All own threads are in the list; without a process named it may be anybody's.
        return target == null && process == 0 ? ForeignThread(task, process, thread, entry) : result;
    }

    private static long ForeignThread(TaskState* task, uint process, uint thread, SignalEntry* entry) => ControlCalls.HasServer(task)
        ? ControlCalls.Call(task, Libsys.Messages.ProcessOperation.Kill, process != 0 ? process : thread, entry->Signal, (ulong)(uint)entry->Code,
        entry->Value, thread)
        : -Errno.ESRCH;
}
