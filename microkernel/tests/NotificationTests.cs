using System.Threading;
using Libsys.Abi;
using static KernelTests.Report;

namespace KernelTests;

/// <summary>Notifications, timers, signal-and-wait.</summary>
internal static unsafe class NotificationTests
{
    private static long ping, pong;
    private static uint rounds;

    public static void Run()
    {
        Test("bits collect until someone waits"u8, &Bits);
        Test("a timer signals once or again and again"u8, &Timers);
        Test("signal-and-wait passes a turn to and fro"u8, &PingPong);
        Test("vectors that a wait does not need are saved for nobody and seen by nobody"u8, &UnusedVectors);
        Test("a wait that ended early leaves the next one its own deadline"u8, &Deadlines);
        Test("many timers fire in order"u8, &ManySleepers);
    }

    private static void Bits()
    {
        long n = Kernel.Call(KernelCall.NotificationCreate);
        uint kept = Volatile.Read(ref Kernel.Page->KeptSignals);
        Kernel.Call(KernelCall.NotificationSignal, (ulong)n, 1);
        Expect(Volatile.Read(ref Kernel.Page->KeptSignals) != kept, 4);
        Kernel.Call(KernelCall.NotificationSignal, (ulong)n, 1ul << 63 | 8);
        Expect(Kernel.Call(KernelCall.NotificationWait, (ulong)n, ulong.MaxValue), 9, 1);
        Fails(Kernel.Call(KernelCall.NotificationWait, (ulong)n, 0), KernelStatus.WouldBlock, 2);
        Fails(Kernel.Call(KernelCall.NotificationWait, (ulong)n, Threads.Now + 1_000_000), KernelStatus.TimedOut, 3);
        Kernel.Call(KernelCall.HandleClose, (ulong)n);
    }

    private static void Timers()
    {
        long n = Kernel.Call(KernelCall.NotificationCreate);
        ulong start = Threads.Now;
        Expect(Kernel.Call(KernelCall.TimerSet, (ulong)n, 2, start + 2_000_000, 0), 0, 1);
        Expect(Kernel.Call(KernelCall.NotificationWait, (ulong)n, ulong.MaxValue), 2, 2);
        Expect(Threads.Now >= start + 2_000_000, 3);
        Expect(Kernel.Call(KernelCall.TimerSet, (ulong)n, 4, Threads.Now + 1_000_000, 1_000_000), 0, 4);
        for (int i = 0; i < 5; i++)
            Expect(Kernel.Call(KernelCall.NotificationWait, (ulong)n, ulong.MaxValue), 4, 5);
        Expect(Kernel.Call(KernelCall.TimerSet, (ulong)n, 4, ulong.MaxValue, 0), 0, 6);
        Kernel.Call(KernelCall.NotificationWait, (ulong)n, 0);
        Fails(Kernel.Call(KernelCall.NotificationWait, (ulong)n, Threads.Now + 3_000_000), KernelStatus.TimedOut, 7);
        Fails(Kernel.Call(KernelCall.TimerSet, (ulong)n, 4, 0, 1), KernelStatus.BadArgument, 8);
        // In ticks it would be a small number, or none at all.
        Fails(Kernel.Call(KernelCall.TimerSet, (ulong)n, 4, 0, long.MaxValue), KernelStatus.BadArgument, 9);
        // A timer that is armed while its notification goes.
        Kernel.Call(KernelCall.TimerSet, (ulong)n, 4, Threads.Now + 1_000_000, 0);
        Kernel.Call(KernelCall.HandleClose, (ulong)n);
        Threads.Sleep(2_000_000);
    }

    private static long Await(ulong n, ulong signalAfter, ulong deadline)
    {
        Kernel.Call(KernelCall.TimerSet, n, 1, signalAfter == 0 ? ulong.MaxValue : Threads.Now + signalAfter, 0);
        return Kernel.Call(KernelCall.NotificationWait, n, deadline);
    }

