using Bare;
using ConnectionChecks;

namespace EventChecks;

/// <summary>poll(2) and epoll(7) of eventfds alone, and beside pipes or a device of another server (or a fifo).</summary>
internal static class ReadyChecks
{
    private const int Add = 1, Remove = 2, Modify = 3, Soon = 20, Never = -1;
    private const uint In = 1, Out = 4, Edge = 1u << 31, OneShot = 1u << 30, Exclusive = 1u << 28;

    public static void Run(int other)
    {
        int counter = Events.Create(0, Events.NonBlock), second = Events.Create(0, Events.NonBlock | Events.Semaphore);
        Sys.Pipe(out int read, out int write);
        for (int round = 0; round < 3; round++)
        {
            Alone(counter, second);
            Beside(counter, read, write);
            Beside(counter, other, other);
            Levels(counter, read, write);
            OneShots(counter);
        }

        Edges(counter, second, false);
        Edges(counter, second, true);
        EdgesBeside(counter, other);
        Wakers(counter);
        Inherited(counter);
        Shared(counter);
        Sys.Close(counter);
        Sys.Close(second);
    }

    private static int Both(int first, short firstEvents, int second, short secondEvents, int milliseconds)
    {
        Sys.Want(0, first, firstEvents);
        Sys.Want(1, second, secondEvents);
        int count = Sys.Poll(2, milliseconds);
        return count < 0 ? count : count * 10000 + Sys.Found(0) * 100 + Sys.Found(1);
    }

    private static void Alone(int counter, int second)
    {
        const short both = Sys.In | Sys.Out;
        Report.Number("nothing to read"u8, Both(counter, Sys.In, second, Sys.In, 0));
        Report.Number("nothing in time"u8, Both(counter, Sys.In, second, Sys.In, Soon));
        Report.Number("both writable"u8, Both(counter, both, second, both, Never));
        Events.Add(second, 2);
        Report.Number("one readable"u8, Both(counter, Sys.In, second, Sys.In, Never));
        Report.Number("what was not asked"u8, Both(counter, 0, second, Sys.Out, 0));
        Later(counter, 1);
        Report.Number("twice the same"u8, Both(counter, Sys.In, counter, Sys.In, Never));
        Report.Number("taken"u8, Events.Take(counter) * 100 + Events.Take(second) * 10 + Events.Take(second));
        Events.Add(counter, Events.Highest);
        Report.Number("full"u8, Both(counter, both, second, both, Never));
        Later(counter, 0);
        Report.Number("room in time"u8, Both(counter, Sys.Out, second, Sys.In, Never));
        Report.Number("taken"u8, Events.Take(counter));
        Report.Number("any bits"u8, Both(counter, unchecked((short)0xFFC0), second, unchecked((short)0xFFFF), 0));
        Sys.Want(0, counter, Sys.In);
        Sys.Want(1, 999, Sys.In);
        Report.Number("no such descriptor"u8, Sys.Poll(2, Never) * 100 + Sys.Found(1));
        Sys.Want(0, -1, Sys.In);
        Report.Number("none"u8, Sys.Poll(1, 0));
    }

    private static void Beside(int counter, int read, int write)
    {
        Report.Number("beside: nothing"u8, Both(counter, Sys.In, read, Sys.In, Soon));
        Events.Add(counter, 1);
        Report.Number("beside: the counter"u8, Both(counter, Sys.In, read, Sys.In, Never));
        Sys.Write(write, "x"u8);
        Report.Number("beside: both"u8, Both(counter, Sys.In, read, Sys.In, Never));
        Events.Take(counter);
        Report.Number("beside: the other"u8, Both(counter, Sys.In, read, Sys.In, Never));
        Sys.Read(read, 8);
        Later(counter, 1);
        Report.Number("beside: woken"u8, Both(counter, Sys.In, read, Sys.In, Never));
        Events.Take(counter);
        LaterWrite(write);
        Report.Number("beside: woken by the other"u8, Both(counter, Sys.In, read, Sys.In, Never));
        Sys.Read(read, 8);
    }

