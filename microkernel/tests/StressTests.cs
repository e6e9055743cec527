using System.Threading;
using Libsys.Abi;
using static KernelTests.Report;

namespace KernelTests;

/// <summary>Several CPUs change one address space.</summary>
internal static unsafe class StressTests
{
    private const ulong ReadWrite = (ulong)(MapFlags.Read | MapFlags.Write), Self = WellKnownHandle.Self;
    private const ulong At = 0x6000_0000, Page = 4096;
    private static uint errors, stage, stop;

    public static void Run()
    {
        Test("what one CPU protects no other can write"u8, &ProtectSeen);
        Test("threads map, write and unmap beside each other"u8, &MapAndUnmap);
        Test("forks while threads write are consistent"u8, &ForkWhileWriting);
        Test("many short-lived spaces leave nothing behind"u8, &ManySpaces);
        Test("long calls get on in a storm of timers"u8, &TimerStorm);
        Test("a thread moves to the CPU that it asks for"u8, &Move);
        Test("a thread that only computes is left alone"u8, &Compute);
    }

    // stage: even = writable, odd = read-only, as announced by the main thread.
    private static void Writer(ulong argument)
    {
        while (Volatile.Read(ref stop) == 0)
        {
            uint before = Volatile.Read(ref stage);
            long result = Kernel.StoreWord(At, before);
            uint after = Volatile.Read(ref stage);
            if (before == after && (before & 1) != 0 && result == 0)
                Interlocked.Increment(ref errors);
        }
    }

    private static void ProtectSeen()
    {
        Work* work = stackalloc Work[3];
        errors = stage = stop = 0;
        Kernel.Call(KernelCall.SpaceMap, Self, At, Page, ReadWrite);
        for (int i = 0; i < 3; i++)
            Threads.Start(work + i, &Writer, 0);
        for (uint i = 0; i < 60; i++)
        {
            Kernel.Call(KernelCall.SpaceProtect, Self, At, Page, (ulong)MapFlags.Read);
            Volatile.Write(ref stage, stage + 1);
            long value = Kernel.CopyWord(At);
            for (int j = 0; j < 50; j++)
                if (Kernel.CopyWord(At) != value)
                    Interlocked.Increment(ref errors);
            Volatile.Write(ref stage, stage + 1);
            Kernel.Call(KernelCall.SpaceProtect, Self, At, Page, ReadWrite);
            if ((i & 15) == 0)
                Kernel.Call(KernelCall.ThreadYield);
        }
        Volatile.Write(ref stop, 1);
        for (int i = 0; i < 3; i++)
            Threads.Join(work + i);
        Expect(errors, 0, 1);
        Kernel.Call(KernelCall.SpaceUnmap, Self, At, Page);
    }

    private static void Mapper(ulong number)
    {
        ulong mine = At + number * (1ul << 24);
        ulong random = number * 7919 + 1;
        for (int i = 0; i < 60; i++)
        {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            ulong pages = 1 + random % 40;
            if (Kernel.Call(KernelCall.SpaceMap, Self, mine, pages * Page, ReadWrite) != 0)
                Interlocked.Increment(ref errors);
            for (ulong j = 0; j < pages; j++)
            {
                // Fresh pages are zero, whoever used their frames before.
                ulong* word = (ulong*)(mine + j * Page + random % 500 * 8);
                if (*word != 0)
                    Interlocked.Increment(ref errors);
                *word = random;
            }
            if (Kernel.Call(KernelCall.SpaceProtect, Self, mine, (pages + 1) / 2 * Page, (ulong)MapFlags.Read) != 0)
                Interlocked.Increment(ref errors);
            if (Kernel.StoreWord(mine, 1) != -1)
                Interlocked.Increment(ref errors);
            if (Kernel.Call(KernelCall.SpaceUnmap, Self, mine, pages * Page) != 0)
                Interlocked.Increment(ref errors);
            if (Kernel.CopyWord(mine) != -1)
                Interlocked.Increment(ref errors);
        }
    }

    private static void MapAndUnmap()
    {
        AccountState before = Accounts.State();
        Work* work = stackalloc Work[4];
        errors = 0;
        for (uint i = 0; i < 4; i++)
            Threads.Start(work + i, &Mapper, i);
        for (uint i = 0; i < 4; i++)
            Threads.Join(work + i);
        Expect(errors, 0, 1);
        // Blocks and stacks of slots that were used for the first time stay with the space.
        AccountState after = Accounts.State();
        Expect(after.Frames - before.Frames <= 16, 2);
        Expect((long)(after.Handles - before.Handles), 0, 3);
    }

    // Writes two words of different pages one after the other: a copy must never have the second newer than the first.
    private static void Incrementer(ulong argument)
    {
        while (Volatile.Read(ref stop) == 0)
        {
            Volatile.Write(ref *(ulong*)At, *(ulong*)At + 1);
            Volatile.Write(ref *(ulong*)(At + 600 * Page), *(ulong*)At);
        }
    }

    private static void Comparer(ulong argument)
    {
        SharedState* s = SharedMemory.State;
        s->Value = *(ulong*)At;
        ulong again = *(ulong*)At;
        s->Result0 = (long)(again - s->Value);
        s->Stage = 1;
    }

