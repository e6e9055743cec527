using System;
using Bare;
using ConnectionChecks;

namespace FileChecks;

/// <summary>Parent and children move the offset of one description: reads, writes and seeks of all are those of one offset, whoever ends when.</summary>
internal static class SharedChecks
{
    private const int Record = 8, Records = 8000, Rounds = 150, Set = 0, Current = 1, End = 2;

    private static long memory, shared;

    public static void Run()
    {
        memory = Files.Map(Records * Record + Files.Page);
        shared = Linux.Call(9, 0, Files.Page, 3, 0x21, -1);
        int file = Files.Open("/tmp/shared\0"u8, Files.ReadWrite | Files.Create | Files.Truncate);
        Report.Number("made"u8, Make(file));
        InTurn(file);
        AtOnce(file);
        Seeks(file);
        Report.Number("made anew"u8, Make(file)); // seeks have written there
        Edges(file);
        Killed(file);
        Anew(file);
        Files.Remove("/tmp/shared\0"u8);
        Sys.Close(file);
    }

    private static long Make(int file)
    {
        for (int record = 0; record < Records; record++)
            Sys.Word(memory + record * Record) = (ulong)record + 1;
        return Files.WriteAt(file, memory, Records * Record, 0);
    }

    // One after the other, each told by the other that it is its turn: by memory alone.
    private static void InTurn(int file)
    {
        Files.Seek(file, 0, Set);
        Sys.Word(shared) = Sys.Word(shared + 8) = 0;
        int child = Sys.Fork();
        long wrong = 0;
        for (int round = child == 0 ? 1 : 0; round < 2 * Rounds; round += 2)
        {
            while (Sys.Word(shared) != (ulong)round)
                Linux.Call(24);
            Files.Read(file, memory, Record);
            wrong += Sys.Word(memory) == (ulong)round + 1 ? 0 : 1;
            Sys.Word(shared) = (ulong)round + 1;
        }

        if (child == 0)
            Linux.Exit(wrong == 0 ? 1 : 2);
        Report.Number("child"u8, Sys.Wait(child));
        Report.Number("wrong"u8, wrong);
        Report.Number("where"u8, Files.Seek(file, 0, Current));
    }

    // Each record is read once, and the records of each reader come in order.
    private static void AtOnce(int file)
    {
        const int readers = 3;
        for (int round = 0; round < 3; round++)
        {
            Files.Seek(file, 0, Set);
            for (int reader = 0; reader < readers; reader++)
            {
                if (Sys.Fork() == 0)
                {
                    Sys.Word(shared + 64 + reader * 8) = Take(file, reader == 2 ? 3 : 1);
                    Linux.Exit(0);
                }
            }

            ulong sum = Take(file, 1);
            for (int reader = 0; reader < readers; reader++)
                Sys.Wait(-1);
            for (int reader = 0; reader < readers; reader++)
                sum += Sys.Word(shared + 64 + reader * 8);
            Report.Number("sum"u8, (long)sum);
            Report.Number("where"u8, Files.Seek(file, 0, Current));
        }
    }

    // So many records a call, into one buffer or two. 0: they did not come in order.
    private static ulong Take(int file, int each)
    {
        ulong sum = 0, last = 0;
        for (int call = 0;; call++)
        {
            long count = call % 2 == 0 ? Files.Read(file, memory, each * Record)
                : Files.Vectored(file, false, memory, each * Record - 3, memory + each * Record - 3, 3);
            if (count <= 0)
                return sum;
            for (int index = 0; index < count / Record; index++)
            {
                ulong found = Sys.Word(memory + index * Record);
                if (found <= last)
                    return 0;
                last = found;
                sum += found;
            }
        }
    }

    private static void Seeks(int file)
    {
        int child = Settle(file);
        if (child == 0)
        {
            long wrong = 0;
            for (int round = 1; round < 100; round++)
            {
                while (Sys.Word(shared) != (ulong)round)
                    Linux.Call(24);
                wrong += Files.Seek(file, 3, Current) == round * 100 + 3 ? 0 : 1;
                Files.Write(file, memory + 16, 4);
                Sys.Word(shared + 8) = (ulong)round;
            }

            Linux.Exit(wrong == 0 ? 1 : 2);
        }

        long bad = 0;
        for (int round = 1; round < 100; round++)
        {
            bad += Files.Seek(file, round * 100, Set) == round * 100 ? 0 : 1;
            Sys.Word(shared) = (ulong)round;
            while (Sys.Word(shared + 8) != (ulong)round)
                Linux.Call(24);
            bad += Files.Seek(file, 0, Current) == round * 100 + 7 ? 0 : 1;
        }

        Report.Number("child"u8, Sys.Wait(child));
        Report.Number("wrong"u8, bad);
    }

