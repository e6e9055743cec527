using System;
using System.Threading;
using Bare;

namespace PostedChecks;

/// <summary>
/// rename, link, unlink, mkdir and rmdir, again and again in one directory: values, errors, and what others find who are told by memory, or by an end.
/// </summary>
internal static class ChangeChecks
{
    private const int Rounds = 40;
    private const int Told = 0, Answered = 1;
    private const long SetGroupOnDirectory = 0x5ED;

    public static void Run()
    {
        Sys.Path(Sys.MakeDirectory, "/tmp/c"u8, 0x1ED);
        Sys.Path(Sys.MakeDirectory, "/tmp/away"u8, 0x1ED);
        Sys.Make("/tmp/c/file"u8, 7);
        Values();
        Errors();
        Relative();
        Modes();
        Times();
        Telling();
        Others();
        Ends();
    }

    // All five, often enough that each way of making them is used.
    private static long Turn(int round)
    {
        long wrong = Sys.Two(Sys.Rename, "/tmp/c/file"u8, "/tmp/c/other"u8) | Sys.Two(Sys.Rename, "/tmp/c/other"u8, "/tmp/c/file"u8);
        wrong |= Sys.Two(Sys.HardLink, "/tmp/c/file"u8, "/tmp/c/other"u8);
        wrong |= round % 3 == 0 ? Sys.Two(Sys.HardLink, "/tmp/c/other"u8, "/tmp/c/third"u8) | Sys.Path(Sys.Unlink, "/tmp/c/third"u8) : 0;
        wrong |= Sys.Path(Sys.Unlink, "/tmp/c/other"u8);
        wrong |= Sys.Path(Sys.MakeDirectory, "/tmp/c/other"u8, 0x1ED) | Sys.Two(Sys.Rename, "/tmp/c/other"u8, "/tmp/c/dir"u8);
        return wrong | Sys.Path(Sys.RemoveDirectory, "/tmp/c/dir"u8);
    }

    private static void Values()
    {
        long wrong = 0;
        for (int round = 0; round < Rounds; round++)
        {
            wrong += Turn(round) == 0 ? 0 : 1;
            if (round % 7 == 6)
                wrong += Sys.Links("/tmp/c"u8) == 2 && Sys.Links("/tmp/c/file"u8) == 1 && Sys.Links("/tmp/c/other"u8) == -2 ? 0 : 1;
        }

        Report.Number("changes"u8, wrong);
        Sys.Make("/tmp/c/tmp"u8, 8);
        for (int round = 0; round < Rounds; round++)
        {
            wrong += Sys.Make("/tmp/c/tmp"u8, round) | Sys.Two(Sys.Rename, "/tmp/c/tmp"u8, "/tmp/c/file"u8);
            if (round % 5 == 4)
            {
                long file = Sys.Open("/tmp/c/file"u8);
                wrong += Sys.ReadNumberOf(file) == round ? 0 : 1;
                Sys.Close(file);
            }
        }

        Report.Number("files that are replaced"u8, wrong);
        for (int round = 0; round < Rounds; round++)
            wrong += Sys.Make("/tmp/c/tmp"u8, round) | Sys.Path(Sys.Unlink, "/tmp/c/tmp"u8);
        Report.Number("files that are made and removed"u8, wrong);
        Report.Number(" left"u8, Sys.Links("/tmp/c/tmp"u8));
    }

