using System;
using System.Runtime.InteropServices;
using Bare;

namespace NameChecks;

/// <summary>
/// getdents64: names of all lengths, types, buffers of all lengths; going on at an offset that a record had, from the start, and while names come and go.
/// Offsets are numbers of the file system's own, and not shown.
/// </summary>
internal static class ListChecks
{
    private const long Open = 2, Close = 3, Seek = 8, Pipe = 22, MakeNode = 133, List = 217, Directory = 0x10000, PathOnly = 0x200000;
    private const int Longest = 255, Header = 19, Room = 8192;

    private static long buffer;

    public static void Run()
    {
        const long mmap = 9;
        buffer = Linux.Call(mmap, 0, Room, 3, 0x22, -1);
        Sys.Path(Sys.MakeDirectory, "/tmp/l"u8, 0x1ED);
        Lengths();
        Types();
        Buffers();
        Changes();
        Refused();
    }

    // Each name of the same letter, whose length tells which it is.
    private static void Lengths()
    {
        Span<byte> path = stackalloc byte[Longest + 8];
        "/tmp/l/"u8.CopyTo(path);
        for (int length = 1; length <= Longest; length += length < 40 ? 1 : 43)
        {
            path[7..(7 + length)].Fill((byte)'n');
            path[7 + length] = 0;
            Sys.Append(path, 0);
        }

        long directory = Sys.Path(Open, "/tmp/l"u8, Directory);
        Records("of all lengths"u8, directory, Room);
        Linux.Call(Seek, directory, 0, 0);
        Records("in pieces"u8, directory, 300);
        Linux.Call(Close, directory);
        for (int length = 1; length <= Longest; length += length < 40 ? 1 : 43)
        {
            path[7..(7 + length)].Fill((byte)'n');
            path[7 + length] = 0;
            Sys.Path(Sys.Unlink, path);
        }
    }

    private static void Types()
    {
        const long fifo = 0x1000, device = 0x2000, disk = 0x6000, socket = 0xC000;
        Sys.Append("/tmp/l/file"u8, 0);
        Sys.Path(Sys.MakeDirectory, "/tmp/l/directory"u8, 0x1ED);
        Sys.Two(Sys.SymbolicLink, "file"u8, "/tmp/l/symbolic link"u8);
        Sys.Path(MakeNode, "/tmp/l/fifo"u8, fifo | 0x1A4);
        Sys.Path(MakeNode, "/tmp/l/device"u8, device | 0x1A4, 0x103);
        Sys.Path(MakeNode, "/tmp/l/disk"u8, disk | 0x1A4, 0x103);
        Sys.Path(MakeNode, "/tmp/l/socket"u8, socket | 0x1A4);
        long directory = Sys.Path(Open, "/tmp/l"u8, Directory);
        Records("types"u8, directory, Room);
        Linux.Call(Close, directory);
    }

    // "." and ".." have 24 bytes each, and "socket" is the newest name.
    private static void Buffers()
    {
        long directory = Sys.Path(Open, "/tmp/l"u8, Directory);
        Report.Number("no room"u8, Linux.Call(List, directory, buffer, 0));
        Report.Number("a byte too few"u8, Linux.Call(List, directory, buffer, 23));
        Report.Number("the first"u8, Linux.Call(List, directory, buffer, 24));
        Report.Number("a byte too few for two"u8, Linux.Call(List, directory, buffer, 55));
        Report.Number("too few for the next"u8, Linux.Call(List, directory, buffer, 31));
        Report.Number("the next"u8, Linux.Call(List, directory, buffer, 39));
        Report.Number("the end"u8, Linux.Call(Seek, directory, 0, 1) > 0 ? 1 : 0);
        Records("the rest"u8, directory, 40);
        Report.Number("behind the end"u8, Linux.Call(List, directory, buffer, Room));
        Report.Number("a negative place"u8, Linux.Call(Seek, directory, -1, 0));
        Linux.Call(Seek, directory, 0, 0);
        Report.Number("nowhere"u8, Linux.Call(List, directory, 1, 4096));
        Linux.Call(Close, directory);
    }

