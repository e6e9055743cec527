using Bare;
using ConnectionChecks;

namespace EventChecks;

/// <summary>epoll(7) beyond a set of one process: sets within sets, descriptions with several numbers, EPOLLEXCLUSIVE, little room.</summary>
internal static class SetChecks
{
    private const int Add = 1, Remove = 2, Modify = 3, Soon = 30, Never = -1;
    private const uint In = 1, Priority = 2, Out = 4, HangUp = 16, ReadHangUp = 0x2000, Exclusive = 1u << 28, WakeUp = 1u << 29, OneShot = 1u << 30,
        Edge = 1u << 31;

    private static void Show(System.ReadOnlySpan<byte> name, long value) => Report.Number(name, value);

    public static void Run()
    {
        int counter = Events.Create(0, Events.NonBlock), second = Events.Create(0, Events.NonBlock);
        Sys.Pipe(out int read, out int write);
        for (int round = 0; round < 3; round++)
        {
            Arguments(counter, read);
            Duplicates(counter);
            Within(counter, read, write);
            EdgesWithin(counter, second);
            Room(counter, second, write);
            NothingThere(counter);
        }

        Circles(counter);
        Depth();
        OneIsWoken(counter);
        OneIsWokenOfPipe(read, write);
        EachIsWoken(counter);
        Ended(counter);
    }

    private static void Arguments(int counter, int read)
    {
        int epoll = Sys.EpollCreate(), file = Sys.Open("/etc/passwd\0"u8, 0), directory = Sys.Open("/\0"u8, 0);
        Show("into itself"u8, Sys.EpollControl(epoll, Add, epoll, In));
        Show("a file"u8, Sys.EpollControl(epoll, Add, file, In));
        Show("a file in what is no set"u8, Sys.EpollControl(counter, Add, file, In));
        int device = Sys.Open("/dev/null\0"u8, 0);
        Show("a device that cannot be polled"u8, Sys.EpollControl(epoll, Add, device, In));
        Sys.Close(device);
        Show("a directory"u8, Sys.EpollControl(epoll, Remove, directory, In));
        Show("no set"u8, Sys.EpollControl(counter, Add, read, In));
        Show("no such operation"u8, Sys.EpollControl(epoll, 4, counter, In));
        Show("nothing there"u8, Sys.EpollControl(epoll, Modify, counter, In) * 1000 + Sys.EpollControl(epoll, Remove, counter, In));
        Show("closed"u8, Sys.EpollControl(epoll, Add, 77, In) * 1000 + Sys.EpollControl(77, Add, counter, In));
        Show("exclusive modified"u8, Sys.EpollControl(epoll, Modify, counter, In | Exclusive));
        Show("exclusive shot"u8, Sys.EpollControl(epoll, Add, counter, In | Exclusive | OneShot));
        Show("exclusive end"u8, Sys.EpollControl(epoll, Add, counter, In | Exclusive | ReadHangUp));
        Show("exclusive urgent"u8, Sys.EpollControl(epoll, Add, counter, In | Exclusive | Priority));
        Show("exclusive set"u8, Sys.EpollControl(epoll, Add, Sys.EpollCreate(), In | Exclusive));
        Show("exclusive"u8, Sys.EpollControl(epoll, Add, counter, In | Out | HangUp | Edge | WakeUp | Exclusive));
        Show("exclusive again"u8, Sys.EpollControl(epoll, Add, counter, In | Exclusive));
        Show("no more"u8, Sys.EpollControl(epoll, Modify, counter, In));
        Show("removed"u8, Sys.EpollControl(epoll, Remove, counter, In));
        Sys.Close(file);
        Sys.Close(directory);
        Sys.Close(epoll);
    }

    // An item is there until the last number of what it was made for is closed, and known by its number.
    private static void Duplicates(int counter)
    {
        int epoll = Sys.EpollCreate(), other = Sys.Duplicate(counter), third = Events.Create(1, 0), fourth = Sys.Duplicate(third);
        Show("two numbers"u8, Sys.EpollControl(epoll, Add, counter, In) * 10 + Sys.EpollControl(epoll, Add, other, In));
        Events.Add(counter, 1);
        int count = Sys.EpollWait(epoll, Never);
        Show("both"u8, count * 100 + Sys.EpollFound(count, counter) * 10 + Sys.EpollFound(count, other));
        Sys.Close(other);
        count = Sys.EpollWait(epoll, Never);
        Show("both still"u8, count * 100 + Sys.EpollFound(count, counter) * 10 + Sys.EpollFound(count, other));
        Events.Take(counter);
        Show("none"u8, Sys.EpollWait(epoll, 0));
        Sys.EpollControl(epoll, Add, third, In);
        Sys.Close(third);
        Found("by a number that is closed"u8, epoll, third, Never);
        Show("number of another"u8, Sys.Duplicate(counter) == other ? Sys.EpollControl(epoll, Add, other, In) : 1);
        Sys.Close(fourth);
        Show("gone"u8, Sys.EpollWait(epoll, 0));
        int again = Events.Create(1, 0);
        Show("not what has its number"u8, Sys.EpollWait(epoll, 0));
        Show("new"u8, Sys.EpollControl(epoll, Add, again, In));
        Found("found"u8, epoll, again, Never);
        int same = Sys.Duplicate(epoll);
        Sys.Close(epoll);
        Found("by a second number"u8, same, again, Never);
        Sys.Close(again);
        Sys.Close(other);
        Sys.Close(same);
    }

