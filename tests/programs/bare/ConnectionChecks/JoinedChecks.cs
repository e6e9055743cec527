using Bare;

namespace ConnectionChecks;

/// <summary>
/// Three files at once, each of another server (two devices and a fifo), or three fifos: poll(2) and epoll(7) over all of them in every order and every
/// combination of what is ready, duplicates, fork and exec.
/// </summary>
internal static class JoinedChecks
{
    private const int Files = 3, Combinations = 1 << Files, Orders = 6, Moment = 10, Never = -1;
    private const int Add = 1, Modify = 3, DuplicateFrom = 0, Inherited = 9;
    private const uint In = 1, Edge = 1u << 31, OneShot = 1u << 30;

    // What a file holds is one byte that tells which it is.
    private const int FirstByte = 'a';

    private static readonly int[] Boxes = new int[Files];

    /// <summary>All of it; <paramref name="arguments"/> is the table of the program's arguments, of which 1 to 3 are the paths.</summary>
    public static void Run(ulong arguments)
    {
        Open(arguments);
        Combine("poll"u8);
        Wakes();
        Gathers();
        Level();
        Edges();
        Duplicates();
        Forks();
        Executes((long)Sys.Word((long)arguments));
    }

    /// <summary>Opens the three paths for reading and writing.</summary>
    public static void Open(ulong arguments)
    {
        for (int file = 0; file < Files; file++)
            Boxes[file] = Sys.Open((long)Sys.Word((long)arguments + (file + 1) * sizeof(ulong)), Sys.ReadWrite);
    }

    /// <summary>A descriptor of a file.</summary>
    public static ref int Box(int file) => ref Boxes[file];

    /// <summary>Every combination in every order of the entries. Order, combination, how many were found, and what of each.</summary>
    public static void Combine(System.ReadOnlySpan<byte> name)
    {
        for (int order = 0; order < Orders; order++)
        {
            for (int ready = 0; ready < Combinations; ready++)
            {
                Fill(ready);
                int found = PollAll(order, ready == 0 ? 0 : Never);
                Report.Number(name, (order * 10 + ready) * 10000 + found);
                Report.Number("holds"u8, Drain(ready));
            }
        }
    }

    /// <summary>After exec: descriptors 9 to 11 were inherited, and hold something.</summary>
    public static void Executed()
    {
        for (int file = 0; file < Files; file++)
            Boxes[file] = Inherited + file;
        Report.Number("executed: found"u8, PollAll(0, Never));
        Report.Number("executed: holds"u8, Drain(Combinations - 1));
        Report.Number("executed: nothing left"u8, PollAll(0, 0));
    }

    /// <summary>How many poll(2) found, then a digit for what it found of each file; errors and hang-ups are 9.</summary>
    public static int PollAll(int order, int milliseconds)
    {
        for (int place = 0; place < Files; place++)
            Sys.Want(place, Boxes[At(order, place)], Sys.In);
        int count = Sys.Poll(Files, milliseconds);
        int found = 0;
        for (int file = 0; file < Files; file++)
        {
            int place = 0;
            while (At(order, place) != file)
                place++;
            found = found * 10 + (Sys.Found(place) > Sys.In ? 9 : Sys.Found(place));
        }

        return count < 0 ? count : count * 1000 + found;
    }

    /// <summary>Writes a byte to each file of a combination.</summary>
    public static void Fill(int ready)
    {
        for (int file = 0; file < Files; file++)
        {
            if ((ready >> file & 1) != 0)
                Put(file);
        }
    }

    /// <summary>Reads from each file of a combination: how many came with the right byte.</summary>
    public static int Drain(int ready)
    {
        int right = 0;
        for (int file = 0; file < Files; file++)
            right += (ready >> file & 1) != 0 && Sys.Read(Boxes[file], 8) == 1000 + FirstByte + file ? 1 : 0;
        return right;
    }

    /// <summary>Writes a file's byte to it.</summary>
    public static long Put(int file)
    {
        System.ReadOnlySpan<byte> bytes = "abc"u8;
        return Sys.Write(Boxes[file], bytes.Slice(file, 1));
    }

    // Which file stands at a place of an order: the six orders of three.
    private static int At(int order, int place)
    {
        System.ReadOnlySpan<byte> orders = [0, 1, 2, 0, 2, 1, 1, 0, 2, 1, 2, 0, 2, 0, 1, 2, 1, 0];
        return orders[order * Files + place];
    }

    // A thread that sleeps over all three is woken by each of them.
    private static void Wakes()
    {
        Report.Number("nothing in time"u8, PollAll(0, Moment));
        for (int order = 0; order < Orders; order++)
        {
            for (int file = 0; file < Files; file++)
            {
                Later(1 << file);
                Report.Number("woken"u8, (order * 10 + file) * 10000 + PollAll(order, Never));
                Report.Number("by"u8, Drain(1 << file));
            }
        }
    }