    private static void Levels(int counter, int read, int write)
    {
        int epoll = Sys.EpollCreate();
        Report.Number("epoll: add"u8, Sys.EpollControl(epoll, Add, counter, In));
        Report.Number("epoll: again"u8, Sys.EpollControl(epoll, Add, counter, In));
        Report.Number("epoll: nothing"u8, Sys.EpollWait(epoll, 0));
        Report.Number("epoll: nothing in time"u8, Sys.EpollWait(epoll, Soon));
        Events.Add(counter, 2);
        Wait("epoll: ready"u8, epoll, counter, Never);
        Wait("epoll: level"u8, epoll, counter, 0);
        Sys.EpollControl(epoll, Add, read, In);
        Sys.Write(write, "p"u8);
        int count = Sys.EpollWait(epoll, Never);
        Report.Number("epoll: both"u8, count * 100 + Sys.EpollFound(count, counter) * 10 + Sys.EpollFound(count, read));
        Events.Take(counter);
        Wait("epoll: the pipe"u8, epoll, read, Never);
        Sys.Read(read, 8);
        Report.Number("epoll: no more"u8, Sys.EpollWait(epoll, 0));
        Later(counter, 3);
        Wait("epoll: woken"u8, epoll, counter, Never);
        Events.Take(counter);
        Report.Number("epoll: in and out"u8, Sys.EpollControl(epoll, Modify, counter, In | Out));
        Wait("epoll: writable"u8, epoll, counter, Never);
        Report.Number("epoll: remove"u8, Sys.EpollControl(epoll, Remove, counter, 0));
        Report.Number("epoll: not there"u8, Sys.EpollWait(epoll, 0));
        Report.Number("epoll: exclusive"u8, Sys.EpollControl(epoll, Add, counter, In | Exclusive));
        Events.Add(counter, 1);
        Wait("epoll: found"u8, epoll, counter, Never);
        Events.Take(counter);
        Sys.Close(epoll);
    }

    private static void OneShots(int counter)
    {
        int epoll = Sys.EpollCreate();
        Sys.EpollControl(epoll, Add, counter, In | OneShot);
        Events.Add(counter, 1);
        Wait("shot"u8, epoll, counter, Never);
        Events.Add(counter, 1);
        Report.Number("no second"u8, Sys.EpollWait(epoll, Soon));
        Sys.EpollControl(epoll, Modify, counter, In | OneShot | Edge);
        Wait("armed"u8, epoll, counter, Never);
        Events.Add(counter, 1);
        Report.Number("no second edge"u8, Sys.EpollWait(epoll, Soon));
        Events.Take(counter);
        Sys.Close(epoll);
    }

    // Each write is an edge, whatever was read; a read is one for who wants to write.
    private static void Edges(int counter, int semaphore, bool wantsOut)
    {
        uint events = In | Edge | (wantsOut ? Out : 0);
        int epoll = Sys.EpollCreate();
        Sys.EpollControl(epoll, Add, counter, events);
        for (int round = 0; round < 3; round++)
        {
            Wait("edge: first"u8, epoll, counter, 0);
            Events.Add(counter, 1);
            Wait("edge: of a write"u8, epoll, counter, Never);
            Report.Number("edge: once"u8, Sys.EpollWait(epoll, Soon));
            Events.Add(counter, 1);
            Events.Add(counter, 1);
            Wait("edge: of two writes"u8, epoll, counter, Never);
            Report.Number("edge: once more"u8, Sys.EpollWait(epoll, 0));
            Later(counter, 1);
            Wait("edge: woken, nothing read"u8, epoll, counter, Never);
            Events.Add(counter, 0);
            Wait("edge: of nothing"u8, epoll, counter, 0);
            Events.Take(counter);
            Wait("edge: of a read"u8, epoll, counter, 0);
            Events.Add(counter, 1);
            Events.Take(counter);
            Wait("edge: gone again"u8, epoll, counter, 0);
            Later(counter, 1);
            Wait("edge: woken"u8, epoll, counter, wantsOut ? Soon * 5 : Never);
            Events.Take(counter);
            Sys.EpollControl(epoll, Modify, counter, events);
        }

        Sys.EpollControl(epoll, Remove, counter, 0);
        Sys.EpollControl(epoll, Add, semaphore, In | Edge);
        Events.Add(semaphore, 3);
        Wait("semaphore: edge"u8, epoll, semaphore, Never);
        Events.Take(semaphore);
        Report.Number("semaphore: a read is none"u8, Sys.EpollWait(epoll, Soon));
        Events.Add(semaphore, 1);
        Wait("semaphore: the next"u8, epoll, semaphore, Never);
        while (Events.Take(semaphore) > 0)
        {
        }

        // A set that is polled.
        Sys.Want(0, epoll, Sys.In);
        Report.Number("nested: nothing"u8, Sys.Poll(1, 0));
        Events.Add(semaphore, 1);
        Report.Number("nested: found"u8, Sys.Poll(1, Never) * 100 + Sys.Found(0));
        Events.Take(semaphore);
        Sys.Close(epoll);
    }

