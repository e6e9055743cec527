using System.Runtime.InteropServices;
using Libsys.Abi;
using Microkernel.Layout;

namespace Microkernel;

/// <summary>Whether a thread can run.</summary>
internal enum ThreadState : uint
{
    /// <summary>On a ready queue.</summary>
    Ready = 1,
    /// <summary>Some CPU's current thread.</summary>
    Running = 2,
    /// <summary>Waits for something, see <see cref="Thread.Wait"/>.</summary>
    Waiting = 3,
    /// <summary>Could run but is suspended.</summary>
    Stopped = 4,
    /// <summary>Over.</summary>
    Ended = 5,
}

/// <summary>What a waiting thread waits for.</summary>
internal enum WaitKind : uint
{
    None,
    /// <summary>Bits of a notification.</summary>
    Notification,
    /// <summary>One or several words.</summary>
    Words,
    /// <summary>A receiver for its message.</summary>
    Send,
    /// <summary>A message.</summary>
    Receive,
    /// <summary>The answer to its message.</summary>
    Reply,
}

/// <summary>What has to be done to a thread before it is next in ring 3.</summary>
[System.Flags]
internal enum ThreadRequest : uint
{
    None = 0,
    Terminate = 1,
    Suspend = 2,
    Interrupt = 4,
    /// <summary>With <see cref="Interrupt"/>: it was one of the whole group.</summary>
    InterruptForGroup = 8,
}

