using System;
using System.Runtime;

namespace PersonalityTests;

/// <summary>What the handler saw last, and what it does.</summary>
internal static unsafe class Handler
{
    public static uint Signal, Count, Depth, DeepestDepth;
    public static int Code;
    public static ulong Address, StackPointer, MaskInContext, Value, Pid;
    /// <summary>Not 0: continue here instead of where the signal came.</summary>
    public static ulong ResumeAt;
    /// <summary>Not 0: send this signal to the own thread from the handler.</summary>
    public static uint RaiseInside;
    public static ulong LastVector;

    [RuntimeExport("test_handler")]
    private static void Run(uint signal, ulong* information, ulong* context)
    {
        Depth++;
        if (Depth > DeepestDepth)
            DeepestDepth = Depth;
        Signal = signal;
        Count++;
        Code = (int)information[1];
        Address = information[2];
        Pid = (uint)information[2];
        Value = information[3];
        StackPointer = (ulong)&signal;
        MaskInContext = context[37];
        LastVector = context[5 + 20];
        // One step only.
        if (signal == 5)
            context[5 + 17] &= ~0x100ul;
        if (ResumeAt != 0)
        {
            context[5 + 16] = ResumeAt;
            ResumeAt = 0;
        }
        if (RaiseInside != 0)
        {
            uint inside = RaiseInside;
            RaiseInside = 0;
            Linux.Raise(inside);
        }
        Depth--;
    }

    /// <summary>Forgets everything.</summary>
    public static void Reset()
    {
        Signal = Count = Depth = DeepestDepth = RaiseInside = 0;
        ResumeAt = 0;
    }
}

/// <summary>Actions, masks, waits, frames.</summary>
internal static unsafe class SignalTests
{
    private const uint User1 = 10, User2 = 12, RealTime = 40;
    private const ulong OnStack = 0x0800_0000, Restart = 0x1000_0000, NoDefer = 0x4000_0000, ResetHand = 0x8000_0000;

    private static ulong Set(uint signal) => 1ul << (int)(signal - 1);

    private static long Mask(uint how, ulong set)
    {
        ulong* words = stackalloc ulong[2];
        words[0] = set;
        Linux.Call(14, how, (ulong)words, (ulong)(words + 1), 8);
        return (long)words[1];
    }

    public static void Run()
    {
        Delivery();
        Masks();
        ToOneself();
        Nesting();
        Stacks();
        Waits();
        Queues();
        Timers();
        Report.Line("ok signals"u8);
    }

    private static void Delivery()
    {
        Handler.Reset();
        Report.Equal(0, Linux.Handle(User1, 0, 0), "sigaction"u8);
        Report.Equal(0, Linux.Raise(User1), "tgkill"u8);
        Report.Check(Handler.Count == 1 && Handler.Signal == User1, "delivered"u8, Handler.Count);
        Report.Check(Handler.Code == -6, "SI_TKILL"u8, (ulong)Handler.Code);
        Report.Check(Handler.Pid == Linux.ProcessId, "si_pid"u8, Handler.Pid);
        Report.Equal(0, Linux.Call(62, Linux.ProcessId, User1), "kill self"u8);
        Report.Check(Handler.Count == 2 && Handler.Code == 0, "process-directed"u8, Handler.Count);
        // Every register through a call that delivers, and through sigreturn.
        RegisterSet set, before;
        RegisterTests.Fill(&set, 99);
        set.Rax = 234;
        set.Rdi = Linux.ProcessId;
        set.Rsi = Linux.ThreadId;
        set.Rdx = User1;
        RegisterTests.Copy(&before, &set);
        Linux.CallWithRegisters(&set);
        RegisterTests.Same(&before, &set, false);
        Report.Equal(0, (long)set.Rax, "result through a handler"u8);
        Report.Check(Handler.Count == 3, "handled inside"u8);

        Linux.Handle(User1, ResetHand, 0);
        Linux.Raise(User1);
        ulong* old = stackalloc ulong[4];
        Linux.Call(13, User1, 0, (ulong)old, 8);
        Report.Check(old[0] == 0, "SA_RESETHAND"u8, old[0]);
        Report.Equal(Linux.EINVAL, Linux.Handle(9, 0, 0), "SIGKILL has no handler"u8);
        Report.Equal(Linux.EINVAL, Linux.Handle(65, 0, 0), "no signal 65"u8);
        Report.Equal(Linux.EINVAL, Linux.Raise(65), "cannot send 65"u8);
        Report.Equal(Linux.ESRCH, Linux.Call(234, Linux.ProcessId, 0x7FFF_0000, User1), "no such thread"u8);
        Linux.SetAction(User1, 1);
        Report.Equal(0, Linux.Raise(User1), "ignored"u8);
        Report.Equal(0, Linux.Raise(28), "SIGWINCH by default"u8);
    }

