using System;
using Bare;
using ConnectionChecks;

namespace FileChecks;

/// <summary>Writes within the end of files, beside whoever changes them: what is written, counted and dated is what Linux has.</summary>
internal static class WriteChecks
{
    private const int Often = 15, Length = 600_000, Set = 0, Current = 1, SetFlags = 4, Nobody = 65534;
    private const int ModeAt = 24, SizeAt = 48, ModifySecondsAt = 88, ChangeSecondsAt = 104;
    private const long NumberOfAction = 13, NumberOfChangeMode = 91, NumberOfChangeOwner = 93, NumberOfRealTime = 228, NumberOfTimes = 280, NumberOfLimit = 302,
        NumberOfPwritev = 296;

    private static long memory;

    public static void Run()
    {
        memory = Files.Map(2 * Length);
        for (int index = 0; index < Length; index++)
            Linux.MemoryAt(memory + index) = Value(index);
        int file = Files.Open("/tmp/writes\0"u8, Files.ReadWrite | Files.Create | Files.Truncate);
        Report.Number("made"u8, Files.Write(file, memory, Length));
        Everywhere(file);
        Front(file, 1000);
        Front(file, 4096);
        Front(file, 70_000);
        Vectors(file);
        Edges(file);
        Longer(file);
        Times(file);
        Flags(file);
        Limited(file);
        Others(file);
        Mapped(file);
        Turns(file);
        Files.Remove("/tmp/writes\0"u8);
        Sys.Close(file);
        Modes();
        Unwritable();
        OnlyWritten();
    }

    private static byte Value(long offset) => (byte)(offset * 7 + offset / 4096 + 1);

    // As often as it takes until writes are no requests.
    private static void Settle(int file, long offset = 0)
    {
        for (int count = 0; count < 600; count++)
            Files.WriteAt(file, memory + offset, 1, offset);
    }

    private static void Everywhere(int file)
    {
        long sum = 0;
        for (long at = Length - 500; at > 0; at -= 7777)
        {
            for (int count = 0; count < Often; count++)
            {
                Linux.MemoryAt(memory + at) = (byte)(Value(at) + count);
                sum += Files.WriteAt(file, memory + at, 500, at);
            }
        }

        Report.Number("sum"u8, sum);
        Report.Number("same"u8, Same(file, Length));
    }

    private static void Front(int file, int piece)
    {
        long at = 0;
        Settle(file);
        Files.Seek(file, 0, Set);
        while (at < Length - piece)
        {
            Linux.MemoryAt(memory + at) = (byte)(piece + at);
            long count = Files.Write(file, memory + at, piece);
            if (count != piece)
                Report.Number("short"u8, count);
            at += count;
        }

        Report.Number("where"u8, Files.Seek(file, 0, Current));
        Report.Number("same"u8, Same(file, Length));
    }

    private static void Vectors(int file)
    {
        Settle(file);
        Files.Seek(file, 3000, Set);
        for (int count = 0; count < Often; count++)
        {
            Linux.MemoryAt(memory + 3000 + count * 1000) = (byte)(3 * count);
            Report.Number("vectors"u8, Files.Vectored(file, true, memory + 3000 + count * 1000, 300, memory + 3300 + count * 1000, 700));
        }

        Report.Number("where"u8, Files.Seek(file, 0, Current));
        for (int count = 0; count < 20; count++)
        {
            Sys.Word(memory + Length + count * 16) = (ulong)(memory + 5000 + count * 3);
            Sys.Word(memory + Length + count * 16 + 8) = 3;
        }

        Linux.MemoryAt(memory + 5007) = 99;
        Report.Number("many"u8, Linux.Call(NumberOfPwritev, file, memory + Length, 20, 5000));
        Report.Number("same"u8, Same(file, Length));
    }

    // Where the program's memory ends.
    private static void Edges(int file)
    {
        long end = memory + 2 * Length / Files.Page * Files.Page - Files.Page;
        Files.Unmap(end, Files.Page);
        Settle(file);
        Files.Fill(end - 16, 16, 5);
        Report.Number("over the edge"u8, Files.WriteAt(file, end - 16, 4096, 8192));
        Settle(file);
        Files.Seek(file, 100, Set);
        Report.Number("nowhere"u8, Files.Write(file, end, 4096));
        Report.Number("where"u8, Files.Seek(file, 0, Current));
        Report.Number("nothing"u8, Files.Write(file, end, 0));
        Settle(file);
        Report.Number("second nowhere"u8, Files.Vectored(file, true, memory + 100, 30, end, 700));
        Report.Number("where"u8, Files.Seek(file, 0, Current));
        Files.WriteAt(file, memory + 8192, 4096, 8192);
        Files.WriteAt(file, memory, 4096, 0);
        Report.Number("same"u8, Same(file, Length));
    }

