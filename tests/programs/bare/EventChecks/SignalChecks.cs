using Bare;
using ConnectionChecks;

namespace EventChecks;

/// <summary>signalfd(2): fields, masks and errors, by requests and in memory; who waits, in several processes.</summary>
internal static class SignalChecks
{
    private const int NonBlock = 0x800, CloseOnExec = 0x80000, SetFlags = 4, Soon = 20, Rounds = 3, Length = 128;
    private const int User1 = 10, User2 = 12, Alarm = 14, Child = 17, RealTime = 35, Kill = 9, Stop = 19, Continue = 18;
    private const uint EdgeTriggered = 1u << 31;
    private const long NumberOfMask = 14, NumberOfInterval = 38, NumberOfKill = 62, NumberOfQueue = 129, NumberOfThread = 186, NumberOfKillThread = 200,
        NumberOfOpen = 289, NumberOfUser = 102, NumberOfTimerCreate = 222, NumberOfTimerSet = 223;

    // Behind what Sys and Events use of the page.
    private const int MaskAt = 3400, InfoAt = 3408, RecordAt = 3520;

    private const ulong All = 1UL << (User1 - 1) | 1UL << (User2 - 1) | 1UL << (Child - 1) | 1UL << (RealTime - 1) | 1UL << (Alarm - 1) | 1UL << (Kill - 1);

    public static void Run(long program)
    {
        Block(All);
        Errors();
        for (int round = 0; round < Rounds; round++)
            Fields();
        Masks();
        Children();
        Waiting();
        Ready();
        Edges();
        Executed(program);
    }

    /// <summary>Another program with the same descriptor: the signal that it sends itself.</summary>
    public static int BeExecuted(int signals)
    {
        Raise(User2);
        long result = Read(signals, Length);
        return result == Length ? (int)Field(0) : (int)result;
    }

    private static void Block(ulong set)
    {
        Sys.Word(Sys.At(MaskAt)) = set;
        Linux.Call(NumberOfMask, 2, Sys.At(MaskAt), 0, 8);
    }

    private static int Open(int descriptor, ulong mask, int flags)
    {
        Sys.Word(Sys.At(MaskAt)) = mask;
        return (int)Linux.Call(NumberOfOpen, descriptor, Sys.At(MaskAt), 8, flags);
    }

    private static void Raise(int signal) => Linux.Call(NumberOfKillThread, Linux.Call(NumberOfThread), signal);

    private static void Send(int process, int signal) => Linux.Call(NumberOfKill, process, signal);

    private static void Queue(int process, int signal, ulong value)
    {
        for (int offset = 0; offset < 48; offset += 8)
            Sys.Word(Sys.At(InfoAt + offset)) = 0;
        Sys.Half(Sys.At(InfoAt)) = signal;
        Sys.Half(Sys.At(InfoAt + 8)) = -1; // SI_QUEUE
        Sys.Half(Sys.At(InfoAt + 16)) = Sys.Pid();
        Sys.Half(Sys.At(InfoAt + 20)) = (int)Linux.Call(NumberOfUser);
        Sys.Word(Sys.At(InfoAt + 24)) = value;
        Linux.Call(NumberOfQueue, process, signal, Sys.At(InfoAt));
    }

    private static long Read(int signals, int length) => Linux.Call(0, signals, Sys.At(RecordAt), length);

    private static int Field(int index, int record = 0) => Sys.Half(Sys.At(RecordAt + record * Length + index * sizeof(int)));

    // All words of a record but those that differ from run to run: the sender is told from others, times are not shown.
    private static void Show(System.ReadOnlySpan<byte> name, int sender, int record = 0)
    {
        const int pid = 3, times = 14, behindTimes = 18, count = Length / sizeof(int);
        Report.Number(name, Field(0, record));
        for (int index = 1; index < count; index++)
        {
            int value = index == pid && Field(index, record) == sender ? -1 : index is >= times and < behindTimes ? 0 : Field(index, record);
            if (value != 0)
                Report.Number("  field"u8, (index * 1_000_000_000L) + value);
        }
    }

