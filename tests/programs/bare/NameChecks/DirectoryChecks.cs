using System;
using System.Runtime.InteropServices;
using Bare;

namespace NameChecks;

/// <summary>
/// Paths that begin at open directories: which move and go, are closed and opened anew under the same number, and are no directories. Each is asked for several
/// times.
/// </summary>
internal static class DirectoryChecks
{
    private const int Often = 5;
    private const long Open = 2, Close = 3, Dup2 = 33, OpenAt = 257, StatAt = 262, ReadLinkAt = 267, AccessAt = 269, Directory = 0x10000, PathOnly = 0x200000;

    private static long buffer;

    public static void Run()
    {
        const long mmap = 9;
        buffer = Linux.Call(mmap, 0, 4096, 3, 0x22, -1);
        long here = Sys.Path(Open, "/tmp/n/dir"u8, Directory), above = Sys.Path(Open, "/tmp/n"u8, Directory | PathOnly);
        All("of dir"u8, here);
        All("of n"u8, above);
        Report.Number("rename"u8, Sys.Two(Sys.Rename, "/tmp/n/dir"u8, "/tmp/n/elsewhere"u8));
        All("moved"u8, here);
        All("above moved"u8, above);
        Report.Number("rename back"u8, Sys.Two(Sys.Rename, "/tmp/n/elsewhere"u8, "/tmp/n/dir"u8));
        All("back"u8, here);
        Report.Number("hide"u8, Sys.Path(Sys.ChangeMode, "/tmp/n"u8, 0x1C0));
        if (Sys.Child() == 0)
        {
            Linux.Call(Sys.SetUser, 1000);
            All("hidden to a user"u8, here);
            All("above hidden to a user"u8, above);
            Linux.Exit(0);
        }

        Report.Number("user"u8, Sys.Wait());
        Report.Number("show"u8, Sys.Path(Sys.ChangeMode, "/tmp/n"u8, 0x1ED));
        // The numbers stand for others.
        for (int round = 0; round < Often; round++)
        {
            Linux.Call(Close, here);
            here = Sys.Path(Open, (round & 1) == 0 ? "/tmp/n"u8 : "/tmp/n/dir"u8, Directory);
            One("opened anew"u8, here, "file"u8, true);
            One("opened anew"u8, here, "below/deep"u8, true);
        }

        Linux.Call(Dup2, above, here);
        All("dup2"u8, here);
        Sys.Path(Sys.MakeDirectory, "/tmp/n/goes"u8, 0x1ED);
        long goes = Sys.Path(Open, "/tmp/n/goes"u8, Directory);
        All("goes"u8, goes);
        Report.Number("rmdir"u8, Sys.Path(Sys.RemoveDirectory, "/tmp/n/goes"u8));
        All("gone"u8, goes);
        Linux.Call(Close, goes);
        All("closed"u8, goes);
        All("a file"u8, Sys.Path(Open, "/tmp/n/file"u8));
        Linux.Call(Close, here);
        Linux.Call(Close, above);
    }

    private static void All(ReadOnlySpan<byte> name, long directory)
    {
        for (int round = 0; round < Often; round++)
        {
            bool isShown = round is 0 or Often - 1;
            One(name, directory, "file"u8, isShown);
            One(name, directory, "below/deep"u8, isShown);
            One(name, directory, "../n/dir/up"u8, isShown);
            One(name, directory, "link"u8, isShown);
            One(name, directory, "none"u8, isShown);
            One(name, directory, "."u8, isShown);
            One(name, directory, "/tmp/n/file"u8, isShown);
            One(name, directory, "private/inside"u8, isShown);
        }
    }

    private static void One(ReadOnlySpan<byte> name, long directory, ReadOnlySpan<byte> path, bool isShown)
    {
        const int mode = 24, size = 48;
        long stat = At(StatAt, directory, path, buffer, 0);
        long found = stat == 0 ? Field(mode) & 0xFFFF : 0;
        long length = (found & 0xF000) == 0x8000 ? Field(size) : 0;
        long linkStat = At(StatAt, directory, path, buffer, 0x100);
        long linkMode = linkStat == 0 ? Field(mode) & 0xFFFF : 0;
        long text = At(ReadLinkAt, directory, path, buffer, 100), access = At(AccessAt, directory, path, 4, 0), opened = At(OpenAt, directory, path, 0, 0);
        if (opened >= 0)
        {
            const long fstat = 5;
            Linux.Call(fstat, opened, buffer);
            Linux.Call(Close, opened);
            opened = Field(mode) & 0xFFFF;
        }

        if (!isShown)
            return;
        Report.Number(name, stat * 1000 + linkStat);
        Report.Number(" modes"u8, found * 100_000 + linkMode);
        Report.Number(" length"u8, length);
        Report.Number(" text"u8, text);
        Report.Number(" access"u8, access);
        Report.Number(" open"u8, opened);
    }

    private static long At(long call, long directory, ReadOnlySpan<byte> path, long a2, long a3) =>
        Linux.Call(call, directory, ref MemoryMarshal.GetReference(path), a2, a3, 0, 0);

    private static long Field(int offset) => MemoryMarshal.Read<long>(MemoryMarshal.CreateSpan(ref Linux.MemoryAt(buffer + offset), 8));
}
