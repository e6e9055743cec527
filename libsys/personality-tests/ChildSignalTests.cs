namespace PersonalityTests;

/// <summary>
/// SIGCHLD of children that end, whatever the parent says of it before and afterwards: a program that ignores it by default is not interrupted for it, and must
/// not be able to tell.
/// </summary>
internal static unsafe class ChildSignalTests
{
    private const uint Read = 0, Close = 3, Poll = 7, SetMask = 14, Fork = 57, Execute = 59, Wait = 61, Kill = 62, Pending = 127, TimedWait = 128, Exit = 231,
        SignalFile = 289;
    private const uint Child = 17;
    private const ulong ChildSet = 1ul << 16;

    public static void Run()
    {
        // The first server has no processes.
        if (EndChild() == Linux.ENOSYS)
            return;
        // From the second fork on nobody hears of it here.
        for (int round = 0; round < 3; round++)
            Report.Check(EndChild() > 0, "a child"u8);
        Masks();
        Handlers();
        Sent();
        // Who has waited once hears of it for good.
        Report.Equal(0, InChild(&Waits), "waits"u8);
        Report.Equal(0, InChild(&Files), "signalfd"u8);
        Report.Line("ok child signals"u8);
    }

    /// <summary>In a program that was executed: the exit status says whether SIGCHLD waits, and whether it is blocked.</summary>
    public static int Look() => (IsPending() ? 1 : 0) | (Block() != 0 ? 2 : 0);

    private static long EndChild()
    {
        long child = Linux.Call(Fork);
        if (child == 0)
            Linux.Call(Exit, 0);
        return child < 0 ? child : Linux.Call(Wait, (ulong)child, 0, 0, 0);
    }

    private static long InChild(delegate*<void> checks)
    {
        long child = Linux.Call(Fork);
        if (child == 0)
        {
            for (int round = 0; round < 3; round++)
                EndChild();
            checks();
            Linux.Call(Exit, (ulong)Report.Failures);
        }
        uint status = 0;
        Linux.Call(Wait, (ulong)child, (ulong)&status, 0, 0);
        return status;
    }

    private static ulong Mask(uint how)
    {
        ulong* words = stackalloc ulong[2];
        words[0] = ChildSet;
        Linux.Call(SetMask, how, (ulong)words, (ulong)(words + 1), 8);
        return words[1] & ChildSet;
    }

    private static ulong Block() => Mask(0);

    private static void Unblock() => Mask(1);

    private static bool IsPending()
    {
        ulong set = 0;
        Linux.Call(Pending, (ulong)&set, 8);
        return (set & ChildSet) != 0;
    }

    private static void Masks()
    {
        EndChild();
        Block();
        Report.Check(!IsPending(), "what came unblocked is gone"u8);
        EndChild();
        Report.Check(IsPending(), "what comes blocked waits"u8);
        EndChild();
        Unblock();
        Block();
        Report.Check(!IsPending(), "and is gone when it is unblocked"u8);
        EndChild();
        Linux.SetAction(Child, 0);
        Report.Check(!IsPending(), "or its action set to the default"u8);
        Unblock();
    }

    private static void Waits()
    {
        ulong* information = stackalloc ulong[16];
        ulong* time = stackalloc ulong[2];
        ulong set = ChildSet;
        time[0] = time[1] = 0;
        EndChild();
        Block();
        Report.Equal(Linux.EAGAIN, Linux.Call(TimedWait, (ulong)&set, 0, (ulong)time, 8), "sigtimedwait of nothing"u8);
        time[0] = 5;
        long child = EndChild();
        Report.Equal(Child, Linux.Call(TimedWait, (ulong)&set, (ulong)information, (ulong)time, 8), "sigtimedwait"u8);
        Report.Check((uint)information[2] == child, "si_pid"u8, information[2]);
        // It waits already when the child ends.
        child = Linux.Call(Fork);
        if (child == 0)
        {
            Linux.Sleep(20_000_000);
            Linux.Call(Exit, 0);
        }
        Report.Equal(Child, Linux.Call(TimedWait, (ulong)&set, (ulong)information, (ulong)time, 8), "sigtimedwait for a child that lives"u8);
        Report.Check((uint)information[2] == child, "si_pid of it"u8, information[2]);
        Report.Equal(child, Linux.Call(Wait, (ulong)child, 0, 0, 0), "and wait"u8);
        Unblock();
    }