    private static void Errors()
    {
        for (int round = 0; round < 3; round++)
        {
            Turn(round);
            Turn(round);
            Report.Number("mkdir of what is there"u8, Sys.Path(Sys.MakeDirectory, "/tmp/c/file"u8, 0x1ED));
            Report.Number("unlink of what is gone"u8, Sys.Path(Sys.Unlink, "/tmp/c/other"u8));
            Report.Number("rmdir of a file"u8, Sys.Path(Sys.RemoveDirectory, "/tmp/c/file"u8));
            Report.Number("link to what is there"u8, Sys.Two(Sys.HardLink, "/tmp/c/file"u8, "/tmp/c/file"u8));
            Report.Number("rename of what is gone"u8, Sys.Two(Sys.Rename, "/tmp/c/other"u8, "/tmp/c/file"u8));
            Report.Number("rename to itself"u8, Sys.Two(Sys.Rename, "/tmp/c/file"u8, "/tmp/c/file"u8));
            Report.Number("mkdir"u8, Sys.Path(Sys.MakeDirectory, "/tmp/c/dir"u8, 0x1ED));
            Report.Number("unlink of a directory"u8, Sys.Path(Sys.Unlink, "/tmp/c/dir"u8));
            Report.Number("rename of a file to it"u8, Sys.Two(Sys.Rename, "/tmp/c/file"u8, "/tmp/c/dir"u8));
            Report.Number("rename of it to a file"u8, Sys.Two(Sys.Rename, "/tmp/c/dir"u8, "/tmp/c/file"u8));
            Report.Number("a file with a slash"u8, Sys.Path(Sys.Unlink, "/tmp/c/file/"u8));
            Report.Number("a directory with a slash"u8, Sys.Path(Sys.RemoveDirectory, "/tmp/c/dir/"u8));
            Report.Number("one made so"u8, Sys.Path(Sys.MakeDirectory, "/tmp/c/dir/"u8, 0x1ED));
            Report.Number("made in it"u8, Sys.Path(Sys.MakeDirectory, "/tmp/c/dir/deep"u8, 0x1ED));
            Report.Number("rmdir of what is not empty"u8, Sys.Path(Sys.RemoveDirectory, "/tmp/c/dir"u8));
            Report.Number("rename into it"u8, Sys.Two(Sys.Rename, "/tmp/c/dir"u8, "/tmp/c/dir/deep/x"u8));
            Report.Number("rmdir of both"u8, Sys.Path(Sys.RemoveDirectory, "/tmp/c/dir/deep"u8) | Sys.Path(Sys.RemoveDirectory, "/tmp/c/dir"u8));
            Report.Number("rename of two names of one file"u8, Sys.Two(Sys.HardLink, "/tmp/c/file"u8, "/tmp/c/other"u8)
                | Sys.Two(Sys.Rename, "/tmp/c/file"u8, "/tmp/c/other"u8));
            Report.Number(" both are left"u8, Sys.Links("/tmp/c/file"u8) + 10 * Sys.Links("/tmp/c/other"u8));
            Report.Number("unlink"u8, Sys.Path(Sys.Unlink, "/tmp/c/other"u8));
            Report.Number("."u8, Sys.Path(Sys.RemoveDirectory, "/tmp/c/."u8));
            Report.Number(".."u8, Sys.Path(Sys.RemoveDirectory, "/tmp/c/.."u8));
        }

        Report.Number("a symbolic link"u8, Sys.Two(Sys.SymbolicLink, "file"u8, "/tmp/c/sym"u8));
        for (int round = 0; round < 8; round++)
            Report.Number(" its name moves"u8, Sys.Two(Sys.Rename, "/tmp/c/sym"u8, "/tmp/c/sym2"u8) | Sys.Two(Sys.Rename, "/tmp/c/sym2"u8, "/tmp/c/sym"u8));
        Report.Number(" and goes"u8, Sys.Path(Sys.Unlink, "/tmp/c/sym"u8));
    }

    private static void Relative()
    {
        long wrong = Sys.Path(Sys.ChangeDirectory, "/tmp/c"u8);
        for (int round = 0; round < Rounds; round++)
        {
            wrong += Sys.Two(Sys.Rename, "file"u8, "./other"u8) | Sys.Two(Sys.Rename, "../c/other"u8, "file"u8) | Sys.Path(Sys.MakeDirectory, "dir"u8, 0x1ED);
            if (round % 11 == 10)
                wrong += Sys.Links("."u8) == 3 && Sys.Links("dir"u8) == 2 ? 0 : 1;
            wrong += Sys.Path(Sys.RemoveDirectory, "dir"u8);
        }

        Sys.Path(Sys.ChangeDirectory, "/tmp/away"u8);
        for (int round = 0; round < 6; round++)
            wrong += Sys.Path(Sys.MakeDirectory, "dir"u8, 0x1ED) | Sys.Path(Sys.RemoveDirectory, "dir"u8);
        wrong += Sys.Links("/tmp/c/dir"u8) == -2 ? 0 : 1;
        Sys.Path(Sys.ChangeDirectory, "/"u8);
        Report.Number("relative paths"u8, wrong);
    }

