using System;
using System.Runtime.InteropServices;
using System.Threading;
using Bare;

namespace PostedChecks;

/// <summary>
/// Files that are made, written, closed and removed, again and again in one directory: how they are opened, what they leave, and what others find who are
/// told by memory, by a descriptor, or by an end.
/// </summary>
internal static class CreationChecks
{
    private const int Rounds = 40, Told = 0, Answered = 1;
    private const long Exclusive = Sys.Exclusive, Append = 0x400, SetGroupOnDirectory = 0x5ED, ForAll = 0x1FF, Pread = 17;

    // What is written, and what is read.
    private static long page, read;

    public static void Run()
    {
        page = Linux.Call(9, 0, 16384, 3, 0x22, -1);
        read = page + 8192;
        for (int at = 0; at < 8192; at++)
            Linux.MemoryAt(page + at) = (byte)(at * 11 + (at >> 8));
        Sys.Path(Sys.MakeDirectory, "/tmp/n"u8, 0x1ED);
        Sys.Path(Sys.MakeDirectory, "/tmp/n/away"u8, 0x1ED);
        Ways();
        Places();
        Modes();
        Refusals();
        Limits();
        Children();
        Telling();
        Others();
        Ends();
    }

    private static long Make(ReadOnlySpan<byte> path, long flags = Sys.ReadWrite, long mode = 0x1A4) => Sys.Open(path, flags | Sys.CreateNew, mode);

    private static long Write(long file, long length, long from = 0) => Linux.Call(1, file, page + from, length);

    // Often enough that each way of making files is used: values that are wrong.
    private static long Turn(int rounds = 6)
    {
        long wrong = 0;
        for (int round = 0; round < rounds; round++)
        {
            long file = Make("/tmp/n/file"u8);
            wrong += file < 0 || Write(file, 4096) != 4096 || Sys.Close(file) != 0 || Sys.Path(Sys.Unlink, "/tmp/n/file"u8) != 0 ? 1 : 0;
        }

        return wrong;
    }

    private static long Content(long file)
    {
        long count = Linux.Call(Pread, file, read, 8192, 0), sum = count;
        for (long at = 0; at < count; at++)
            sum = sum * 131 + Linux.MemoryAt(read + at);
        return sum;
    }

    private static long ContentOf(ReadOnlySpan<byte> path)
    {
        long file = Sys.Open(path), sum = file < 0 ? file : Content(file);
        Sys.Close(file);
        return sum;
    }

    private static void Ways()
    {
        long wrong = Turn(Rounds), sum = 0;
        Report.Number("made and removed"u8, wrong);
        for (int round = 0; round < Rounds; round++)
        {
            long flags = (long)((uint)round % 3) | (round % 2 == 0 ? Exclusive : 0) | (round % 5 == 0 ? Sys.Truncate : 0) | (round % 4 == 0 ? Append : 0)
                | (round % 7 == 0 ? Sys.CloseOnExec : 0) | (round % 6 == 0 ? Sys.NonBlock : 0);
            long file = Make("/tmp/n/file"u8, flags, round % 5 * 0x49);
            sum = sum * 31 + file;
            sum = sum * 31 + Write(file, round % 4 * 1000 + 1) * 7 + Write(file, 3, 5);
            if (round % 3 == 1)
                sum = sum * 31 + Sys.Flags(file) * 5 + Sys.DescriptorFlags(file) + Sys.Read(file);
            if (round % 4 == 1)
                sum = sum * 31 + Content(file);
            Sys.Close(file);
            if (round % 6 == 5)
                sum = sum * 31 + ContentOf("/tmp/n/file"u8) + Sys.ModeOf("/tmp/n/file"u8);
            sum = sum * 31 + Sys.Path(Sys.Unlink, "/tmp/n/file"u8);
        }

        Report.Number("ways"u8, sum);
    }

