using System;
using System.Threading;

namespace PersonalityTests;

/// <summary>Signals at any instruction: another thread fires them without pause while registers are compared.</summary>
internal static unsafe class StormTests
{
    private const uint User1 = 10;
    private static uint stop, target;

    private static ulong Fire(ulong rounds)
    {
        ulong sent = 0;
        while (Volatile.Read(ref stop) == 0 && sent < rounds)
        {
            Linux.Call(234, Linux.ProcessId, target, User1);
            sent++;
        }
        Report.Number("  signals sent "u8, sent);
        return 0;
    }

    private static ulong StopLater(ulong nanoseconds)
    {
        Linux.Sleep(nanoseconds);
        *Linux.SpinWord() = 1;
        return 0;
    }

    public static void Run()
    {
        target = Linux.ThreadId;
        Linux.Handle(User1, 0x1000_0000, 0);
        Handler.Reset();

        // In program code: all registers, all vectors.
        stop = 0;
        ThreadTests.Start(&Fire, ulong.MaxValue);
        for (ulong round = 0; round < 8; round++)
        {
            RegisterSet set, before;
            *Linux.SpinWord() = 0;
            ThreadTests.Start(&StopLater, 20_000_000);
            RegisterTests.Fill(&set, round);
            RegisterTests.Copy(&before, &set);
            Linux.SpinWithRegisters(&set);
            RegisterTests.Same(&before, &set, true);
        }
        Report.Check(Handler.Count > 8, "signals while spinning"u8, Handler.Count);
        Report.Number("  signals while spinning "u8, Handler.Count);

        // During calls: entry, handler, exit stub.
        Handler.Reset();
        ulong loops = 0;
        ulong start = Linux.Now();
        while (Linux.Now() - start < 300_000_000)
        {
            RegisterSet set, before;
            RegisterTests.Fill(&set, loops);
            set.Rax = loops % 3 == 0 ? 39u : loops % 3 == 1 ? 24u : 186u;
            RegisterTests.Copy(&before, &set);
            Linux.CallWithRegisters(&set);
            if (!RegisterTests.Same(&before, &set, false))
                break;
            if (loops % 3 != 1)
                Report.Check(set.Rax == (loops % 3 == 0 ? Linux.ProcessId : target), "result under fire"u8, set.Rax);
            loops++;
        }
        Report.Number("  calls under fire "u8, loops);
        Report.Number("  signals meanwhile "u8, Handler.Count);
        Report.Check(Handler.Count > 0, "signals during calls"u8);
        stop = 1;
        ThreadTests.Join();

        // A timer as well.
        ulong* value = stackalloc ulong[4];
        value[0] = value[2] = 0;
        value[1] = value[3] = 500;
        Linux.Handle(14, 0x1000_0000, 0);
        Linux.Call(38, 0, (ulong)value, 0);
        uint word = 0;
        ulong* time = stackalloc ulong[2];
        for (int i = 0; i < 200; i++)
        {
            time[0] = 0;
            time[1] = 200_000;
            long result = Linux.Call(202, (ulong)&word, 128, 0, (ulong)time);
            Report.Check(result == Linux.ETIMEDOUT || result == Linux.EINTR, "futex under a timer"u8, (ulong)result);
        }
        value[1] = value[3] = 0;
        Linux.Call(38, 0, (ulong)value, 0);
        Report.Line("ok storm"u8);
    }
}
