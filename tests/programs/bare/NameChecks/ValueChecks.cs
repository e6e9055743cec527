using System;
using Bare;

namespace NameChecks;

/// <summary>
/// Answers, each asked for several times since the later ones come another way than the first, and after every kind of change by another process.
/// </summary>
internal static class ValueChecks
{
    private const int Often = 4;

    public static void Run()
    {
        Make();
        AllPaths();
        Relative();
        DirectoryChecks.Run();
        Changes();
        Identities();
        Roots();
    }

    private static void Make()
    {
        Sys.Path(Sys.MakeDirectory, "/tmp/n"u8, 0x1ED);
        Sys.Path(Sys.MakeDirectory, "/tmp/n/dir"u8, 0x1ED);
        Sys.Path(Sys.MakeDirectory, "/tmp/n/dir/below"u8, 0x1ED);
        Sys.Path(Sys.MakeDirectory, "/tmp/n/private"u8, 0x1C0);
        Sys.Append("/tmp/n/file"u8, 100);
        Sys.Append("/tmp/n/dir/below/deep"u8, 7);
        Sys.Append("/tmp/n/private/inside"u8, 9);
        Sys.Two(Sys.SymbolicLink, "dir/below"u8, "/tmp/n/link"u8);
        Sys.Two(Sys.SymbolicLink, "/tmp/n/file"u8, "/tmp/n/absolute"u8);
        Sys.Two(Sys.SymbolicLink, "loop"u8, "/tmp/n/loop"u8);
        Sys.Two(Sys.SymbolicLink, "nowhere"u8, "/tmp/n/dangling"u8);
        Sys.Two(Sys.SymbolicLink, "../n/link/../below/deep"u8, "/tmp/n/dir/up"u8);
        Sys.Two(Sys.SymbolicLink, "n/file"u8, "/tmp/shared-link"u8);
    }

    private static void AllPaths()
    {
        All("file"u8, "/tmp/n/file"u8);
        All("directory"u8, "/tmp/n/dir"u8);
        All("slash"u8, "/tmp/n/dir/"u8);
        All("slashes"u8, "//tmp///n//dir//"u8);
        All("file with slash"u8, "/tmp/n/file/"u8);
        All("below a file"u8, "/tmp/n/file/x"u8);
        All("none"u8, "/tmp/n/none"u8);
        All("below none"u8, "/tmp/n/none/x"u8);
        All("none with slash"u8, "/tmp/n/none/"u8);
        All("link"u8, "/tmp/n/link"u8);
        All("link with slash"u8, "/tmp/n/link/"u8);
        All("through a link"u8, "/tmp/n/link/deep"u8);
        All("absolute link"u8, "/tmp/n/absolute"u8);
        All("loop"u8, "/tmp/n/loop"u8);
        All("dangling"u8, "/tmp/n/dangling"u8);
        All("link up"u8, "/tmp/n/dir/up"u8);
        All("link in a shared directory"u8, "/tmp/shared-link"u8);
        All("dots"u8, "/tmp/./n/../n/dir/./below/../below/deep"u8);
        All("above the root"u8, "/../../tmp/n/file"u8);
        All("root"u8, "/"u8);
        All("dot at the end"u8, "/tmp/n/dir/."u8);
        All("dots at the end"u8, "/tmp/n/dir/below/.."u8);
        All("private"u8, "/tmp/n/private"u8);
        All("in private"u8, "/tmp/n/private/inside"u8);
        All("none in private"u8, "/tmp/n/private/none"u8);
        All("device"u8, "/dev/null"u8);
        All("program"u8, "/proc/self/status"u8);
        All("empty"u8, ""u8);
    }

    private static void Relative()
    {
        Report.Number("chdir"u8, Sys.Path(Sys.ChangeDirectory, "/tmp/n/dir"u8));
        All("relative"u8, "below/deep"u8);
        All("relative up"u8, "../file"u8);
        Report.Number("chdir"u8, Sys.Path(Sys.ChangeDirectory, "below"u8));
        All("relative"u8, "deep"u8);
        All("relative none"u8, "below/deep"u8);
        // It moves, with those who stand in it.
        Report.Number("rename"u8, Sys.Two(Sys.Rename, "/tmp/n/dir/below"u8, "/tmp/n/moved"u8));
        All("moved"u8, "deep"u8);
        All("moved up"u8, "../file"u8);
        All("moved from"u8, "/tmp/n/dir/below/deep"u8);
        Report.Number("rename back"u8, Sys.Two(Sys.Rename, "/tmp/n/moved"u8, "/tmp/n/dir/below"u8));
        All("back"u8, "../../file"u8);
        // It goes.
        Sys.Path(Sys.MakeDirectory, "gone"u8, 0x1ED);
        Report.Number("chdir"u8, Sys.Path(Sys.ChangeDirectory, "gone"u8));
        All("in what will go"u8, "../deep"u8);
        Report.Number("rmdir"u8, Sys.Path(Sys.RemoveDirectory, "/tmp/n/dir/below/gone"u8));
        All("gone"u8, "."u8);
        All("in gone"u8, "x"u8);
        Report.Number("chdir"u8, Sys.Path(Sys.ChangeDirectory, "/tmp"u8));
    }