    private static void Within(int counter, int read, int write)
    {
        int outer = Sys.EpollCreate(), middle = Sys.EpollCreate(), inner = Sys.EpollCreate();
        Show("within"u8, Sys.EpollControl(middle, Add, inner, In) * 10 + Sys.EpollControl(outer, Add, middle, In | Out));
        Show("empty"u8, Sys.EpollWait(outer, 0));
        Sys.EpollControl(inner, Add, counter, In);
        Sys.EpollControl(inner, Add, read, In);
        Show("nothing"u8, Sys.EpollWait(outer, Soon));
        Events.Add(counter, 1);
        Found("outer"u8, outer, middle, Never);
        Found("middle"u8, middle, inner, Never);
        Found("inner"u8, inner, counter, 0);
        Sys.Want(0, outer, Sys.In | Sys.Out);
        Show("poll"u8, Sys.Poll(1, Never) * 100 + Sys.Found(0));
        Sys.Write(write, "n"u8);
        Found("two inside are one"u8, outer, middle, Never);
        Events.Take(counter);
        Found("the other"u8, outer, middle, 0);
        Sys.Read(read, 8);
        Show("none"u8, Sys.EpollWait(outer, 0));
        int first = Later(counter);
        Found("woken"u8, outer, middle, Never);
        Events.Take(counter);
        int last = LaterWrite(write);
        Found("woken by the other"u8, outer, middle, Never);
        // They have the sets too, and what is closed here is not while they live.
        Sys.Wait(first);
        Sys.Wait(last);
        Sys.Read(read, 8);
        Sys.EpollControl(middle, Modify, inner, In | OneShot);
        Events.Add(counter, 1);
        Found("shot"u8, middle, inner, Never);
        Show("once"u8, Sys.EpollWait(middle, 0));
        Show("for all"u8, Sys.EpollWait(outer, 0));
        Sys.EpollControl(middle, Modify, inner, In);
        Sys.Close(inner);
        Show("closed"u8, Sys.EpollWait(outer, 0));
        Show("no more"u8, Sys.EpollControl(middle, Remove, inner, 0));
        Events.Take(counter);
        Sys.Close(middle);
        Sys.Close(outer);
    }

    private static void EdgesWithin(int counter, int second)
    {
        int outer = Sys.EpollCreate(), inner = Sys.EpollCreate();
        Sys.EpollControl(inner, Add, counter, In);
        Sys.EpollControl(inner, Add, second, In);
        Sys.EpollControl(outer, Add, inner, In | Edge);
        Show("edge: nothing"u8, Sys.EpollWait(outer, 0));
        Events.Add(counter, 1);
        Found("edge: first"u8, outer, inner, Never);
        Show("edge: once"u8, Sys.EpollWait(outer, Soon));
        Events.Add(second, 1);
        Found("edge: of another"u8, outer, inner, Never);
        Show("edge: once more"u8, Sys.EpollWait(outer, 0));
        Later(second);
        Found("edge: woken"u8, outer, inner, Never);
        Events.Take(counter);
        Events.Take(second);
        Show("edge: gone"u8, Sys.EpollWait(outer, 0));
        Sys.Close(inner);
        Sys.Close(outer);
    }

    // As much as there is room for, and who has had none the next time.
    private static void Room(int counter, int second, int write)
    {
        int epoll = Sys.EpollCreate();
        Sys.EpollControl(epoll, Add, counter, In);
        Sys.EpollControl(epoll, Add, second, In);
        Sys.EpollControl(epoll, Add, write, Out);
        Events.Add(counter, 1);
        Events.Add(second, 1);
        int seen = 0;
        for (int look = 0; look < 3; look++)
        {
            int count = Sys.EpollWait(epoll, Never, 1);
            seen |= count != 1 ? 8 : Sys.EpollFound(1, counter) != 0 ? 1 : Sys.EpollFound(1, second) != 0 ? 2 : 4;
        }

        Show("each in turn"u8, seen);
        Show("all"u8, Sys.EpollWait(epoll, Never));
        Events.Take(counter);
        Events.Take(second);
        Sys.Close(epoll);
    }

    private static void NothingThere(int counter)
    {
        Show("nothing to take"u8, Events.Take(counter));
        Show("wait without room"u8, Sys.EpollWait(counter, 0, 0));
        Show("wait for no set"u8, Sys.EpollWait(counter, 0));
        Show("wait for nothing open"u8, Sys.EpollWait(77, 0));
        int epoll = Sys.EpollCreate();
        Sys.EpollControl(epoll, Add, counter, 0);
        Events.Add(counter, 1);
        Show("nothing wanted"u8, Sys.EpollWait(epoll, 0));
        Events.Take(counter);
        Sys.Close(epoll);
    }