    private static void EdgesBeside(int counter, int other)
    {
        int epoll = Sys.EpollCreate();
        Sys.EpollControl(epoll, Add, counter, In | Edge);
        Sys.EpollControl(epoll, Add, other, In | Edge);
        for (int round = 0; round < 3; round++)
        {
            Later(counter, 1);
            Wait("edge beside: woken"u8, epoll, counter, Never);
            Report.Number("edge beside: once"u8, Sys.EpollWait(epoll, Soon));
            LaterWrite(other);
            Wait("edge beside: by the other"u8, epoll, other, Never);
            Sys.Read(other, 8);
        }

        Events.Take(counter);
        Sys.Close(epoll);
    }

    // A loop that is woken by writes and never reads them.
    private static void Wakers(int counter)
    {
        const int wakes = 300;
        int done = Events.Create(0, 0), epoll = Sys.EpollCreate(), woken = 0;
        int child = Sys.Fork();
        for (int round = 0; child == 0 && round < wakes; round++)
        {
            Events.Add(counter, 1);
            Events.Take(done);
        }

        if (child == 0)
            Linux.Exit(0);
        Sys.EpollControl(epoll, Add, counter, In | Edge);
        while (woken < wakes)
        {
            woken += Sys.EpollWait(epoll, Never);
            Events.Add(done, 1);
        }

        Report.Number("wakes"u8, woken);
        Report.Number("ended"u8, Sys.Wait(child));
        Report.Number("never read"u8, Events.Take(counter));
        Sys.Close(epoll);
        Sys.Close(done);
    }

    // A child polls what it has not mapped.
    private static void Inherited(int counter)
    {
        int child = Sys.Fork();
        if (child == 0)
        {
            int found = Events.Ready(counter, 0);
            Sys.Want(0, counter, Sys.In);
            Linux.Exit(Sys.Poll(1, Never) * 10 + Sys.Found(0) + found);
        }

        Sys.Sleep(Soon);
        Events.Add(counter, 1);
        Report.Number("inherited"u8, Sys.Wait(child));
        Events.Take(counter);
    }

    // A child has the set too, with a table of its own.
    private static void Shared(int counter)
    {
        int epoll = Sys.EpollCreate();
        Sys.EpollControl(epoll, Add, counter, In);
        int child = Sys.Fork();
        if (child == 0)
        {
            for (int round = 0; round < 4; round++)
            {
                Sys.EpollWait(epoll, Never);
                Events.Take(counter);
            }

            Linux.Exit(4);
        }

        for (int round = 0; round < 4; round++)
        {
            Events.Add(counter, 1);
            while (Events.Ready(counter) % 2 != 0)
                Sys.Sleep(1);
        }

        Report.Number("in a child"u8, Sys.Wait(child));
        Sys.Close(epoll);
    }

    private static void Wait(System.ReadOnlySpan<byte> name, int epoll, int descriptor, int milliseconds)
    {
        int count = Sys.EpollWait(epoll, milliseconds);
        Report.Number(name, count < 0 ? count : count * 100 + Sys.EpollFound(count, descriptor));
    }

    // A child adds something after a while, or takes (0).
    private static void Later(int counter, ulong value)
    {
        int child = Sys.Fork();
        if (child != 0)
            return;
        Sys.Sleep(Soon);
        if (value != 0)
            Events.Add(counter, value);
        else
            Events.Take(counter);
        Linux.Exit(0);
    }

    private static void LaterWrite(int descriptor)
    {
        if (Sys.Fork() != 0)
            return;
        Sys.Sleep(Soon);
        Sys.Write(descriptor, "l"u8);
        Linux.Exit(0);
    }
}