    private static void Masks()
    {
        Handler.Reset();
        Linux.Handle(User1, 0, 0);
        Mask(0, Set(User1));
        Linux.Raise(User1);
        Linux.Raise(User1);
        Report.Check(Handler.Count == 0, "blocked"u8);
        ulong pending = 0;
        Linux.Call(127, (ulong)&pending, 8);
        Report.Check(pending == Set(User1), "pending"u8, pending);
        Report.Check((Mask(1, Set(User1)) & (long)Set(User1)) != 0, "old mask"u8);
        Report.Check(Handler.Count == 1, "delivered once when unblocked"u8, Handler.Count);
        Report.Check(Handler.MaskInContext == 0, "mask in the context"u8, Handler.MaskInContext);
        // SIGKILL and SIGSTOP cannot be blocked.
        Mask(2, ulong.MaxValue);
        Report.Check((ulong)Mask(2, 0) == ~(Set(9) | Set(19)), "all but KILL and STOP"u8);
        // Ignoring drops what waits.
        Mask(0, Set(User1));
        Linux.Raise(User1);
        Linux.SetAction(User1, 1);
        Linux.Handle(User1, 0, 0);
        Mask(1, Set(User1));
        Report.Check(Handler.Count == 1, "dropped by ignoring"u8, Handler.Count);
    }

    // kill(2) of the own process, with what waits at others in between.
    private static void ToOneself()
    {
        const uint Continue = 18;
        Handler.Reset();
        Linux.Handle(User1, 0, 0);
        Linux.Handle(RealTime, 0, 0);
        Report.Equal(0, Linux.Call(62, Linux.ProcessId, 0), "kill with 0"u8);
        Report.Equal(Linux.EINVAL, Linux.Call(62, Linux.ProcessId, 65), "kill with 65"u8);
        Mask(0, Set(User1) | Set(RealTime));
        for (int i = 0; i < 2; i++)
        {
            Report.Equal(0, Linux.Call(62, Linux.ProcessId, User1), "kill while blocked"u8);
            Report.Equal(0, Linux.Call(62, Linux.ProcessId, RealTime), "kill by a real-time signal"u8);
        }
        ulong pending = 0;
        Linux.Call(127, (ulong)&pending, 8);
        Report.Check(pending == (Set(User1) | Set(RealTime)) && Handler.Count == 0, "both wait"u8, pending);
        Mask(1, Set(RealTime));
        uint realTime = Handler.Count;
        Mask(1, Set(User1));
        Report.Check(Handler.Count == realTime + 1 && Handler.Signal == User1, "a standard signal waits once"u8, Handler.Count);
        Linux.Call(62, Linux.ProcessId, User1);
        Linux.Call(62, Linux.ProcessId, User1);
        Report.Check(Handler.Count == realTime + 3 && Handler.Pid == Linux.ProcessId, "each before the call returns"u8, Handler.Count);
        Report.Equal(0, Linux.Call(62, Linux.ProcessId, Continue), "SIGCONT"u8);
        Linux.SetAction(User1, 1);
        Report.Equal(0, Linux.Call(62, Linux.ProcessId, User1), "ignored"u8);
        Report.Check(Handler.Count == realTime + 3, "and not handled"u8, Handler.Count);
    }

    private static void Nesting()
    {
        Handler.Reset();
        Linux.Handle(User1, 0, 0);
        Linux.Handle(User2, 0, 0);
        Handler.RaiseInside = User1;
        Linux.Raise(User1);
        Report.Check(Handler.Count == 2 && Handler.DeepestDepth == 1, "blocked in its own handler"u8, Handler.DeepestDepth);
        Handler.Reset();
        Handler.RaiseInside = User2;
        Linux.Raise(User1);
        Report.Check(Handler.Count == 2 && Handler.DeepestDepth == 2, "another nests"u8, Handler.DeepestDepth);
        Handler.Reset();
        Linux.Handle(User1, NoDefer, 0);
        Handler.RaiseInside = User1;
        Linux.Raise(User1);
        Report.Check(Handler.DeepestDepth == 2, "SA_NODEFER"u8, Handler.DeepestDepth);
        Handler.Reset();
        Linux.Handle(User1, 0, Set(User2));
        Handler.RaiseInside = User2;
        Linux.Raise(User1);
        Report.Check(Handler.Count == 2 && Handler.DeepestDepth == 1, "sa_mask"u8, Handler.DeepestDepth);
        Report.Check((ulong)Mask(0, 0) == 0, "mask restored"u8);
    }

