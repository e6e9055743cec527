using System.Threading;
using Libsys.Abi;
using static KernelTests.Report;

namespace KernelTests;

/// <summary>Sleeping on words.</summary>
internal static unsafe class WordTests
{
    private static uint word, second, counter;
    private static long results;

    public static void Run()
    {
        Test("a word that differs does not block, a deadline ends a wait"u8, &Basics);
        Test("wake wakes as many as asked"u8, &WakeSome);
        Test("requeue moves sleepers to another word"u8, &Requeue);
        Test("a wait on many words ends with the one woken"u8, &Many);
        Test("a watched word signals its notification"u8, &Watched);
        Test("sixty-four threads hand a word round"u8, &ManyThreads);
    }

    private static long Wait(uint* at, uint expected, ulong deadline = ulong.MaxValue) => Kernel.Call(KernelCall.WordWait, (ulong)at, expected, deadline);

    private static void Basics()
    {
        fixed (uint* at = &word)
        {
            word = 1;
            Fails(Wait(at, 0), KernelStatus.WouldBlock, 1);
            Fails(Wait(at, 1, 0), KernelStatus.TimedOut, 2);
            ulong start = Threads.Now;
            Fails(Wait(at, 1, start + 3_000_000), KernelStatus.TimedOut, 3);
            Expect(Threads.Now >= start + 3_000_000, 4);
            Fails(Kernel.Call(KernelCall.WordWait, 3, 0, 0), KernelStatus.Fault, 5);
            Fails(Kernel.Call(KernelCall.WordWait, (ulong)at + 1, 0, 0), KernelStatus.Fault, 6);
            Fails(Kernel.Call(KernelCall.WordWait, 0xffff_8000_0000_0000, 0, 0), KernelStatus.Fault, 7);
            Expect(Kernel.Call(KernelCall.WordWake, (ulong)at, 1), 0, 8);
        }
    }

    private static void Sleeper(ulong argument)
    {
        fixed (uint* at = &word)
        {
            Interlocked.Increment(ref counter);
            if (Wait(at, 0) == 0)
                Interlocked.Increment(ref results);
        }
    }

    // Until all have counted themselves and sleep: their number of ready or running threads says so only roughly, so wait a moment more.
    private static void Settle(uint expected)
    {
        while (Volatile.Read(ref counter) != expected)
            Kernel.Call(KernelCall.ThreadYield);
        Threads.Sleep(2_000_000);
    }

    private static void WakeSome()
    {
        Work* work = stackalloc Work[4];
        word = 0;
        counter = 0;
        results = 0;
        for (int i = 0; i < 4; i++)
            Threads.Start(work + i, &Sleeper, 0);
        Settle(4);
        fixed (uint* at = &word)
        {
            Expect(Kernel.Call(KernelCall.WordWake, (ulong)at, 1), 1, 1);
            Threads.Sleep(2_000_000);
            Expect(Volatile.Read(ref results), 1, 2);
            Expect(Kernel.Call(KernelCall.WordWake, (ulong)at, 100), 3, 3);
        }
        for (int i = 0; i < 4; i++)
            Threads.Join(work + i);
        Expect(results, 4, 4);
    }

    private static void Requeue()
    {
        Work* work = stackalloc Work[4];
        word = second = 0;
        counter = 0;
        results = 0;
        for (int i = 0; i < 4; i++)
            Threads.Start(work + i, &Sleeper, 0);
        Settle(4);
        fixed (uint* at = &word, other = &second)
        {
            Fails(Kernel.Call(KernelCall.WordRequeue, (ulong)at, 1, (ulong)other, 100, 5, 1), KernelStatus.WouldBlock, 1);
            Expect(Kernel.Call(KernelCall.WordRequeue, (ulong)at, 1, (ulong)other, 100, 0, 1), 4, 2);
            Expect(Kernel.Call(KernelCall.WordWake, (ulong)at, 100), 0, 3);
            Expect(Kernel.Call(KernelCall.WordWake, (ulong)other, 100), 3, 4);
        }
        for (int i = 0; i < 4; i++)
            Threads.Join(work + i);
        Expect(results, 4, 5);
    }

    private static void WakeSecond(ulong address)
    {
        Threads.Sleep(2_000_000);
        Kernel.Call(KernelCall.WordWake, address, 1);
    }

    private static void Many()
    {
        Work work;
        word = second = 0;
        ulong* area = (ulong*)&Kernel.Block->Message;
        fixed (uint* at = &word, other = &second)
        {
            area[0] = (ulong)at;
            area[1] = 0;
            area[2] = (ulong)other;
            area[3] = 0;
            Fails(Kernel.Call(KernelCall.WordWaitMany, 2, Threads.Now + 1_000_000), KernelStatus.TimedOut, 1);
            Threads.Start(&work, &WakeSecond, (ulong)other);
            Expect(Kernel.Call(KernelCall.WordWaitMany, 2, ulong.MaxValue), 1, 2);
            Threads.Join(&work);
            area[3] = 9;
            Fails(Kernel.Call(KernelCall.WordWaitMany, 2, ulong.MaxValue), KernelStatus.WouldBlock, 3);
            Fails(Kernel.Call(KernelCall.WordWaitMany, 65, ulong.MaxValue), KernelStatus.BadArgument, 4);
            Expect(Kernel.Call(KernelCall.WordWake, (ulong)at, 1), 0, 5);
        }
    }

    private static void Watched()
    {
        long n = Kernel.Call(KernelCall.NotificationCreate);
        fixed (uint* at = &word)
        {
            Expect(Kernel.Call(KernelCall.WordWatch, (ulong)at, (ulong)n, 4), 0, 1);
            Kernel.Call(KernelCall.WordWake, (ulong)at, 1);
            Expect(Kernel.Call(KernelCall.NotificationWait, (ulong)n, 0), 4, 2);
            Expect(Kernel.Call(KernelCall.WordWatch, (ulong)at, 0), 0, 3);
            Kernel.Call(KernelCall.WordWake, (ulong)at, 1);
            Fails(Kernel.Call(KernelCall.NotificationWait, (ulong)n, 0), KernelStatus.WouldBlock, 4);
        }
        Kernel.Call(KernelCall.HandleClose, (ulong)n);
    }

    private const uint Runners = 64, Rounds = 20;

    // Each waits for the word to be its own number, then passes it on.
    private static void Runner(ulong number)
    {
        fixed (uint* at = &word)
        {
            for (uint round = 0; round < Rounds; round++)
            {
                uint value;
                while ((value = Volatile.Read(ref *at)) != number)
                    Wait(at, value);
                Volatile.Write(ref *at, (uint)((number + 1) % Runners));
                Kernel.Call(KernelCall.WordWake, (ulong)at, int.MaxValue);
                Interlocked.Increment(ref counter);
            }
        }
    }

    private static void ManyThreads()
    {
        Work* work = stackalloc Work[(int)Runners];
        word = uint.MaxValue;
        counter = 0;
        for (uint i = 0; i < Runners; i++)
            Threads.Start(work + i, &Runner, i);
        Volatile.Write(ref word, 0);
        fixed (uint* at = &word)
            Kernel.Call(KernelCall.WordWake, (ulong)at, int.MaxValue);
        for (uint i = 0; i < Runners; i++)
            Threads.Join(work + i);
        Expect(counter, Runners * Rounds, 1);
    }
}
