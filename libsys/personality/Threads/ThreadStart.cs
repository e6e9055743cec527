using System.Runtime.InteropServices;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>
/// What a new thread of a program restores itself, because only it can reach its own registers: segment bases and FPU state. Everything else the parent writes into the
/// new thread's block before it lets it run. In the heap; the thread gives it back.
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

    /// <summary>Allocates one and saves the calling thread's state. Null if there is no memory.</summary>
    public static ThreadStart* Capture()
    {
        const ulong AreaAlignment = 64;
        ThreadStart* start = (ThreadStart*)PersonalityHeap.Allocate((ulong)sizeof(ThreadStart) + AreaAlignment + Clock.Page->XsaveLength);
        if (start == null)
            return null;
        start->FsBase = Stubs.ReadFsBase();
        start->GsBase = Stubs.ReadGsBase();
        start->FpuArea = ((ulong)(start + 1) + AreaAlignment - 1) & ~(AreaAlignment - 1);
        Stubs.FpuSave(start->FpuArea, Clock.Page->XsaveMask);
        return start;
    }

    /// <summary>In the new thread: restores the rest and goes on with the program.</summary>
    public static void Begin(TaskState* task, ThreadStart* start)
    {
        Stubs.WriteFsBase(start->FsBase);
        Stubs.WriteGsBase(start->GsBase);
        Stubs.FpuRestore(start->FpuArea, Clock.Page->XsaveMask);
        // A bad address is ignored, as on Linux.
        if (start->SetTidAddress != 0)
            UserMemory.WriteU32(start->SetTidAddress, task->ThreadId);
        PersonalityHeap.Free(start);
        task->ExitFull = 1;
    }

    /// <summary>
    /// Fills the block of a suspended new thread: the parent's registers with result 0 and, if not 0, another stack. The alternate stack, robust list and pending signals are not
    /// inherited (clone(2)); the mask is.
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