    private static void Longer(int file)
    {
        for (int round = 0; round < 3; round++)
        {
            Settle(file);
            Report.Number("over the end"u8, Files.WriteAt(file, memory, 100, Length - 50 + round * 50));
            Report.Number("length"u8, Attribute(file, SizeAt));
            Settle(file);
            Report.Number("behind it"u8, Files.WriteAt(file, memory, 10, Length + 5000));
            Report.Number("length"u8, Attribute(file, SizeAt));
            Settle(file);
            Report.Number("cut"u8, Files.Truncated(file, 10_000));
            Report.Number("cut"u8, Files.WriteAt(file, memory, 100, 20_000));
            Report.Number("length"u8, Attribute(file, SizeAt));
            Files.Fill(memory + Length, 30_000, 9);
            Report.Number("all"u8, Files.ReadAt(file, memory + Length, 30_000, 0));
            Report.Number("zeros"u8, Files.Leading(memory + Length + 10_000, 10_000, 0));
            Files.WriteAt(file, memory, Length, 0);
            Report.Number("cut"u8, Files.Truncated(file, Length));
        }
    }

    private static void Times(int file)
    {
        for (int round = 0; round < 3; round++)
        {
            Settle(file);
            long before = Time(file, ModifySecondsAt);
            Sys.Sleep(30);
            Report.Number("still"u8, Time(file, ModifySecondsAt) == before ? 1 : 0);
            Files.WriteAt(file, memory, 10, 0);
            long after = Time(file, ModifySecondsAt);
            Report.Number("newer"u8, after > before ? 1 : 0);
            Report.Number("both"u8, Time(file, ChangeSecondsAt) == after ? 1 : 0);
            Report.Number("not later than now"u8, after <= Now() ? 1 : 0);
            Settle(file);
            SetTimes(file, 4_000_000_000);
            Report.Number("set"u8, Attribute(file, ModifySecondsAt));
            Files.WriteAt(file, memory, 10, 0);
            Report.Number("of a write"u8, Time(file, ModifySecondsAt) <= Now() ? 1 : 0);
        }
    }

    private static void Flags(int file)
    {
        Settle(file);
        Sys.Fcntl(file, SetFlags, Files.Append);
        Report.Number("appended"u8, Files.WriteAt(file, memory, 10, 0));
        Report.Number("length"u8, Attribute(file, SizeAt));
        Sys.Fcntl(file, SetFlags, 0);
        Report.Number("not appended"u8, Files.WriteAt(file, memory, 10, 0));
        Report.Number("length"u8, Attribute(file, SizeAt));
        Files.Truncated(file, Length);
    }

    private static void Limited(int file)
    {
        const int fileSize = 1, tooLarge = 25;
        Sys.Word(memory + Length) = 1; // SIG_IGN
        Sys.Word(memory + Length + 8) = Sys.Word(memory + Length + 16) = Sys.Word(memory + Length + 24) = 0;
        Linux.Call(NumberOfAction, tooLarge, memory + Length, 0, 8);
        Settle(file);
        Sys.Word(memory + Length) = 1000;
        Sys.Word(memory + Length + 8) = ulong.MaxValue;
        Linux.Call(NumberOfLimit, 0, fileSize, memory + Length, 0);
        Report.Number("limited"u8, Files.WriteAt(file, memory, 10, 2000));
        Report.Number("limited"u8, Files.WriteAt(file, memory + 995, 10, 995));
        Report.Number("limited"u8, Files.WriteAt(file, memory, 10, 0));
        Sys.Word(memory + Length) = ulong.MaxValue;
        Linux.Call(NumberOfLimit, 0, fileSize, memory + Length, 0);
        Report.Number("unlimited"u8, Files.WriteAt(file, memory + 2000, 10, 2000));
        Report.Number("same"u8, Same(file, Length));
    }