    private static void Modes()
    {
        for (int round = 0; round < 6; round++)
        {
            Turn(round);
            Sys.Mask(round % 2 == 0 ? 0x12 : 0x3F);
            Report.Number("mkdir"u8, Sys.Path(Sys.MakeDirectory, "/tmp/c/dir"u8, 0xFFF));
            Report.Number(" mode"u8, Sys.ModeOf("/tmp/c/dir"u8));
            Report.Number("rmdir"u8, Sys.Path(Sys.RemoveDirectory, "/tmp/c/dir"u8));
            if (round == 2)
                Report.Number("chmod"u8, Sys.Path(Sys.ChangeMode, "/tmp/c"u8, SetGroupOnDirectory));
        }

        Sys.Mask(0x12);
        Report.Number("chmod"u8, Sys.Path(Sys.ChangeMode, "/tmp/c"u8, 0x1ED));
    }

    // The directory's time is not behind the end of the last call that changed it, however late anybody asks; and not before it, to a tick of Linux' clock.
    private static void Times()
    {
        const long tick = 1_000_000_000;
        long wrong = 0;
        for (int round = 0; round < Rounds; round++)
        {
            long before = Sys.WallTime();
            Sys.Path(Sys.MakeDirectory, "/tmp/c/dir"u8, 0x1ED);
            long between = Sys.WallTime();
            Sys.Path(Sys.RemoveDirectory, "/tmp/c/dir"u8);
            if (round % 2 == 1)
                Sys.Two(Sys.Rename, "/tmp/c/file"u8, "/tmp/c/other"u8);
            long after = Sys.WallTime();
            if (round % 5 == 4)
            {
                Sys.Sleep(2_000_000);
                long time = Sys.ModifyTime("/tmp/c"u8);
                wrong += time >= between - tick && time <= after && between >= before ? 0 : 1;
            }

            if (round % 2 == 1)
                Sys.Two(Sys.Rename, "/tmp/c/other"u8, "/tmp/c/file"u8);
        }

        Report.Number("times"u8, wrong);
    }

    // A child changes names and says so by a word in memory, or by its end.
    private static void Telling()
    {
        long wrong = 0, ended = 0;
        for (int way = 0; way < 2; way++)
        {
            Sys.Shared(Told) = Sys.Shared(Answered) = 0;
            if (Sys.Child() == 0)
                Linux.Exit(Tell(way));
            for (int round = 1; round <= Rounds && way == 0; round++)
            {
                Await(Told, round);
                bool isThere = round % 2 == 1;
                wrong += Sys.Links("/tmp/c/told"u8) == (isThere ? 2 : -2) ? 0 : 1;
                wrong += Sys.Links(isThere ? "/tmp/c/other"u8 : "/tmp/c/file"u8) == 1 ? 0 : 1;
                Volatile.Write(ref Sys.Shared(Answered), round);
            }

            ended += Sys.Wait();
            wrong += Sys.Links("/tmp/c/told"u8) == -2 && Sys.Links("/tmp/c/file"u8) == 1 ? 0 : 1;
        }

        Report.Number("told"u8, wrong);
        Report.Number(" of children"u8, ended);
    }

    private static int Tell(int way)
    {
        int wrong = 0;
        for (int round = 1; round <= Rounds; round++)
        {
            if (round % 2 == 1)
            {
                wrong += (Turn(round) | Turn(round)) == 0 ? 0 : 1;
                wrong += Sys.Path(Sys.MakeDirectory, "/tmp/c/told"u8, 0x1ED) == 0 ? 0 : 1;
                wrong += Sys.Two(Sys.Rename, "/tmp/c/file"u8, "/tmp/c/other"u8) == 0 ? 0 : 1;
            }
            else
            {
                wrong += Sys.Two(Sys.Rename, "/tmp/c/other"u8, "/tmp/c/file"u8) == 0 ? 0 : 1;
                wrong += Sys.Path(Sys.RemoveDirectory, "/tmp/c/told"u8) == 0 ? 0 : 1;
            }

            if (way == 0)
            {
                Volatile.Write(ref Sys.Shared(Told), round);
                Await(Answered, round);
            }
        }

        return wrong;
    }

