using System.Runtime.InteropServices;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// What a new thread of a program restores itself, because only it can reach its own registers: segment bases and FPU state. Everything else the parent writes
/// into the new thread's block before it lets it run. In the heap; the thread gives it back.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ThreadStart
{
    /// <summary>FS base: CLONE_SETTLS or the parent's.</summary>
    public ulong FsBase;
    /// <summary>GS base, the parent's.</summary>
    public ulong GsBase;
    /// <summary>CLONE_CHILD_SETTID: where to write the thread id, or 0.</summary>
    public ulong SetTidAddress;
    /// <summary>64-byte aligned XSAVE area behind this structure: a clone continues with the parent's vector and control registers.</summary>
    public ulong FpuArea;
    /// <summary>
    /// For a new process: registers and <see cref="TaskState"/> for the block, which its parent cannot reach; null for a thread, whose parent filled its block.
    /// </summary>
    public byte* BlockCopy;
    /// <summary>Not null: this is the thread of that process's timers, which runs no program.</summary>
    public ProcessState* TimersOf;
    /// <summary>For the files part: what the child of a fork needs from it.</summary>
    public ulong FilesState0, FilesState1;

    // Behind the legacy region, SDM vol. 1 §13.4.2.
    private const ulong XsaveHeader = 512, XsaveHeaderLength = 64;

    /// <summary>Allocates one and saves the calling thread's state. Null if there is no memory.</summary>
    public static ThreadStart* Capture()
    {
        const ulong AreaAlignment = 64;
        ThreadStart* start = (ThreadStart*)PersonalityHeap.AllocateDirty((ulong)sizeof(ThreadStart) + AreaAlignment + Clock.Page->XsaveLength);
        if (start == null)
            return null;
        BlockMemory.Zero(start, (ulong)sizeof(ThreadStart));
        start->FsBase = Stubs.ReadFsBase();
        start->GsBase = Stubs.ReadGsBase();
        start->FpuArea = ((ulong)(start + 1) + AreaAlignment - 1) & ~(AreaAlignment - 1);
        // xsave writes the components and one word of the header; xrstor wants the rest of that to be zero (SDM vol. 1 §13.4.2).
        BlockMemory.Zero((void*)(start->FpuArea + XsaveHeader), XsaveHeaderLength);
        Stubs.FpuSave(start->FpuArea, Clock.Page->XsaveMask);
        return start;
    }

    /// <summary>In the new thread: restores the rest and goes on with the program.</summary>
    public static void Begin(TaskState* task, ThreadStart* start, bool forked)
    {
        if (start->TimersOf != null)
        {
            task->Process = start->TimersOf;
            task->Slot = TaskState.BlockOf(task)->Slot;
            PersonalityHeap.Free(start);
            ProcessTimers.Run(task);
        }
        if (start->BlockCopy != null)
        {
            ulong* words = stackalloc ulong[StartWords.Saved + 1];
            BlockMemory.Move(words, KernelCalls.MessageWords(task), (StartWords.Saved + 1) * sizeof(ulong));
            BlockMemory.Move(TaskState.FrameOf(task), start->BlockCopy, (ulong)sizeof(RegisterFrame));
            BlockMemory.Move(task, start->BlockCopy + ThreadBlock.PersonalityOffset, (ulong)sizeof(TaskState));
            task->Slot = TaskState.BlockOf(task)->Slot;
            if (forked)
                ForkState.BecomeChild(task);
            ProcessCreation.BeginChild(task, start, words, forked);
            PersonalityHeap.Free(start->BlockCopy);
        }
        Stubs.WriteFsBase(start->FsBase);
        Stubs.WriteGsBase(start->GsBase);
        Stubs.FpuRestore(start->FpuArea, Clock.Page->XsaveMask);
        // A bad address is ignored, as on Linux.
        if (start->SetTidAddress != 0)
            UserMemory.WriteU32(start->SetTidAddress, task->ThreadId);
        PersonalityHeap.Free(start);
        task->ExitFull = 1;
        SignalDelivery.Recheck(task);
    }

    /// <summary>
    /// For fork, vfork and clone of a process: everything that its first thread restores. <paramref name="process"/>: the child's state in its own memory (the
    /// same address for a fork). The thread id is filled in by <see cref="ProcessCreation.BeginChild"/>. Null if there is no memory; give it back with
    /// <see cref="Free"/> in the parent.
    /// </summary>
    public static ThreadStart* CaptureProcess(TaskState* parent, ProcessState* process, CloneArguments* arguments)
    {
        ThreadStart* start = Capture();
        byte* copy = (byte*)PersonalityHeap.Allocate(ThreadBlock.PersonalityOffset + ThreadBlock.PersonalityLength);
        if (start == null || copy == null)
        {
            PersonalityHeap.Free(start);
            PersonalityHeap.Free(copy);
            return null;
        }
        start->BlockCopy = copy;
        TaskState* child = TaskState.Of((ThreadBlock*)copy);
        FillBlock(parent, child, process, 0, 0, arguments->Stack);
        ulong flags = arguments->Flags;
        if ((flags & CloneFlags.CLONE_SETTLS) != 0)
            start->FsBase = arguments->Tls;
        if ((flags & CloneFlags.CLONE_CHILD_SETTID) != 0)
            start->SetTidAddress = arguments->ChildTid;
        if ((flags & CloneFlags.CLONE_CHILD_CLEARTID) != 0)
            child->ClearChildTid = arguments->ChildTid;
        // sigaltstack(2): a child with a copy of the stack keeps it; one that shares memory only while its parent waits (vfork) too.
        if ((flags & CloneFlags.CLONE_VM) == 0 || (flags & CloneFlags.CLONE_VFORK) != 0)
        {
            child->AlternateStack = parent->AlternateStack;
            child->AlternateStackLength = parent->AlternateStackLength;
            child->AlternateStackFlags = parent->AlternateStackFlags;
        }
        return start;
    }

    /// <summary>In the parent of a fork (whose child has a copy), or when the creation failed.</summary>
    public static void Free(ThreadStart* start)
    {
        PersonalityHeap.Free(start->BlockCopy);
        PersonalityHeap.Free(start);
    }

    /// <summary>
    /// Fills the block of a suspended new thread: the parent's registers with result 0 and, if not 0, another stack. The alternate stack, robust list and
    /// pending signals are not inherited (clone(2)); the mask is.
    /// </summary>
    public static void FillBlock(TaskState* parent, TaskState* child, ProcessState* process, uint thread, uint slot, ulong stack)
    {
        BlockMemory.Move(TaskState.FrameOf(child), TaskState.FrameOf(parent), (ulong)sizeof(RegisterFrame));
        RegisterFrame* frame = TaskState.FrameOf(child);
        frame->Rax = 0;
        if (stack != 0)
            frame->Rsp = stack;
        child->Process = process;
        child->ThreadId = thread;
        child->Slot = slot;
        child->SignalMask = parent->SignalMask;
        child->AlternateStackFlags = SignalStack.Disabled;
        child->NameLow = parent->NameLow;
        child->NameHigh = parent->NameHigh;
        child->Affinity = parent->Affinity;
        child->ExitFull = 1;
    }
}