    private static void Errors()
    {
        int counter = Events.Create(0, 0), signals = Open(-1, All, NonBlock | CloseOnExec);
        Report.Number("unknown flags"u8, Open(-1, All, 1));
        Report.Number("another size"u8, Linux.Call(NumberOfOpen, -1, Sys.At(MaskAt), 4, 0));
        Report.Number("wild"u8, Linux.Call(NumberOfOpen, -1, 8, 8, 0));
        Report.Number("no signalfd"u8, Open(counter, All, 0));
        Report.Number("closed"u8, Open(300, All, 0));
        Report.Number("descriptor flags"u8, Sys.Fcntl(signals, 1, 0));
        Report.Number("status flags"u8, Sys.Fcntl(signals, 3, 0));
        for (int round = 0; round < Rounds; round++)
        {
            Report.Number("nothing there"u8, Read(signals, Length));
            Report.Number("not ready"u8, Events.Ready(signals));
            Raise(User1);
            Report.Number("ready"u8, Events.Ready(signals));
            Report.Number("short read"u8, Read(signals, Length - 1));
            Report.Number("write"u8, Events.Add(signals, 1));
            Report.Number("lseek"u8, Events.Seek(signals));
            Report.Number("wild read"u8, Linux.Call(0, signals, 8, Length));
            Report.Number("is gone"u8, Read(signals, Length));
        }

        Sys.Close(counter);
        Sys.Close(signals);
    }

    private static void Fields()
    {
        int signals = Open(-1, All, NonBlock), me = Sys.Pid();
        Raise(User1);
        Read(signals, Length);
        Show("to the thread"u8, me);
        Send(me, User2);
        Read(signals, Length);
        Show("to the process"u8, me);
        for (ulong value = 1; value <= 3; value++)
            Queue(me, RealTime, value << 32 | value + 10);
        Raise(User1);
        Raise(User1);
        Report.Number("four and room for five"u8, Read(signals, 5 * Length - 64));
        for (int record = 0; record < 4; record++)
            Show("queued"u8, me, record);
        Raise(User2);
        Raise(User1);
        Report.Number("one of two"u8, Read(signals, Length) * 100 + Field(0));
        Report.Number("the other"u8, Read(signals, Length) * 100 + Field(0));
        Report.Number("no more"u8, Read(signals, Length));
        Interval();
        Read(signals, Length);
        Show("interval timer"u8, me);
        Timer(signals);
        OfUser(signals);
        Sys.Close(signals);
    }

    // tkill(2) says who sends.
    private static void OfUser(int signals)
    {
        const int user = 77, userField = 4;
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Become(user);
            Raise(User1);
            Linux.Exit(Read(signals, Length) == Length ? Field(userField) : 1);
        }

