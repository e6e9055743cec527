using Bare;
using ConnectionChecks;

namespace StreamChecks;

/// <summary>poll(2) and epoll(7) of pipes alone and beside others: levels and edges.</summary>
internal static class ReadyChecks
{
    private const int Add = 1, Modify = 3, Soon = 20, Never = -1;
    private const uint In = 1, Out = 4, Edge = 1u << 31, OneShot = 1u << 30;

    public static void Run()
    {
        long memory = Streams.Memory(2 * Streams.Capacity);
        for (int round = 0; round < 2; round++)
        {
            Streams.Create(out int read, out int write);
            if (round != 0)
                Streams.Use(read, write);
            Levels(read, write, memory);
            Sets(read, write);
            Sys.Close(read);
            Sys.Close(write);
        }

        Edges(memory);
        Shots();
        Later();
    }

    private static void Levels(int read, int write, long memory)
    {
        Report.Number("empty"u8, Streams.Ready(read, Sys.In) * 1000 + Streams.Ready(write, Sys.Out));
        Sys.Write(write, "x"u8);
        Report.Number("a byte"u8, Streams.Ready(read, Sys.In, Never) * 1000 + Streams.Ready(write, Sys.Out, Never));
        Sys.Read(read, 9);
        for (int page = 0; page < 16; page++)
            Streams.Write(write, memory, Streams.PageLength);
        Report.Number("full"u8, Streams.Ready(read, Sys.In) * 1000 + Streams.Ready(write, Sys.Out));
        Report.Number("no room in time"u8, Streams.Ready(write, Sys.Out, Soon));
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Sleep(Soon);
            Linux.Exit((int)(Streams.Read(read, memory, Streams.PageLength) / 100));
        }

        Report.Number("room"u8, Streams.Ready(write, Sys.Out, Never));
        Report.Number("taken"u8, Sys.Wait(child));
        while (Streams.Ready(read, Sys.In) > 0)
            Streams.Read(read, memory, Streams.Capacity);
        Sys.Want(0, read, Sys.In);
        Sys.Want(1, write, Sys.Out);
        Report.Number("both"u8, Sys.Poll(2, Never) * 10000 + Sys.Found(0) * 100 + Sys.Found(1));
    }

    private static void Sets(int read, int write)
    {
        int epoll = Sys.EpollCreate();
        Sys.EpollControl(epoll, Add, read, In);
        Report.Number("set: nothing"u8, Sys.EpollWait(epoll, 0) * 10 + Sys.EpollWait(epoll, Soon));
        Sys.Write(write, "y"u8);
        Report.Number("set: level"u8, Sys.EpollFound(Sys.EpollWait(epoll, Never), read) * 10 + Sys.EpollFound(Sys.EpollWait(epoll, Never), read));
        Sys.Read(read, 9);
        Sys.EpollControl(epoll, Add, write, Out);
        Report.Number("set: room"u8, Sys.EpollFound(Sys.EpollWait(epoll, Never), write));
        Sys.Close(epoll);
    }

    // Each write is an edge, whether what was written before is read or not; room is one when there was none.
    private static void Edges(long memory)
    {
        Streams.CreateUsed(out int read, out int write, Sys.NonBlock);
        int epoll = Sys.EpollCreate();
        Sys.EpollControl(epoll, Add, read, In | Edge);
        Report.Number("edge: none"u8, Sys.EpollWait(epoll, 0));
        for (int round = 0; round < 3; round++)
        {
            Sys.Write(write, "e"u8);
            Report.Number("edge"u8, Sys.EpollWait(epoll, Never) * 10 + Sys.EpollWait(epoll, 0));
        }

        Sys.Read(read, 1);
        Report.Number("edge: not by reading"u8, Sys.EpollWait(epoll, 0));
        Sys.Write(write, "e"u8);
        Report.Number("edge: with something left"u8, Sys.EpollWait(epoll, Never) * 10 + Sys.EpollWait(epoll, 0));
        Sys.Close(epoll);
        Streams.Read(read, memory, 100);
        epoll = Sys.EpollCreate();
        Sys.EpollControl(epoll, Add, write, Out | Edge);
        Report.Number("edge: room"u8, Sys.EpollWait(epoll, 0) * 10 + Sys.EpollWait(epoll, 0));
        for (int page = 0; page < 16; page++)
            Streams.Write(write, memory, Streams.PageLength);
        Report.Number("edge: full"u8, Sys.EpollWait(epoll, 0));
        Streams.Read(read, memory, Streams.PageLength);
        Report.Number("edge: room again"u8, Sys.EpollWait(epoll, 0) * 10 + Sys.EpollWait(epoll, 0));
        Sys.Close(read);
        Report.Number("edge: broken"u8, Sys.EpollFound(Sys.EpollWait(epoll, Never), write) * 10 + Sys.EpollWait(epoll, 0));
        Sys.Close(epoll);
        Sys.Close(write);
    }

    private static void Shots()
    {
        Streams.CreateUsed(out int read, out int write);
        int epoll = Sys.EpollCreate();
        Sys.EpollControl(epoll, Add, read, In | OneShot);
        Sys.Write(write, "o"u8);
        Report.Number("one shot"u8, Sys.EpollWait(epoll, Never) * 10 + Sys.EpollWait(epoll, 0));
        Sys.EpollControl(epoll, Modify, read, In | OneShot);
        Report.Number("one shot again"u8, Sys.EpollWait(epoll, Never) * 10 + Sys.EpollWait(epoll, 0));
        Sys.Close(epoll);
        Sys.Close(read);
        Sys.Close(write);
    }

    // Another process makes the edge while this one waits for it.
    private static void Later()
    {
        Streams.CreateUsed(out int read, out int write);
        int epoll = Sys.EpollCreate();
        Sys.EpollControl(epoll, Add, read, In | Edge);
        Sys.Write(write, "1"u8);
        Report.Number("first"u8, Sys.EpollWait(epoll, Never));
        for (int round = 0; round < 3; round++)
        {
            int child = Sys.Fork();
            if (child == 0)
            {
                Sys.Sleep(Soon);
                Sys.Write(write, "2"u8);
                Linux.Exit(0);
            }

            Report.Number("later"u8, Sys.EpollWait(epoll, Never));
            Report.Number("child"u8, Sys.Wait(child));
        }

        Sys.Close(epoll);
        Sys.Close(read);
        Sys.Close(write);
    }
}