    // Names that come and go while the file is open, several files, other offsets, duplicates, more writes than are promised.
    private static void Places()
    {
        for (int kind = 0; kind < 8; kind++)
        {
            long sum = 0;
            for (int round = 0; round < 8; round++)
            {
                sum += Turn(round % 3);
                long file = Make("/tmp/n/file"u8), other = -1;
                switch (kind)
                {
                    case 0: sum += Sys.Path(Sys.Unlink, "/tmp/n/file"u8) + Write(file, 100); break;
                    case 1:
                        sum += Write(file, 100) + Sys.Two(Sys.Rename, "/tmp/n/file"u8, "/tmp/n/other"u8) + Write(file, 10, 3);
                        sum = sum * 31 + ContentOf("/tmp/n/other"u8);
                        break;
                    case 2:
                        other = Make("/tmp/n/other"u8);
                        sum += Write(file, 100) + Write(other, 50, 7) + Write(file, 10);
                        sum += Sys.Two(Sys.Rename, "/tmp/n/other"u8, "/tmp/n/file"u8) + Write(other, 5, 1) + Write(file, 7);
                        sum = sum * 31 + ContentOf("/tmp/n/file"u8);
                        break;
                    case 3:
                        for (int count = 0; count < 12; count++)
                            sum += Write(file, 300, count);
                        break;
                    case 4:
                        other = Sys.Duplicate(file);
                        sum += Write(file, 10) + Write(other, 20, 2) + Sys.Close(file);
                        file = other;
                        sum += Write(file, 30, 4);
                        break;
                    case 5: sum += Linux.Call(8, file, 5000, 0) + Write(file, 4096) + Linux.Call(77, file, 6000) + Write(file, 1); break;
                    case 6:
                        sum += Write(file, 9) + Sys.Close(file);
                        file = Sys.Open("/tmp/n/file"u8);
                        sum += Write(file, 9) * 3;
                        break;
                    default:
                        sum += Write(file, 9) + Sys.Two(Sys.HardLink, "/tmp/n/file"u8, "/tmp/n/other"u8) + Sys.Path(Sys.Unlink, "/tmp/n/file"u8);
                        sum += Write(file, 4);
                        sum = sum * 31 + ContentOf("/tmp/n/other"u8);
                        break;
                }

                Sys.Look(file, out long mode, out long links, out long size);
                sum = ((sum * 31 + mode) * 31 + links) * 31 + size;
                sum = sum * 31 + Content(file);
                Sys.Close(file);
                if (other != file)
                    Sys.Close(other);
                Sys.Path(Sys.Unlink, "/tmp/n/file"u8);
                Sys.Path(Sys.Unlink, "/tmp/n/other"u8);
            }

            Report.Number("places"u8, sum);
        }
    }

    private static void Modes()
    {
        for (int round = 0; round < 8; round++)
        {
            Turn();
            Sys.Mask(round % 2 == 0 ? 0x12 : 0x3F);
            long file = Make("/tmp/n/file"u8, Sys.WriteOnly, round % 3 == 0 ? 0xFFF : 0x1B6);
            long written = Write(file, 10);
            Report.Number("mode"u8, Sys.ModeOf("/tmp/n/file"u8));
            Report.Number(" written"u8, written);
            Sys.Close(file);
            Sys.Path(Sys.Unlink, "/tmp/n/file"u8);
            if (round == 3)
                Report.Number("chmod"u8, Sys.Path(Sys.ChangeOwner, "/tmp/n"u8, 0, 77) + Sys.Path(Sys.ChangeMode, "/tmp/n"u8, SetGroupOnDirectory));
        }

        Sys.Mask(0x12);
        Report.Number("chmod"u8, Sys.Path(Sys.ChangeOwner, "/tmp/n"u8, 0, 0) + Sys.Path(Sys.ChangeMode, "/tmp/n"u8, 0x1ED));
    }