    private static void Deadlines()
    {
        const ulong Millisecond = 1_000_000;
        ulong n = (ulong)Kernel.Call(KernelCall.NotificationCreate), end;
        // A later one, and the wait is still there when the first would have ended it.
        Expect(Await(n, Millisecond, Threads.Now + 5 * Millisecond), 1, 1);
        end = Threads.Now + 20 * Millisecond;
        Fails(Await(n, 0, end), KernelStatus.TimedOut, 2);
        Expect(Threads.Now >= end, 3);
        // An earlier one, which does not wait for the first.
        ulong far = Threads.Now + 60_000 * Millisecond;
        Expect(Await(n, Millisecond, far), 1, 4);
        end = Threads.Now + 3 * Millisecond;
        Fails(Await(n, 0, end), KernelStatus.TimedOut, 5);
        Expect(Threads.Now >= end && Threads.Now < far, 6);
        // None.
        Expect(Await(n, Millisecond, Threads.Now + 5 * Millisecond), 1, 7);
        Expect(Await(n, 20 * Millisecond, ulong.MaxValue), 1, 8);
        // A thread that ends before its last deadline.
        Work work = default;
        Threads.Start(&work, &EndEarly, n);
        Threads.Join(&work);
        Threads.Sleep(10 * Millisecond);
        Kernel.Call(KernelCall.HandleClose, n);
    }

    private static void EndEarly(ulong n) => Await(n, 1_000_000, Threads.Now + 5_000_000);

    private static void Answer(ulong argument)
    {
        Kernel.Call(KernelCall.NotificationWait, (ulong)ping, ulong.MaxValue);
        for (int i = 0; i < 1000; i++)
        {
            rounds++;
            Kernel.Call(KernelCall.SignalAndWait, (ulong)pong, 1, (ulong)ping, ulong.MaxValue);
        }
        Kernel.Call(KernelCall.NotificationSignal, (ulong)pong, 1);
    }

    private const ulong OwnPattern = 0x1234_5678_0000_0000, OtherPattern = 0xfedc_0000_0000_0000;

    private static void AnswerWithVectors(ulong argument)
    {
        Kernel.Call(KernelCall.NotificationWait, (ulong)ping, ulong.MaxValue);
        for (int i = 0; i < 200; i++)
            rounds += (uint)Kernel.VectorTurn(OtherPattern, (ulong)pong, (ulong)ping, WaitFlags.None);
        Kernel.Call(KernelCall.NotificationSignal, (ulong)pong, 1);
    }

    private static void UnusedVectors()
    {
        ping = Kernel.Call(KernelCall.NotificationCreate);
        pong = Kernel.Call(KernelCall.NotificationCreate);
        rounds = 0;
        Work work;
        Threads.Start(&work, &AnswerWithVectors, 0);
        int forgotten = 0;
        for (int i = 0; i < 201; i++)
        {
            WaitFlags flags = i % 2 == 0 ? WaitFlags.None : WaitFlags.VectorsUnused;
            long state = Kernel.VectorTurn(OwnPattern, (ulong)ping, (ulong)pong, flags);
            Expect(state == 0 || (flags != WaitFlags.None && state == 1), 1);
            forgotten += (int)state;
        }
        Threads.Join(&work);
        Expect(rounds, 0, 2);
        // With several CPUs a thread may have slept before the other was there to take its CPU.
        Expect(forgotten > 0 || Kernel.Page->CpuCount > 1, 3);
        Kernel.Call(KernelCall.HandleClose, (ulong)ping);
        Kernel.Call(KernelCall.HandleClose, (ulong)pong);
    }

    private static void PingPong()
    {
        ping = Kernel.Call(KernelCall.NotificationCreate);
        pong = Kernel.Call(KernelCall.NotificationCreate);
        rounds = 0;
        Work work;
        Threads.Start(&work, &Answer, 0);
        for (int i = 0; i < 1001; i++)
            Expect(Kernel.Call(KernelCall.SignalAndWait, (ulong)ping, 1, (ulong)pong, ulong.MaxValue), 1, 1);
        Threads.Join(&work);
        Expect(rounds, 1000, 2);
        Kernel.Call(KernelCall.HandleClose, (ulong)ping);
        Kernel.Call(KernelCall.HandleClose, (ulong)pong);
    }

    private static void Sleep(ulong nanoseconds)
    {
        ulong start = Threads.Now;
        Threads.Sleep(nanoseconds);
        if (Threads.Now < start + nanoseconds)
            rounds += 1000;
        Interlocked.Increment(ref rounds);
    }

    private static void ManySleepers()
    {
        Work* work = stackalloc Work[40];
        rounds = 0;
        for (uint i = 0; i < 40; i++)
            Threads.Start(work + i, &Sleep, 1_000_000 + (i * 7919 % 40) * 100_000);
        for (int i = 0; i < 40; i++)
            Threads.Join(work + i);
        Expect(rounds, 40, 1);
    }
}