    // Another process writes, by its own description and by this one.
    private static void Others(int file)
    {
        for (int round = 0; round < 5; round++)
        {
            Settle(file);
            Files.Seek(file, 5000, Set);
            int child = Sys.Fork();
            if (child == 0)
            {
                int own = Files.Open("/tmp/writes\0"u8, Files.ReadWrite);
                Files.Fill(memory, 10, (byte)(round + 1));
                long done = Files.WriteAt(own, memory, 10, 4000) + Files.Write(file, memory, 10);
                for (int count = 0; count < 20; count++)
                    done += Files.WriteAt(own, memory, 10, 4010 + count);
                Linux.Exit((int)done);
            }

            Report.Number("child"u8, Sys.Wait(child));
            Files.ReadAt(file, memory + Length, 3000, 4000);
            Report.Number("written by it"u8, Linux.MemoryAt(memory + Length) + Linux.MemoryAt(memory + Length + 1000));
            Report.Number("where"u8, Files.Seek(file, 0, Current));
            Files.WriteAt(file, memory + 4000, 3000, 4000);
            Report.Number("same"u8, Same(file, Length));
        }
    }

    private static void Mapped(int file)
    {
        const int protection = 3, shared = 1;
        long view = Linux.Call(9, 0, 65536, protection, shared, file);
        for (int round = 0; round < 3; round++)
        {
            Settle(file);
            Linux.MemoryAt(memory + 300) = (byte)(round + 40);
            Files.WriteAt(file, memory + 300, 1, 300);
            Report.Number("seen"u8, Linux.MemoryAt(view + 300));
            Linux.MemoryAt(view + 301) = (byte)(round + 90);
            Linux.MemoryAt(memory + 301) = 0;
            Files.ReadAt(file, memory + 301, 1, 301);
            Report.Number("seen"u8, Linux.MemoryAt(memory + 301));
        }

        Files.Unmap(view, 65536);
        Report.Number("same"u8, Same(file, Length));
    }

    // Reads and writes in turn.
    private static void Turns(int file)
    {
        long wrong = 0;
        Settle(file);
        for (int round = 0; round < 3000; round++)
        {
            long at = round * 97L % (Length - 8);
            Sys.Word(memory + at) = (ulong)round * 0x0101_0101;
            Files.WriteAt(file, memory + at, 8, at);
            Sys.Word(memory + Length) = 1;
            Files.ReadAt(file, memory + Length, 8, at);
            wrong += Sys.Word(memory + Length) == (ulong)round * 0x0101_0101 ? 0 : 1;
        }

        Report.Number("wrong"u8, wrong);
        Report.Number("same"u8, Same(file, Length));
    }

    // Set-id bits fall when somebody writes who is not root.
    private static void Modes()
    {
        int file = Files.Open("/tmp/modes\0"u8, Files.ReadWrite | Files.Create | Files.Truncate);
        Files.Write(file, memory, 5000);
        Linux.Call(NumberOfChangeOwner, file, Nobody, Nobody);
        Linux.Call(NumberOfChangeMode, file, 0x9ED);
        Settle(file);
        Report.Number("by root"u8, Attribute(file, ModeAt) & 0xFFFF);
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Become(Nobody);
            int own = Files.Open("/tmp/modes\0"u8, Files.ReadWrite);
            Settle(own);
            Report.Number("by nobody"u8, Attribute(own, ModeAt) & 0xFFFF);
            Linux.Call(NumberOfChangeMode, own, 0x9ED);
            Report.Number("again"u8, Attribute(own, ModeAt) & 0xFFFF);
            Files.WriteAt(own, memory, 1, 0);
            Report.Number("by nobody"u8, Attribute(own, ModeAt) & 0xFFFF);
            Linux.Exit(0);
        }

