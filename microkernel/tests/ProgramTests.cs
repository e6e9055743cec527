using System.Runtime;
using System.Threading;
using Libsys.Abi;
using static KernelTests.Report;

namespace KernelTests;

/// <summary>Programs below the window, in the generator's order (image/Generate/KernelTests).</summary>
internal enum ProgramCode
{
    Reflect, Bounce, Spin, Fault, Busy,
}

/// <summary>What upcalls found, and what they are to do.</summary>
internal struct UpcallState
{
    /// <summary>Upcalls of each kind; pending flags consumed.</summary>
    public uint Reflected, Faults, Interrupted, Pending;
    public uint BadRegisters;
    public ulong Vector, Error, Address, Rip, Number;
    /// <summary>The thread ends at its next interruption.</summary>
    public uint EndWhenInterrupted;
    public ulong Time;
    public uint Done;
}

/// <summary>Reflection, upcalls and interrupts (docs: entry contract).</summary>
internal static unsafe class ProgramTests
{
    public const ulong CodeAt = 0x1000_0000, DataAt = 0x1100_0000, StackTop = DataAt + 0x8000, Missing = 0x1200_0000;
    private const ulong ReadWrite = (ulong)(MapFlags.Read | MapFlags.Write), Self = WellKnownHandle.Self;
    private const ulong Pattern = 0x0101_0101_0101_0100;

    public static UpcallState State;
    private static uint reports;

    public static void Run()
    {
        MapPrograms();
        Test("a reflected syscall keeps every register"u8, &Reflected);
        Test("a fault of a program is an upcall and can be retried"u8, &FaultUpcall);
        Test("data cannot be executed"u8, &NoExecute);
        Test("an interrupt in program code is an upcall"u8, &InterruptUpcall);
        Test("an interrupt in the window sets the pending flag and ends waits"u8, &Pending);
        Test("an interrupt in the exit stub goes back to its check"u8, &ExitRewind);
        Test("no interrupt is lost between program, personality and exit"u8, &NoneLost);
    }

    private static void MapPrograms()
    {
        ulong* table = Kernel.Programs;
        Kernel.Call(KernelCall.SpaceMap, Self, CodeAt, 5 * 4096, ReadWrite);
        Kernel.Call(KernelCall.SpaceMap, Self, DataAt, 0x8000, ReadWrite);
        for (int i = 0; i < 5; i++)
            for (ulong at = table[2 * i]; at < table[2 * i + 1]; at++)
                *(byte*)(CodeAt + (ulong)i * 4096 + (at - table[2 * i])) = *(byte*)at;
        Kernel.Call(KernelCall.SpaceProtect, Self, CodeAt, 5 * 4096, (ulong)(MapFlags.Read | MapFlags.Execute));
    }

    public static ulong AddressOf(ProgramCode program) => CodeAt + (ulong)program * 4096;

    /// <summary>The calling thread becomes a program; rdi and r12 as given, other registers a pattern.</summary>
    public static void Become(ulong rip, ulong rdi, ulong r12)
    {
        ThreadBlock* block = Kernel.Block;
        ulong* registers = (ulong*)&block->Frame;
        for (uint i = 0; i < 15; i++)
            registers[i] = Pattern + i;
        block->Frame.Rdi = rdi;
        block->Frame.R12 = r12;
        block->Frame.Rip = rip;
        block->Frame.Rsp = StackTop - 64;
        block->Frame.Rflags = 0x202;
        block->Frame.Cs = 0x33;
        block->Frame.Ss = 0x2b;
        Kernel.EnterProgram(block);
    }

    private static bool RegistersKept(RegisterFrame* frame)
    {
        ulong* registers = (ulong*)frame;
        for (uint i = 0; i < 12; i++)
            if (registers[i] != Pattern + i)
                return false;
        return frame->Rsp == StackTop - 64 && frame->Cs == 0x33 && frame->Ss == 0x2b;
    }

    private static void EndThread()
    {
        fixed (uint* done = &State.Done)
        {
            Volatile.Write(ref *done, 1);
            Kernel.Call(KernelCall.WordWake, (ulong)done, 1);
            Kernel.Call(KernelCall.ThreadExit);
        }
    }

    [RuntimeExport("test_upcall")]
    private static void Upcall(ThreadBlock* block)
    {
        RegisterFrame* frame = &block->Frame;
        State.Vector = frame->Vector;
        State.Error = frame->Error;
        State.Address = block->FaultAddress;
        State.Rip = frame->Rip;
        switch ((EntryKind)block->Kind)
        {
            case EntryKind.Reflected:
                State.Number = frame->Rax;
                State.Reflected++;
                // rdi of the pattern is register 11.
                if (frame->Rax is 1 or 2 && (!RegistersKept(frame) || frame->Rcx != frame->Rip || frame->R11 != frame->Rflags))
                    State.BadRegisters++;
                if (frame->Rax == 3)
                    State.Time = Threads.Now;
                if (frame->Rax is 2 or 3 or 4)
                    EndThread();
                break;
            case EntryKind.Fault:
                State.Faults++;
                if (block->FaultAddress != Missing)
                    EndThread();
                Kernel.Call(KernelCall.SpaceMap, Self, Missing, 4096, ReadWrite);
                break;
            default:
                Volatile.Write(ref State.Interrupted, State.Interrupted + 1);
                if (State.EndWhenInterrupted != 0)
                    EndThread();
                break;
        }
    }