    private static void Edges(int file)
    {
        int child = Settle(file);
        if (child == 0)
        {
            Report.Number("before the file"u8, Files.Seek(file, -1, Set));
            Report.Number("too far back"u8, Files.Seek(file, -100_000_000, Current));
            Report.Number("from the end"u8, Files.Seek(file, -5, End));
            Report.Number("short"u8, Files.Read(file, memory, 100));
            Report.Number("at the end"u8, Files.Read(file, memory, 100));
            Report.Number("behind it"u8, Files.Seek(file, 1000, Current));
            Report.Number("nothing"u8, Files.Read(file, memory, 100));
            Report.Number("where"u8, Files.Seek(file, 0, Current));
            Files.Seek(file, 10, Set);
            Report.Number("nowhere"u8, Files.Read(file, 16, 100));
            Report.Number("where"u8, Files.Seek(file, 0, Current));
            Report.Number("no bytes"u8, Files.Read(file, memory, 0));
            Linux.Exit(7);
        }

        Report.Number("child"u8, Sys.Wait(child));
        Report.Number("where"u8, Files.Seek(file, 0, Current));
        Report.Number("of it"u8, Files.Read(file, memory, 10));
    }

    // A child ends somewhere in its reads; the others go on where the offset is, which is behind a record.
    private static void Killed(int file)
    {
        for (int round = 0; round < 8; round++)
        {
            Files.Seek(file, 0, Set);
            int child = Sys.Fork();
            if (child == 0)
            {
                for (;;)
                {
                    if (Files.Read(file, memory, Record) == 0)
                        Files.Seek(file, 0, Set);
                }
            }

            Sys.Sleep(3 + round);
            for (int count = 0; count < 50; count++)
                Files.Read(file, memory, Record);
            Sys.Kill(child);
            Sys.Wait(child);
            long at = Files.Seek(file, 0, Current);
            if (at == Records * Record)
                at = Files.Seek(file, 0, Set);
            Report.Number("behind a record"u8, at % Record);
            Files.Read(file, memory, Record);
            Report.Number("and the next"u8, (long)Sys.Word(memory) - at / Record);
        }
    }

    // The handle's number is another file's in the child, which goes on by its own offset.
    private static void Anew(int file)
    {
        for (int round = 0; round < 3; round++)
        {
            int child = Settle(file);
            if (child == 0)
            {
                Sys.Close(file);
                int other = Files.Open("/tmp/another\0"u8, Files.ReadWrite | Files.Create | Files.Truncate);
                Files.Write(other, memory + 100, 1000);
                int grandchild = Settle(other, words: 40);
                Files.Seek(other, 20, Current);
                if (grandchild == 0)
                    Linux.Exit(0);
                Sys.Wait(grandchild);
                Linux.Exit((int)Files.Seek(other, 0, Current) / 5);
            }

            Report.Number("its own"u8, Sys.Wait(child));
            Report.Number("where"u8, Files.Seek(file, 0, Current));
        }

        Files.Remove("/tmp/another\0"u8);
    }

    // A child, with which this process moves the offset so often that both do so in memory: it is at 8 then. A child that has one uses other words.
    private static int Settle(int file, int words = 16)
    {
        Sys.Word(shared) = Sys.Word(shared + 8) = Sys.Word(shared + words) = Sys.Word(shared + words + 8) = 0;
        int child = Sys.Fork();
        long mine = shared + words + (child == 0 ? 8 : 0), others = shared + words + (child == 0 ? 0 : 8);
        for (ulong phase = 1; phase <= 2; phase++)
        {
            for (int count = 0; count < (phase == 1 ? 60 : 1); count++)
            {
                Files.Read(file, memory, Record);
                Files.Seek(file, 8, Set);
            }

            Sys.Word(mine) = phase;
            while (Sys.Word(others) < phase)
                Linux.Call(24);
        }

        return child;
    }
}
