using System;
using Bare;
using ConnectionChecks;

namespace FileChecks;

/// <summary>Reads of cached pages beside whoever changes the file: what is read is what Linux would give.</summary>
internal static class ReadChecks
{
    private const int Often = 12, Piece = 1000, Length = 600_000, Set = 0, Current = 1;

    private static long memory;

    public static void Run()
    {
        memory = Files.Map(2 * Length);
        int file = Files.Open("/tmp/reads\0"u8, Files.ReadWrite | Files.Create | Files.Truncate);
        for (int index = 0; index < Length; index++)
            Linux.MemoryAt(memory + index) = Value(index);
        Report.Number("made"u8, Files.Write(file, memory, Length));
        int reader = Files.Open("/tmp/reads\0"u8, Files.ReadOnly);
        Everywhere(reader);
        Front(reader, Piece);
        Front(reader, 4096);
        Front(reader, 70_000);
        Vectors(reader);
        Written(file, reader);
        Cut(file, reader);
        Holes(file, reader);
        Edges(reader);
        Unreadable();
        Removed(file, reader);
    }

    /// <summary>What stands at an offset.</summary>
    public static byte Value(long offset) => (byte)(offset * 7 + offset / 4096 + 1);

    private static void Everywhere(int file)
    {
        long wrong = 0, sum = 0;
        for (long at = 0; at < Length + 10_000; at += 777)
        {
            Linux.MemoryAt(memory) = 0;
            long count = Files.ReadAt(file, memory, Piece, at);
            sum += count;
            wrong += Wrong(at, count);
        }

        Report.Number("sum"u8, sum);
        Report.Number("wrong"u8, wrong);
    }

    private static void Front(int file, int piece)
    {
        long wrong = 0, at = 0, count;
        Files.Seek(file, 0, Set);
        do
        {
            count = Files.Read(file, memory, piece);
            wrong += Wrong(at, count);
            at += count;
        }
        while (count > 0);
        Report.Number("read"u8, at);
        Report.Number("wrong"u8, wrong);
        Report.Number("where"u8, Files.Seek(file, 0, Current));
    }

    // Two buffers with a gap, of which the second one ends where there is no memory; many; none.
    private static void Vectors(int file)
    {
        const long gap = 5000;
        long wrong = 0, sum = 0, end = memory + 2 * Length / Files.Page * Files.Page - Files.Page;
        for (long at = 0; at < Length + 5000; at += 4444)
        {
            Linux.MemoryAt(memory) = Linux.MemoryAt(memory + gap) = 0;
            long count = Files.Vectored(file, false, memory, 300, memory + gap, 700, at);
            sum += count;
            for (long index = 0; index < count; index++)
                wrong += Linux.MemoryAt(memory + (index < 300 ? index : gap + index - 300)) == Value(at + index) ? 0 : 1;
        }

        Report.Number("vectors"u8, sum);
        Report.Number("wrong"u8, wrong);
        Files.Unmap(end, Files.Page);
        Files.Seek(file, 1000, Set);
        for (int count = 0; count < 5; count++)
        {
            Report.Number("in turn"u8, Files.Vectored(file, false, memory, 300, memory + gap, 700));
            Report.Number("where"u8, Files.Seek(file, 0, Current));
        }

        Report.Number("over the edge"u8, Files.Vectored(file, false, memory, 300, end - 10, 700));
        Report.Number("where"u8, Files.Seek(file, 0, Current));
        Report.Number("nowhere"u8, Files.Vectored(file, false, end, 300, memory, 700));
        Report.Number("where"u8, Files.Seek(file, 0, Current));
        Report.Number("nothing"u8, Files.Vectored(file, false, end, 0, memory, 0));
        Report.Number("at the end"u8, Files.Vectored(file, false, memory, 300, memory, 300, Length - 500));
        Report.Number("behind it"u8, Files.Vectored(file, false, memory, 300, memory, 300, Length));
        Report.Number("overflow"u8, Files.Vectored(file, false, memory, long.MaxValue, memory, -5, 0));
        for (int count = 0; count < 1025; count++)
        {
            Sys.Word(memory + 10_000 + count * 16) = (ulong)(memory + count * 3);
            Sys.Word(memory + 10_008 + count * 16) = 3;
        }

        foreach (int count in (ReadOnlySpan<int>)[0, 1, 8, 9, 1024, 1025])
        {
            long read = Files.ReadAtVectors(file, memory + 10_000, count, 7);
            Report.Number("many"u8, read);
            Report.Number("wrong"u8, Wrong(7, read));
        }
    }

