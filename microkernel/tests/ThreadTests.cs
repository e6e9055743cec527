using System.Threading;
using Libsys.Abi;
using static KernelTests.Report;

namespace KernelTests;

/// <summary>Suspension, registers, priorities, processor state.</summary>
internal static unsafe class ThreadTests
{
    private const ulong Self = WellKnownHandle.Self;
    private static uint flag, order, errors;
    private static ulong low, high;

    public static void Run()
    {
        Test("a suspended thread stands still and goes on"u8, &Suspend);
        Test("registers of a suspended thread can be changed"u8, &Registers);
        Test("a terminated thread is gone, wherever it was"u8, &Terminate);
        Test("the higher priority runs, equals share"u8, &Priorities);
        Test("two that hand the CPU to and fro do not starve a third"u8, &Fairness);
        Test("each thread keeps its vector registers and FS base"u8, &ProcessorState);
        Test("a space can be suspended as a whole"u8, &SuspendSpace);
        Test("slots are reserved, used and free again"u8, &Slots);
        Test("a block is zero for the next thread and stays charged"u8, &BlockAgain);
        Test("a thread finds its creator's words if they are meant for it"u8, &Words);
        Test("a thread of which nobody has a handle runs and is gone"u8, &WithoutHandle);
        Test("an exit clears its word and wakes a waiter"u8, &ExitWord);
        Test("times are accounted"u8, &Times);
    }

    private static ulong Count => Volatile.Read(ref *(ulong*)ProgramTests.DataAt);

    private static void Suspend()
    {
        Work work;
        ProgramTests.StartSpinner(&work);
        for (int i = 0; i < 6; i++)
        {
            Expect(Kernel.Call(KernelCall.ThreadSuspend, (ulong)work.Handle), 0, 1);
            ulong count = Count;
            Threads.Sleep(300_000);
            Expect((long)(Count - count), 0, 2);
            Expect(Kernel.Call(KernelCall.ThreadResume, (ulong)work.Handle), 0, 3);
            while (Count == count)
                Threads.Sleep(100_000);
        }
        ProgramTests.EndSpinner(&work);
    }

    private static void Registers()
    {
        Work work;
        ProgramTests.StartSpinner(&work);
        Fails(Kernel.Call(KernelCall.ThreadReadRegisters, (ulong)work.Handle), KernelStatus.BadState, 1);
        Kernel.Call(KernelCall.ThreadSuspend, (ulong)work.Handle);
        RegisterFrame* frame = (RegisterFrame*)&Kernel.Block->Message;
        Expect(Kernel.Call(KernelCall.ThreadReadRegisters, (ulong)work.Handle), 0, 2);
        Expect((long)frame->Rdi, (long)ProgramTests.DataAt, 3);
        Expect((long)frame->Cs, 0x33, 4);
        frame->Rdi = ProgramTests.DataAt + 64;
        frame->Rflags = ulong.MaxValue & ~0x100ul;
        frame->Cs = 8;
        Expect(Kernel.Call(KernelCall.ThreadWriteRegisters, (ulong)work.Handle), 0, 5);
        Kernel.Call(KernelCall.ThreadReadRegisters, (ulong)work.Handle);
        Expect((long)(frame->Rflags & 0x3000), 0, 6);
        Expect((long)frame->Cs, 0x33, 7);
        frame->Rip = 1ul << 63;
        Fails(Kernel.Call(KernelCall.ThreadWriteRegisters, (ulong)work.Handle), KernelStatus.BadArgument, 8);
        frame->Rip = 0;
        frame->Rsp = 1ul << 63;
        Fails(Kernel.Call(KernelCall.ThreadWriteRegisters, (ulong)work.Handle), KernelStatus.BadArgument, 9);
        *(ulong*)(ProgramTests.DataAt + 64) = 0;
        Kernel.Call(KernelCall.ThreadResume, (ulong)work.Handle);
        while (Volatile.Read(ref *(ulong*)(ProgramTests.DataAt + 64)) == 0)
            Threads.Sleep(100_000);
        ProgramTests.EndSpinner(&work);
    }

