using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>Arguments of clone and clone3 in one form.</summary>
internal struct CloneArguments
{
    /// <summary>CLONE_* without the exit signal.</summary>
    public ulong Flags;
    /// <summary>Initial stack pointer of the child; 0 = the parent's.</summary>
    public ulong Stack;
    /// <summary>CLONE_PARENT_SETTID's address.</summary>
    public ulong ParentTid;
    /// <summary>CLONE_CHILD_SETTID's and CLONE_CHILD_CLEARTID's address.</summary>
    public ulong ChildTid;
    /// <summary>FS base for CLONE_SETTLS.</summary>
    public ulong Tls;
    /// <summary>Signal to the parent when the child ends.</summary>
    public uint ExitSignal;
}

/// <summary>clone, clone3: threads are made here, processes by the files part (<see cref="ProcessCreation"/>).</summary>
internal static unsafe class CloneCalls
{
    /// <summary>clone(flags, stack, parent tid, child tid, tls).</summary>
    public static long Clone(TaskState* task, RegisterFrame* frame)
    {
        CloneArguments arguments;
        // Unknown and obsolete bits are ignored by clone(2): CLONE_DETACHED; CLONE_PIDFD is refused below.
        arguments.Flags = frame->Rdi & 0xFFFF_FFFF & ~CloneFlags.CSIGNAL & ~CloneFlags.CLONE_DETACHED;
        arguments.ExitSignal = (uint)(frame->Rdi & CloneFlags.CSIGNAL);
        arguments.Stack = frame->Rsi;
        arguments.ParentTid = frame->Rdx;
        arguments.ChildTid = frame->R10;
        arguments.Tls = frame->R8;
        return Create(task, &arguments);
    }

    /// <summary>clone3(arguments, size).</summary>
    public static long Clone3(TaskState* task, RegisterFrame* frame)
    {
        // flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup; the first version ended after tls.
        const uint Smallest = 64, Known = 88, Words = Known / 8, PageSize = 4096;
        ulong size = frame->Rsi;
        if (size > PageSize)
            return -Errno.E2BIG;
        if (size < Smallest)
            return -Errno.EINVAL;
        ulong* words = stackalloc ulong[(int)Words];
        BlockMemory.Zero(words, Known);
        if (!UserMemory.CopyIn(words, frame->Rdi, size < Known ? size : Known))
            return -Errno.EFAULT;
        for (ulong offset = Known; offset < size; offset += 8)
        {
            if (!UserMemory.ReadU64(frame->Rdi + offset, out ulong extra))
                return -Errno.EFAULT;
            if (extra != 0)
                return -Errno.E2BIG;
        }
        // CLONE_DETACHED and the exit signal's bits have no place in flags here.
        if ((words[0] & (CloneFlags.CSIGNAL | CloneFlags.CLONE_DETACHED)) != 0 || words[0] >> 34 != 0 || words[4] > Signals.Last)
            return -Errno.EINVAL;
        if ((words[5] == 0) != (words[6] == 0))
            return -Errno.EINVAL;
        // A chosen thread id, a cgroup: not offered.
        if (words[8] != 0 || words[9] != 0 || (words[0] & 1ul << 33) != 0)
            return -Errno.EPERM;
        if ((words[0] & (CloneFlags.CLONE_THREAD | CloneFlags.CLONE_PARENT)) != 0 && words[4] != 0)
            return -Errno.EINVAL;

        CloneArguments arguments;
        arguments.Flags = words[0];
        arguments.ExitSignal = (uint)words[4];
        arguments.Stack = words[5] + words[6];
        arguments.ParentTid = words[3];
        arguments.ChildTid = words[2];
        arguments.Tls = words[7];
        return Create(task, &arguments);
    }

    private static long Create(TaskState* task, CloneArguments* arguments)
    {
        ulong flags = arguments->Flags;
        if ((flags & CloneFlags.CLONE_SIGHAND) != 0 && (flags & CloneFlags.CLONE_VM) == 0)
            return -Errno.EINVAL;
        if ((flags & CloneFlags.CLONE_THREAD) != 0 && (flags & CloneFlags.CLONE_SIGHAND) == 0)
            return -Errno.EINVAL;
        if ((flags & (CloneFlags.CLONE_SIGHAND | CloneFlags.CLONE_CLEAR_SIGHAND)) == (CloneFlags.CLONE_SIGHAND | CloneFlags.CLONE_CLEAR_SIGHAND))
            return -Errno.EINVAL;
        // Namespaces and descriptors of processes do not exist here; Linux without them configured says EINVAL.
        if ((flags & (CloneFlags.Namespaces | CloneFlags.CLONE_PIDFD)) != 0)
            return -Errno.EINVAL;
        if ((flags & CloneFlags.CLONE_SETTLS) != 0 && arguments->Tls >= Window.Base)
            return -Errno.EPERM;
        return (flags & CloneFlags.CLONE_THREAD) != 0 ? CreateThread(task, arguments) : ProcessCreation.Clone(task, arguments);
    }

    private static long CreateThread(TaskState* task, CloneArguments* arguments)
    {
        ProcessState* process = task->Process;
        long thread = ThreadIds.Allocate(task);
        if (thread < 0)
            return thread;
        ThreadStart* start = ThreadStart.Capture();
        if (start == null)
            return -Errno.ENOMEM;
        if ((arguments->Flags & CloneFlags.CLONE_SETTLS) != 0)
            start->FsBase = arguments->Tls;
        if ((arguments->Flags & CloneFlags.CLONE_CHILD_SETTID) != 0)
            start->SetTidAddress = arguments->ChildTid;

        long slot = KernelCalls.ThreadReserve();
        // Suspended: its block exists from here on and can be filled before it runs.
        ulong entry = ((PersonalityHeader*)Window.Base)->ThreadEntry;
        long handle = slot < 0 ? slot : KernelCalls.ThreadCreate((uint)slot, entry, (ulong)start, ThreadFlags.Suspended);
        if (handle < 0)
        {
            if (slot >= 0)
                KernelCalls.ThreadRelease((uint)slot);
            PersonalityHeap.Free(start);
            return -Errno.EAGAIN;
        }

        TaskState* child = TaskState.Of((ThreadBlock*)Window.ThreadBlockOf((uint)slot));
        ThreadStart.FillBlock(task, child, process, (uint)thread, (uint)slot, arguments->Stack);
        if ((arguments->Flags & CloneFlags.CLONE_CHILD_CLEARTID) != 0)
            child->ClearChildTid = arguments->ChildTid;
        if ((arguments->Flags & CloneFlags.CLONE_PARENT_SETTID) != 0)
            UserMemory.WriteU32(arguments->ParentTid, (uint)thread);
        PersonalityLock.Enter(&process->TaskLock);
        child->Next = process->Tasks;
        process->Tasks = child;
        process->TaskCount++;
        // A thread that is made while the process ends must not outlive it.
        child->MustExit = process->Exiting;
        PersonalityLock.Exit(&process->TaskLock);
        KernelCalls.ThreadResume((uint)handle);
        KernelCalls.HandleClose((uint)handle);
        return thread;
    }
}