    // Several become ready, one after the other, while poll is called again and again: in the end all are found at once.
    private static void Gathers()
    {
        for (int ready = 1; ready < Combinations; ready++)
        {
            int most = 0;
            for (int rest = ready; rest != 0; rest &= rest - 1)
                most++;
            Later(ready);
            int found;
            do
                found = PollAll(ready % Orders, Never);
            while (found / 1000 != most);
            Report.Number("gathered"u8, ready * 10000 + found);
            Report.Number("holds"u8, Drain(ready));
        }
    }

    private static void Level()
    {
        int epoll = Sys.EpollCreate();
        for (int file = 0; file < Files; file++)
            Report.Number("epoll: add"u8, Sys.EpollControl(epoll, Add, Boxes[file], In));
        for (int ready = 0; ready < Combinations; ready++)
        {
            Fill(ready);
            Report.Number("epoll: found"u8, ready * 10000 + EpollAll(epoll, ready == 0 ? 0 : Never));
            Report.Number("epoll: holds"u8, Drain(ready));
        }

        for (int file = 0; file < Files; file++)
        {
            Later(1 << file);
            Report.Number("epoll: woken"u8, EpollAll(epoll, Never));
            Drain(1 << file);
        }

        Sys.Close(epoll);
    }

    // One of each kind in one set, in all three ways round.
    private static void Edges()
    {
        int epoll = Sys.EpollCreate();
        for (int file = 0; file < Files; file++)
            Sys.EpollControl(epoll, Add, Boxes[file], 0);
        for (int turn = 0; turn < Files; turn++)
        {
            Sys.EpollControl(epoll, Modify, Boxes[turn], In);
            Sys.EpollControl(epoll, Modify, Boxes[(turn + 1) % Files], In | Edge);
            Sys.EpollControl(epoll, Modify, Boxes[(turn + 2) % Files], In | OneShot);
            Fill(Combinations - 1);
            Report.Number("level, edge and one shot"u8, EpollAll(epoll, Never));
            Report.Number("level is left"u8, EpollAll(epoll, Never));
            Drain(Combinations - 1);
            Report.Number("none is left"u8, EpollAll(epoll, Moment));
            Later(1 << (turn + 1) % Files);
            Report.Number("the next edge"u8, EpollAll(epoll, Never));
            Drain(1 << (turn + 1) % Files);
        }

        Sys.Close(epoll);
    }

    // As PollAll has it, for epoll_wait(2).
    private static int EpollAll(int epoll, int milliseconds)
    {
        int count = Sys.EpollWait(epoll, milliseconds);
        int found = 0;
        for (int file = 0; file < Files; file++)
        {
            int events = Sys.EpollFound(count, Boxes[file]);
            found = found * 10 + (events > (int)In ? 9 : events);
        }

        return count < 0 ? count : count * 1000 + found;
    }

    private static void Duplicates()
    {
        for (int file = 0; file < Files; file++)
        {
            int copy = Sys.Duplicate(Boxes[file]);
            Report.Number("close of one of two"u8, Sys.Close(Boxes[file]));
            Boxes[file] = copy;
        }

        Combine("duplicates"u8);
    }

    // A child has no connection but to vfs: it polls all three first; another one reads first, another polls after its parent has closed.
    private static void Forks()
    {
        for (int ready = 1; ready < Combinations; ready++)
        {
            Fill(ready);
            int child = Sys.Fork();
            if (child == 0)
            {
                Report.Number("child: found"u8, PollAll(ready % Orders, Never));
                Linux.Exit(Drain(ready));
            }

            Report.Number("child: holds"u8, Sys.Wait(child));
        }

        int sleeper = Sys.Fork();
        if (sleeper == 0)
        {
            int found;
            do
                found = PollAll(0, Never);
            while (found / 1000 != Files);
            Linux.Exit(Drain(Combinations - 1));
        }

        for (int file = Files - 1; file >= 0; file--)
        {
            Sys.Sleep(Moment);
            Put(file);
        }

        Report.Number("sleeping child: holds"u8, Sys.Wait(sleeper));
    }

    private static void Executes(long program)
    {
        for (int file = 0; file < Files; file++)
            Sys.Fcntl(Boxes[file], DuplicateFrom, Inherited + file);
        Fill(Combinations - 1);
        int child = Sys.Fork();
        if (child == 0)
        {
            long mode = Sys.At(64);
            Sys.Word(mode) = 'j';
            Sys.Execute(program, mode);
            Linux.Exit(1);
        }

        Report.Number("executed program ended"u8, Sys.Wait(child));
        Report.Number("nothing left"u8, PollAll(0, 0));
    }

    // A child writes after a while to each file of a combination, one after the other; nobody waits for it but init.
    private static void Later(int ready)
    {
        if (Sys.Fork() != 0)
            return;
        for (int file = 0; file < Files; file++)
        {
            if ((ready >> file & 1) == 0)
                continue;
            Sys.Sleep(Moment);
            Put(file);
        }

        Linux.Exit(0);
    }
}
