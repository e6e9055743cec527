using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// A process in its creator's address space (vfork, CLONE_VM): a thread with a process state, a descriptor table and a process slot of its own on the shared
/// connection. Its thread is made by the process server.
/// </summary>
internal static unsafe class SharedProcess
{
    /// <summary>Makes the process. With CLONE_VFORK it returns when the child has started another program or ended.</summary>
    public static long Create(TaskState* task, CloneArguments* arguments)
    {
        ulong flags = arguments->Flags;
        // Of the child an exec may inherit it, and the handle must be this process', too.
        long moved = (flags & CloneFlags.CLONE_FILES) != 0 ? 0 : EpollMove.IfInherited(task);
        if (moved < 0)
            return moved;
        SharedEnd.Collect(task->Process->Space);
        ProcessState* child = CopyProcess(task->Process, flags);
        if (child == null)
            return -Errno.ENOMEM;
        ThreadStart* start = ThreadStart.CaptureProcess(task, child, arguments);
        if (start == null)
        {
            ReleaseProcess(child);
            return -Errno.ENOMEM;
        }
        start->FilesState0 = flags;
        start->FilesState1 = arguments->ParentTid;
        long slot = KernelCalls.ThreadReserve();
        if (slot < 0)
        {
            ThreadStart.Free(start);
            ReleaseProcess(child);
            return -Errno.EAGAIN;
        }
        Interlocked.Increment(ref task->Process->Space->Processes);
        ulong announced = ChildSignals.Announce(task, flags);
        long result = ControlCalls.Call(task, ProcessOperation.ForkShared, (ulong)start, (ulong)slot, flags | announced, arguments->ExitSignal, 0);
        bool usesSpace = KernelCalls.MessageWords(task)[2] != 0;
        ChildSignals.Confirm(task, announced);
        if (result < 0)
        {
            KernelCalls.ThreadRelease((uint)slot);
            ThreadStart.Free(start);
        }
        if (result >= 0 && (flags & CloneFlags.CLONE_VFORK) != 0 && usesSpace)
        {
            // The child still runs, because this process must end first. It gives back what it can by itself.
            Interlocked.Or(ref *(uint*)&child->Flags, (uint)ProcessFlags.Detached);
            return result;
        }
        if (result < 0 || (flags & CloneFlags.CLONE_VFORK) != 0)
        {
            // The child's threads are gone by now, so nobody else uses its state.
            Interlocked.Decrement(ref task->Process->Space->Processes);
            ReleaseProcess(child);
        }
        return result;
    }

    private static ProcessState* CopyProcess(ProcessState* parent, ulong flags)
    {
        ProcessState* child = (ProcessState*)PersonalityHeap.Allocate((ulong)sizeof(ProcessState));
        if (child == null)
            return null;
        child->Space = parent->Space;
        child->FileMask = parent->FileMask;
        child->Flags = (parent->Flags & ~ProcessFlags.Detached) | ProcessFlags.Borrower;
        if ((flags & CloneFlags.CLONE_VFORK) == 0)
            child->Flags |= ProcessFlags.Detached;
        child->IsUnknown = 1;
        child->Domain = parent->Domain;
        if ((flags & CloneFlags.CLONE_FS) != 0)
            NamesMapping.TurnOff(parent);
        child->NamesOff = parent->NamesOff;
        child->TaskCount = 1;
        child->References = 1;
        child->Actions = CopyActions(parent->Actions, (flags & CloneFlags.CLONE_SIGHAND) != 0);
        if ((flags & CloneFlags.CLONE_FILES) == 0)
            child->Descriptors = DescriptorTable.Copy(parent->Descriptors);
        else
        {
            Interlocked.Increment(ref parent->Descriptors->References);
            child->Descriptors = parent->Descriptors;
        }
        if (child->Actions != null && child->Descriptors != null)
            return child;
        ReleaseProcess(child);
        return null;
    }

    private static SignalActions* CopyActions(SignalActions* parent, bool share)
    {
        if (share)
        {
            Interlocked.Increment(ref parent->References);
            return parent;
        }
        SignalActions* copy = (SignalActions*)PersonalityHeap.AllocateDirty((ulong)sizeof(SignalActions));
        if (copy == null)
            return null;
        PersonalityLock.Enter(&parent->Lock);
        BlockMemory.Move(copy, parent, (ulong)sizeof(SignalActions));
        PersonalityLock.Exit(&parent->Lock);
        PersonalityLock.Reset(&copy->Lock);
        copy->References = 1;
        return copy;
    }

    /// <summary>Gives back what hangs on a process that ends, but for its state itself.</summary>
    public static void ReleaseParts(ProcessState* process)
    {
        SignalQueue.Forget(process);
        DescriptorTable.Release(process->Space, process->Descriptors);
        process->Descriptors = null;
        if (process->Actions != null && Interlocked.Decrement(ref process->Actions->References) == 0)
            PersonalityHeap.Free(process->Actions);
        PersonalityHeap.Free(process->Timers);
        process->Timers = null;
        PersonalityHeap.Free(process->StartTable);
        process->StartTable = null;
        if (process->StartTableHandle != 0)
            KernelCalls.HandleClose(process->StartTableHandle);
        process->StartTableHandle = 0;
    }

    private static void ReleaseProcess(ProcessState* process)
    {
        ReleaseParts(process);
        PersonalityHeap.Free(process);
    }
}
