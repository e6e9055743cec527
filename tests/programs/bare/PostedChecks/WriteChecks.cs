using System;
using System.Runtime.InteropServices;
using System.Threading;
using Bare;

namespace PostedChecks;

/// <summary>
/// Small writes that make files longer: what they leave, and what others find that are told of them by a word in memory or by the end of a process.
/// </summary>
internal static class WriteChecks
{
    private const int Rounds = 24, Records = 12, Told = 0, Answered = 1;
    private const long Append = 0x400, Truncate = 0x200, Mmap = 9, Munmap = 11, Pread = 17, Pwrite = 18, Lseek = 8, Ftruncate = 77, LimitNumber = 160,
        SignalAction = 13;

    // A page that is written, and one behind which there is nothing.
    private static long page, edge;

    public static void Run()
    {
        page = Linux.Call(Mmap, 0, 8192, 3, 0x22, -1);
        edge = Linux.Call(Mmap, 0, 8192, 3, 0x22, -1);
        Linux.Call(Munmap, edge + 4096, 4096);
        for (int at = 0; at < 8192; at++)
            Linux.MemoryAt(page + at) = (byte)(at * 7 + (at >> 8));
        Lengths("write"u8, Sys.ReadWrite);
        Lengths("write only"u8, Sys.WriteOnly);
        Lengths("append"u8, Sys.WriteOnly | Append);
        Places();
        Refusals();
        Others();
        Appenders();
        Children();
    }

    private static long Open(long flags = Sys.ReadWrite) => Sys.Open("/tmp/p/written"u8, flags | Sys.CreateNew | Truncate);

    private static long Write(long file, long length, long from = 0) => Linux.Call(1, file, page + from, length);

    private static void Lengths(ReadOnlySpan<byte> name, long flags)
    {
        long sum = 0;
        for (int round = 0; round < 4; round++)
        {
            long file = Open(flags);
            foreach (int length in (ReadOnlySpan<int>)[1, 10, 4095, 4096, 0, 1, 4097, 100, 8192, 4096, 3, 2, 1, 4096, 4096, 4096, 4096, 4096, 4096, 5])
            {
                sum = sum * 31 + Write(file, length, round);
                if (length % 3 == 0)
                    Sum(file, ref sum);
            }

            Sys.Close(file);
            long again = Sys.Open("/tmp/p/written"u8);
            Sum(again, ref sum);
            sum = sum * 31 + Content(again);
            Sys.Close(again);
            if ((round & 1) != 0)
                Sys.Path(Sys.Unlink, "/tmp/p/written"u8);
        }

        Report.Number(name, sum);
    }

    private static void Sum(long file, ref long sum)
    {
        Sys.Look(file, out long mode, out long links, out long size);
        sum = ((sum * 31 + mode) * 31 + links) * 31 + size;
    }

    private static long Content(long file)
    {
        long sum = 0, at = 0;
        long buffer = Linux.Call(Mmap, 0, 4096, 3, 0x22, -1);
        for (long count; (count = Linux.Call(Pread, file, buffer, 4096, at)) > 0; at += count)
        {
            foreach (byte value in MemoryMarshal.CreateSpan(ref Linux.MemoryAt(buffer), (int)count))
                sum = sum * 131 + value;
        }

        Linux.Call(Munmap, buffer, 4096);
        return sum;
    }

    // Offsets that are moved, duplicates, and writes at other places in between.
    private static void Places()
    {
        long file = Open();
        long sum = Write(file, 100) * 31 + Linux.Call(Lseek, file, 50, 0);
        sum = sum * 31 + Write(file, 100, 5) + Linux.Call(Lseek, file, 0, 1);
        sum = sum * 31 + Linux.Call(Pwrite, file, page, 10, 4090) + Write(file, 20);
        sum = sum * 31 + Linux.Call(Lseek, file, 10_000, 0) + Write(file, 4096);
        long other = Sys.Duplicate(file);
        sum = sum * 31 + Write(other, 30) + Write(file, 30, 1) + Linux.Call(Lseek, other, 0, 1);
        Sys.Close(other);
        sum = sum * 31 + Linux.Call(Ftruncate, file, 8000) + Write(file, 7) + Linux.Call(Lseek, file, 0, 2);
        Sys.Path(Sys.Unlink, "/tmp/p/written"u8);
        sum = sum * 31 + Write(file, 9);
        Sum(file, ref sum);
        Report.Number("places"u8, sum * 31 + Content(file));
        Sys.Close(file);
    }

    private static void Refusals()
    {
        long file = Open(), reader = Sys.Open("/tmp/p/written"u8);
        Report.Number("no memory"u8, Linux.Call(1, file, edge + 4096, 10));
        Report.Number("memory that ends"u8, Linux.Call(1, file, edge + 4090, 10));
        Report.Number("not for writing"u8, Linux.Call(1, reader, page, 10));
        Report.Number("closed"u8, Sys.Close(reader) * 1000 + Linux.Call(1, reader, page, 10));
        if (Sys.Child() == 0)
        {
            // SIGXFSZ is ignored: struct sigaction of Linux' call.
            Span<byte> action = MemoryMarshal.CreateSpan(ref Linux.MemoryAt(page), 32);
            action.Clear();
            action[0] = 1;
            Linux.Call(SignalAction, 25, page, 0, 8);
            long own = Open();
            Write(own, 10);
            MemoryMarshal.Write(action, 15L);
            MemoryMarshal.Write(action[8..], 15L);
            Linux.Call(LimitNumber, 1, page);
            Linux.Exit(Write(own, 10) == 5 && Write(own, 10) == -27 ? 0 : 1);
        }

        Report.Number("limit of length"u8, Sys.Wait());
        Sys.Close(file);
    }