    // The changes are a child's; when it has ended, they are there.
    private static void Changes()
    {
        for (int change = 0; change < 13; change++)
        {
            All("before file"u8, "/tmp/n/file"u8);
            All("before new"u8, "/tmp/n/new"u8);
            All("before deep"u8, "/tmp/n/dir/below/deep"u8);
            if (Sys.Child() == 0)
                Linux.Exit((int)-Change(change));
            Report.Number("change"u8, change);
            Report.Number("child"u8, Sys.Wait());
            All("after file"u8, "/tmp/n/file"u8);
            All("after new"u8, "/tmp/n/new"u8);
            All("after deep"u8, "/tmp/n/dir/below/deep"u8);
            All("after absolute"u8, "/tmp/n/absolute"u8);
        }
    }

    private static long Change(int change) => change switch
    {
        0 => Sys.Append("/tmp/n/file"u8, 50) - 50,
        1 => Sys.Path(Sys.ChangeMode, "/tmp/n/file"u8, 0x100),
        2 => Sys.Two(Sys.HardLink, "/tmp/n/file"u8, "/tmp/n/new"u8),
        3 => Sys.Path(Sys.Unlink, "/tmp/n/new"u8),
        4 => Sys.Two(Sys.Rename, "/tmp/n/file"u8, "/tmp/n/new"u8),
        5 => Sys.Two(Sys.SymbolicLink, "new"u8, "/tmp/n/file"u8),
        6 => Sys.Two(Sys.Rename, "/tmp/n/new"u8, "/tmp/n/file"u8),
        7 => Sys.Path(Sys.Truncate, "/tmp/n/file"u8, 3),
        8 => Sys.Path(Sys.ChangeMode, "/tmp/n/dir"u8, 0x1C0),
        9 => Sys.Path(Sys.ChangeMode, "/tmp/n/dir"u8, 0x1ED),
        10 => Sys.Two(Sys.Rename, "/tmp/n/dir"u8, "/tmp/n/new"u8),
        11 => Sys.Exchange("/tmp/n/new"u8, "/tmp/n/file"u8),
        _ => Sys.Exchange("/tmp/n/new"u8, "/tmp/n/file"u8) + Sys.Two(Sys.Rename, "/tmp/n/new"u8, "/tmp/n/dir"u8),
    };

    // What user 1000 may do, and what it is told of what it may not search.
    private static void Identities()
    {
        Sys.Append("/tmp/n/owners"u8, 1);
        Sys.Path(Sys.ChangeMode, "/tmp/n/owners"u8, 0x1C0);
        Sys.Append("/tmp/n/anybodys"u8, 1);
        Sys.Path(Sys.ChangeMode, "/tmp/n/anybodys"u8, 0x1FF);
        Sys.Append("/tmp/n/groups"u8, 1);
        Sys.Path(Sys.ChangeMode, "/tmp/n/groups"u8, 0x1E8);
        Sys.Append("/tmp/n/plain"u8, 1);
        for (int user = 0; user < 2; user++)
        {
            if (Sys.Child() == 0)
            {
                if (user > 0)
                    Report.Number("setuid"u8, Linux.Call(Sys.SetUser, 1000));
                All("owners"u8, "/tmp/n/owners"u8);
                All("anybodys"u8, "/tmp/n/anybodys"u8);
                All("groups"u8, "/tmp/n/groups"u8);
                All("plain"u8, "/tmp/n/plain"u8);
                All("private"u8, "/tmp/n/private"u8);
                All("private with slash"u8, "/tmp/n/private/"u8);
                All("private dot"u8, "/tmp/n/private/."u8);
                All("in private"u8, "/tmp/n/private/inside"u8);
                All("none in private"u8, "/tmp/n/private/none"u8);
                All("link in a shared directory"u8, "/tmp/shared-link"u8);
                Linux.Exit(0);
            }

            Report.Number("child"u8, Sys.Wait());
        }
    }

    private static void Roots()
    {
        if (Sys.Child() == 0)
        {
            All("file"u8, "/tmp/n/file"u8);
            Report.Number("chroot"u8, Sys.Path(Sys.ChangeRoot, "/tmp/n"u8));
            All("in another root"u8, "/tmp/n/file"u8);
            All("file there"u8, "/file"u8);
            All("link there"u8, "/absolute"u8);
            if (Sys.Child() == 0)
            {
                All("child in another root"u8, "/file"u8);
                Linux.Exit(0);
            }

            Report.Number("child"u8, Sys.Wait());
            Linux.Exit(0);
        }

        Report.Number("child"u8, Sys.Wait());
    }

    private static void All(ReadOnlySpan<byte> name, ReadOnlySpan<byte> path)
    {
        Span<byte> text = stackalloc byte[100];
        for (int round = 0; round < Often; round++)
        {
            // One line a round would be much; the last ones are what memory says.
            bool isShown = round is 0 or Often - 1;
            long stat = Sys.Look(Sys.Stat, path, out long mode, out long size);
            bool isSized = (mode & 0xF000) == 0x8000;
            long links = Sys.Links;
            long linkStat = Sys.Look(Sys.LinkStat, path, out long linkMode, out long linkSize);
            long length = Sys.Text(path, text);
            long access = 0;
            for (int wanted = 0; wanted < 8; wanted++)
                access = access * 100 - Sys.Path(Sys.Access, path, wanted);
            if (!isShown)
                continue;
            Report.Number(name, stat);
            if (stat == 0)
                Report.Number(" mode"u8, mode);
            if (stat == 0 && isSized)
                Report.Number(" size"u8, size * 100 + links);
            Report.Number(" lstat"u8, linkStat);
            if (linkStat == 0)
                Report.Number("  mode"u8, linkMode);
            if (linkStat == 0 && (linkMode & 0xF000) == 0xA000)
                Report.Number("  length"u8, linkSize);
            Report.Bytes(" readlink"u8, text, (int)length);
            Report.Number(" access"u8, access);
        }
    }
}
