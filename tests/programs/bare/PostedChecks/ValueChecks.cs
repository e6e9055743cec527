using System;
using Bare;

namespace PostedChecks;

/// <summary>
/// Answers, each asked for several times since the later ones come another way than the first, and what is found by the descriptor afterwards.
/// </summary>
internal static class ValueChecks
{
    private const int Often = 4;

    public static void Run()
    {
        Make();
        AllPaths();
        Numbers();
        Many();
        Limits();
        Identities();
    }

    private static void Make()
    {
        Sys.Path(Sys.MakeDirectory, "/tmp/p"u8, 0x1ED);
        Sys.Path(Sys.MakeDirectory, "/tmp/p/dir"u8, 0x1ED);
        Sys.Make("/tmp/p/file"u8, 'f');
        Sys.Make("/tmp/p/dir/deep"u8, 'd');
        Sys.Make("/tmp/p/private"u8, 'p', 0x180);
        Sys.Make("/tmp/p/several"u8, 's');
        Sys.Two(Sys.HardLink, "/tmp/p/several"u8, "/tmp/p/names"u8);
        Sys.Two(Sys.SymbolicLink, "dir"u8, "/tmp/p/link"u8);
        Sys.Two(Sys.SymbolicLink, "/tmp/p/file"u8, "/tmp/p/absolute"u8);
        Sys.Two(Sys.SymbolicLink, "loop"u8, "/tmp/p/loop"u8);
        Sys.Two(Sys.SymbolicLink, "nowhere"u8, "/tmp/p/dangling"u8);
        for (int count = 0; count < 30; count++)
            Sys.Close(Sys.Open("/tmp/p/file"u8));
    }

    private static void AllPaths()
    {
        All("file"u8, "/tmp/p/file"u8);
        All("deep"u8, "/tmp/p/dir/deep"u8);
        All("directory"u8, "/tmp/p/dir"u8);
        All("slash"u8, "/tmp/p/dir/"u8);
        All("file with slash"u8, "/tmp/p/file/"u8);
        All("below a file"u8, "/tmp/p/file/x"u8);
        All("none"u8, "/tmp/p/none"u8);
        All("below none"u8, "/tmp/p/none/x"u8);
        All("through a link"u8, "/tmp/p/link/deep"u8);
        All("link"u8, "/tmp/p/link"u8);
        All("link with slash"u8, "/tmp/p/link/"u8);
        All("absolute link"u8, "/tmp/p/absolute"u8);
        All("loop"u8, "/tmp/p/loop"u8);
        All("dangling"u8, "/tmp/p/dangling"u8);
        All("dots"u8, "/tmp/./p/../p/dir/../dir/deep"u8);
        All("root"u8, "/"u8);
        All("private"u8, "/tmp/p/private"u8);
        All("several names"u8, "/tmp/p/several"u8);
        All("several names"u8, "/tmp/p/names"u8);
        All("device"u8, "/dev/null"u8);
        All("empty"u8, ""u8);
        Sys.Path(Sys.ChangeDirectory, "/tmp/p/dir"u8);
        All("relative"u8, "deep"u8);
        All("relative up"u8, "../file"u8);
        Sys.Path(Sys.ChangeDirectory, "/tmp"u8);
    }

    private static void All(ReadOnlySpan<byte> name, ReadOnlySpan<byte> path)
    {
        Report.Number(name, path.Length);
        Each(" read"u8, path, 0);
        Each(" nonblock"u8, path, Sys.NonBlock | Sys.CloseOnExec);
        Each(" directory"u8, path, Sys.Directory);
        Each(" nofollow"u8, path, Sys.NoFollow);
        Each(" both"u8, path, Sys.NoFollow | Sys.Directory | Sys.CloseOnExec);
        Each(" write"u8, path, Sys.ReadWrite);
        Each(" path"u8, path, Sys.PathOnly);
    }

    // The answer of all times is one number, if it is the same every time.
    private static void Each(ReadOnlySpan<byte> name, ReadOnlySpan<byte> path, long flags)
    {
        Span<byte> text = stackalloc byte[64];
        long first = 0, differ = 0;
        long mode = 0, kept = 0, onExec = 0, content = 0, length = 0, closed = 0, again = 0;
        for (int time = 0; time < Often; time++)
        {
            long file = Sys.Open(path, flags);
            long before = mode + kept + onExec + content + length + closed + again;
            if (file >= 0)
            {
                Sys.Look(file, out mode, out _, out _);
                kept = Sys.Flags(file);
                onExec = Sys.DescriptorFlags(file);
                content = Sys.Read(file);
                length = Sys.NameOf(file, text);
                closed = Sys.Close(file);
                again = Sys.Close(file);
            }

            long now = mode + kept + onExec + content + length + closed + again;
            if (time == 0)
                first = file;
            else if (file != first || now != before)
                differ++;
        }

        Report.Number(name, first);
        if (first < 0)
        {
            Report.Number("  differ"u8, differ);
            return;
        }

        Report.Number("  mode"u8, mode);
        Report.Number("  flags"u8, kept);
        Report.Number("  close on exec"u8, onExec);
        Report.Number("  byte"u8, content);
        Report.Bytes("  name"u8, text, (int)length);
        Report.Number("  closed"u8, closed);
        Report.Number("  closed again"u8, again);
        Report.Number("  differ"u8, differ);
    }

