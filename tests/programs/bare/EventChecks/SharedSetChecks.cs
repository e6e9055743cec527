using Bare;
using ConnectionChecks;
using SocketChecks;

namespace EventChecks;

/// <summary>Sets of epoll(7) that several processes have: by fork, by exec, by SCM_RIGHTS.</summary>
internal static class SharedSetChecks
{
    private const int Add = 1, Remove = 2, Modify = 3, Soon = 30, Never = -1;
    private const uint In = 1, Out = 4, OneShot = 1u << 30, Edge = 1u << 31;
    private const long NumberOfDuplicateTo = 33, OneByte = 1000 + 'b';

    private static void Show(System.ReadOnlySpan<byte> name, long value) => Report.Number(name, value);

    /// <param name="program">Path of the program itself.</param>
    /// <param name="set">Number that the executed one finds a set under.</param>
    public static void Run(long program, int set)
    {
        int counter = Events.Create(0, Events.NonBlock), second = Events.Create(0, Events.NonBlock);
        Sys.Pipe(out int read, out int write);
        for (int round = 0; round < 3; round++)
        {
            ChangedByChild(counter, second);
            ChangedByParent(counter, second);
            ClosedHere(counter);
            Numbers(counter, second);
            Shot(counter);
            Edges(counter, read, write);
            Within(counter, second);
            Ended();
            Alone(counter);
            Executed(program, set, counter, isMade: false);
            Executed(program, set, counter, isMade: true);
            Sent(counter, second);
            SentWithin(counter);
            Polled(counter);
        }

        EachOnce();
        Bytes();
        Sizes(second);
    }

    /// <summary>What <see cref="Executed"/> executes.</summary>
    public static int BeExecuted(int set)
    {
        int count = Sys.EpollWait(set, 0);
        int more = Events.Create(1, 0);
        long added = Sys.EpollControl(set, Add, more, In);
        return (int)(count * 10 + Sys.EpollWait(set, 0) + (added < 0 ? 100 : 0));
    }

    private static void ChangedByChild(int counter, int second)
    {
        int epoll = Sys.EpollCreate();
        Sys.EpollControl(epoll, Add, counter, In);
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Sleep(Soon);
            long added = Sys.EpollControl(epoll, Add, second, In);
            Events.Add(second, 1);
            Linux.Exit((int)added);
        }

