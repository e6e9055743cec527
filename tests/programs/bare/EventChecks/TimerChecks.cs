using Bare;
using ConnectionChecks;

namespace EventChecks;

/// <summary>timerfd_create(2): values and errors, by requests and in memory; who waits, in several processes.</summary>
internal static class TimerChecks
{
    private const int NonBlock = 0x800, CloseOnExec = 0x80000, Absolute = 1, CancelOnSet = 2, RealTime = 0, Monotonic = 1, SetFlags = 4, Soon = 20, Rounds = 3;
    private const uint EdgeTriggered = 1u << 31;
    private const long Second = 1_000_000_000, Millisecond = 1_000_000, Far = 1000 * Second;
    private const long NumberOfCreate = 283, NumberOfSet = 286, NumberOfGet = 287;

    // struct itimerspec, behind what Sys and Events use of the page.
    private const int NewAt = 3300, OldAt = 3340;

    // Not the alarm clocks: what Linux says is left of them does not change when they are disarmed.
    private static readonly int[] Clocks = [0, 1, 7];

    public static void Run(long program)
    {
        Errors();
        foreach (int clock in Clocks)
        {
            int timer = Create(clock, NonBlock);
            for (int round = 0; round < Rounds; round++)
                Values(timer);
            Sys.Close(timer);
        }

        for (int round = 0; round < Rounds; round++)
            Periods(round != 0);
        Waiting();
        Shared();
        Edges();
        Ready();
        Executed(program);
    }

    /// <summary>Another program with the same descriptor: how often it had expired.</summary>
    public static int BeExecuted(int timer)
    {
        long first = Events.Take(timer);
        Expire(timer);
        return (int)(first * 10 + Events.Take(timer));
    }

    private static int Create(int clock, int flags) => (int)Linux.Call(NumberOfCreate, clock, flags);

    private static long Set(int timer, int flags, long value, long interval, long old = 0)
    {
        Sys.Word(Sys.At(NewAt)) = (ulong)(interval / Second);
        Sys.Word(Sys.At(NewAt + 8)) = (ulong)(interval % Second);
        Sys.Word(Sys.At(NewAt + 16)) = (ulong)(value / Second);
        Sys.Word(Sys.At(NewAt + 24)) = (ulong)(value % Second);
        return Linux.Call(NumberOfSet, timer, flags, Sys.At(NewAt), old);
    }

    // Set to a time that has passed, and expired: on Linux that is a moment later.
    private static long Expire(int timer, long old = 0)
    {
        long result = Set(timer, Absolute, 1, 0, old);
        Sys.Want(0, timer, Sys.In);
        Sys.Poll(1, -1);
        return result;
    }

    private static long Old(int part) => (long)(Sys.Word(Sys.At(OldAt + part)) * (ulong)Second + Sys.Word(Sys.At(OldAt + part + 8)));

    private static long Get(int timer) => Linux.Call(NumberOfGet, timer, Sys.At(OldAt));

    // What is left of a thousand seconds, without what the test itself took.
    private static void Left(System.ReadOnlySpan<byte> name)
    {
        long left = Old(16);
        Report.Number(name, left > Far - (60 * Second) && left <= Far ? 1 : left);
        Report.Number("its interval"u8, Old(0));
    }

    private static int Used(int flags)
    {
        int timer = Create(Monotonic, flags);
        for (int round = 0; round < Rounds; round++)
        {
            Expire(timer);
            Events.Take(timer);
        }

        return timer;
    }

    private static void Errors()
    {
        Report.Number("no clock"u8, Create(42, 0));
        Report.Number("a clock that counts other time"u8, Create(2, 0));
        Report.Number("unknown flags"u8, Create(1, 1));
        for (int clock = 8; clock <= 9; clock++)
        {
            int alarm = Create(clock, NonBlock);
            Set(alarm, 0, 5 * Millisecond, 0);
            Sys.Want(0, alarm, Sys.In);
            Report.Number("alarm clock"u8, Sys.Poll(1, -1) * 10 + Events.Take(alarm));
            Sys.Close(alarm);
        }

        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Become(1000);
            Linux.Exit(-Create(8, 0) * 10 + (Create(1, 0) > 0 ? 1 : 0));
        }