    private static void ForkWhileWriting()
    {
        AccountState before = Accounts.State();
        long o = SharedMemory.Create();
        Work work;
        stop = 0;
        Kernel.Call(KernelCall.SpaceMap, Self, At, 601 * Page, ReadWrite);
        Kernel.Call(KernelCall.SpacePopulate, Self, At, 601 * Page);
        Threads.Start(&work, &Incrementer, 0);
        for (int i = 0; i < 8; i++)
        {
            Child child = default;
            SharedMemory.State->Stage = 0;
            child.Start(&child, &Comparer, 0);
            child.Go(&child);
            Expect(child.End(), (long)MessageKind.SpaceDeath, 1);
            Expect(SharedMemory.State->Stage, 1, 2);
            // Nothing changes under a child, whatever the parent writes.
            Expect(SharedMemory.State->Result0, 0, 3);
        }
        Volatile.Write(ref stop, 1);
        Threads.Join(&work);
        Kernel.Call(KernelCall.SpaceUnmap, Self, At, 601 * Page);
        SharedMemory.Drop(o);
        AccountState after = Accounts.State();
        Expect(after.Frames - before.Frames <= 8, 4);
    }

    private static void Quick(ulong argument)
    {
    }

    private static void ManySpaces()
    {
        AccountState before = Accounts.State();
        Child* children = stackalloc Child[4];
        for (int round = 0; round < 10; round++)
        {
            for (int i = 0; i < 4; i++)
            {
                children[i] = default;
                children[i].Start(children + i, &Quick, 0);
                children[i].Go(children + i);
            }
            for (int i = 0; i < 4; i++)
                Expect(children[i].End(), (long)MessageKind.SpaceDeath, 1);
        }
        Accounts.ExpectSame(before, 2);
    }

    // Periods that are over before their interrupt is handled: all the time that is left to threads is what the kernel leaves them.
    private static void TimerStorm()
    {
        const ulong Timers = 100, Period = 10_000, At = 0x3800_0000, Pages = 3000, ReadWrite = (ulong)(MapFlags.Read | MapFlags.Write);
        AccountState before = Accounts.State();
        long* timers = stackalloc long[(int)Timers];
        for (ulong i = 0; i < Timers; i++)
        {
            timers[i] = Kernel.Call(KernelCall.NotificationCreate);
            Expect(Kernel.Call(KernelCall.TimerSet, (ulong)timers[i], 1, 1, Period), 0, 1);
        }
        Expect(Kernel.Call(KernelCall.SpaceMap, WellKnownHandle.Self, At, Pages * 4096, ReadWrite), 0, 2);
        Expect(Kernel.Call(KernelCall.SpacePopulate, WellKnownHandle.Self, At, Pages * 4096), 0, 3);
        long space = Kernel.Call(KernelCall.SpaceFork, WellKnownHandle.Self, WellKnownHandle.BootAccount, 0, 0);
        Expect(space > 0, 4);
        Expect(Kernel.Call(KernelCall.SpaceUnmap, WellKnownHandle.Self, At, Pages * 4096), 0, 5);
        Expect(Kernel.Call(KernelCall.SpaceDestroy, (ulong)space), 0, 6);
        Kernel.Call(KernelCall.HandleClose, (ulong)space);
        for (ulong i = 0; i < Timers; i++)
            Kernel.Call(KernelCall.HandleClose, (ulong)timers[i]);
        // The heap of timers keeps its frame.
        AccountState after = Accounts.State();
        Expect(after.Handles == before.Handles && after.Frames <= before.Frames + 1, 7);
    }

    private static void Move()
    {
        uint cpus = Kernel.Page->CpuCount;
        for (uint i = 0; i < 40; i++)
        {
            // Long enough for the others to halt.
            Threads.Sleep(200_000);
            Expect(Kernel.Call(KernelCall.ThreadSetAffinity, WellKnownHandle.CurrentThread, 1ul << (int)(i % cpus)), 0, 1);
            Kernel.Call(KernelCall.ThreadUsage, WellKnownHandle.CurrentThread);
            Expect((long)Kernel.Block->Message.Words[3], i % cpus, 2);
        }
        Kernel.Call(KernelCall.ThreadSetAffinity, WellKnownHandle.CurrentThread, ulong.MaxValue);
    }

    // With no other thread ready, a CPU needs an interrupt a turn (10 ms). A step of the loop that takes much longer than the shortest was interrupted, by
    // the kernel or by the host; the runner checks the number where instructions are counted, and the host has no part in it.
    private static void Compute()
    {
        const ulong MuchLonger = 4;
        ulong start = Threads.Now, last = Kernel.TimeStamp(), least = ulong.MaxValue, interrupted = 0;
        while (Threads.Now < start + 200_000_000)
        {
            ulong now = Kernel.TimeStamp(), step = now - last;
            if (step < least)
                least = step;
            if (step > MuchLonger * least)
                interrupted++;
            last = now;
        }
        Measure("interruptions-of-a-loop"u8, interrupted);
    }
}