    private static void Refusals()
    {
        for (int round = 0; round < 4; round++)
        {
            Turn();
            Turn();
            long file = Make("/tmp/n/file"u8, Sys.ReadWrite, 0);
            Report.Number("again"u8, Make("/tmp/n/file"u8, Sys.ReadWrite | Exclusive));
            Report.Number("with a slash"u8, Make("/tmp/n/other/"u8));
            Report.Number("a directory"u8, Make("/tmp/n/away"u8));
            Report.Number("elsewhere"u8, Make("/tmp/n/none/other"u8));
            Report.Number("no memory"u8, Linux.Call(1, file, 4096, 10));
            long reader = Make("/tmp/n/other"u8, 0);
            Report.Number("not for writing"u8, Write(reader, 10));
            Report.Number("closed"u8, Sys.Close(reader) * 100 + Write(reader, 10));
            Sys.Close(file);
            Report.Number("removed"u8, Sys.Path(Sys.Unlink, "/tmp/n/file"u8) + Sys.Path(Sys.Unlink, "/tmp/n/other"u8));
            Sys.LimitFiles(3);
            Report.Number("too many"u8, Make("/tmp/n/file"u8));
            Report.Number(" so there is none"u8, Sys.Links("/tmp/n/file"u8));
            Sys.LimitFiles(1024);
        }
    }

    // RLIMIT_FSIZE, before and behind files that are made; in children, as it does not come back.
    private static void Limits()
    {
        for (int kind = 0; kind < 3; kind++)
        {
            if (Sys.Child() != 0)
            {
                Report.Number("limit"u8, Sys.Wait());
                continue;
            }

            long wrong = Turn();
            Span<long> limits = MemoryMarshal.Cast<byte, long>(MemoryMarshal.CreateSpan(ref Linux.MemoryAt(read), 16));
            limits[0] = limits[1] = 100;
            long file = kind == 1 ? Make("/tmp/n/file"u8) : -1;
            Linux.Call(160, 1, read);
            if (kind != 1)
                file = Make("/tmp/n/file"u8);
            wrong += Write(file, kind == 2 ? 90 : 4096) == (kind == 2 ? 90 : 100) ? 0 : 1;
            wrong += kind == 2 && Write(file, 20) != 10 ? 1 : 0;
            Sys.Path(Sys.Unlink, "/tmp/n/file"u8);
            Linux.Exit((int)wrong);
        }
    }

    // Who is made right behind it has it open, and so has who is made right behind a write.
    private static void Children()
    {
        long wrong = 0;
        for (int round = 0; round < 10; round++)
        {
            Turn(3);
            long file = Make("/tmp/n/file"u8);
            if (round % 2 == 1)
                Write(file, 10);
            if (Sys.Child() == 0)
                Linux.Exit(Write(file, 20) == 20 ? 0 : 1);
            if (round % 3 == 0)
                wrong += Write(file, 30) == 30 ? 0 : 1;
            wrong += Sys.Wait();
            Sys.Look(file, out _, out _, out long size);
            wrong += size == 20 + (round % 2 == 1 ? 10 : 0) + (round % 3 == 0 ? 30 : 0) ? 0 : 1;
            Sys.Close(file);
            wrong += Sys.Path(Sys.Unlink, "/tmp/n/file"u8) == 0 ? 0 : 1;
        }

        Report.Number("children"u8, wrong);
    }

    // A child makes files, and says so by a word in memory, or by its end.
    private static void Telling()
    {
        long wrong = 0;
        for (int way = 0; way < 2; way++)
        {
            Sys.Shared(Told) = Sys.Shared(Answered) = 0;
            if (Sys.Child() == 0)
            {
                for (int round = 1; round <= Rounds; round++)
                {
                    Turn(round % 4);
                    long file = Make("/tmp/n/told"u8);
                    Write(file, round);
                    if (way == 1 && round == Rounds)
                        Linux.Exit(0);
                    if (round % 2 == 0)
                        Sys.Close(file);
                    if (way == 0)
                    {
                        Volatile.Write(ref Sys.Shared(Told), round);
                        while (Volatile.Read(ref Sys.Shared(Answered)) != round)
                            Sys.GiveWay();
                    }

                    Sys.Path(Sys.Unlink, "/tmp/n/told"u8);
                    Sys.Close(round % 2 == 0 ? -1 : file);
                }

                Linux.Exit(0);
            }

            for (int round = 1; round <= Rounds && way == 0; round++)
            {
                while (Volatile.Read(ref Sys.Shared(Told)) != round)
                    Sys.GiveWay();
                long file = Sys.Open("/tmp/n/told"u8);
                Sys.Look(file, out _, out _, out long size);
                wrong += file >= 0 && size == round ? 0 : 1;
                Sys.Close(file);
                Volatile.Write(ref Sys.Shared(Answered), round);
            }

            wrong += Sys.Wait();
        }

        long last = Sys.Open("/tmp/n/told"u8);
        Sys.Look(last, out _, out _, out long length);
        Sys.Close(last);
        Report.Number("told"u8, wrong);
        Report.Number(" length"u8, length);
        Report.Number(" removed"u8, Sys.Path(Sys.Unlink, "/tmp/n/told"u8));
    }