        Found("child adds"u8, epoll, second, Never);
        Show("child"u8, Sys.Wait(child));
        Show("is there"u8, Sys.EpollControl(epoll, Add, second, In));
        Events.Take(second);
        Show("nothing"u8, Sys.EpollWait(epoll, Soon));
        child = Sys.Fork();
        if (child == 0)
            Linux.Exit((int)(Sys.EpollControl(epoll, Modify, second, Out) * 10 + Sys.EpollControl(epoll, Remove, counter, 0)));
        Show("child changes"u8, Sys.Wait(child));
        Events.Add(counter, 1);
        Found("writable"u8, epoll, second, Never);
        Show("removed"u8, Sys.EpollControl(epoll, Remove, counter, 0));
        Events.Take(counter);
        Sys.Close(epoll);
    }

    private static void ChangedByParent(int counter, int second)
    {
        int epoll = Sys.EpollCreate();
        Events.Add(second, 1);
        int child = Sys.Fork();
        if (child == 0)
        {
            int count = Sys.EpollWait(epoll, Never);
            Linux.Exit(count * 100 + Sys.EpollFound(count, counter) * 10 + Sys.EpollFound(count, second));
        }

        Sys.Sleep(Soon);
        Show("parent adds"u8, Sys.EpollControl(epoll, Add, counter, In));
        Sys.Sleep(Soon);
        Sys.EpollControl(epoll, Add, second, In);
        Show("child finds"u8, Sys.Wait(child));
        Events.Take(second);
        Sys.Close(epoll);
    }

    // A member stays while any process has what was registered.
    private static void ClosedHere(int counter)
    {
        int epoll = Sys.EpollCreate(), mine = Events.Create(1, Events.NonBlock);
        Sys.EpollControl(epoll, Add, mine, In);
        Sys.Pipe(out int read, out int write);
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Close(write);
            Sys.Read(read, 1);
            Linux.Exit((int)Events.Take(mine));
        }

        Sys.Close(read);
        Sys.Close(mine);
        Found("closed here"u8, epoll, mine, Never);
        Show("cannot be removed"u8, Sys.EpollControl(epoll, Remove, mine, 0));
        int again = Events.Create(0, Events.NonBlock);
        Show("another has its number"u8, again == mine ? Sys.EpollControl(epoll, Add, again, In) : 1);
        Found("still the first"u8, epoll, mine, Never);
        Sys.Write(write, "x"u8);
        Show("child"u8, Sys.Wait(child));
        Show("gone"u8, Sys.EpollWait(epoll, 0));
        Events.Add(again, 1);
        Found("the other"u8, epoll, again, Never);
        Sys.Close(write);
        Sys.Close(again);
        Sys.EpollControl(epoll, Add, counter, In);
        Sys.Close(epoll);
    }

    private static void Numbers(int counter, int second)
    {
        int epoll = Sys.EpollCreate(), other = Sys.Duplicate(counter);
        Sys.EpollControl(epoll, Add, counter, In);
        int child = Sys.Fork();
        if (child == 0)
        {
            Show("by another number"u8, Sys.EpollControl(epoll, Modify, other, Out));
            Show("again"u8, Sys.EpollControl(epoll, Add, counter, Out));
            Show("by both"u8, Sys.EpollControl(epoll, Add, other, Out));
            Show("what is not there"u8, Sys.EpollControl(epoll, Remove, second, 0));
            Show("into itself"u8, Sys.EpollControl(epoll, Add, epoll, In));
            Show("a file"u8, Sys.EpollControl(epoll, Add, Sys.Open("/etc/passwd\0"u8, 0), In));
            Show("closed"u8, Sys.EpollControl(epoll, Add, 77, In));
            Show("no such operation"u8, Sys.EpollControl(epoll, 4, counter, In));
            Show("no room"u8, Sys.EpollWait(epoll, 0, 0));
            Show("read"u8, Sys.Read(epoll, 8));
            Linux.Exit(0);
        }

        Sys.Wait(child);
        int count = Sys.EpollWait(epoll, Never);
        Show("found"u8, count * 100 + Sys.EpollFound(count, counter) * 10 + Sys.EpollFound(count, other));
        Show("offset"u8, Events.Seek(epoll));
        Sys.Close(other);
        Sys.Close(epoll);
    }

    private static void Shot(int counter)
    {
        int epoll = Sys.EpollCreate();
        Sys.EpollControl(epoll, Add, counter, In | OneShot);
        int child = Sys.Fork();
        if (child == 0)
            Linux.Exit(Sys.EpollWait(epoll, Never));
        Sys.Sleep(Soon);
        Events.Add(counter, 1);
        Show("shot by child"u8, Sys.Wait(child));
        Show("once"u8, Sys.EpollWait(epoll, Soon));
        Show("again"u8, Sys.EpollControl(epoll, Modify, counter, In | OneShot));
        Found("found"u8, epoll, counter, Never);
        child = Sys.Fork();
        if (child == 0)
            Linux.Exit(Sys.EpollWait(epoll, Soon));
        Show("for child too"u8, Sys.Wait(child));
        Events.Take(counter);
        Sys.Close(epoll);
    }

    private static void Edges(int counter, int read, int write)
    {
        int epoll = Sys.EpollCreate(), woken = Events.Create(0, Events.NonBlock);
        Sys.EpollControl(epoll, Add, counter, In | Edge);
        Sys.EpollControl(epoll, Add, read, In | Edge);
        Events.Add(counter, 1);
        Found("edge before"u8, epoll, counter, Never);
        int first = WaitInChild(epoll, woken), last = WaitInChild(epoll, woken);
        Sys.Sleep(3 * Soon);
        Show("edge: nothing new"u8, Events.Take(woken));
        Events.Add(counter, 1);
        Sys.Sleep(3 * Soon);
        Show("edge: one is woken"u8, Events.Take(woken));
        Sys.Write(write, "e"u8);
        Sys.Wait(first);
        Sys.Wait(last);
        Show("edge: the other"u8, Events.Take(woken));
        Show("edge: seen"u8, Sys.EpollWait(epoll, 0));
        Sys.Write(write, "e"u8);
        Found("edge: more"u8, epoll, read, Never);
        Show("edge: seen again"u8, Sys.EpollWait(epoll, Soon));
        Sys.Read(read, 1);
        Show("edge: no new one"u8, Sys.EpollWait(epoll, 0));
        Sys.Read(read, 1);
        Events.Take(counter);
        Sys.Close(woken);
        Sys.Close(epoll);
    }

    private static void Within(int counter, int second)
    {
        int outer = Sys.EpollCreate(), middle = Sys.EpollCreate(), inner = Sys.EpollCreate();
        Sys.EpollControl(inner, Add, counter, In);
        Sys.EpollControl(middle, Add, inner, In);
        Sys.EpollControl(outer, Add, middle, In);
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Sleep(Soon);
            Sys.EpollControl(inner, Add, second, In);
            Show("circle"u8, Sys.EpollControl(inner, Add, outer, In));
            int fourth = Sys.EpollCreate(), fifth = Sys.EpollCreate(), sixth = Sys.EpollCreate();
            Show("deeper"u8, Sys.EpollControl(fourth, Add, outer, In) * 10 + Sys.EpollControl(fifth, Add, fourth, In));
            Show("too deep"u8, Sys.EpollControl(sixth, Add, fifth, In));
            Events.Add(second, 1);
            Linux.Exit(Sys.EpollWait(fourth, 0));
        }

        Found("within"u8, outer, middle, Never);
        Found("innermost"u8, inner, second, Never);
        Show("child"u8, Sys.Wait(child));
        Events.Take(second);
        Show("nothing"u8, Sys.EpollWait(outer, 0));
        Sys.EpollControl(outer, Modify, middle, In | Edge);
        Events.Add(second, 1);
        Found("edge within"u8, outer, middle, Never);
        Show("once"u8, Sys.EpollWait(outer, Soon));
        Events.Add(counter, 1);
        Found("another edge"u8, outer, middle, Never);
        Events.Take(second);
        Events.Take(counter);
        Sys.Close(inner);
        Sys.Close(middle);
        Events.Add(counter, 1);
        Show("closed"u8, Sys.EpollWait(outer, 0));
        Events.Take(counter);
        Sys.Close(outer);
    }

    private static void Ended()
    {
        Sys.Pipe(out int read, out int write);
        int epoll = Sys.EpollCreate();
        Sys.EpollControl(epoll, Add, read, In);
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Write(write, "bye"u8);
            Sys.Sleep(Soon);
            Linux.Exit(0);
        }

        Sys.Close(write);
        Found("data"u8, epoll, read, Never);
        Sys.Read(read, 8);
        Found("end"u8, epoll, read, Never);
        Sys.Wait(child);
        Sys.Close(read);
        Show("closed"u8, Sys.EpollWait(epoll, 0));
        Sys.Close(epoll);
    }

    // Whoever else had it has ended.
    private static void Alone(int counter)
    {
        int epoll = Sys.EpollCreate(), none = Sys.EpollCreate();
        Sys.EpollControl(epoll, Add, counter, In);
        int child = Sys.Fork();
        if (child == 0)
            Linux.Exit(0);
        Sys.Wait(child);
        Show("alone"u8, Sys.EpollWait(epoll, Soon));
        Events.Add(counter, 1);
        Found("alone: found"u8, epoll, counter, Never);
        Show("alone: changed"u8, Sys.EpollControl(epoll, Modify, counter, In | OneShot));
        Found("alone: shot"u8, epoll, counter, Never);
        Show("alone: once"u8, Sys.EpollWait(epoll, 0));
        Show("alone: empty"u8, Sys.EpollWait(none, Soon));
        Show("alone: filled"u8, Sys.EpollControl(none, Add, counter, In));
        Found("alone: the other"u8, none, counter, Never);
        Show("alone: within"u8, Sys.EpollControl(none, Add, epoll, In));
        Events.Take(counter);
        Sys.Close(epoll);
        Sys.Close(none);
    }

    private static void Executed(long program, int set, int counter, bool isMade)
    {
        const int argumentAt = 2048;
        int epoll = Sys.EpollCreate();
        Sys.EpollControl(epoll, Add, counter, In);
        Events.Add(counter, 1);
        int child = Sys.Fork();
        if (child == 0)
        {
            // One that nobody else has, or the parent's.
            int own = isMade ? Sys.EpollCreate() : epoll;
            if (isMade)
                Sys.EpollControl(own, Add, counter, In);
            Linux.Call(NumberOfDuplicateTo, own, set);
            Sys.Word(Sys.At(argumentAt)) = 'u';
            Sys.Execute(program, Sys.At(argumentAt));
            Linux.Exit(99);
        }

        Show("executed"u8, Sys.Wait(child));
        Found("after"u8, epoll, counter, Never);
        Events.Take(counter);
        Show("none"u8, Sys.EpollWait(epoll, 0));
        Sys.Close(epoll);
    }

    private static void Sent(int counter, int second)
    {
        Sockets.Pair(Sockets.Stream, out int near, out int far);
        int epoll = Sys.EpollCreate();
        Sys.EpollControl(epoll, Add, counter, In);
        int mine = Events.Create(1, Events.NonBlock);
        Sys.EpollControl(epoll, Add, mine, In);
        Show("sent"u8, Sockets.SendRights(near, "s"u8, epoll));
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Close(epoll);
            Sockets.ReceiveControl(far, 8, 64);
            int got = Sockets.ControlWord(16);
            Found("received"u8, got, mine, Never);
            Sys.EpollControl(got, Add, second, In);
            Linux.Exit(Sys.EpollWait(got, 0));
        }

        Show("child"u8, Sys.Wait(child));
        Events.Add(second, 1);
        int count = Sys.EpollWait(epoll, Never);
        Show("both"u8, count * 100 + Sys.EpollFound(count, mine) * 10 + Sys.EpollFound(count, second));
        Sys.Close(mine);
        Found("one"u8, epoll, second, Never);
        Events.Take(second);
        Show("on its way to nobody"u8, Sockets.SendRights(near, "s"u8, epoll));
        Sys.Close(epoll);
        Sys.Close(near);
        Sys.Close(far);
    }

    private static void SentWithin(int counter)
    {
        Sockets.Pair(Sockets.Datagram, out int near, out int far);
        int outer = Sys.EpollCreate(), inner = Sys.EpollCreate();
        Sys.EpollControl(inner, Add, counter, In);
        Sys.EpollControl(outer, Add, inner, In);
        Sockets.SendRights(near, "w"u8, outer);
        Sys.Close(outer);
        Sockets.ReceiveControl(far, 8, 64);
        int got = Sockets.ControlWord(16);
        Events.Add(counter, 1);
        Found("sent within"u8, got, inner, Never);
        Sys.Close(inner);
        Show("inner is closed"u8, Sys.EpollWait(got, 0));
        Events.Take(counter);
        int late = Sys.EpollCreate();
        Show("one of this process"u8, Sys.EpollControl(got, Add, late, In));
        Sys.EpollControl(late, Add, counter, In);
        Events.Add(counter, 1);
        Found("found"u8, got, late, Never);
        Events.Take(counter);
        Sys.Close(late);
        Sys.Close(got);
        Sys.Close(near);
        Sys.Close(far);
    }

    private static void Polled(int counter)
    {
        int epoll = Sys.EpollCreate();
        Sys.EpollControl(epoll, Add, counter, In);
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Sleep(Soon);
            Events.Add(counter, 1);
            Linux.Exit(0);
        }

        Sys.Want(0, epoll, Sys.In | Sys.Out);
        Show("poll: nothing"u8, Sys.Poll(1, 0) * 100 + Sys.Found(0));
        Sys.Want(0, epoll, Sys.In | Sys.Out);
        Show("poll"u8, Sys.Poll(1, Never) * 100 + Sys.Found(0));
        Sys.Wait(child);
        Events.Take(counter);
        Sys.Close(epoll);
    }

    // Children on one set: each event is taken once.
    private static void EachOnce()
    {
        const int children = 4, events = 400;
        int counter = Events.Create(0, Events.Semaphore | Events.NonBlock), stop = Events.Create(0, Events.Semaphore | Events.NonBlock);
        int taken = Events.Create(0, Events.NonBlock), epoll = Sys.EpollCreate();
        Sys.EpollControl(epoll, Add, counter, In);
        Sys.EpollControl(epoll, Add, stop, In);
        for (int index = 0; index < children; index++)
        {
            if (Sys.Fork() != 0)
                continue;
            for (bool goesOn = true; goesOn;)
            {
                int count = Sys.EpollWait(epoll, Never);
                if (Sys.EpollFound(count, counter) != 0 && Events.Take(counter) == 1)
                    Events.Add(taken, 1);
                else if (Sys.EpollFound(count, stop) != 0)
                    goesOn = Events.Take(stop) != 1;
            }

            Linux.Exit(0);
        }

        for (int index = 0; index < events; index++)
            Events.Add(counter, 1);
        Events.Add(stop, children);
        for (int index = 0; index < children; index++)
            Sys.Wait(-1);
        Show("each once"u8, Events.Take(taken));
        Sys.Close(epoll);
        Sys.Close(taken);
        Sys.Close(stop);
        Sys.Close(counter);
    }

    // A pipe that is used so much that both sides have it in memory, waited for in a shared set, by levels and by edges.
    private static void Bytes()
    {
        const int rounds = 300;
        foreach (uint how in (System.ReadOnlySpan<uint>)[In, In | Edge])
        {
            int epoll = Sys.EpollCreate(), back = Sys.EpollCreate();
            Sys.Pipe(out int read, out int write);
            Sys.Pipe(out int readBack, out int writeBack);
            Sys.EpollControl(epoll, Add, read, how);
            Sys.EpollControl(back, Add, readBack, how);
            int child = Sys.Fork();
            int sum = 0;
            for (int round = 0; round < rounds; round++)
            {
                if (child != 0)
                    Sys.Write(write, "b"u8);
                int count = Sys.EpollWait(child == 0 ? epoll : back, Never);
                sum += count == 1 && Sys.Read(child == 0 ? read : readBack, 8) == OneByte ? 1 : 0;
                if (child == 0)
                    Sys.Write(writeBack, "b"u8);
            }

            if (child == 0)
                Linux.Exit(sum == rounds ? 7 : 8);
            Show("to and fro"u8, sum * 10 + Sys.Wait(child));
            Sys.Close(read);
            Sys.Close(write);
            Sys.Close(readBack);
            Sys.Close(writeBack);
            Sys.Close(epoll);
            Sys.Close(back);
        }
    }

    // More members than one request moves, and more that are ready than one answer has.
    private static void Sizes(int counter)
    {
        const int members = 900, most = 300;
        int epoll = Sys.EpollCreate();
        for (int index = 0; index < members; index++)
            Sys.EpollControl(epoll, Add, Sys.Duplicate(counter), In);
        int child = Sys.Fork();
        if (child == 0)
        {
            Events.Add(counter, 1);
            int sum = 0;
            for (int look = 0; look < 100 && sum < members; look++)
                sum += Sys.EpollWait(epoll, 0, most / 3);
            Linux.Exit(sum >= members ? 5 : 6);
        }

        Show("many"u8, Sys.Wait(child));
        Sys.Close(epoll);
    }

    private static int WaitInChild(int epoll, int woken)
    {
        int child = Sys.Fork();
        if (child != 0)
            return child;
        if (Sys.EpollWait(epoll, Never) == 1)
            Events.Add(woken, 1);
        Linux.Exit(0);
        return 0;
    }

    private static void Found(System.ReadOnlySpan<byte> name, int epoll, int descriptor, int milliseconds)
    {
        int count = Sys.EpollWait(epoll, milliseconds);
        Show(name, count < 0 ? count : count * 100 + Sys.EpollFound(count, descriptor));
    }
}