    private static void Stacks()
    {
        Handler.Reset();
        ulong memory = Linux.Map(65536);
        ulong* stack = stackalloc ulong[3];
        stack[0] = memory;
        stack[1] = 0;
        stack[2] = 100;
        Report.Equal(Linux.ENOMEM, Linux.Call(131, (ulong)stack, 0), "alternate stack too small"u8);
        stack[2] = 65536;
        Report.Equal(0, Linux.Call(131, (ulong)stack, 0), "sigaltstack"u8);
        Linux.Handle(User1, OnStack, 0);
        Linux.Raise(User1);
        Report.Check(Handler.StackPointer > memory && Handler.StackPointer < memory + 65536, "on the alternate stack"u8, Handler.StackPointer);
        Linux.Handle(User1, 0, 0);
        Linux.Raise(User1);
        Report.Check(Handler.StackPointer < memory || Handler.StackPointer > memory + 65536, "not without SA_ONSTACK"u8, Handler.StackPointer);
        stack[1] = 2;
        Report.Equal(0, Linux.Call(131, (ulong)stack, 0), "disable"u8);
        Linux.Call(131, 0, (ulong)stack);
        Report.Check((uint)stack[1] == 2, "disabled"u8, stack[1]);
        Linux.Call(11, memory, 65536);
    }

    // A thread that waits a little, then signals the main thread once.
    private static ulong SignalLater(ulong signal)
    {
        Linux.Sleep(30_000_000);
        return (ulong)Linux.Call(234, Linux.ProcessId, Linux.ProcessId, signal);
    }

    private static void Waits()
    {
        Handler.Reset();
        Linux.Handle(User1, 0, 0);
        ulong* time = stackalloc ulong[4];
        // nanosleep ends with EINTR and the remaining time, whatever SA_RESTART says.
        Linux.Handle(User1, Restart, 0);
        ThreadTests.Start(&SignalLater, User1);
        time[0] = 10;
        time[1] = 0;
        Report.Equal(Linux.EINTR, Linux.Call(35, (ulong)time, (ulong)(time + 2)), "nanosleep interrupted"u8);
        Report.Check(time[2] == 9 && time[3] > 0, "remaining time"u8, time[2]);
        ThreadTests.Join();
        // An ignored signal does not end it.
        Linux.SetAction(User2, 1);
        ThreadTests.Start(&SignalLater, User2);
        time[0] = 0;
        time[1] = 100_000_000;
        ulong start = Linux.Now();
        Report.Equal(0, Linux.Call(35, (ulong)time, (ulong)(time + 2)), "nanosleep not interrupted"u8);
        Report.Check(Linux.Now() - start >= 100_000_000, "slept on"u8);
        ThreadTests.Join();
        // pause and sigsuspend
        ThreadTests.Start(&SignalLater, User1);
        Report.Equal(Linux.EINTR, Linux.Call(34), "pause"u8);
        ThreadTests.Join();
        Mask(0, Set(User1));
        ulong none = 0;
        Handler.Reset();
        ThreadTests.Start(&SignalLater, User1);
        Report.Equal(Linux.EINTR, Linux.Call(130, (ulong)&none, 8), "sigsuspend"u8);
        Report.Check(Handler.Count == 1 && Handler.MaskInContext == Set(User1), "mask saved by sigsuspend"u8, Handler.MaskInContext);
        Report.Check((ulong)Mask(0, 0) == Set(User1), "mask restored by sigsuspend"u8);
        ThreadTests.Join();
        // One that waits already ends it at once.
        Linux.Raise(User1);
        Report.Equal(Linux.EINTR, Linux.Call(130, (ulong)&none, 8), "sigsuspend with a pending signal"u8);
        // sigtimedwait
        ulong set = Set(User1);
        Linux.Raise(User1);
        ulong* information = stackalloc ulong[16];
        Report.Equal(User1, Linux.Call(128, (ulong)&set, (ulong)information, 0, 8), "sigtimedwait takes a pending one"u8);
        Report.Check((uint)information[0] == User1, "its siginfo"u8);
        time[0] = 0;
        time[1] = 10_000_000;
        Report.Equal(Linux.EAGAIN, Linux.Call(128, (ulong)&set, 0, (ulong)time, 8), "sigtimedwait times out"u8);
        ThreadTests.Start(&SignalLater, User1);
        Report.Equal(User1, Linux.Call(128, (ulong)&set, 0, 0, 8), "sigtimedwait waits"u8);
        ThreadTests.Join();
        Mask(2, 0);
        // futex: restarted with SA_RESTART, EINTR without.
        uint word = 0;
        Linux.Handle(User1, 0, 0);
        ThreadTests.Start(&SignalLater, User1);
        Report.Equal(Linux.EINTR, Linux.Call(202, (ulong)&word, 128, 0, 0), "futex interrupted"u8);
        ThreadTests.Join();
        Linux.Handle(User1, Restart, 0);
        time[0] = 0;
        time[1] = 90_000_000;
        // FUTEX_WAIT with a relative time is continued only where no handler ran.
        ThreadTests.Start(&SignalLater, User1);
        Report.Equal(Linux.EINTR, Linux.Call(202, (ulong)&word, 128, 0, (ulong)time), "futex with a time interrupted"u8);
        ThreadTests.Join();
        ThreadTests.Start(&SignalLater, User2);
        start = Linux.Now();
        Report.Equal(Linux.ETIMEDOUT, Linux.Call(202, (ulong)&word, 128, 0, (ulong)time), "futex continued"u8);
        Report.Check(Linux.Now() - start >= 90_000_000, "towards the same deadline"u8, Linux.Now() - start);
        ThreadTests.Join();
    }