    private static void Handlers()
    {
        EndChild();
        Handler.Reset();
        Linux.Handle(Child, 0, 0);
        Report.Check(Handler.Count == 0, "a handler does not run for what was before"u8, Handler.Count);
        EndChild();
        Await(1);
        Report.Check(Handler.Count == 1, "but for what comes"u8, Handler.Count);
        Linux.SetAction(Child, 0);
        EndChild();
        Block();
        EndChild();
        Linux.Handle(Child, 0, 0);
        Report.Check(Handler.Count == 1, "nor while it is blocked"u8, Handler.Count);
        Unblock();
        Report.Check(Handler.Count == 2, "and it runs for what waited"u8, Handler.Count);
        Linux.SetAction(Child, 1);
        Report.Equal(-10, EndChild(), "ignored: no child is left to wait for"u8);
        Linux.SetAction(Child, 0);
    }

    private static void Files()
    {
        ulong set = ChildSet;
        ulong* words = stackalloc ulong[16];
        EndChild();
        Block();
        long file = Linux.Call(SignalFile, ulong.MaxValue, (ulong)&set, 8, 0x800);
        Report.Equal(Linux.EAGAIN, Linux.Call(Read, (ulong)file, (ulong)words, 128), "signalfd of nothing"u8);
        EndChild();
        words[0] = (uint)file | 1ul << 32;
        Report.Equal(1, Linux.Call(Poll, (ulong)words, 1, 5000), "poll of a signalfd"u8);
        Report.Equal(128, Linux.Call(Read, (ulong)file, (ulong)words, 128), "read of a signalfd"u8);
        Report.Check((uint)words[0] == Child, "ssi_signo"u8, words[0]);
        Linux.Call(Close, (ulong)file);
        Unblock();
    }

    // By kill(2), and over an exec.
    private static void Sent()
    {
        EndChild();
        Block();
        Report.Equal(0, Linux.Call(Kill, Linux.ProcessId, Child), "kill"u8);
        Report.Check(IsPending(), "what is sent while blocked waits"u8);
        Unblock();
        Report.Equal(0, Executed(false, false), "exec, nothing waits"u8);
        Report.Equal(2, Executed(true, false), "exec, blocked"u8);
        Report.Equal(3, Executed(true, true), "exec, blocked and waiting"u8);
    }

    private static long Executed(bool blocks, bool ends)
    {
        long child = Linux.Call(Fork);
        if (child == 0)
        {
            for (int round = 0; round < 3; round++)
                EndChild();
            if (blocks)
                Block();
            if (ends)
                EndChild();
            byte* path = stackalloc byte[16];
            ulong* arguments = stackalloc ulong[3];
            System.ReadOnlySpan<byte> name = "/proc/self/exe"u8;
            for (int i = 0; i < name.Length; i++)
                path[i] = name[i];
            path[name.Length] = 0;
            (arguments[0], arguments[1], arguments[2]) = ((ulong)path, (ulong)path, 0);
            Linux.Call(Execute, (ulong)path, (ulong)arguments, (ulong)(arguments + 2));
            Linux.Call(Exit, 99);
        }
        uint status = 0;
        Linux.Call(Wait, (ulong)child, (ulong)&status, 0, 0);
        return status >> 8;
    }

    private static void Await(uint count)
    {
        for (int round = 0; Handler.Count < count && round < 1000; round++)
            Linux.Sleep(1_000_000);
    }
}