    private static void Forever(ulong word) => Kernel.Call(KernelCall.WordWait, word, 0, ulong.MaxValue, (ulong)WaitFlags.Uninterruptible);

    private static void EndTerminated(Work* work)
    {
        Expect(Kernel.Call(KernelCall.SpaceTerminate, Self, 77), 0, 1);
        ulong limit = Threads.Now + 1_000_000_000;
        while (Kernel.Call(KernelCall.ThreadSlotInUse, work->Slot) == 1 && Threads.Now < limit)
            Threads.Sleep(20_000);
        Expect(Kernel.Call(KernelCall.ThreadSlotInUse, work->Slot), 0, 2);
        Kernel.Call(KernelCall.HandleClose, (ulong)work->Handle);
    }

    // Of group 77, which only a handle of the own space can give.
    private static void StartInGroup(Work* work, delegate*<ulong, void> function, ulong argument)
    {
        long self = Kernel.Call(KernelCall.HandleDuplicate, Self, (ulong)Rights.All);
        work->Function = function;
        work->Argument = argument;
        work->Slot = (uint)Kernel.Call(KernelCall.ThreadReserve, Self);
        work->Handle = Kernel.Call(KernelCall.ThreadCreate, (ulong)self, work->Slot, Kernel.EntryOfThreads, (ulong)work, 77, 0);
        Kernel.Call(KernelCall.HandleClose, (ulong)self);
    }

    private static void RunSpin(ulong argument) => ProgramTests.Become(ProgramTests.AddressOf(ProgramCode.Spin), ProgramTests.DataAt, 0);

    private static void Terminate()
    {
        AccountState before = Accounts.State();
        Work work;
        uint word = 0;
        StartInGroup(&work, &Forever, (ulong)&word);
        Threads.Sleep(1_000_000);
        EndTerminated(&work);
        Expect(Kernel.Call(KernelCall.WordWake, (ulong)&word, 1), 0, 3);
        *(ulong*)ProgramTests.DataAt = 0;
        StartInGroup(&work, &RunSpin, 0);
        while (Count == 0)
            Threads.Sleep(100_000);
        EndTerminated(&work);
        ulong count = Count;
        Threads.Sleep(1_000_000);
        Expect((long)(Count - count), 0, 4);
        Accounts.ExpectSame(before, 5);
    }

    private static void CountLow(ulong argument)
    {
        while (Volatile.Read(ref flag) == 0)
            Volatile.Write(ref low, low + 1);
    }

    private static void CountHigh(ulong argument)
    {
        while (Volatile.Read(ref flag) == 0)
            Volatile.Write(ref high, high + 1);
    }

    private static void Priorities()
    {
        Work first, second;
        flag = 0;
        low = high = 0;
        // Both on CPU 0, this thread above both so that it can end the test.
        Expect(Kernel.Call(KernelCall.ThreadSetPriority, WellKnownHandle.CurrentThread, 20), 0, 1);
        Threads.Start(&first, &CountLow, 0, 10 << 8 | (ulong)ThreadFlags.Suspended);
        Threads.Start(&second, &CountHigh, 0, 12 << 8 | (ulong)ThreadFlags.Suspended);
        Kernel.Call(KernelCall.ThreadSetAffinity, (ulong)first.Handle, 1);
        Kernel.Call(KernelCall.ThreadSetAffinity, (ulong)second.Handle, 1);
        Kernel.Call(KernelCall.ThreadResume, (ulong)first.Handle);
        while (Volatile.Read(ref low) == 0)
            Threads.Sleep(1_000_000);
        Kernel.Call(KernelCall.ThreadResume, (ulong)second.Handle);
        while (Volatile.Read(ref high) == 0)
            Threads.Sleep(1_000_000);
        ulong reached = Volatile.Read(ref low);
        Threads.Sleep(30_000_000);
        Expect((long)(Volatile.Read(ref low) - reached), 0, 3);
        // Equals take turns.
        Kernel.Call(KernelCall.ThreadSetPriority, (ulong)first.Handle, 12);
        while (Volatile.Read(ref low) == reached)
            Threads.Sleep(1_000_000);
        Volatile.Write(ref flag, 1);
        Kernel.Call(KernelCall.ThreadSetPriority, WellKnownHandle.CurrentThread, 16);
        Threads.Join(&first);
        Threads.Join(&second);
        Fails(Kernel.Call(KernelCall.ThreadSetPriority, WellKnownHandle.CurrentThread, 32), KernelStatus.BadArgument, 6);
        Fails(Kernel.Call(KernelCall.ThreadSetAffinity, WellKnownHandle.CurrentThread, 1ul << 63), KernelStatus.BadArgument, 7);
    }