    // Somebody else changes what is known, each time in another way, and says so in memory.
    private static void Others()
    {
        for (int kind = 0; kind < 8; kind++)
        {
            Sys.Shared(Told) = Sys.Shared(Answered) = 0;
            for (int round = 0; round < 6; round++)
                Turn(round);
            Sys.Path(Sys.MakeDirectory, "/tmp/c/dir"u8, 0x1ED);
            if (Sys.Child() == 0)
            {
                Await(Told, 1);
                long done = kind switch
                {
                    0 => Sys.Path(Sys.RemoveDirectory, "/tmp/c/dir"u8),
                    1 => Sys.Path(Sys.MakeDirectory, "/tmp/c/dir/x"u8, 0x1ED),
                    2 => Sys.Two(Sys.Rename, "/tmp/c/file"u8, "/tmp/away/file"u8),
                    3 => Sys.Path(Sys.MakeDirectory, "/tmp/c/other"u8, 0x1ED),
                    4 => Sys.Mount("/tmp/c/dir"u8),
                    5 => Sys.Two(Sys.Rename, "/tmp/c"u8, "/tmp/c2"u8),
                    6 => Sys.Path(Sys.Unlink, "/tmp/c/file"u8) | Sys.Two(Sys.SymbolicLink, "x"u8, "/tmp/c/file"u8),
                    _ => Sys.Two(Sys.HardLink, "/tmp/c/file"u8, "/tmp/c/other"u8),
                };
                Volatile.Write(ref Sys.Shared(Answered), 1);
                Linux.Exit((int)-done);
            }

            Sys.Two(Sys.Rename, "/tmp/c/file"u8, "/tmp/c/third"u8);
            Sys.Two(Sys.Rename, "/tmp/c/third"u8, "/tmp/c/file"u8);
            Volatile.Write(ref Sys.Shared(Told), 1);
            Await(Answered, 1);
            Report.Number("another process changes"u8, kind);
            Report.Number(" rename"u8, Sys.Two(Sys.Rename, "/tmp/c/file"u8, "/tmp/c/other"u8));
            Report.Number(" rmdir"u8, Sys.Path(Sys.RemoveDirectory, "/tmp/c/dir"u8));
            Report.Number(" mkdir"u8, Sys.Path(Sys.MakeDirectory, "/tmp/c/other"u8, 0x1ED));
            Report.Number(" child"u8, Sys.Wait());
            Sys.Unmount("/tmp/c/dir"u8);
            Sys.Two(Sys.Rename, "/tmp/c2"u8, "/tmp/c"u8);
            Sys.Path(Sys.RemoveDirectory, "/tmp/c/dir/x"u8);
            Sys.Path(Sys.RemoveDirectory, "/tmp/c/dir"u8);
            Sys.Path(Sys.RemoveDirectory, "/tmp/c/other"u8);
            Sys.Path(Sys.Unlink, "/tmp/c/other"u8);
            Sys.Path(Sys.Unlink, "/tmp/c/file"u8);
            Report.Number(" left"u8, Sys.Links("/tmp/c"u8));
            Sys.Make("/tmp/c/file"u8, 7);
        }
    }

    // Other ids, and a process that is killed between two changes.
    private static void Ends()
    {
        if (Sys.Child() == 0)
        {
            long wrong = 0;
            for (int round = 0; round < 10; round++)
                wrong |= Turn(round);
            Linux.Call(Sys.SetUser, 1000);
            bool isRefused = Sys.Two(Sys.Rename, "/tmp/c/file"u8, "/tmp/c/other"u8) == -13 && Sys.Path(Sys.MakeDirectory, "/tmp/c/dir"u8, 0x1ED) == -13;
            Linux.Exit(wrong == 0 && isRefused ? 0 : 1);
        }

        Report.Number("other ids"u8, Sys.Wait());
        long inconsistent = 0;
        for (int round = 0; round < 10; round++)
        {
            Sys.Shared(Told) = 0;
            long child = Sys.Child();
            if (child == 0)
            {
                for (int count = 1; ; count++)
                {
                    Sys.Path(Sys.MakeDirectory, "/tmp/c/dir"u8, 0x1ED);
                    Sys.Path(Sys.RemoveDirectory, "/tmp/c/dir"u8);
                    Volatile.Write(ref Sys.Shared(Told), count);
                }
            }

            while (Volatile.Read(ref Sys.Shared(Told)) < 20 + round)
                Sys.GiveWay();
            Sys.Kill(child);
            Sys.Wait();
            bool isThere = Sys.Links("/tmp/c/dir"u8) == 2;
            inconsistent += Sys.Links("/tmp/c"u8) == (isThere ? 3 : 2) && Sys.Path(Sys.RemoveDirectory, "/tmp/c/dir"u8) == (isThere ? 0 : -2) ? 0 : 1;
        }

        Report.Number("killed"u8, inconsistent);
    }

    private static void Await(int index, long value)
    {
        while (Volatile.Read(ref Sys.Shared(index)) != value)
            Sys.GiveWay();
    }
}
