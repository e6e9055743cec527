using System;
using Bare;
using ConnectionChecks;

namespace FileChecks;

/// <summary>Files that are mapped again and again: what a mapping shows, what it may become, and what becomes of it when the file changes.</summary>
internal static class MapChecks
{
    // More than one stretch, and a page that is not full at the end.
    private const int Length = 600_100, Often = 40;
    private const int Reads = 1, ReadsWrites = 3, Runs = 4, Shared = 1, Private = 2;

    private static long memory;

    public static void Run()
    {
        memory = Files.Map(Length);
        for (long at = 0; at < Length; at++)
            Linux.MemoryAt(memory + at) = Value(at);
        foreach (int mode in (ReadOnlySpan<int>)[Files.ReadOnly, Files.ReadWrite])
        {
            int made = Files.Open("/m/mapped\0"u8, Files.ReadWrite | Files.Create | Files.Truncate);
            Files.Write(made, memory, Length);
            int file = Files.Open("/m/mapped\0"u8, mode);
            Everywhere(file, Shared);
            Everywhere(file, Private);
            Become(file);
            Copies(file);
            Names(file);
            Changes(file, made);
            Ends(file, made);
        }

        Exchanged();
        Forbidden();
    }

    private static byte Value(long at) => (byte)(at * 7 + at / 4096);

    // Any offset and length, within a stretch and over its edge.
    private static void Everywhere(int file, int type)
    {
        long wrong = 0;
        for (int count = 0; count < 4 * Often; count++)
        {
            long offset = count % 11 * count % 140 * Files.Page, length = (1 + count % 5) * Files.Page + count;
            long map = Files.MapFile(file, offset, length, type == Shared ? Reads : ReadsWrites, type);
            for (long at = count; at < length; at += 997)
                wrong += Linux.MemoryAt(map + at) == Value(offset + at) ? 0 : 1;
            if (type == Private)
                Linux.MemoryAt(map + count) = 99;
            Files.Unmap(map, length);
        }

        Report.Number("wrong"u8, wrong);
    }

    private static long Again(int file, int protection, int type)
    {
        for (int count = 0; count < Often; count++)
            Files.Unmap(Files.MapFile(file, Files.Page, 2 * Files.Page, protection, type), 2 * Files.Page);
        return Files.MapFile(file, Files.Page, 2 * Files.Page, protection, type);
    }

    private static void Become(int file)
    {
        foreach (int type in (ReadOnlySpan<int>)[Shared, Private])
        {
            for (int first = 0; first <= (type == Shared ? Reads : ReadsWrites); first++)
            {
                long map = Again(file, first, type);
                Report.Number("writes"u8, Files.Protect(map, Files.Page, ReadsWrites));
                Report.Number("runs"u8, Files.Protect(map, Files.Page, Reads | Runs));
                if (type == Private)
                    Report.Number("both"u8, Files.Protect(map, 2 * Files.Page, ReadsWrites | Runs));
                Files.Protect(map, 2 * Files.Page, Reads);
                Report.Number("shows"u8, Linux.MemoryAt(map + Files.Page));
                Files.Unmap(map, 2 * Files.Page);
            }
        }
    }

    // Private writes are nobody else's; a child has what its parent has.
    private static void Copies(int file)
    {
        long shown = Again(file, Reads, Shared), own = Again(file, ReadsWrites, Private), other = Again(file, ReadsWrites, Private);
        Linux.MemoryAt(own + 5) = 200;
        int child = Sys.Fork();
        if (child == 0)
        {
            Linux.MemoryAt(own + 6) = 201;
            Linux.Exit(Linux.MemoryAt(own + 5) == 200 && Linux.MemoryAt(shown + 5) == Value(Files.Page + 5) ? 3 : 4);
        }

        Report.Number("child"u8, Sys.Wait(child));
        Report.Number("own"u8, Linux.MemoryAt(own + 5));
        Report.Number("parent's"u8, Linux.MemoryAt(own + 6));
        Report.Number("other"u8, Linux.MemoryAt(other + 5));
        Report.Number("shown"u8, Linux.MemoryAt(shown + 5));
        Files.ReadAt(file, memory, 1, Files.Page + 5);
        Report.Number("file"u8, Linux.MemoryAt(memory));
        Files.Unmap(shown, 2 * Files.Page);
        Files.Unmap(own, 2 * Files.Page);
        Files.Unmap(other, 2 * Files.Page);
    }

    // How many lines of /proc/self/maps name the file, by what may be done there.
    private static void Names(int file)
    {
        long shown = Again(file, Reads, Shared), own = Again(file, ReadsWrites, Private);
        long maps = Files.Map(16 * Files.Page), length = 0, found = 0;
        int list = Files.Open("/proc/self/maps\0"u8, Files.ReadOnly);
        for (long read = 1; read > 0; length += read)
            read = Files.Read(list, maps + length, 16 * Files.Page - length);
        Sys.Close(list);
        for (long at = maps; at < maps + length - 8; at++)
            found += Is(at, "r--s"u8) && Named(at) ? 1 : Is(at, "rw-p"u8) && Named(at) ? 100 : 0;
        Report.Number("named"u8, found);
        Files.Unmap(maps, 16 * Files.Page);
        Files.Unmap(shown, 2 * Files.Page);
        Files.Unmap(own, 2 * Files.Page);
    }