    private static long ping, pong;

    private static void Ping(ulong argument)
    {
        while (Volatile.Read(ref flag) == 0)
            Kernel.Call(KernelCall.SignalAndWait, (ulong)ping, 1, (ulong)pong, Threads.Now + 5_000_000);
        Kernel.Call(KernelCall.NotificationSignal, (ulong)ping, 1);
    }

    private static void Pong(ulong argument)
    {
        while (Volatile.Read(ref flag) == 0)
            Kernel.Call(KernelCall.SignalAndWait, (ulong)pong, 1, (ulong)ping, Threads.Now + 5_000_000);
        Kernel.Call(KernelCall.NotificationSignal, (ulong)pong, 1);
    }

    private static void Fairness()
    {
        Work* work = stackalloc Work[3];
        flag = 0;
        low = 0;
        ping = Kernel.Call(KernelCall.NotificationCreate);
        pong = Kernel.Call(KernelCall.NotificationCreate);
        Kernel.Call(KernelCall.ThreadSetPriority, WellKnownHandle.CurrentThread, 20);
        Threads.Start(work, &Ping, 0, 10 << 8 | (ulong)ThreadFlags.Suspended);
        Threads.Start(work + 1, &Pong, 0, 10 << 8 | (ulong)ThreadFlags.Suspended);
        Threads.Start(work + 2, &CountLow, 0, 10 << 8 | (ulong)ThreadFlags.Suspended);
        for (int i = 0; i < 3; i++)
        {
            Kernel.Call(KernelCall.ThreadSetAffinity, (ulong)work[i].Handle, 1);
            Kernel.Call(KernelCall.ThreadResume, (ulong)work[i].Handle);
        }
        ulong limit = Threads.Now + 5_000_000_000;
        while (Volatile.Read(ref low) == 0 && Threads.Now < limit)
            Threads.Sleep(1_000_000);
        Expect(Volatile.Read(ref low) != 0, 1);
        Volatile.Write(ref flag, 1);
        Kernel.Call(KernelCall.ThreadSetPriority, WellKnownHandle.CurrentThread, 16);
        for (int i = 0; i < 3; i++)
            Threads.Join(work + i);
        Kernel.Call(KernelCall.HandleClose, (ulong)ping);
        Kernel.Call(KernelCall.HandleClose, (ulong)pong);
    }

    private static void KeepState(ulong number)
    {
        Kernel.WriteFs(0x1_0000 * number);
        for (uint i = 0; i < 2000; i++)
        {
            if (Kernel.VectorCheck(number << 32 | i, KernelCall.ThreadYield, 0) != 0 || Kernel.ReadFs() != 0x1_0000 * number)
                Interlocked.Increment(ref errors);
        }
        // Long enough for turns to end in the middle.
        ulong end = Threads.Now + 50_000_000;
        while (Threads.Now < end)
            if (Kernel.VectorCheck(number << 40, KernelCall.Null, 0) != 0)
                Interlocked.Increment(ref errors);
    }