        Sys.Wait(child);
        Files.Remove("/tmp/modes\0"u8);
        Sys.Close(file);
    }

    private static void Unwritable()
    {
        int made = Files.Open("/tmp/other\0"u8, Files.ReadWrite | Files.Create | Files.Truncate);
        Files.Write(made, memory, 5000);
        int reader = Files.Open("/tmp/other\0"u8, Files.ReadOnly), writer = Files.Open("/tmp/other\0"u8, Files.WriteOnly);
        for (int count = 0; count < Often; count++)
        {
            Files.ReadAt(reader, memory + Length, 100, 0);
            Files.WriteAt(writer, memory, 100, 0);
        }

        Report.Number("read only"u8, Files.WriteAt(reader, memory, 10, 0));
        Report.Number("write only"u8, Files.ReadAt(writer, memory, 10, 0));
        Report.Number("write only"u8, Files.WriteAt(writer, memory, 10, 0));
        // Numbers that are used again.
        Settle(made);
        Sys.Close(made);
        Report.Number("closed"u8, Files.WriteAt(made, memory, 10, 0));
        int next = Files.Open("/tmp/next\0"u8, Files.ReadWrite | Files.Create | Files.Truncate);
        Files.Write(next, memory, 3000);
        Files.Fill(memory + Length, 10, 44);
        for (int count = 0; count < 600; count++)
            Files.WriteAt(next, memory + Length, 10, 100);
        Files.ReadAt(next, memory + Length, 3000, 0);
        Report.Number("of the next"u8, Files.Leading(memory + Length + 100, 10, 44));
        Files.ReadAt(reader, memory + Length, 3000, 0);
        Report.Number("not of the other"u8, Files.Leading(memory + Length + 100, 10, 44));
        Files.Remove("/tmp/next\0"u8);
        Files.Remove("/tmp/other\0"u8);
    }

    // By descriptions that cannot read: of a file that may be read, and of one that only its owner may.
    private static void OnlyWritten()
    {
        for (int round = 0; round < 2; round++)
        {
            int reader = Files.Open("/tmp/only\0"u8, Files.ReadWrite | Files.Create | Files.Truncate);
            Files.Write(reader, memory, 40_000);
            Linux.Call(NumberOfChangeMode, reader, round == 0 ? 0x1B6 : 0x192);
            int child = Sys.Fork();
            if (child == 0)
            {
                Sys.Become(Nobody);
                int writer = Files.Open("/tmp/only\0"u8, Files.WriteOnly);
                Settle(writer);
                long done = 0;
                for (int at = 0; at < 30_000; at += 1000)
                {
                    Linux.MemoryAt(memory + at) = (byte)(at / 1000 + round);
                    done += Files.WriteAt(writer, memory + at, 1000, at);
                    // At the own offset, too.
                    done += Files.Seek(writer, at + 500, Set) + Files.Write(writer, memory + at + 500, 10) - at - 510;
                }

                Report.Number("written"u8, done);
                Report.Number("not read"u8, Files.ReadAt(writer, memory + Length, 10, 0));
                Files.ReadAt(reader, memory + Length, 40_000, 0);
                Report.Number("as it was written"u8, Files.Leading(memory + Length + 29_000, 1, (byte)(29 + round)));
                Linux.Exit(0);
            }

            Sys.Wait(child);
            for (int at = 0; at < 30_000; at += 1000)
                Linux.MemoryAt(memory + at) = (byte)(at / 1000 + round);
            Report.Number("same"u8, Same(reader, 40_000));
            Sys.Close(reader);
        }

        Files.Remove("/tmp/only\0"u8);
    }

    // Bytes at the beginning of the file that are those of the memory.
    private static long Same(int file, int length)
    {
        long count = Files.ReadAt(file, memory + Length, length, 0), same = 0;
        while (same < count && Linux.MemoryAt(memory + Length + same) == Linux.MemoryAt(memory + same))
            same++;
        return same;
    }

    private static long Attribute(int file, int at)
    {
        Files.Fstat(file, memory + 2 * Length - 20_000);
        return (long)Sys.Word(memory + 2 * Length - 20_000 + at);
    }

    private static long Time(int file, int at) => Attribute(file, at) * 1_000_000_000 + Attribute(file, at + 8);

    private static long Now()
    {
        Linux.Call(NumberOfRealTime, 0, memory + Length);
        return (long)Sys.Word(memory + Length) * 1_000_000_000 + (long)Sys.Word(memory + Length + 8);
    }

    // Of the file by its descriptor.
    private static void SetTimes(int file, long seconds)
    {
        Sys.Word(memory + Length) = Sys.Word(memory + Length + 16) = (ulong)seconds;
        Sys.Word(memory + Length + 8) = Sys.Word(memory + Length + 24) = 0;
        Linux.Call(NumberOfTimes, file, 0, memory + Length, 0);
    }
}