/// <summary>A thread: one frame of memory, with the FPU state in its upper part.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe partial struct Thread
{
    public KernelObject Header;
    public ThreadFields Fields;
    public ThreadState State;
    public WaitKind Wait;
    public ThreadRequest Requests;
    public uint Priority;
    public uint Slot, Group;
    /// <summary>CPUs it may run on.</summary>
    public ulong Affinity;
    /// <summary>CPU it runs or last ran on.</summary>
    public Cpu* Cpu;
    public AddressSpace* Space;
    public Link InSpace;
    /// <summary>An interrupt does not end the wait.</summary>
    public bool Uninterruptible;
    /// <summary>The wait is the second half of a fault: its result does not go to rax.</summary>
    public bool InFault;
    public MessageKind CallKind;
    public ulong CallBadge;
    /// <summary>Words of a fault message.</summary>
    public ulong FaultVector, FaultError, FaultAddress;
    public long FaultStatus;
    /// <summary>Page that a pager was last asked for.</summary>
    public ulong MissingAddress;
    /// <summary>It said that there is none: the access fails when it is tried again.</summary>
    public bool Refused;
    /// <summary>Counts calls: a reply handle is good for one.</summary>
    public ulong CallSequence;
    /// <summary>Entry of a reply handle that the thread has answered, kept for the next call that it receives; null: none.</summary>
    public HandleEntry* SpareReply;
    public uint SpareReplyHandle;
    public Timer Timer;
    /// <summary>Its place in a ready queue, or in the queue of what it waits for.</summary>
    public Waiter Waiter;
    /// <summary>Frame of waiters for WordWaitMany, 0 until first used.</summary>
    public ulong ManyWaiters;
    public uint ManyCount;
    /// <summary>
    /// A half-made object of a restartable call, and how far it is. Only between the steps of that call: a thread makes no other before it ends, unless
    /// its registers are changed.
    /// </summary>
    public KernelObject* Unfinished;
    public ulong UnfinishedPosition;
    /// <summary>Not 0: the current call lacked memory; it is made for the last time when <see cref="Reaper.Freed"/> is this far.</summary>
    public ulong AwaitedReaping;
    /// <summary>Time stamp ticks.</summary>
    public ulong UserTime, SystemTime;

    /// <summary>Room for the FPU state: AVX-512 needs 2,696 bytes.</summary>
    public const uint FpuLength = 4096 - ThreadFields.FpuOffset;

    /// <summary>The registers of ring 3.</summary>
    public static RegisterFrame* FrameOf(Thread* thread) => &thread->Fields.Frame;

    /// <summary>The kernel's alias of the thread block. Ring 3 may write all of it at any time.</summary>
    public ThreadBlock* Block => (ThreadBlock*)Fields.BlockAlias;

    public static void* FpuArea(Thread* thread) => (byte*)thread + ThreadFields.FpuOffset;

    /// <summary>Lets a thread go on at an address, on its own stack and with its block in the first argument.</summary>
    public static void SetEntry(Thread* thread, ulong entry)
    {
        RegisterFrame* frame = FrameOf(thread);
        frame->Rip = entry;
        frame->Rdi = thread->Fields.BlockAddress;
        frame->Rsp = thread->Fields.StackTop;
        frame->Rflags = UserFlags.Initial;
        frame->Cs = Selectors.UserCode;
        frame->Ss = Selectors.UserData;
        // Not 0: the return is by iretq, which keeps rcx and r11. Those of a program are still its values.
        frame->Vector = 1;
    }

    /// <summary>
    /// Creates a thread for a slot that is the caller's to give; null: no memory. It does not exist for its space before <see cref="Join"/>, and the last
    /// reference frees it.
    /// </summary>
    public static Thread* Create(AddressSpace* space, uint slot, ulong entry, ulong argument, uint group, uint priority)
    {
        Panic.Assert(sizeof(KernelObject) == ThreadFields.Offset && sizeof(Thread) <= ThreadFields.FpuOffset && Features.XsaveLength <= FpuLength,
            "thread size"u8);
        ThreadBlock* block = space->PrepareBlock(slot);
        if (block == null || !Timer.Reserve())
            return null;
        Thread* thread = (Thread*)KernelObject.Allocate(space->Header.Account, ObjectType.Thread, (uint)PhysicalMap.PageSize);
        if (thread == null)
        {
            Timer.Unreserve();
            return null;
        }
        thread->Fields.BlockAlias = (ulong)block;
        thread->Fields.BlockAddress = Window.ThreadBlockOf(slot);
        thread->Fields.StackTop = Window.StackTopOf(slot);
        thread->Space = space;
        thread->Slot = slot;
        thread->Group = group;
        thread->Priority = priority;
        thread->Affinity = ulong.MaxValue;
        thread->State = ThreadState.Ended;
        thread->Waiter.Place.Owner = thread->InSpace.Owner = thread;
        Features.InitializeFpu(FpuArea(thread));
        SetEntry(thread, entry);
        FrameOf(thread)->Rsi = argument;
        block->Self = thread->Fields.BlockAddress;
        block->StackTop = thread->Fields.StackTop;
        block->Slot = slot;
        block->Group = group;
        block->Argument = argument;
        return thread;
    }

    /// <summary>Makes a new thread, stopped, one of its space's; the creator's reference becomes that of its life.</summary>
    public static void Join(Thread* thread)
    {
        AddressSpace* space = thread->Space;
        thread->State = ThreadState.Stopped;
        space->Header.Acquire();
        LinkedList.Append(&space->Threads, &thread->InSpace);
        space->ThreadCount++;
        space->SetSlot(thread->Slot, (ulong)thread);
    }

    /// <summary>Frees the struct when no handle is left; the thread has ended long before.</summary>
    public static void Free(Thread* thread)
    {
        Panic.Assert(thread->State == ThreadState.Ended, "freeing a live thread"u8);
        for (uint i = 0; i < Microkernel.Cpu.Count; i++)
            if (Microkernel.Cpu.At(i)->FpuOwner == thread)
                Microkernel.Cpu.At(i)->FpuOwner = null;
        Timer.Unreserve();
        ObjectAllocator.Free(thread);
    }
}

/// <summary>Bits of rflags (SDM vol. 1 §3.4.3).</summary>
internal static class UserFlags
{
    /// <summary>Interrupts on; bit 1 is always set.</summary>
    public const ulong Initial = 0x202;
    /// <summary>What ring 3 may choose: CF PF AF ZF SF TF DF OF AC ID.</summary>
    public const ulong Settable = 0x1 | 0x4 | 0x10 | 0x40 | 0x80 | 0x100 | 0x400 | 0x800 | 0x4_0000 | 0x20_0000;
}