    private static void ProcessorState()
    {
        Work* work = stackalloc Work[5];
        errors = 0;
        for (uint i = 0; i < 5; i++)
            Threads.Start(work + i, &KeepState, i + 1);
        for (uint i = 0; i < 5; i++)
            Threads.Join(work + i);
        Expect(errors, 0, 1);
    }

    private static void BusyChild(ulong argument)
    {
        while (true)
            SharedMemory.State->Value++;
    }

    private static void SuspendSpace()
    {
        long o = SharedMemory.Create();
        Child child = default;
        child.Start(&child, &BusyChild, 0);
        child.Go(&child);
        SharedState* s = SharedMemory.State;
        while (Volatile.Read(ref s->Value) == 0)
            Threads.Sleep(100_000);
        for (int i = 0; i < 4; i++)
        {
            Expect(Kernel.Call(KernelCall.SpaceSuspend, (ulong)child.Space, 7), 0, 1);
            ulong value = Volatile.Read(ref s->Value);
            Threads.Sleep(300_000);
            Expect((long)(Volatile.Read(ref s->Value) - value), 0, 2);
            Expect(Kernel.Call(KernelCall.SpaceResume, (ulong)child.Space, 7), 0, 3);
            while (Volatile.Read(ref s->Value) == value)
                Threads.Sleep(100_000);
        }
        Kernel.Call(KernelCall.SpaceTerminate, (ulong)child.Space, 7);
        Expect(child.End(), (long)MessageKind.SpaceDeath, 4);
        SharedMemory.Drop(o);
    }

    private static void Nothing(ulong argument)
    {
    }

    private static void Slots()
    {
        long slot = Kernel.Call(KernelCall.ThreadReserve, Self);
        Expect(slot > 0, 1);
        Expect(Kernel.Call(KernelCall.ThreadSlotInUse, (ulong)slot), 0, 2);
        Expect(Kernel.Call(KernelCall.ThreadRelease, Self, (ulong)slot), 0, 3);
        Fails(Kernel.Call(KernelCall.ThreadRelease, Self, (ulong)slot), KernelStatus.BadState, 4);
        Fails(Kernel.Call(KernelCall.ThreadCreate, Self, 0, Kernel.EntryOfThreads, 0, 0, 0), KernelStatus.Occupied, 5);
        Fails(Kernel.Call(KernelCall.ThreadCreate, Self, 5000, Kernel.EntryOfThreads, 0, 0, 0), KernelStatus.BadArgument, 6);
        Fails(Kernel.Call(KernelCall.ThreadInterruptSlot, 4000), KernelStatus.BadArgument, 7);
        for (int i = 0; i < 200; i++)
        {
            Work work;
            Threads.Start(&work, &Nothing, 0);
            Threads.Join(&work);
        }
        Expect(Kernel.Call(KernelCall.SpaceUsage, Self, 0), 0, 8);
        Expect((long)((ulong*)&Kernel.Block->Message)[4], 1, 9);
    }

    private static ulong foundInBlock;

    private static void LeaveInBlock(ulong argument)
    {
        foundInBlock = Kernel.Block->PersonalityFirst;
        Kernel.Block->PersonalityFirst = argument;
    }

    private static void BlockAgain()
    {
        AccountState before = default;
        ulong slot = (ulong)Kernel.Call(KernelCall.ThreadReserve, Self);
        for (int round = 0; round < 3; round++)
        {
            Work work = new() { Function = &LeaveInBlock, Argument = 0xABCD, Slot = (uint)slot };
            work.Handle = Kernel.Call(KernelCall.ThreadCreate, Self, slot, Kernel.EntryOfThreads, (ulong)&work, 0, 0);
            Expect(work.Handle > 0, 1);
            Threads.Join(&work);
            Expect((long)foundInBlock, 0, 2);
            // The first thread of the slot has its block and its stack charged, the others nothing.
            if (round == 0)
                before = Accounts.State();
            else
                Accounts.ExpectSame(before, 3);
        }
    }