    private static bool Named(long at)
    {
        while (Linux.MemoryAt(at) != (byte)'\n')
            at++;
        return Is(at - 9, "/m/mapped"u8);
    }

    private static bool Is(long at, ReadOnlySpan<byte> text)
    {
        int index = 0;
        while (index < text.Length && Linux.MemoryAt(at + index) == text[index])
            index++;
        return index == text.Length;
    }

    // Another writes and cuts the file: what is mapped shows it, and is not there behind the end.
    private static void Changes(int file, int writer)
    {
        long shown = Again(file, Reads, Shared), own = Again(file, ReadsWrites, Private);
        Linux.MemoryAt(own + 5) = 200;
        Linux.MemoryAt(memory) = 77;
        Files.WriteAt(writer, memory, 1, Files.Page + 9);
        Report.Number("written"u8, Linux.MemoryAt(shown + 9));
        int cutter = Sys.Fork();
        if (cutter == 0)
            Linux.Exit((int)Files.Truncated(writer, 2 * Files.Page));
        Sys.Wait(cutter);
        foreach (long map in (ReadOnlySpan<long>)[shown, own])
        {
            int child = Sys.Fork();
            if (child == 0)
                Linux.Exit(Linux.MemoryAt(map + Files.Page));
            Report.Number("behind the end"u8, Sys.Wait(child));
        }

        long late = Files.MapFile(file, Files.Page, 2 * Files.Page, Reads, Shared);
        Report.Number("late"u8, Linux.MemoryAt(late + 9));
        Files.Truncated(writer, 3 * Files.Page);
        Report.Number("longer"u8, Linux.MemoryAt(late + Files.Page) + Linux.MemoryAt(shown + Files.Page));
        Report.Number("own"u8, Linux.MemoryAt(own + 5));
        Files.Unmap(late, 2 * Files.Page);
        Files.Unmap(shown, 2 * Files.Page);
        Files.Unmap(own, 2 * Files.Page);
        Report.Number("write"u8, Files.WriteAt(writer, memory, Length, 0));
    }

    // It stays when the file has no descriptor and no name any more.
    private static void Ends(int file, int made)
    {
        long shown = Again(file, Reads, Shared), own = Again(file, ReadsWrites, Private);
        byte there = Linux.MemoryAt(shown + 100);
        Sys.Close(file);
        Sys.Close(made);
        Files.Remove("/m/mapped\0"u8);
        int other = Files.Open("/m/other\0"u8, Files.ReadWrite | Files.Create | Files.Truncate);
        Files.Fill(memory, Length, 11);
        Files.Write(other, memory, Length);
        Report.Number("stays"u8, Linux.MemoryAt(shown + 100) == there && Linux.MemoryAt(own + 100) == there ? 1 : 0);
        Sys.Close(other);
        for (long at = 0; at < Length; at++)
            Linux.MemoryAt(memory + at) = Value(at);
        Files.Unmap(shown, 2 * Files.Page);
        Files.Unmap(own, 2 * Files.Page);
    }

    // Another file under the number of one that was mapped often.
    private static void Exchanged()
    {
        for (int turn = 0; turn < 6; turn++)
        {
            int file = Files.Open(turn % 2 == 0 ? "/m/even\0"u8 : "/m/odd\0"u8, Files.ReadWrite | Files.Create);
            Files.Fill(memory, 3 * Files.Page, (byte)(turn % 2 + 50));
            Files.Write(file, memory, 3 * Files.Page);
            long first = Files.MapFile(file, Files.Page, Files.Page, Reads, Shared), map = Again(file, Reads, turn % 3 == 0 ? Private : Shared);
            Report.Number("this one"u8, Linux.MemoryAt(first) + Linux.MemoryAt(map));
            Sys.Close(file);
        }
    }

    // By a mount that forbids execution.
    private static void Forbidden()
    {
        int file = Files.Open("/x/file\0"u8, Files.ReadWrite | Files.Create);
        Files.Write(file, memory, 3 * Files.Page);
        foreach (int type in (ReadOnlySpan<int>)[Shared, Private])
        {
            long map = Again(file, Reads, type);
            Report.Number("runs"u8, Files.Protect(map, Files.Page, Reads | Runs));
            Report.Number("writes"u8, Files.Protect(map, Files.Page, ReadsWrites));
            Linux.MemoryAt(map) = 123;
            Files.ReadAt(file, memory, 1, Files.Page);
            Report.Number("file"u8, Linux.MemoryAt(memory));
        }

        Sys.Close(file);
    }
}
