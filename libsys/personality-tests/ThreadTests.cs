using System;
using System.Threading;

namespace PersonalityTests;

/// <summary>Threads and futexes.</summary>
internal static unsafe class ThreadTests
{
    private const ulong ThreadFlags = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000 | 0x40000 | 0x100000 | 0x200000;
    private const ulong StackLength = 65536;
    private const int Most = 64;

    private struct Slot
    {
        public ulong Stack;
        public uint Tid;
    }

    private static int started;
    private static ulong slots;

    private static Slot* Slots
    {
        get
        {
            if (slots == 0)
                slots = Linux.Map(4096);
            return (Slot*)slots;
        }
    }

    /// <summary>Starts a thread; its id.</summary>
    public static uint Start(delegate*<ulong, ulong> function, ulong argument)
    {
        Slot* slot = Slots + started++;
        if (slot->Stack == 0)
            slot->Stack = Linux.Map(StackLength);
        slot->Tid = 1;
        long tid = Linux.CloneThread(ThreadFlags, slot->Stack + StackLength, &slot->Tid, &slot->Tid, 0, function, argument);
        Report.Check(tid > 0, "clone"u8, (ulong)tid);
        return (uint)tid;
    }

    /// <summary>Waits until all threads have ended: CLONE_CHILD_CLEARTID.</summary>
    public static void Join()
    {
        while (started > 0)
        {
            Slot* slot = Slots + --started;
            while (true)
            {
                uint tid = Volatile.Read(ref slot->Tid);
                if (tid == 0)
                    break;
                Linux.Call(202, (ulong)&slot->Tid, 0, tid, 0);
            }
        }
    }

    private static uint mutex, counter, barrier, awake;

    private static void Lock()
    {
        if (Interlocked.CompareExchange(ref mutex, 1, 0) == 0)
            return;
        fixed (uint* word = &mutex)
        {
            while (Interlocked.Exchange(ref mutex, 2) != 0)
                Linux.Call(202, (ulong)word, 128, 2, 0);
        }
    }

    private static void Unlock()
    {
        if (Interlocked.Exchange(ref mutex, 0) == 2)
        {
            fixed (uint* word = &mutex)
                Linux.Call(202, (ulong)word, 129, 1);
        }
    }

    private static ulong Increment(ulong rounds)
    {
        for (ulong i = 0; i < rounds; i++)
        {
            Lock();
            counter++;
            if (i % 16 == 0)
                Linux.Call(24);
            Unlock();
        }
        return 0;
    }

    private static ulong WaitAtBarrier(ulong argument)
    {
        fixed (uint* word = &barrier)
        {
            while (Volatile.Read(ref barrier) == 0)
                Linux.Call(202, (ulong)word, 128, 0, 0);
        }
        Interlocked.Increment(ref awake);
        return 0;
    }

    public static void Run()
    {
        for (int i = 0; i < Most; i++)
            Start(&Increment, 200);
        Join();
        Report.Equal(Most * 200, counter, "64 threads on one futex"u8);

        for (int i = 0; i < Most; i++)
            Start(&WaitAtBarrier, 0);
        fixed (uint* word = &barrier)
        {
            // Wait until all sleep: requeue them to another word and back counts them.
            uint other = 0;
            long moved = 0;
            ulong start = Linux.Now();
            while (moved < Most && Linux.Now() - start < 20_000_000_000)
            {
                long more = Linux.Call(202, (ulong)word, 131, 0, Most, (ulong)&other, 0);
                moved += more;
                if (more == 0)
                    Linux.Sleep(1_000_000);
            }
            Report.Equal(Most, moved, "requeued"u8);
            Volatile.Write(ref barrier, 1);
            long woken = Linux.Call(202, (ulong)&other, 129, Most);
            Report.Equal(Most, woken, "woken"u8);
        }
        Join();
        Report.Equal(Most, awake, "all awake"u8);
        Operations();
        // Threads come and go.
        for (int i = 0; i < 300; i++)
        {
            counter = 0;
            Start(&Increment, 1);
            Join();
        }
        Report.Line("ok threads"u8);
    }

    private static void Operations()
    {
        uint first = 1, second = 5;
        Report.Equal(Linux.EAGAIN, Linux.Call(202, (ulong)&first, 128, 0, 0), "futex differs"u8);
        ulong* time = stackalloc ulong[2];
        time[0] = 0;
        time[1] = 5_000_000;
        Report.Equal(Linux.ETIMEDOUT, Linux.Call(202, (ulong)&first, 128, 1, (ulong)time), "futex times out"u8);
        Report.Equal(Linux.EINVAL, Linux.Call(202, (ulong)&first, 128 | 9, 1, 0, 0, 0), "bitset 0"u8);
        // FUTEX_WAKE_OP: second = second + 3, compare old == 5.
        Report.Equal(0, Linux.Call(202, (ulong)&first, 128 | 5, 1, 1, (ulong)&second, 1u << 28 | 0u << 24 | 3u << 12 | 5u), "wake op"u8);
        Report.Equal(8, second, "wake op changed"u8);
        Report.Equal(Linux.EAGAIN, Linux.Call(202, (ulong)&first, 128 | 4, 1, 1, (ulong)&second, 9), "cmp requeue differs"u8);
        Report.Equal(Linux.ENOSYS, Linux.Call(202, (ulong)&first, 128 | 99, 1, 0), "no such operation"u8);
        Report.Equal(Linux.ThreadId, Linux.Call(218, 0), "set_tid_address"u8);
        Report.Equal(Linux.EINVAL, Linux.Call(273, 0, 1), "robust list length"u8);
        ulong affinity = 0;
        Report.Check(Linux.Call(204, 0, 8, (ulong)&affinity) == 8 && affinity != 0, "affinity"u8, affinity);
    }
}