    // A child writes records and tells of each by a word; its parent looks, at any moment and by whatever way.
    private static void Others()
    {
        for (int way = 0; way < 4; way++)
        {
            long wrong = 0;
            for (int round = 0; round < Rounds; round++)
            {
                Sys.Shared(Told) = Sys.Shared(Answered) = 0;
                Sys.Path(Sys.Unlink, "/tmp/p/written"u8);
                if (Sys.Child() == 0)
                    Linux.Exit(Tell(round));
                wrong += Look(way);
                wrong += Sys.Wait();
            }

            Report.Number("told"u8, wrong);
        }
    }

    private static int Tell(int round)
    {
        for (int count = 0; count < 30; count++)
            Sys.Close(Sys.Open("/tmp/p/file"u8));
        int wrong = 0;
        long file = Open(round % 2 == 0 ? Sys.ReadWrite : Sys.WriteOnly | Append);
        for (int record = 1; record <= Records; record++)
        {
            long length = round % 3 == 0 ? 4096 : 8;
            MemoryMarshal.Write(MemoryMarshal.CreateSpan(ref Linux.MemoryAt(page), 8), (long)record);
            wrong += Write(file, length) == length ? 0 : 1;
            Volatile.Write(ref Sys.Shared(Told), record * length);
            if (record > Records / 2)
                Sys.GiveWay();
        }

        return wrong;
    }

    private static long Look(int way)
    {
        long wrong = 0, last = 0, file = -1, mapped = 0;
        for (int count = 0; count < 60; count++)
        {
            long told = Volatile.Read(ref Sys.Shared(Told));
            if (told == 0)
            {
                Sys.GiveWay();
                count--;
                continue;
            }

            if (file < 0)
                file = Sys.Open("/tmp/p/written"u8);
            long size = 0;
            if (way == 0)
            {
                Sys.Look(file, out _, out _, out size);
            }
            else if (way == 1)
            {
                size = Linux.Call(Pread, file, edge, 8, told - 8) == 8 ? told : 0;
            }
            else if (way == 2)
            {
                if (mapped == 0)
                    mapped = Linux.Call(Mmap, 0, Records * 4096, 1, 1, file);
                // The first word of the last record that it was told of.
                size = Linux.MemoryAt(mapped + told - (told % 4096 == 0 ? 4096 : 8)) == 0 ? 0 : told;
            }
            else
            {
                long own = Sys.Open("/tmp/p/written"u8);
                Sys.Look(own, out _, out _, out size);
                Sys.Close(own);
            }

            wrong += size >= told && size >= last ? 0 : 1;
            last = size;
            Sys.GiveWay();
        }

        if (mapped != 0)
            Linux.Call(Munmap, mapped, Records * 4096);
        Sys.Close(file);
        return wrong;
    }

    // Two append in turn, each when the other has told it: the records stand in that order.
    private static void Appenders()
    {
        Sys.Shared(Told) = 0;
        Sys.Close(Open(Sys.WriteOnly));
        bool isChild = Sys.Child() == 0;
        for (int count = 0; count < 30; count++)
            Sys.Close(Sys.Open("/tmp/p/file"u8));
        long own = Sys.Open("/tmp/p/written"u8, Sys.WriteOnly | Append);
        for (int turn = isChild ? 1 : 0; turn < 100; turn += 2)
        {
            while (Volatile.Read(ref Sys.Shared(Told)) != turn)
                Sys.GiveWay();
            Write(own, 5, turn);
            Volatile.Write(ref Sys.Shared(Told), turn + 1);
        }

        if (isChild)
            Linux.Exit(0);
        long status = Sys.Wait();
        Sys.Close(own);
        long file = Sys.Open("/tmp/p/written"u8);
        Report.Number("appenders"u8, status * 1000 + Content(file));
        Sys.Close(file);
    }

    // What a child has written when it ends, and what it goes on with of its parent's.
    private static void Children()
    {
        long wrong = 0;
        for (int round = 0; round < Rounds; round++)
        {
            long file = Open();
            wrong += Write(file, 10) == 10 ? 0 : 1;
            if (Sys.Child() == 0)
                Linux.Exit(Write(file, 20) == 20 && Write(Sys.Open("/tmp/p/child"u8, Sys.WriteOnly | Sys.CreateNew | Truncate), 30) == 30 ? 0 : 1);
            wrong += Sys.Wait();
            wrong += Linux.Call(Lseek, file, 0, 1) == 30 ? 0 : 1;
            wrong += Write(file, 1) == 1 ? 0 : 1;
            Sys.Look(file, out _, out _, out long size);
            long child = Sys.Open("/tmp/p/child"u8);
            Sys.Look(child, out _, out _, out long ofChild);
            wrong += size == 31 && ofChild == 30 ? 0 : 1;
            Sys.Close(child);
            Sys.Close(file);
        }

        Report.Number("children"u8, wrong);
    }
}