    private static void Queues()
    {
        Handler.Reset();
        Linux.Handle(RealTime, 0, 0);
        Mask(0, Set(RealTime));
        ulong* information = stackalloc ulong[16];
        for (int i = 0; i < 16; i++)
            information[i] = 0;
        for (ulong i = 0; i < 5; i++)
        {
            information[1] = unchecked((uint)-1);
            information[3] = i;
            Report.Equal(0, Linux.Call(297, Linux.ProcessId, Linux.ThreadId, RealTime, (ulong)information), "rt_tgsigqueueinfo"u8);
        }
        Mask(1, Set(RealTime));
        Report.Check(Handler.Count == 5, "all queued"u8, Handler.Count);
    }

    private static void Timers()
    {
        Handler.Reset();
        Linux.Handle(14, 0, 0);
        ulong* value = stackalloc ulong[8];
        value[0] = 0;
        value[1] = 10_000;
        value[2] = 0;
        value[3] = 10_000;
        Report.Equal(0, Linux.Call(38, 0, (ulong)value, 0), "setitimer"u8);
        ulong start = Linux.Now();
        while (Handler.Count < 5 && Linux.Now() - start < 5_000_000_000)
        {
        }
        Report.Check(Handler.Count >= 5 && Handler.Code == 0x80, "SIGALRM comes"u8, Handler.Count);
        value[1] = value[3] = 0;
        Linux.Call(38, 0, (ulong)value, (ulong)(value + 4));
        Report.Check(value[5] == 10_000, "old interval"u8, value[5]);
        uint seen = Handler.Count;
        Linux.Sleep(40_000_000);
        Report.Check(Handler.Count <= seen + 1, "stopped"u8, Handler.Count);

        Linux.Handle(RealTime, 0, 0);
        Handler.Reset();
        value[0] = 0x1234;
        value[1] = RealTime;
        uint id = 77;
        Report.Equal(0, Linux.Call(222, 1, (ulong)value, (ulong)&id), "timer_create"u8);
        value[0] = value[1] = value[2] = 0;
        value[3] = 5_000_000;
        Report.Equal(0, Linux.Call(223, id, 0, (ulong)value, 0), "timer_settime"u8);
        start = Linux.Now();
        while (Handler.Count < 1 && Linux.Now() - start < 5_000_000_000)
        {
        }
        Report.Check(Handler.Count == 1 && Handler.Code == -2 && Handler.Value == 0x1234, "SI_TIMER"u8, Handler.Value);
        Report.Equal(0, Linux.Call(226, id), "timer_delete"u8);
        Report.Equal(Linux.EINVAL, Linux.Call(226, id), "timer_delete twice"u8);
    }
}