    [RuntimeExport("test_pending")]
    private static void PendingFound(ThreadBlock* block)
    {
        Volatile.Write(ref block->Pending, 0);
        Volatile.Write(ref State.Pending, State.Pending + 1);
        if (State.EndWhenInterrupted != 0)
            EndThread();
    }

    public static void Wait(Work* work)
    {
        fixed (uint* done = &State.Done)
            while (Volatile.Read(ref *done) == 0)
                Kernel.Call(KernelCall.WordWait, (ulong)done, 0, ulong.MaxValue);
        while (Kernel.Call(KernelCall.ThreadSlotInUse, work->Slot) == 1)
            Threads.Sleep(20_000);
        Kernel.Call(KernelCall.HandleClose, (ulong)work->Handle);
    }

    private static void RunReflect(ulong argument) => Become(AddressOf(ProgramCode.Reflect), Pattern + 11, Pattern + 3);

    private static void Reflected()
    {
        State = default;
        Work work;
        Threads.Start(&work, &RunReflect, 0);
        Wait(&work);
        Expect(State.Reflected, 2, 1);
        Expect(State.BadRegisters, 0, 2);
        Expect((long)State.Number, 2, 3);
        Expect((long)State.Rip, (long)AddressOf(ProgramCode.Reflect) + 14, 4);
    }

    private static void RunFault(ulong argument) => Become(AddressOf(ProgramCode.Fault), argument, 0);

    private static void FaultUpcall()
    {
        State = default;
        Work work;
        Threads.Start(&work, &RunFault, Missing);
        Wait(&work);
        Expect(State.Faults, 1, 1);
        Expect(State.Reflected, 1, 2);
        Expect((long)State.Number, 4, 3);
        Kernel.Call(KernelCall.SpaceUnmap, Self, Missing, 4096);
        State = default;
        // Not canonical: a general protection fault.
        Threads.Start(&work, &RunFault, 1ul << 63);
        Wait(&work);
        Expect((long)State.Vector, 14, 4);
        // The kernel's half.
        State = default;
        Threads.Start(&work, &RunFault, 0xffff_8000_0010_0000);
        Wait(&work);
        Expect((long)State.Vector, 15, 5);
        Expect((long)State.Address, unchecked((long)0xffff_8000_0010_0000), 6);
        Expect((long)State.Rip, (long)AddressOf(ProgramCode.Fault), 7);
    }

    private static void RunData(ulong argument) => Become(DataAt, 0, 0);

    private static void NoExecute()
    {
        State = default;
        Work work;
        *(uint*)DataAt = 0xcccc_cccc;
        Threads.Start(&work, &RunData, 0);
        Wait(&work);
        Expect((long)State.Vector, 15, 1);
        Expect((long)(State.Error & 0x10), 0x10, 2);
        Expect((long)State.Address, (long)DataAt, 3);
    }

    private static void RunSpin(ulong argument) => Become(AddressOf(ProgramCode.Spin), DataAt, 0);

    /// <summary>Starts a thread that counts at DataAt in program code.</summary>
    public static void StartSpinner(Work* work)
    {
        State = default;
        *(ulong*)DataAt = 0;
        Threads.Start(work, &RunSpin, 0);
        while (Volatile.Read(ref *(ulong*)DataAt) == 0)
            Threads.Sleep(500_000);
    }

    /// <summary>Ends it.</summary>
    public static void EndSpinner(Work* work)
    {
        State.EndWhenInterrupted = 1;
        Kernel.Call(KernelCall.ThreadInterrupt, (ulong)work->Handle);
        Wait(work);
    }

    private static void InterruptUpcall()
    {
        Work work;
        StartSpinner(&work);
        for (uint i = 1; i <= 20; i++)
        {
            Expect(Kernel.Call(KernelCall.ThreadInterrupt, (ulong)work.Handle), 0, 1);
            while (Volatile.Read(ref State.Interrupted) + Volatile.Read(ref State.Pending) < i)
                Threads.Sleep(100_000);
        }
        ulong count = Volatile.Read(ref *(ulong*)DataAt);
        while (Volatile.Read(ref *(ulong*)DataAt) == count)
            Threads.Sleep(100_000);
        Expect(State.Rip >= AddressOf(ProgramCode.Spin) && State.Rip < AddressOf(ProgramCode.Spin) + 16, 3);
        EndSpinner(&work);
    }