    private static ulong firstWord, lastWord, wordBehind;

    private static void ReadWords(ulong argument)
    {
        ulong* words = (ulong*)&Kernel.Block->Message;
        firstWord = words[0];
        lastWord = words[7];
        wordBehind = words[8];
    }

    private static void Words()
    {
        ulong* words = (ulong*)&Kernel.Block->Message;
        for (uint round = 0; round < 2; round++)
        {
            ThreadFlags flags = round == 0 ? ThreadFlags.WithWords : ThreadFlags.None;
            Work work = new() { Function = &ReadWords, Slot = (uint)Kernel.Call(KernelCall.ThreadReserve, Self) };
            for (ulong i = 0; i < 16; i++)
                words[i] = 0x1111 * (i + 1);
            work.Handle = Kernel.Call(KernelCall.ThreadCreate, Self, work.Slot, Kernel.EntryOfThreads, (ulong)&work, 0, (ulong)flags);
            Expect(work.Handle > 0, 1);
            Threads.Join(&work);
            Expect((long)firstWord, round == 0 ? 0x1111 : 0, 2);
            Expect((long)lastWord, round == 0 ? 0x8888 : 0, 3);
            // Handles and whatever else lies behind the words is the creator's alone.
            Expect((long)wordBehind, 0, 4);
        }
    }

    private static void WithoutHandle()
    {
        AccountState before = default;
        ulong slot = (ulong)Kernel.Call(KernelCall.ThreadReserve, Self);
        for (int round = 0; round < 3; round++)
        {
            Work work = new() { Function = &ReadWords, Slot = (uint)slot };
            Expect(Kernel.Call(KernelCall.ThreadCreate, Self, slot, Kernel.EntryOfThreads, (ulong)&work, 0, (ulong)ThreadFlags.WithoutHandle), 0, 1);
            while (Kernel.Call(KernelCall.ThreadSlotInUse, slot) != 0)
                Threads.Sleep(20_000);
            // The slot's block and stack stay charged.
            if (round == 0)
                before = Accounts.State();
            else
                Accounts.ExpectSame(before, 2);
        }
        Fails(Kernel.Call(KernelCall.ThreadCreate, Self, slot, Kernel.EntryOfThreads, 0, 0, 8), KernelStatus.BadArgument, 3);
    }

    private static void ExitAt(ulong word) => Kernel.Call(KernelCall.ThreadExit, 5, word);

    private static void ExitWord()
    {
        Work work;
        uint word = 1;
        Threads.Start(&work, &ExitAt, (ulong)&word);
        while (Volatile.Read(ref word) != 0)
            Kernel.Call(KernelCall.WordWait, (ulong)&word, 1, ulong.MaxValue);
        Expect(Kernel.Call(KernelCall.ThreadSlotInUse, work.Slot), 0, 1);
        Fails(Kernel.Call(KernelCall.ThreadResume, (ulong)work.Handle), KernelStatus.BadState, 2);
        Kernel.Call(KernelCall.HandleClose, (ulong)work.Handle);
    }

    private static void Times()
    {
        ulong* words = (ulong*)&Kernel.Block->Message;
        Kernel.Call(KernelCall.ThreadUsage, WellKnownHandle.CurrentThread);
        ulong before = words[0];
        ulong end = Threads.Now + 5_000_000;
        while (Threads.Now < end)
            order++;
        Kernel.Call(KernelCall.ThreadUsage, WellKnownHandle.CurrentThread);
        Expect(words[0] - before >= 4_000_000, 1);
        Kernel.Call(KernelCall.SpaceUsage, Self, 0);
        Expect(words[2] > before && words[3] > 0 && words[5] > 0, 2);
    }
}
