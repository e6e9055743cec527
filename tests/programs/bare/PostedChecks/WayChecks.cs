using System;
using System.Threading;
using Bare;

namespace PostedChecks;

/// <summary>
/// Changes of names by the same text of a path that comes to lead to another directory: by links, working directories and renames, of the own process and of
/// others, who say so in memory.
/// </summary>
internal static class WayChecks
{
    private const int Rounds = 80, Told = 2, Answered = 3;

    public static void Run()
    {
        Sys.Path(Sys.MakeDirectory, "/tmp/w"u8, 0x1ED);
        Sys.Path(Sys.MakeDirectory, "/tmp/w/one"u8, 0x1ED);
        Sys.Path(Sys.MakeDirectory, "/tmp/w/two"u8, 0x1ED);
        Sys.Two(Sys.SymbolicLink, "one"u8, "/tmp/w/way"u8);
        By("/tmp/w/way/x"u8, "/tmp/w/way/y"u8);
        for (int round = 0; round < 4; round++)
        {
            bool isTwo = round % 2 == 0;
            Sys.Path(Sys.Unlink, "/tmp/w/way"u8);
            Sys.Two(Sys.SymbolicLink, isTwo ? "two"u8 : "one"u8, "/tmp/w/way"u8);
            Made("a link that leads elsewhere"u8, "/tmp/w/way/x"u8);
            By("/tmp/w/way/x"u8, "/tmp/w/way/y"u8);
        }

        for (int round = 0; round < 4; round++)
        {
            Sys.Path(Sys.ChangeDirectory, round % 2 == 0 ? "/tmp/w/two"u8 : "/tmp/w/one"u8);
            Made("another working directory"u8, "x"u8);
            By("x"u8, "./y"u8);
        }

        Sys.Path(Sys.ChangeDirectory, "/"u8);
        By("/tmp/w/one/x"u8, "/tmp/w/one/y"u8);
        for (int round = 0; round < 4; round++)
        {
            Swap();
            Made("another directory of that name"u8, "/tmp/w/one/x"u8);
            By("/tmp/w/one/x"u8, "/tmp/w/one/y"u8);
        }

        ByOthers();
        Report.Number("rmdir"u8, Sys.Path(Sys.Unlink, "/tmp/w/way"u8) | Sys.Path(Sys.RemoveDirectory, "/tmp/w/one"u8)
            | Sys.Path(Sys.RemoveDirectory, "/tmp/w/two"u8) | Sys.Path(Sys.RemoveDirectory, "/tmp/w"u8));
    }

    // Names that come and go, as often as it takes to be let do so without waiting.
    private static void By(ReadOnlySpan<byte> name, ReadOnlySpan<byte> other)
    {
        long wrong = 0;
        for (int round = 0; round < Rounds; round++)
            wrong |= Sys.Path(Sys.MakeDirectory, name, 0x1ED) | Sys.Two(Sys.Rename, name, other) | Sys.Path(Sys.RemoveDirectory, other);
        Report.Number("by one way"u8, wrong);
    }

    // Where a directory is that was just made; it is removed under its real names.
    private static void Made(ReadOnlySpan<byte> what, ReadOnlySpan<byte> name)
    {
        Report.Number(what, Sys.Path(Sys.MakeDirectory, name, 0x1ED));
        Report.Number(" in one"u8, Sys.Path(Sys.RemoveDirectory, "/tmp/w/one/x"u8));
        Report.Number(" in two"u8, Sys.Path(Sys.RemoveDirectory, "/tmp/w/two/x"u8));
    }

    private static long Swap() => Sys.Two(Sys.Rename, "/tmp/w/one"u8, "/tmp/w/three"u8) | Sys.Two(Sys.Rename, "/tmp/w/two"u8, "/tmp/w/one"u8)
        | Sys.Two(Sys.Rename, "/tmp/w/three"u8, "/tmp/w/two"u8);

    // A process that goes on changing, and one that leads its path elsewhere between two of its changes.
    private static void ByOthers()
    {
        for (int kind = 0; kind < 2; kind++)
        {
            Sys.Shared(Told) = Sys.Shared(Answered) = 0;
            By("/tmp/w/way/x"u8, "/tmp/w/way/y"u8);
            if (Sys.Child() == 0)
            {
                while (Volatile.Read(ref Sys.Shared(Told)) == 0)
                    Sys.GiveWay();
                Sys.Path(Sys.Unlink, "/tmp/w/way"u8);
                long done = kind == 0 ? Sys.Two(Sys.SymbolicLink, "two"u8, "/tmp/w/way"u8) : Swap() | Sys.Two(Sys.SymbolicLink, "two"u8, "/tmp/w/way"u8);
                Volatile.Write(ref Sys.Shared(Answered), 1);
                Linux.Exit((int)-done);
            }

            By("/tmp/w/way/x"u8, "/tmp/w/way/y"u8);
            Volatile.Write(ref Sys.Shared(Told), 1);
            while (Volatile.Read(ref Sys.Shared(Answered)) == 0)
                Sys.GiveWay();
            Made("led elsewhere by another"u8, "/tmp/w/way/x"u8);
            Report.Number(" child"u8, Sys.Wait());
        }
    }
}