        Report.Number("not for everybody"u8, Sys.Wait(child));
        int counter = Events.Create(0, 0), timer = Create(1, NonBlock | CloseOnExec);
        Report.Number("descriptor flags"u8, Sys.Fcntl(timer, 1, 0));
        Report.Number("status flags"u8, Sys.Fcntl(timer, 3, 0));
        for (int round = 0; round < Rounds; round++)
        {
            Report.Number("set: no timer"u8, Set(counter, 0, 1, 0));
            Report.Number("get: no timer"u8, Get(counter));
            Report.Number("closed"u8, Set(300, 0, 1, 0));
            Report.Number("unknown flags"u8, Set(timer, 4, 1, 0));
            Report.Number("negative"u8, Set(timer, 0, -Second, 0));
            Report.Number("wild"u8, Linux.Call(NumberOfSet, timer, 0, 8, 0));
            Report.Number("wild answer"u8, Linux.Call(NumberOfGet, timer, 8));
            Sys.Word(Sys.At(NewAt + 24)) = (ulong)Second;
            Report.Number("a second of nanoseconds"u8, Linux.Call(NumberOfSet, timer, 0, Sys.At(NewAt), 0));
            Report.Number("set, wild old"u8, Expire(timer, 8));
            Report.Number("was set"u8, Events.Take(timer));
            Expire(timer);
            Report.Number("short read"u8, Events.Take(timer, 7));
            Report.Number("write"u8, Events.Add(timer, 1));
            Report.Number("lseek"u8, Events.Seek(timer));
            Report.Number("wild read"u8, Events.ReadTo(timer, 8));
            Report.Number("is gone"u8, Events.Take(timer));
            Expire(timer);
            Report.Number("long read"u8, Events.Take(timer, 100));
            Expire(timer);
            Report.Number("pread"u8, Events.TakeAt(timer, 0));
            Expire(timer);
            Report.Number("readv"u8, Events.Vectored(timer, false, 0, 8, 0, 8));
        }