        Report.Number("user"u8, Sys.Wait(child));
        Report.Number("its end"u8, Read(signals, Length) * 100 + Field(0));
    }

    // setitimer(2): in a millisecond.
    private static void Interval()
    {
        for (int offset = 0; offset < 32; offset += 8)
            Sys.Word(Sys.At(InfoAt + offset)) = offset == 24 ? 1000u : 0;
        Linux.Call(NumberOfInterval, 0, Sys.At(InfoAt), 0);
        Sys.Sleep(Soon);
    }

    // timer_create(2) with a value.
    private static void Timer(int signals)
    {
        for (int offset = 0; offset < 64; offset += 8)
            Sys.Word(Sys.At(InfoAt + offset)) = 0;
        Sys.Word(Sys.At(InfoAt)) = 0x1234_5678_9ABC;
        Sys.Half(Sys.At(InfoAt + 8)) = RealTime;
        Linux.Call(NumberOfTimerCreate, 1, Sys.At(InfoAt), Sys.At(InfoAt + 64));
        int timer = Sys.Half(Sys.At(InfoAt + 64));
        for (int offset = 0; offset < 32; offset += 8)
            Sys.Word(Sys.At(InfoAt + offset)) = offset == 24 ? 1_000_000u : 0;
        Linux.Call(NumberOfTimerSet, timer, 0, Sys.At(InfoAt), 0);
        Sys.Sleep(Soon);
        Read(signals, Length);
        // Not its number, which differs.
        Report.Number("timer"u8, Field(0));
        Report.Number("  code"u8, Field(2));
        Report.Number("  overrun"u8, Field(8));
        Report.Number("  value"u8, (long)Field(11) * 1000 + Field(13));
        Linux.Call(226, timer);
    }

    private static void Masks()
    {
        int signals = Open(-1, 1UL << (User1 - 1), NonBlock);
        for (int round = 0; round < Rounds; round++)
        {
            Raise(User2);
            Report.Number("not in the mask"u8, Events.Ready(signals) * 1000 + Read(signals, Length));
            Report.Number("another mask"u8, Open(signals, 1UL << (User2 - 1), 0) == signals ? 1 : 0);
            Report.Number("in the mask"u8, Events.Ready(signals) * 1000 + Read(signals, Length));
            int child = Sys.Fork();
            if (child == 0)
                Linux.Exit(Open(signals, 1UL << (User1 - 1), 0) == signals ? 0 : 1);
            Report.Number("a child sets it"u8, Sys.Wait(child));
            while (Sys.Wait(-1) >= 0 && Read(signals, Length) > 0)
            {
            }

            Raise(User2);
            Report.Number("for all"u8, Read(signals, Length));
            Raise(User1);
            Report.Number("the new one"u8, Read(signals, Length) * 100 + Field(0));
            Open(signals, 1UL << (User2 - 1), 0);
            Report.Number("the old one was kept"u8, Read(signals, Length) * 100 + Field(0));
            Open(signals, 1UL << (User1 - 1), 0);
        }

        Open(signals, 1UL << (Child - 1), 0);
        while (Read(signals, Length) > 0)
        {
        }

        Sys.Close(signals);
    }

    // Who reads reads its own.
    private static void Children()
    {
        int signals = Open(-1, All, NonBlock), parent = Sys.Pid();
        for (int round = 0; round < Rounds; round++)
        {
            Raise(User1);
            int child = Sys.Fork();
            if (child == 0)
            {
                bool isEmpty = Read(signals, Length) == -11;
                Raise(User2);
                bool isOwn = Read(signals, Length) == Length && Field(0) == User2 && Field(3) == Sys.Pid();
                Send(parent, User2);
                Linux.Exit(isEmpty && isOwn ? 7 : 1);
            }

            Report.Number("a child"u8, Sys.Wait(child));
            Report.Number("three"u8, Read(signals, 4 * Length));
            Show("mine"u8, parent);
            Show("the child's"u8, child, 1);
            Show("its end"u8, child, 2);
            child = Sys.Fork();
            while (child == 0)
                Sys.Sleep(1000);
            Sys.Kill(child);
            Sys.Wait(child);
            Read(signals, Length);
            Show("was killed"u8, child);
        }

        Sys.Close(signals);
    }

    private static void Waiting()
    {
        int signals = Open(-1, All & ~(1UL << (Child - 1)), 0), parent = Sys.Pid();
        for (int round = 0; round < 2 * Rounds; round++)
        {
            int child = Sys.Fork();
            if (child == 0)
            {
                Sys.Sleep(Soon);
                Send(parent, round % 2 == 0 ? User1 : RealTime);
                Linux.Exit(0);
            }

            Sys.Want(0, signals, Sys.In);
            if (round % 3 == 0)
                Report.Number("poll"u8, Sys.Poll(1, -1) * 100 + Sys.Found(0));
            Report.Number("read"u8, Read(signals, 3 * Length) * 100 + Field(0));
            Sys.Wait(child);
        }

        // A stop and its end restart what waited.
        int waiter = Sys.Fork();
        if (waiter == 0)
            Linux.Exit(Read(signals, Length) == Length ? Field(0) : 1);
        Sys.Sleep(Soon);
        Send(waiter, Stop);
        Sys.Sleep(Soon);
        Send(waiter, Continue);
        Sys.Sleep(Soon);
        Send(waiter, User2);
        Report.Number("after a stop"u8, Sys.Wait(waiter));
        int setter = Sys.Fork();
        if (setter == 0)
            Linux.Exit((int)Sys.Fcntl(signals, SetFlags, NonBlock));
        Sys.Wait(setter);
        Report.Number("does not wait"u8, Read(signals, Length));
        waiter = Sys.Fork();
        if (waiter == 0)
        {
            Block(All & ~(1UL << (User2 - 1)));
            Sys.Want(0, signals, Sys.In);
            Linux.Exit(Sys.Poll(1, -1));
        }

        Sys.Sleep(Soon);
        Send(waiter, User2);
        Report.Number("what is not blocked ends it"u8, Sys.Wait(waiter));
        int drain = Open(-1, All, NonBlock);
        while (Read(drain, Length) > 0)
        {
        }

        Sys.Close(drain);
        Sys.Close(signals);
    }

    // By level, beside a pipe and alone, with and without an end.
    private static void Ready()
    {
        int epoll = Sys.EpollCreate(), parent = Sys.Pid();
        Sys.Pipe(out int read, out int write);
        for (int round = 0; round < Rounds; round++)
        {
            int signals = Open(-1, All & ~(1UL << (Child - 1)), NonBlock);
            Sys.Want(0, signals, Sys.In);
            Sys.Want(1, read, Sys.In);
            Report.Number("neither"u8, Sys.Poll(2, 0));
            Report.Number("neither in time"u8, Sys.Poll(2, 5));
            Report.Number("not alone"u8, Sys.Poll(1, 5));
            Sys.EpollControl(epoll, 1, signals, (uint)Sys.In);
            Sys.EpollControl(epoll, 1, read, (uint)Sys.In);
            int child = Sys.Fork();
            if (child == 0)
            {
                Sys.Sleep(Soon);
                Send(parent, User1);
                Linux.Exit(0);
            }

            int count = Sys.EpollWait(epoll, -1);
            Report.Number("signals"u8, (Sys.EpollFound(count, signals) * 10) + Sys.EpollFound(count, read));
            Sys.Write(write, "x"u8);
            count = Sys.EpollWait(epoll, -1);
            Report.Number("both"u8, (Sys.EpollFound(count, signals) * 10) + Sys.EpollFound(count, read));
            Sys.Want(0, read, Sys.In);
            Sys.Want(1, signals, Sys.In);
            Report.Number("both by poll"u8, (Sys.Poll(2, -1) * 10_000) + (Sys.Found(0) * 100) + Sys.Found(1));
            Report.Number("taken"u8, Read(signals, Length) * 100 + Field(0));
            count = Sys.EpollWait(epoll, -1);
            Report.Number("the pipe"u8, (Sys.EpollFound(count, signals) * 10) + Sys.EpollFound(count, read));
            Sys.Read(read, 1);
            Sys.Wait(child);
            Sys.Close(signals);
        }

        Sys.Close(read);
        Sys.Close(write);
        Sys.Close(epoll);
        int drain = Open(-1, All, NonBlock);
        while (Read(drain, Length) > 0)
        {
        }

        Sys.Close(drain);
    }

    private static void Edges()
    {
        int epoll = Sys.EpollCreate(), signals = Open(-1, All, NonBlock);
        Sys.EpollControl(epoll, 1, signals, (uint)Sys.In | EdgeTriggered);
        for (int round = 0; round < Rounds; round++)
        {
            Report.Number("no edge"u8, Sys.EpollWait(epoll, 0));
            Raise(User1);
            Report.Number("an edge"u8, Sys.EpollWait(epoll, -1));
            Report.Number("reported"u8, Sys.EpollWait(epoll, 5));
            Raise(User2);
            Report.Number("another signal"u8, Sys.EpollWait(epoll, -1));
            Report.Number("both"u8, Read(signals, 3 * Length));
            Report.Number("reading is no edge"u8, Sys.EpollWait(epoll, 0));
        }

        Sys.Close(signals);
        Sys.Close(epoll);
    }

    private static void Executed(long program)
    {
        const int known = 9, argumentAt = 2048;
        int signals = Open(-1, All, 0);
        Linux.Call(33, signals, known); // dup2
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Word(Sys.At(argumentAt)) = 'z';
            Sys.Execute(program, Sys.At(argumentAt));
        }

        Report.Number("executed"u8, Sys.Wait(child));
        Sys.Close(known);
        Sys.Close(signals);
    }
}