    private static void WaitInterrupted(ulong word)
    {
        ThreadBlock* block = Kernel.Block;
        Volatile.Write(ref reports, 1);
        Fails(Kernel.Call(KernelCall.WordWait, word, 0, ulong.MaxValue), KernelStatus.Interrupted, 1);
        Expect(block->Pending, 1, 2);
        // Sticky: every interruptible wait ends at once.
        Fails(Kernel.Call(KernelCall.WordWait, word, 0, ulong.MaxValue), KernelStatus.Interrupted, 3);
        long n = Kernel.Call(KernelCall.NotificationCreate);
        Fails(Kernel.Call(KernelCall.NotificationWait, (ulong)n, ulong.MaxValue), KernelStatus.Interrupted, 4);
        Fails(Kernel.Call(KernelCall.NotificationWait, (ulong)n, Threads.Now + 500_000, (ulong)WaitFlags.Uninterruptible), KernelStatus.TimedOut, 5);
        Kernel.Call(KernelCall.HandleClose, (ulong)n);
        long e = Kernel.Call(KernelCall.EndpointCreate);
        Fails(Kernel.Call(KernelCall.EndpointReceive, (ulong)e, ulong.MaxValue), KernelStatus.Interrupted, 6);
        Fails(Kernel.Call(KernelCall.EndpointCall, (ulong)e, ulong.MaxValue), KernelStatus.Interrupted, 7);
        Kernel.Call(KernelCall.HandleClose, (ulong)e);
        block->Pending = 0;
        Volatile.Write(ref reports, 2);
    }

    private static void Pending()
    {
        uint word = 0;
        Work work;
        reports = 0;
        Threads.Start(&work, &WaitInterrupted, (ulong)&word);
        while (Volatile.Read(ref reports) != 1)
            Threads.Sleep(500_000);
        Threads.Sleep(1_000_000);
        Expect(Kernel.Call(KernelCall.ThreadInterruptSlot, work.Slot), 0, 8);
        Threads.Join(&work);
        Expect(reports, 2, 9);
    }

    private static void ExitRewind()
    {
        PersonalityHeader* header = (PersonalityHeader*)Window.Base;
        Work work;
        StartSpinner(&work);
        Expect(Kernel.Call(KernelCall.ThreadSuspend, (ulong)work.Handle), 0, 1);
        RegisterFrame* frame = (RegisterFrame*)&Kernel.Block->Message;
        Expect(Kernel.Call(KernelCall.ThreadReadRegisters, (ulong)work.Handle), 0, 2);
        // The block's frame holds the spinner's start, to which the exit goes. At the last instruction (iretq is 2 bytes) all registers are the program's.
        frame->Rip = header->ExitEnd - 2;
        frame->Rsp = 0x1000;
        frame->Rdi = 0;
        Expect(Kernel.Call(KernelCall.ThreadWriteRegisters, (ulong)work.Handle), 0, 3);
        Expect(Kernel.Call(KernelCall.ThreadInterrupt, (ulong)work.Handle), 0, 4);
        Expect(State.Pending, 0, 5);
        Expect(Kernel.Call(KernelCall.ThreadResume, (ulong)work.Handle), 0, 6);
        while (Volatile.Read(ref State.Pending) == 0)
            Threads.Sleep(100_000);
        Expect(State.Interrupted, 0, 7);
        EndSpinner(&work);
    }

    private static void RunBusy(ulong argument) => Become(AddressOf(ProgramCode.Busy), DataAt, 0);

    private static void NoneLost()
    {
        State = default;
        *(ulong*)DataAt = 0;
        Work work;
        // Above the other, so that the interrupt strikes wherever it just is.
        Kernel.Call(KernelCall.ThreadSetPriority, WellKnownHandle.CurrentThread, 20);
        Threads.Start(&work, &RunBusy, 0, 16 << 8);
        for (uint i = 0; i < 400; i++)
        {
            uint before = Volatile.Read(ref State.Interrupted) + Volatile.Read(ref State.Pending);
            Kernel.Call(KernelCall.ThreadInterrupt, (ulong)work.Handle);
            // Each must be noticed, as one kind or the other.
            ulong limit = Threads.Now + 20_000_000_000;
            while (Volatile.Read(ref State.Interrupted) + Volatile.Read(ref State.Pending) == before)
            {
                Threads.Sleep(20_000 + i * 7919 % 30_000);
                if (Threads.Now > limit)
                {
                    Expect(i, -1, 1);
                    break;
                }
            }
        }
        Expect(State.Reflected > 0, 2);
        Kernel.Call(KernelCall.ThreadSetPriority, WellKnownHandle.CurrentThread, 16);
        EndSpinner(&work);
    }
}
