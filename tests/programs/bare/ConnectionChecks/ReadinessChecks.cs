using Bare;

namespace ConnectionChecks;

/// <summary>poll(2) and epoll(7) over a pipe, a device of another server (or a fifo) and a time-out in one call.</summary>
internal static class ReadinessChecks
{
    private const int Add = 1, Remove = 2, Modify = 3;
    private const uint In = 1, Edge = 1u << 31, OneShot = 1u << 30;
    private const int Soon = 30, Never = -1;

    public static void Run(long path)
    {
        int box = Sys.Open(path, Sys.ReadWrite);
        Sys.Pipe(out int read, out int write);
        Polls(box, read, write);
        Level(box, read, write);
        Edges(box, read, write);
        Inherited(box, read);
        Sys.Close(read);
        Sys.Close(write);
        Sys.Close(box);
    }

    private static int PollBoth(int box, int read, int milliseconds)
    {
        Sys.Want(0, read, Sys.In);
        Sys.Want(1, box, Sys.In);
        int count = Sys.Poll(2, milliseconds);
        return count < 0 ? count : count * 10000 + Sys.Found(0) * 100 + Sys.Found(1);
    }

    private static void Polls(int box, int read, int write)
    {
        Report.Number("poll: nothing now"u8, PollBoth(box, read, 0));
        Report.Number("poll: nothing in time"u8, PollBoth(box, read, Soon));
        Sys.Want(0, write, Sys.Out);
        Sys.Want(1, box, (short)(Sys.In | Sys.Out));
        Report.Number("poll: both writable"u8, Sys.Poll(2, Never) * 100 + Sys.Found(1));
        Later(box);
        Report.Number("poll: the device wakes"u8, PollBoth(box, read, Never));
        Report.Number("poll: still"u8, PollBoth(box, read, Never));
        Report.Number("poll: read"u8, Sys.Read(box, 8));
        Later(write);
        Report.Number("poll: the pipe wakes"u8, PollBoth(box, read, Never));
        Sys.Write(box, "x"u8);
        Report.Number("poll: both"u8, PollBoth(box, read, Never));
        Sys.Read(box, 8);
        Sys.Read(read, 8);
        Report.Number("poll: nothing again"u8, PollBoth(box, read, 0));
        int other = Sys.Duplicate(box);
        Sys.Want(0, other, Sys.In);
        Sys.Want(1, box, Sys.In);
        Sys.Want(2, 999, Sys.In);
        Sys.Want(3, read, Sys.In);
        Report.Number("poll: no such descriptor"u8, Sys.Poll(4, Never) * 100 + Sys.Found(2));
        Sys.Write(box, "x"u8);
        Sys.Want(2, read, Sys.In);
        Report.Number("poll: twice the same"u8, Sys.Poll(3, Never) * 100 + Sys.Found(0) * 10 + Sys.Found(1));
        Sys.Read(box, 8);
        Sys.Close(other);
    }

    private static void Level(int box, int read, int write)
    {
        int epoll = Sys.EpollCreate();
        Report.Number("epoll: add pipe"u8, Sys.EpollControl(epoll, Add, read, In));
        Report.Number("epoll: add device"u8, Sys.EpollControl(epoll, Add, box, In));
        Report.Number("epoll: nothing in time"u8, Sys.EpollWait(epoll, Soon));
        Later(box);
        Wait("epoll: the device wakes"u8, epoll, box, Never);
        Wait("epoll: level"u8, epoll, box, Never);
        Sys.Write(write, "p"u8);
        int count = Sys.EpollWait(epoll, Never);
        Report.Number("epoll: both"u8, count * 100 + Sys.EpollFound(count, box) * 10 + Sys.EpollFound(count, read));
        Sys.Read(box, 8);
        Wait("epoll: the pipe is left"u8, epoll, read, Never);
        Sys.Read(read, 8);
        Report.Number("epoll: remove"u8, Sys.EpollControl(epoll, Remove, read, 0));
        Report.Number("epoll: one shot"u8, Sys.EpollControl(epoll, Modify, box, In | OneShot));
        Sys.Write(box, "1"u8);
        Wait("epoll: the shot"u8, epoll, box, Never);
        Report.Number("epoll: no second"u8, Sys.EpollWait(epoll, Soon));
        Sys.EpollControl(epoll, Modify, box, In | OneShot);
        Wait("epoll: armed again"u8, epoll, box, Never);
        Sys.Read(box, 8);
        Sys.Close(epoll);
    }

    private static void Edges(int box, int read, int write)
    {
        int epoll = Sys.EpollCreate();
        Sys.EpollControl(epoll, Add, read, In | Edge);
        Sys.EpollControl(epoll, Add, box, In | Edge);
        Later(box);
        Wait("edge: the device wakes"u8, epoll, box, Never);
        Report.Number("edge: once"u8, Sys.EpollWait(epoll, Soon));
        Sys.Read(box, 8);
        Later(box);
        Wait("edge: the next"u8, epoll, box, Never);
        Sys.Read(box, 8);
        Later(write);
        Wait("edge: the pipe wakes"u8, epoll, read, Never);
        Sys.Read(read, 8);
        Report.Number("edge: nothing"u8, Sys.EpollWait(epoll, 0));
        // A set in a set.
        int outer = Sys.EpollCreate();
        Report.Number("nested: add"u8, Sys.EpollControl(outer, Add, read, In));
        Sys.Want(0, epoll, Sys.In);
        Sys.Want(1, read, Sys.In);
        Sys.Write(box, "n"u8);
        Report.Number("nested: found"u8, Sys.Poll(2, Never) * 100 + Sys.Found(0) * 10 + Sys.Found(1));
        Sys.Read(box, 8);
        Sys.Close(outer);
        Sys.Close(epoll);
    }

    // A child polls first, before it has used the descriptor otherwise.
    private static void Inherited(int box, int read)
    {
        int child = Sys.Fork();
        if (child == 0)
        {
            Report.Number("inherited: found"u8, PollBoth(box, read, Never));
            Linux.Exit((int)(Sys.Read(box, 1) % 1000));
        }

        Sys.Sleep(Soon);
        Sys.Write(box, "y"u8);
        Report.Number("inherited: ended"u8, Sys.Wait(child));
    }

    private static void Wait(System.ReadOnlySpan<byte> name, int epoll, int descriptor, int milliseconds)
    {
        int count = Sys.EpollWait(epoll, milliseconds);
        Report.Number(name, count < 0 ? count : count * 100 + Sys.EpollFound(count, descriptor));
    }

    // A child writes a byte after a while; nobody waits for it but init.
    private static void Later(int descriptor)
    {
        if (Sys.Fork() != 0)
            return;
        Sys.Sleep(Soon);
        Sys.Write(descriptor, "l"u8);
        Linux.Exit(0);
    }
}