    // Numbers are the lowest, duplicates are the same description, and what is closed is free at once.
    private static void Numbers()
    {
        long first = Sys.Open("/tmp/p/file"u8), second = Sys.Open("/tmp/p/dir/deep"u8);
        Report.Number("first"u8, first);
        Report.Number("second"u8, second);
        Report.Number("close first"u8, Sys.Close(first));
        Report.Number("third"u8, Sys.Open("/tmp/p/file"u8));
        long copy = Sys.Duplicate(second);
        Report.Number("copy"u8, copy);
        Report.Number("read"u8, Sys.Read(second));
        Report.Number("close second"u8, Sys.Close(second));
        Report.Number("read the copy"u8, Sys.Read(copy));
        Report.Number("dup2 over an open one"u8, Sys.DuplicateTo(copy, first));
        Report.Number("read it"u8, Sys.Read(first));
        Report.Number("close"u8, Sys.Close(first));
        Report.Number("close copy"u8, Sys.Close(copy));
        long directory = Sys.Open("/tmp/p/dir"u8);
        Report.Number("list"u8, Sys.List(directory) > 0 ? 1 : 0);
        Report.Number("list at the end"u8, Sys.List(directory));
        Report.Number("read of a directory"u8, Sys.Read(directory));
        Report.Number("close directory"u8, Sys.Close(directory));
        // What has no name is still what was opened.
        Sys.Make("/tmp/p/gone"u8, 'g');
        for (int count = 0; count < Often; count++)
            Sys.Close(Sys.Open("/tmp/p/gone"u8));
        long gone = Sys.Open("/tmp/p/gone"u8);
        Report.Number("unlink"u8, Sys.Path(Sys.Unlink, "/tmp/p/gone"u8));
        Report.Number("fstat"u8, Sys.Look(gone, out _, out long links, out long size));
        Report.Number(" links"u8, links);
        Report.Number(" size"u8, size);
        Report.Number(" read"u8, Sys.Read(gone));
        Report.Number(" open"u8, Sys.Open("/tmp/p/gone"u8));
        Report.Number(" close"u8, Sys.Close(gone));
    }

    // Thousands, and more at a time than handles are lent.
    private static void Many()
    {
        long wrong = 0;
        for (int round = 0; round < 3000; round++)
        {
            long file = Sys.Open((round & 1) == 0 ? "/tmp/p/file"u8 : "/tmp/p/dir/deep"u8);
            if (round % 100 == 0 && Sys.Read(file) != ((round & 1) == 0 ? 'f' : 'd'))
                wrong++;
            wrong += Sys.Close(file) == 0 ? 0 : 1;
        }

        Report.Number("wrong of thousands"u8, wrong);
        wrong = 0;
        for (int round = 0; round < 3; round++)
        {
            long lowest = Sys.Open("/tmp/p/file"u8);
            for (int count = 1; count < 200; count++)
                wrong += Sys.Open((count & 1) == 0 ? "/tmp/p/file"u8 : "/tmp/p/dir/deep"u8) == lowest + count ? 0 : 1;
            for (int count = 0; count < 200; count++)
                wrong += Sys.Read(lowest + count) == ((count & 1) == 0 ? 'f' : 'd') ? 0 : 1;
            for (int count = 0; count < 200; count++)
                wrong += Sys.Close(lowest + count) == 0 ? 0 : 1;
        }

        Report.Number("wrong of 200 at a time"u8, wrong);
    }

    private static void Limits()
    {
        Report.Number("limit"u8, Sys.LimitFiles(10));
        long last = 0;
        int count = 0;
        while (count < 20 && (last = Sys.Open("/tmp/p/file"u8)) >= 0)
            count++;
        Report.Number("opened"u8, count);
        Report.Number("then"u8, last);
        Report.Number("of none"u8, Sys.Open("/tmp/p/none"u8));
        Report.Number("close"u8, Sys.Close(9));
        Report.Number("of none"u8, Sys.Open("/tmp/p/none"u8));
        Report.Number("of one"u8, Sys.Open("/tmp/p/file"u8));
        Sys.LimitFiles(1024);
        for (int file = 3; file < 10; file++)
            Sys.Close(file);
    }

    // Who may not read finds that at once.
    private static void Identities()
    {
        if (Sys.Child() == 0)
        {
            for (int count = 0; count < 30; count++)
                Sys.Close(Sys.Open("/tmp/p/private"u8));
            Report.Number("private, of root"u8, Sys.Open("/tmp/p/private"u8));
            Linux.Call(Sys.SetUser, 1000);
            for (int time = 0; time < Often; time++)
            {
                Report.Number("private"u8, Sys.Open("/tmp/p/private"u8));
                long file = Sys.Open("/tmp/p/file"u8);
                Report.Number("public"u8, Sys.Read(file));
                Sys.Close(file);
            }

            Linux.Exit(0);
        }

        Report.Number("child"u8, Sys.Wait());
    }
}