    // Somebody else changes what is known, each time in another way, and says so in memory.
    private static void Others()
    {
        for (int kind = 0; kind < 7; kind++)
        {
            Sys.Shared(Told) = Sys.Shared(Answered) = 0;
            Sys.Path(Sys.ChangeMode, "/tmp/n"u8, ForAll);
            if (Sys.Child() == 0)
            {
                if (kind == 5)
                    Linux.Call(Sys.SetUser, 1000);
                long wrong = Turn();
                long before = kind == 6 ? Make("/tmp/n/file"u8) : -1;
                Volatile.Write(ref Sys.Shared(Told), 1);
                while (Volatile.Read(ref Sys.Shared(Answered)) == 0)
                    Sys.GiveWay();
                long file = Make("/tmp/n/file"u8, Sys.ReadWrite | (kind == 0 ? Exclusive : 0)), written = Write(kind == 6 ? before : file, 5);
                Linux.Exit((int)((wrong * 64 + Math.Min(file, 0) + (written == 5 ? 0 : 100)) & 255));
            }

            while (Volatile.Read(ref Sys.Shared(Told)) == 0)
                Sys.GiveWay();
            long made = kind switch
            {
                0 or 1 => Make("/tmp/n/file"u8),
                2 => Sys.Path(Sys.MakeDirectory, "/tmp/n/file"u8, 0x1ED),
                3 => Sys.Two(Sys.SymbolicLink, "away/link"u8, "/tmp/n/file"u8),
                4 => Sys.Two(Sys.Rename, "/tmp/n"u8, "/tmp/n2"u8),
                5 => Sys.Path(Sys.ChangeMode, "/tmp/n"u8, 0x16D),
                _ => Sys.Path(Sys.Unlink, "/tmp/n/file"u8),
            };
            Volatile.Write(ref Sys.Shared(Answered), 1);
            Report.Number("another process changes"u8, kind);
            Report.Number(" makes"u8, Sys.Wait());
            if (kind < 2)
                Sys.Close(made);
            Sys.Two(Sys.Rename, "/tmp/n2"u8, "/tmp/n"u8);
            Sys.Path(Sys.ChangeMode, "/tmp/n"u8, ForAll);
            Report.Number(" found"u8, ContentOf("/tmp/n/file"u8) + Sys.Links("/tmp/n/away/link"u8));
            Sys.Path(Sys.Unlink, "/tmp/n/file"u8);
            Sys.Path(Sys.Unlink, "/tmp/n/away/link"u8);
            Sys.Path(Sys.RemoveDirectory, "/tmp/n/file"u8);
        }
    }

    // Who is killed between two of these calls leaves each done or not.
    private static void Ends()
    {
        long inconsistent = 0;
        for (int round = 0; round < 10; round++)
        {
            Sys.Shared(Told) = 0;
            long child = Sys.Child();
            for (int count = 1; child == 0; count++)
            {
                Turn(1);
                Volatile.Write(ref Sys.Shared(Told), count);
            }

            while (Volatile.Read(ref Sys.Shared(Told)) < 20 + round)
                Sys.GiveWay();
            Sys.Kill(child);
            Sys.Wait();
            long file = Sys.Open("/tmp/n/file"u8), size = 0;
            if (file >= 0)
                Sys.Look(file, out _, out _, out size);
            Sys.Close(file);
            inconsistent += size is 0 or 4096 && Sys.Path(Sys.Unlink, "/tmp/n/file"u8) == (file >= 0 ? 0 : -2) ? 0 : 1;
        }

        Report.Number("killed"u8, inconsistent);
        Report.Number("left"u8, Sys.Links("/tmp/n"u8));
    }
}
