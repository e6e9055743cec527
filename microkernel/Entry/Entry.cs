using System.Runtime;
using Libsys.Abi;

namespace Microkernel;

/// <summary>Where generated entry code calls C#: interrupts off, on the CPU's kernel stack, the user's registers in the current thread.</summary>
internal static unsafe class Entry
{
    private const ulong SyscallLength = 2;

    /// <summary>A kernel call through the gate.</summary>
    [RuntimeExport("kernel_call_entry")]
    private static void KernelCallEntry(Cpu* cpu)
    {
        KernelLock.Enter(cpu);
        Thread* thread = cpu->Thread;
        RegisterFrame* frame = Thread.FrameOf(thread);
        if (thread->Requests != ThreadRequest.None)
        {
            // Another CPU interrupted, suspended or ended the thread while it was on its way in. A wait that began now would sleep on that
            // (tests/models/signal-and-wait.pml, REQUEST_NOT_SEEN_AT_ENTRY), so it is carried out first and the call starts over.
            Rewind(frame);
            Scheduler.Leave(cpu);
            KernelLock.Leave();
            return;
        }
        long result = frame->Rax == (ulong)KernelCall.Null ? 0 : FastPath.Try(cpu, thread, frame);
        if (result == CallResult.Restart)
            result = Dispatch.Call(cpu, thread, frame);
        if (result > CallResult.Done)
            frame->Rax = (ulong)result;
        if (Reaper.HasWork)
            Reaper.Step();
        if (!Scheduler.MayStay(cpu))
            Scheduler.Leave(cpu);
        KernelLock.Leave();
    }

    /// <summary>Lets the current call start over: its registers are untouched but for arguments that the call adjusted.</summary>
    public static void Rewind(RegisterFrame* frame) => frame->Rip -= SyscallLength;

    /// <summary>A syscall instruction inside the window that is not the gate's: as good as an invalid instruction there.</summary>
    [RuntimeExport("stray_syscall_entry")]
    private static void StraySyscallEntry(Cpu* cpu)
    {
        KernelLock.Enter(cpu);
        Thread* thread = cpu->Thread;
        Thread.FrameOf(thread)->Rip -= SyscallLength;
        Thread.FrameOf(thread)->Vector = Fault.InvalidOpcode + 1;
        if ((thread->Requests & ThreadRequest.Terminate) == 0)
            Fault.InWindow(cpu, thread, Fault.InvalidOpcode, 0, 0, 0);
        Scheduler.Leave(cpu);
        KernelLock.Leave();
    }

    /// <summary>An interrupt or exception. From ring 3 the frame is the current thread's.</summary>
    [RuntimeExport("interrupt_entry")]
    private static void InterruptEntry(RegisterFrame* frame)
    {
        ulong vector = frame->Vector - 1;
        bool fromUser = (frame->Cs & 3) != 0;
        if (!fromUser && vector < Fault.Exceptions)
            Panic.Exception(frame, vector);
        Cpu* cpu = Cpu.Current;
        if (vector == Vectors.Shootdown)
        {
            Shootdown.Answer(cpu);
            LocalApic.Acknowledge();
            return;
        }
        // Read before the lock: another fault of this CPU cannot come, but it is the CPU's, not the thread's.
        ulong address = vector == Fault.Page ? Machine.ReadCr2() : 0;
        KernelLock.Enter(cpu);
        if (vector < Fault.Exceptions)
        {
            // A thread that is to end sends no fault: it would wait for the verdict first.
            if ((cpu->Thread->Requests & ThreadRequest.Terminate) == 0)
                Fault.FromUser(cpu, cpu->Thread, vector, frame->Error, address);
        }
        else if (vector == Vectors.Timer)
        {
            LocalApic.Acknowledge();
            Timer.Tick(cpu);
        }
        else if (vector >= Vectors.FirstLine && vector < Vectors.FirstLine + Vectors.Lines)
            Interrupt.Fire((uint)vector - Vectors.FirstLine);
        else if (vector != Vectors.Spurious)
            LocalApic.Acknowledge();
        if (fromUser)
        {
            if (vector == Vectors.Reschedule)
                cpu->Reschedule = 1;
            if (Reaper.HasWork)
                Reaper.Step();
            Scheduler.Leave(cpu);
        }
        KernelLock.Leave();
    }

    /// <summary>Where a CPU goes when it is set up, holding the kernel lock: to its first thread.</summary>
    public static void Start()
    {
        Cpu* cpu = Cpu.Current;
        cpu->AccountedTime = Machine.TimeStamp();
        Scheduler.Leave(cpu);
        KernelLock.Leave();
        Machine.ReturnToUser();
    }
}