    private static void Circles(int counter)
    {
        int a = Sys.EpollCreate(), b = Sys.EpollCreate(), c = Sys.EpollCreate();
        Sys.EpollControl(a, Add, b, In);
        Sys.EpollControl(b, Add, c, In);
        Show("circle of two"u8, Sys.EpollControl(b, Add, a, In));
        Show("circle of three"u8, Sys.EpollControl(c, Add, a, In));
        Show("twice below"u8, Sys.EpollControl(a, Add, c, In));
        Sys.EpollControl(c, Add, counter, In);
        Events.Add(counter, 1);
        int count = Sys.EpollWait(a, Never);
        Show("both ways"u8, count * 100 + Sys.EpollFound(count, b) * 10 + Sys.EpollFound(count, c));
        Events.Take(counter);
        Sys.EpollControl(a, Remove, b, 0);
        Sys.EpollControl(b, Remove, c, 0);
        Show("no circle any more"u8, Sys.EpollControl(b, Add, a, In));
        Sys.Close(a);
        Sys.Close(b);
        Sys.Close(c);
    }

    private static void Depth()
    {
        int inner = Sys.EpollCreate();
        for (int depth = 1; depth < 9; depth++)
        {
            int outer = Sys.EpollCreate();
            Show("deeper"u8, Sys.EpollControl(outer, Add, inner, In));
            inner = outer;
        }

        for (int above = 0; above < 4; above++)
        {
            for (int below = 0; below < 4; below++)
                Show("into the middle"u8, Sys.EpollControl(Chain(above, false), Add, Chain(below, true), In));
        }
    }

    // Sets one in the other: the outermost or the innermost.
    private static int Chain(int steps, bool outermost)
    {
        int inner = Sys.EpollCreate(), outer = inner;
        for (; steps > 0; steps--)
        {
            int next = Sys.EpollCreate();
            Sys.EpollControl(next, Add, outer, In);
            outer = next;
        }

        return outermost ? outer : inner;
    }

    // Children with sets of their own: how many are woken by a write that nobody reads.
    private static void OneIsWoken(int counter)
    {
        const int children = 4;
        int woken = Events.Create(0, Events.NonBlock);
        for (int child = 0; child < children; child++)
            WaitInChild(counter, In | Exclusive, woken);
        Sys.Sleep(10 * Soon);
        for (int write = 0; write < children; write++)
        {
            Events.Add(counter, 1);
            Sys.Sleep(10 * Soon);
            Show("exclusive: woken"u8, Events.Take(woken));
        }

        Events.Take(counter);
        Sys.Close(woken);
    }

    private static void OneIsWokenOfPipe(int read, int write)
    {
        const int children = 3;
        int woken = Events.Create(0, Events.NonBlock);
        for (int child = 0; child < children; child++)
            WaitInChild(read, In | Exclusive, woken);
        Sys.Sleep(10 * Soon);
        for (int at = 0; at < children; at++)
        {
            Sys.Write(write, "e"u8);
            Sys.Sleep(10 * Soon);
            Show("exclusive: woken by a pipe"u8, Events.Take(woken));
        }

        Sys.Read(read, 8);
        Sys.Close(woken);
    }

    private static void EachIsWoken(int counter)
    {
        const int children = 4;
        int woken = Events.Create(0, Events.NonBlock);
        for (int child = 0; child < children; child++)
            WaitInChild(counter, child == 0 ? In | Exclusive : In, woken);
        Sys.Sleep(10 * Soon);
        Events.Add(counter, 1);
        Sys.Sleep(10 * Soon);
        Show("all others are woken"u8, Events.Take(woken));
        Events.Take(counter);
        Sys.Close(woken);
    }

    // Whoever is ended before it has been woken takes no wake-up along.
    private static void Ended(int counter)
    {
        int woken = Events.Create(0, Events.NonBlock);
        int first = WaitInChild(counter, In | Exclusive, woken);
        Sys.Sleep(10 * Soon);
        WaitInChild(counter, In | Exclusive, woken);
        Sys.Sleep(10 * Soon);
        Sys.Kill(first);
        Sys.Wait(first);
        Events.Add(counter, 1);
        Sys.Sleep(10 * Soon);
        Show("the other is woken"u8, Events.Take(woken));
        Events.Take(counter);
        Sys.Close(woken);
    }

    private static int WaitInChild(int descriptor, uint events, int woken)
    {
        int child = Sys.Fork();
        if (child != 0)
            return child;
        int epoll = Sys.EpollCreate();
        Sys.EpollControl(epoll, Add, descriptor, events);
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

    private static int Later(int counter)
    {
        int child = Sys.Fork();
        if (child != 0)
            return child;
        Sys.Sleep(Soon);
        Events.Add(counter, 1);
        Linux.Exit(0);
        return 0;
    }

    private static int LaterWrite(int descriptor)
    {
        int child = Sys.Fork();
        if (child != 0)
            return child;
        Sys.Sleep(Soon);
        Sys.Write(descriptor, "l"u8);
        Linux.Exit(0);
        return 0;
    }
}
