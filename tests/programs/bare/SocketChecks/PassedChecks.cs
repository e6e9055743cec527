using Bare;
using ConnectionChecks;

namespace SocketChecks;

/// <summary>
/// Descriptors of eventfd(2), timerfd_create(2), signalfd(2), memfd_create(2) and pipes of packets that come with messages, from another process.
/// </summary>
internal static class PassedChecks
{
    private const long NumberOfMask = 14, NumberOfKill = 62, NumberOfTimerCreate = 283, NumberOfTimerSet = 286, NumberOfTimerGet = 287,
        NumberOfSignalOpen = 289, NumberOfEventCreate = 290, NumberOfPipe = 293, NumberOfMemoryFile = 319, NumberOfRead = 0, NumberOfWrite = 1,
        NumberOfSeek = 8;
    private const int Area = 32768, User1 = 10, Direct = 0x4000;

    public static void Run()
    {
        foreach (int type in (System.ReadOnlySpan<int>)[Sockets.Stream, Sockets.Datagram])
        {
            for (int kind = 0; kind < 5; kind++)
                Pass(type, kind);
        }
    }

    // From a child that ends, so that nothing but the message keeps it.
    private static void Pass(int type, int kind)
    {
        Sockets.Pair(type, out int first, out int second);
        int child = Sys.Fork();
        if (child == 0)
        {
            int made = Make(kind);
            Linux.Exit(made >= 0 && Sockets.SendRights(first, "k"u8, made) == 1 ? 0 : 1);
        }

        Report.Number("kind"u8, kind);
        Report.Number("sent"u8, Sys.Wait(child));
        Report.Number("received"u8, Sockets.ReceiveControl(second, 10, 64));
        int mine = Sockets.ControlWord(16);
        Sys.Close(first);
        Sys.Close(second);
        Use(kind, mine);
        Sys.Close(mine);
    }

    private static ref ulong At(int offset) => ref Sys.Word(Sockets.At(Area + offset));

    private static void Mask(int how)
    {
        At(0) = 1ul << (User1 - 1);
        Linux.Call(NumberOfMask, how, Sockets.At(Area), 0, 8);
    }

    private static int Make(int kind)
    {
        switch (kind)
        {
            case 0:
                int counter = (int)Linux.Call(NumberOfEventCreate, 3, Sys.NonBlock);
                for (int round = 0; round < 4; round++) // mapped by then
                {
                    At(0) = 5;
                    Linux.Call(NumberOfWrite, counter, Sockets.At(Area), 8);
                }

                return counter;
            case 1:
                int timer = (int)Linux.Call(NumberOfTimerCreate, 1, Sys.NonBlock);
                for (int word = 0; word < 4; word++)
                    At(word * 8) = word == 2 ? 1000ul : 0;
                Linux.Call(NumberOfTimerSet, timer, 0, Sockets.At(Area), 0);
                return timer;
            case 2:
                Mask(0);
                return (int)Linux.Call(NumberOfSignalOpen, -1, Sockets.At(Area), 8, Sys.NonBlock);
            case 3:
                At(0) = 'm';
                int file = (int)Linux.Call(NumberOfMemoryFile, Sockets.At(Area), 0);
                Sys.Write(file, "memory"u8);
                Linux.Call(NumberOfSeek, file, 2, 0);
                return file;
            default:
                Linux.Call(NumberOfPipe, Sockets.At(Area), Direct | Sys.NonBlock);
                int read = Sys.Half(Sockets.At(Area)), write = Sys.Half(Sockets.At(Area + 4));
                Sys.Write(write, "ab"u8);
                Sys.Write(write, "cd"u8);
                return read;
        }
    }

    private static void Use(int kind, int mine)
    {
        switch (kind)
        {
            case 0:
                for (int round = 0; round < 4; round++)
                {
                    At(0) = 0;
                    Report.Number("counter"u8, Linux.Call(NumberOfRead, mine, Sockets.At(Area), 8) * 1000 + (long)At(0));
                    At(0) = 7;
                    Linux.Call(NumberOfWrite, mine, Sockets.At(Area), 8);
                }

                break;
            case 1:
                Report.Number("setting"u8, Linux.Call(NumberOfTimerGet, mine, Sockets.At(Area)));
                Report.Number("long"u8, At(16) is > 900 and <= 1000 ? 1 : 0);
                Report.Number("not yet"u8, Linux.Call(NumberOfRead, mine, Sockets.At(Area), 8));
                for (int word = 0; word < 4; word++)
                    At(word * 8) = word == 3 ? 1ul : 0;
                Report.Number("set"u8, Linux.Call(NumberOfTimerSet, mine, 0, Sockets.At(Area), 0));
                Sys.Want(0, mine, Sys.In);
                Report.Number("awaited"u8, Sys.Poll(1, 5000));
                Report.Number("expired"u8, Linux.Call(NumberOfRead, mine, Sockets.At(Area), 8) * 1000 + (long)At(0));
                break;
            case 2:
                Mask(0);
                Report.Number("none"u8, Linux.Call(NumberOfRead, mine, Sockets.At(Area + 64), 128));
                Linux.Call(NumberOfKill, Sys.Pid(), User1);
                Sys.Want(0, mine, Sys.In);
                Report.Number("ready"u8, Sys.Poll(1, 0));
                Report.Number("signal"u8, Linux.Call(NumberOfRead, mine, Sockets.At(Area + 64), 128) * 1000 + Sys.Half(Sockets.At(Area + 64)));
                Mask(1);
                break;
            case 3:
                Report.Number("memory"u8, Sys.Read(mine, 10) * 10 + Linux.Call(NumberOfSeek, mine, 0, 1));
                break;
            default:
                Report.Number("packets"u8, Sys.Read(mine, 10) * 10000 + Sys.Read(mine, 10));
                Report.Number("end"u8, Sys.Read(mine, 10));
                break;
        }
    }
}
