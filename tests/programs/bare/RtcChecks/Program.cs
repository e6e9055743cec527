using System;
using System.Runtime;
using Bare;

namespace RtcChecks;

/// <summary>The battery-backed clock as rtc(4) describes it. Leaves it at 2024-03-01, a few seconds after midnight.</summary>
internal static class Program
{
    private const int ReadWrite = 2, NonBlocking = 0x800, Readable = 1, StructureLength = 36;
    private const uint UpdatesOn = 0x7003, UpdatesOff = 0x7004, ReadTime = 0x80247009, SetTime = 0x4024700A, Unknown = 0x7099;

    // A second or two, and far more than that on a busy host.
    private const int Patience = 60_000, Step = 50;

    [RuntimeExport("program_main")]
    private static int Main(int argumentCount, ulong arguments)
    {
        Report.Number("no root"u8, Sys.WithoutRoot());
        int clock = Sys.Open(ReadWrite);
        if (clock < 0)
        {
            Report.Number("open"u8, clock);
            return 1;
        }

        Report.Number("opened twice"u8, Sys.Open(ReadWrite));
        Refusals(clock);
        Times(clock);
        Updates(clock);
        Sys.Close(clock);

        clock = Sys.Open(NonBlocking);
        Span<byte> data = stackalloc byte[8];
        Report.Number("nothing happened"u8, Sys.Read(clock, data));
        return 0;
    }

    private static void Refusals(int clock)
    {
        Span<byte> data = stackalloc byte[StructureLength];
        Report.Number("unknown request"u8, Sys.Control(clock, Unknown, data));
        Report.Number("short read"u8, Sys.Read(clock, data[..2]));
        Report.Number("write"u8, (int)Linux.Write(clock, data));
        Report.Number("seek"u8, Sys.Seek(clock));
        Report.Number("thirteenth month"u8, Set(clock, 2024, 13, 1, 0, 0, 0));
        Report.Number("february 30"u8, Set(clock, 2024, 2, 30, 0, 0, 0));
        Report.Number("hour 24"u8, Set(clock, 2024, 2, 1, 24, 0, 0));
        Report.Number("second 60"u8, Set(clock, 2024, 2, 1, 0, 0, 60));
        Report.Number("1969"u8, Set(clock, 1969, 12, 31, 0, 0, 0));
        Report.Number("year -1"u8, Set(clock, -1, 1, 1, 0, 0, 0));
    }

    private static void Times(int clock)
    {
        Span<byte> time = stackalloc byte[StructureLength];
        Report.Number("set"u8, Set(clock, 2024, 2, 29, 23, 59, 57));
        Report.Number("read"u8, Sys.Control(clock, ReadTime, time));
        Report.Bytes("minute to year"u8, time[4..], 20);
        Report.Bytes("unused fields"u8, time[24..], 12);
        for (int waited = 0; waited < Patience && Integers.Get(time[12..]) != 1; waited += Step)
        {
            Sys.Sleep(Step);
            Sys.Control(clock, ReadTime, time);
        }

        Report.Bytes("the next day, from its minute"u8, time[4..], 20);
    }

    private static void Updates(int clock)
    {
        Span<byte> data = stackalloc byte[8];
        Report.Number("no update yet"u8, Sys.Poll(clock, Step) & Readable);
        Report.Number("updates on"u8, Sys.Control(clock, UpdatesOn, data[..0]));
        Report.Number("read waits for one"u8, Sys.Read(clock, data));
        Report.Bytes("what happened"u8, data, 1);
        Report.Number("at least once"u8, data[1] > 0 ? 1 : 0);
        Report.Number("readable again"u8, Sys.Poll(clock, Patience) & Readable);
        Report.Number("four bytes"u8, Sys.Read(clock, data[..4]));
        Report.Bytes("what happened"u8, data, 1);
        Report.Number("updates off"u8, Sys.Control(clock, UpdatesOff, data[..0]));
    }

    private static int Set(int clock, int year, int month, int day, int hour, int minute, int second)
    {
        Span<byte> time = stackalloc byte[StructureLength];
        time.Clear();
        Integers.Put(time, second);
        Integers.Put(time[4..], minute);
        Integers.Put(time[8..], hour);
        Integers.Put(time[12..], day);
        Integers.Put(time[16..], month - 1);
        Integers.Put(time[20..], year - 1900);
        return Sys.Control(clock, SetTime, time);
    }
}