    // A write, by the same process or another, is seen by the next read.
    private static void Written(int file, int reader)
    {
        for (int round = 0; round < Often; round++)
        {
            Linux.MemoryAt(memory) = (byte)(100 + round);
            Files.WriteAt(file, memory, 1, 5000);
            Files.ReadAt(reader, memory, 1, 5000);
            Report.Number("seen"u8, Linux.MemoryAt(memory));
            for (int count = 0; count < Often; count++)
                Files.ReadAt(reader, memory, 1, 5000);
            int child = Sys.Fork();
            if (child == 0)
            {
                Linux.MemoryAt(memory) = (byte)(200 + round);
                Linux.Exit((int)Files.WriteAt(file, memory, 1, 5000));
            }

            Sys.Wait(child);
            Files.ReadAt(reader, memory, 1, 5000);
            Report.Number("seen"u8, Linux.MemoryAt(memory));
        }
    }

    private static void Cut(int file, int reader)
    {
        for (int round = 0; round < 3; round++)
        {
            for (int count = 0; count < Often; count++)
                Files.ReadAt(reader, memory, 100, 10_000);
            Files.Truncated(file, 10_050 - round * 5000);
            Report.Number("cut"u8, Files.ReadAt(reader, memory, 100, 10_000));
            Report.Number("cut"u8, Files.ReadAt(reader, memory, 8192, 10));
            Files.Truncated(file, 20_000);
            Files.Fill(memory, 200, 9);
            Report.Number("longer"u8, Files.ReadAt(reader, memory, 100, 10_000));
            Report.Number("zeros"u8, Files.Leading(memory + (round == 0 ? 50 : 0), 50, 0));
            for (int count = 0; count < Often; count++)
                Files.ReadAt(reader, memory, 100, 10_000);
            for (int count = 0; count < 5; count++)
                Files.WriteAt(file, memory + 1000, 4096, 4096 * count);
        }
    }

    private static void Holes(int file, int reader)
    {
        const int blocksAt = 64;
        Files.Truncated(file, 0);
        Files.WriteAt(file, memory, 4096, 100 * 4096);
        for (int count = 0; count < Often; count++)
        {
            for (int page = 0; page < 101; page += 10)
                Files.ReadAt(reader, memory, 4096, page * 4096);
        }

        Files.Fstat(reader, memory);
        Report.Number("blocks"u8, (long)Sys.Word(memory + blocksAt));
    }

    private static void Edges(int file)
    {
        long end = memory + Length / Files.Page * Files.Page;
        Files.Unmap(end, Files.Page);
        for (int count = 0; count < Often; count++)
            Files.ReadAt(file, memory, 4096, 0);
        Files.Seek(file, 0, Set);
        Report.Number("over the edge"u8, Files.Read(file, end - 16, 4096));
        Report.Number("where"u8, Files.Seek(file, 0, Current));
        Report.Number("nowhere"u8, Files.Read(file, end, 4096));
        Report.Number("where"u8, Files.Seek(file, 0, Current));
        Report.Number("nothing"u8, Files.Read(file, memory, 0));
        Report.Number("nothing nowhere"u8, Files.Read(file, end, 0));
        Report.Number("at the end"u8, Files.ReadAt(file, memory, 10, 1L << 40));
        Report.Number("at the end, nowhere"u8, Files.ReadAt(file, end, 10, 1L << 40));
    }

    private static void Unreadable()
    {
        int file = Files.Open("/tmp/reads\0"u8, Files.WriteOnly);
        for (int count = 0; count < Often; count++)
            Files.Seek(file, count, Set);
        Report.Number("write only"u8, Files.Read(file, memory, 10));
        Report.Number("write only"u8, Files.ReadAt(file, memory, 10, 0));
        Sys.Close(file);
    }

    // Without a name and with its last descriptor it is gone, and its numbers are used for another.
    private static void Removed(int file, int reader)
    {
        for (int count = 0; count < Often; count++)
            Files.ReadAt(reader, memory, 10, 100 * 4096);
        Files.Remove("/tmp/reads\0"u8);
        Report.Number("still there"u8, Files.ReadAt(reader, memory, 10, 100 * 4096));
        Sys.Close(file);
        Sys.Close(reader);
        file = Files.Open("/tmp/next\0"u8, Files.ReadWrite | Files.Create | Files.Truncate);
        Files.Fill(memory, 4096, 33);
        Files.Write(file, memory, 4096);
        for (int count = 0; count < Often; count++)
        {
            Files.Fill(memory, 10, 0);
            Files.ReadAt(file, memory, 10, 0);
        }

        Report.Number("another"u8, Files.Leading(memory, 10, 33));
        Files.Remove("/tmp/next\0"u8);
    }

    private static long Wrong(long at, long count)
    {
        long wrong = 0;
        for (long index = 0; index < count; index++)
            wrong += Linux.MemoryAt(memory + index) == Value(at + index) ? 0 : 1;
        return wrong;
    }
}