    private static void Changes()
    {
        long directory = Sys.Path(Open, "/tmp/l"u8, Directory);
        // ".", "..", "socket", "disk": the place behind each is remembered.
        Span<long> places = stackalloc long[4];
        for (int index = 0; index < places.Length; index++)
        {
            Report.Number("one"u8, Linux.Call(List, directory, buffer, 32));
            places[index] = MemoryMarshal.Read<long>(At(8, 8));
        }

        for (int index = 0; index < places.Length; index++)
        {
            Linux.Call(Seek, directory, places[index], 0);
            Records("behind one of the first"u8, directory, Room);
        }

        Linux.Call(Seek, directory, places[^1], 0);
        Report.Number("unlink a listed one"u8, Sys.Path(Sys.Unlink, "/tmp/l/socket"u8));
        Report.Number("unlink the next"u8, Sys.Path(Sys.Unlink, "/tmp/l/device"u8));
        Sys.Append("/tmp/l/new"u8, 0);
        Records("while they go"u8, directory, 32);
        Linux.Call(Seek, directory, 0, 0);
        Records("from the start"u8, directory, Room);
        Linux.Call(Seek, directory, 0, 0);
        // rm -r: each piece is removed before the next is asked for.
        for (long length; (length = Linux.Call(List, directory, buffer, 64)) > 0;)
            Remove((int)length);
        Linux.Call(Seek, directory, 0, 0);
        Records("emptied"u8, directory, Room);
        Linux.Call(Close, directory);
    }

    private static void Refused()
    {
        long directory = Sys.Path(Open, "/tmp/l"u8, Directory), path = Sys.Path(Open, "/tmp/l"u8, PathOnly), file = Sys.Path(Open, "/proc/self/exe"u8);
        Report.Number("O_PATH"u8, Linux.Call(List, path, buffer, Room));
        Report.Number("a file"u8, Linux.Call(List, file, buffer, Room));
        Report.Number("a pipe"u8, Linux.Call(Pipe, buffer) | Linux.Call(List, MemoryMarshal.Read<int>(At(0, 4)), buffer, Room));
        Report.Number("closed"u8, Linux.Call(List, 99, buffer, Room));
        Report.Number("rmdir"u8, Sys.Path(Sys.RemoveDirectory, "/tmp/l"u8));
        Report.Number("removed"u8, Linux.Call(List, directory, buffer, Room));
    }

    // Names with their types, and whether the lengths are right, up to the end.
    private static void Records(ReadOnlySpan<byte> what, long directory, int room)
    {
        long length;
        while ((length = Linux.Call(List, directory, buffer, room)) > 0)
        {
            for (int at = 0; at < length; at += Length(at))
            {
                Span<byte> name = At(at + Header, Length(at) - Header);
                int bytes = name.IndexOf((byte)0);
                bool isRight = bytes >= 0 && Length(at) == ((Header + bytes + 1 + 7) & ~7) && MemoryMarshal.Read<long>(At(at, 8)) > 0;
                Report.Number(isRight ? what : "wrong"u8, At(at + 18, 1)[0]);
                Report.Bytes(""u8, name, bytes);
            }
        }

        Report.Number(what, length);
    }

    private static void Remove(int length)
    {
        Span<byte> path = stackalloc byte[Longest + 8];
        "/tmp/l/"u8.CopyTo(path);
        for (int at = 0; at < length; at += Length(at))
        {
            At(at + Header, Length(at) - Header).CopyTo(path[7..]);
            if (path[7] != (byte)'.')
                Sys.Path(At(at + 18, 1)[0] == 4 ? Sys.RemoveDirectory : Sys.Unlink, path);
        }
    }

    private static int Length(int at) => MemoryMarshal.Read<ushort>(At(at + 16, 2));

    private static Span<byte> At(int offset, int length) => MemoryMarshal.CreateSpan(ref Linux.MemoryAt(buffer + offset), length);
}