        Sys.Close(counter);
        Sys.Close(timer);
    }

    private static void Values(int timer)
    {
        Report.Number("disarmed"u8, Events.Take(timer));
        Report.Number("not ready"u8, Events.Ready(timer));
        Report.Number("get"u8, Get(timer) + Old(0) + Old(16));
        Report.Number("set to the past"u8, Expire(timer, Sys.At(OldAt)) + Old(0) + Old(16));
        Report.Number("ready"u8, Events.Ready(timer));
        Report.Number("nothing left"u8, Get(timer) + Old(16));
        Report.Number("expired"u8, Events.Take(timer));
        Report.Number("once"u8, Events.Take(timer));
        Report.Number("set"u8, Set(timer, CancelOnSet, Far, 7, Sys.At(OldAt)));
        Report.Number("not yet"u8, Events.Take(timer));
        Report.Number("get"u8, Get(timer));
        Left("left"u8);
        Report.Number("disarm"u8, Set(timer, 0, 0, 5, Sys.At(OldAt)));
        Left("was left"u8);
        Report.Number("get"u8, Get(timer) + Old(16));
        Report.Number("interval of none"u8, Old(0));
        Report.Number("never"u8, Set(timer, Absolute, long.MaxValue, 0));
        Report.Number("not yet"u8, Events.Take(timer));
        Expire(timer);
        Report.Number("set again before it was read"u8, Set(timer, 0, Far, 0));
        Report.Number("what had expired is forgotten"u8, Events.Take(timer));
        Report.Number("disarm"u8, Set(timer, 0, 0, 0));
    }

    private static void Periods(bool isUsed)
    {
        int timer = isUsed ? Used(NonBlock) : Create(Monotonic, NonBlock);
        Set(timer, 0, 10 * Millisecond, 10 * Millisecond);
        Sys.Sleep(75);
        long count = Events.Take(timer);
        Report.Number("seven periods or more"u8, count >= 7 ? 1 : count);
        // Nothing is left from the moment at which one is over to its interrupt, which a busy host may hold back for long.
        Get(timer);
        long left = Old(16);
        for (int tries = 0; left == 0 && tries < 100; tries++)
        {
            Sys.Sleep(1);
            Get(timer);
            left = Old(16);
        }

        Report.Number("less than a period is left"u8, left > 0 && left <= 10 * Millisecond ? 1 : left);
        Report.Number("period"u8, Old(0));
        Set(timer, 0, 1, 1);
        Sys.Sleep(5);
        count = Events.Take(timer);
        Report.Number("a million periods or more"u8, count >= 1_000_000 ? 1 : count);
        Sys.Want(0, timer, Sys.In);
        Report.Number("expires all the time"u8, Sys.Poll(1, -1));
        Sys.Close(timer);
    }

    private static void Waiting()
    {
        for (int round = 0; round < Rounds; round++)
        {
            int timer = round == 0 ? Create(RealTime, 0) : Used(0);
            long start = Sys.Now();
            Set(timer, 0, 15 * Millisecond, 0);
            Report.Number("waits"u8, Events.Take(timer));
            long passed = Sys.Now() - start;
            Report.Number("as long as it should"u8, passed >= 15 * Millisecond ? 1 : passed);
            Set(timer, Absolute, Sys.Now() + (15 * Millisecond), 0);
            Sys.Want(0, timer, Sys.In);
            Report.Number("poll"u8, round == 0 ? 1 : Sys.Poll(1, -1));
            Sys.Want(0, timer, Sys.Out);
            Report.Number("is never writable"u8, Sys.Poll(1, 20));
            Report.Number("taken"u8, Events.Take(timer));
            Sys.Want(0, timer, Sys.In);
            Report.Number("poll gives up"u8, Sys.Poll(1, 5));
            Sys.Close(timer);
        }
    }

    // Several processes with one timer: who waits is woken by what another one sets, and what one has read is gone for the other.
    private static void Shared()
    {
        int timer = Used(0);
        for (int round = 0; round < Rounds; round++)
        {
            Set(timer, 0, Far, 0);
            int child = Sys.Fork();
            if (child == 0)
            {
                for (int use = 0; use < round; use++)
                    Get(timer);
                Sys.Sleep(Soon);
                Linux.Exit((int)Set(timer, 0, Millisecond, 0));
            }

            Sys.Want(0, timer, Sys.In);
            Report.Number(round == 1 ? "polled"u8 : "read"u8, round == 1 ? Sys.Poll(1, -1) : Events.Take(timer));
            Report.Number("who set it"u8, Sys.Wait(child));
        }

        Expire(timer);
        int reader = Sys.Fork();
        if (reader == 0)
            Linux.Exit((int)Events.Take(timer));
        Report.Number("read by a child"u8, Sys.Wait(reader));
        Report.Number("is gone"u8, Events.Ready(timer));
        reader = Sys.Fork();
        if (reader == 0)
            Linux.Exit((int)Sys.Fcntl(timer, SetFlags, NonBlock));
        Sys.Wait(reader);
        Report.Number("does not wait"u8, Events.Take(timer));
        int copy = Sys.Duplicate(timer);
        Expire(copy);
        Report.Number("by another number"u8, Events.Take(timer));
        Sys.Close(timer);
        Expire(copy);
        Report.Number("one left"u8, Events.Take(copy));
        Sys.Close(copy);
    }

    private static void Edges()
    {
        int epoll = Sys.EpollCreate(), timer = Used(NonBlock), count;
        Sys.EpollControl(epoll, 1, timer, (uint)Sys.In | EdgeTriggered);
        Report.Number("no edge"u8, Sys.EpollWait(epoll, 0));
        Set(timer, 0, Millisecond, 0);
        count = Sys.EpollWait(epoll, -1);
        Report.Number("an edge"u8, Sys.EpollFound(count, timer));
        Report.Number("reported"u8, Sys.EpollWait(epoll, 5));
        Expire(timer);
        count = Sys.EpollWait(epoll, -1);
        Report.Number("set again, never read"u8, Sys.EpollFound(count, timer));
        Set(timer, 0, 10 * Millisecond, 10 * Millisecond);
        Report.Number("the first period"u8, Sys.EpollWait(epoll, -1));
        Report.Number("no other is an edge"u8, Sys.EpollWait(epoll, 35));
        Report.Number("some were"u8, Events.Take(timer) >= 3 ? 1 : 0);
        Report.Number("read: the next is one"u8, Sys.EpollWait(epoll, -1));
        Set(timer, 0, 0, 0);
        Sys.EpollWait(epoll, 0);
        Report.Number("disarmed"u8, Sys.EpollWait(epoll, 5));
        Expire(timer);
        Sys.EpollWait(epoll, -1);
        Report.Number("read"u8, Events.Take(timer));
        Report.Number("reading is no edge"u8, Sys.EpollWait(epoll, 5));
        Sys.Close(timer);
        Sys.Close(epoll);
    }

    // By level, beside a pipe.
    private static void Ready()
    {
        int epoll = Sys.EpollCreate();
        Sys.Pipe(out int read, out int write);
        for (int round = 0; round < Rounds; round++)
        {
            int timer = round == 0 ? Create(Monotonic, NonBlock) : Used(NonBlock);
            Sys.EpollControl(epoll, 1, timer, (uint)Sys.In);
            Sys.EpollControl(epoll, 1, read, (uint)Sys.In);
            Set(timer, 0, 5 * Millisecond, 0);
            int count = Sys.EpollWait(epoll, -1);
            Report.Number("the timer"u8, (Sys.EpollFound(count, timer) * 10) + Sys.EpollFound(count, read));
            Sys.Write(write, "x"u8);
            count = Sys.EpollWait(epoll, -1);
            Report.Number("both"u8, (Sys.EpollFound(count, timer) * 10) + Sys.EpollFound(count, read));
            Events.Take(timer);
            count = Sys.EpollWait(epoll, -1);
            Report.Number("the pipe"u8, (Sys.EpollFound(count, timer) * 10) + Sys.EpollFound(count, read));
            Sys.Read(read, 1);
            Sys.Close(timer);
        }

        Sys.Close(read);
        Sys.Close(write);
        Sys.Close(epoll);
    }

    private static void Executed(long program)
    {
        const int known = 9, argumentAt = 2048;
        int timer = Used(NonBlock);
        Linux.Call(33, timer, known); // dup2
        Expire(timer);
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Word(Sys.At(argumentAt)) = 'y';
            Sys.Execute(program, Sys.At(argumentAt));
        }

        Report.Number("executed"u8, Sys.Wait(child));
        Report.Number("its parent"u8, Events.Take(timer));
        Sys.Close(known);
        Sys.Close(timer);
    }
}
