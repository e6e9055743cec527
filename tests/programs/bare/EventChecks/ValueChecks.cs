using Bare;
using ConnectionChecks;

namespace EventChecks;

/// <summary>Values, flags and errors. All is done several times: first by requests, then in memory.</summary>
internal static class ValueChecks
{
    private const int GetFlags = 3, SetFlags = 4, GetDescriptorFlags = 1, Rounds = 3;

    public static void Run()
    {
        for (int flags = 0; flags < 4; flags++)
        {
            int all = ((flags & 1) != 0 ? Events.Semaphore : 0) | Events.NonBlock | ((flags & 2) != 0 ? Events.CloseOnExec : 0);
            int counter = Events.Create(2, all);
            for (int round = 0; round < Rounds; round++)
                Values(counter);
            for (int round = 0; round < ((flags & 1) != 0 ? 1 : Rounds); round++)
                Fill(counter);
            Report.Number("status flags"u8, Sys.Fcntl(counter, GetFlags, 0));
            Report.Number("descriptor flags"u8, Sys.Fcntl(counter, GetDescriptorFlags, 0));
            Sys.Close(counter);
        }

        Report.Number("unknown flags"u8, Events.Create(0, 0x40));
        Report.Number("largest start"u8, Events.Take(Events.Create(uint.MaxValue, 0)));
        for (int round = 0; round < Rounds; round++)
            Errors();
        Duplicates();
    }

    private static void Values(int counter)
    {
        Report.Number("ready"u8, Events.Ready(counter));
        Report.Number("add"u8, Events.Add(counter, 3));
        Report.Number("take"u8, Events.Take(counter));
        Report.Number("take"u8, Events.Take(counter));
        while (Events.Take(counter) >= 0)
        {
        }

        Report.Number("nothing there"u8, Events.Take(counter));
        Report.Number("not readable"u8, Events.Ready(counter));
        Report.Number("add nothing"u8, Events.Add(counter, 0));
        Report.Number("still nothing"u8, Events.Take(counter));
    }

    private static void Fill(int counter)
    {
        Report.Number("fill"u8, Events.Add(counter, Events.Highest));
        Report.Number("not writable"u8, Events.Ready(counter));
        Report.Number("too much"u8, Events.Add(counter, 1));
        Report.Number("nothing fits"u8, Events.Add(counter, 0));
        Report.Number("take all or one"u8, Events.Take(counter));
        Report.Number("room again"u8, Events.Ready(counter));
        Report.Number("one fits"u8, Events.Add(counter, 1));
        Report.Number("the highest never"u8, Events.Add(counter, ulong.MaxValue));
        Report.Number("take all or one"u8, Events.Take(counter));
    }

    private static void Errors()
    {
        int counter = Events.Create(0, Events.NonBlock);
        for (int round = 0; round < Rounds; round++)
        {
            Report.Number("short write"u8, Events.Add(counter, 1, 7));
            Report.Number("long write"u8, Events.Add(counter, 5, 16));
            Report.Number("short read"u8, Events.Take(counter, 4));
            Report.Number("long read"u8, Events.Take(counter, 100));
            Report.Number("empty write"u8, Events.Add(counter, 5, 0));
            Report.Number("wild write"u8, Events.WriteFrom(counter, 8));
            Events.Add(counter, 9);
            Report.Number("wild read"u8, Events.ReadTo(counter, 8));
            Report.Number("is gone"u8, Events.Take(counter));
            Events.Add(counter, 9);
            Report.Number("read of kernel memory"u8, Events.ReadTo(counter, long.MinValue));
            Report.Number("is there"u8, Events.Take(counter));
            Report.Number("pread"u8, Events.TakeAt(counter, 0));
            Report.Number("lseek"u8, Events.Seek(counter));
            Report.Number("writev"u8, Events.Vectored(counter, true, 5, 8, 6, 8));
            Report.Number("readv"u8, Events.Vectored(counter, false, 0, 4, 0, 4));
            Report.Number("writev in halves"u8, Events.Vectored(counter, true, 5, 4, 6, 4));
            Report.Number("writev, second short"u8, Events.Vectored(counter, true, 5, 8, 6, 4));
            Report.Number("readv, first alone"u8, Events.Vectored(counter, false, 0, 8, 0, 8));
        }

        Sys.Close(counter);
        Report.Number("closed"u8, Events.Add(counter, 1));
    }

    private static void Duplicates()
    {
        int counter = Events.Create(0, 0), second = Sys.Duplicate(counter), third = Sys.Duplicate(counter);
        for (int round = 0; round < Rounds; round++)
        {
            Events.Add(counter, 2);
            Events.Add(second, 3);
            Report.Number("by two numbers"u8, Events.Take(third));
        }

        Sys.Close(counter);
        Sys.Close(third);
        Events.Add(second, 4);
        Report.Number("one left"u8, Events.Take(second));
        Sys.Close(second);
        // The numbers come again, and mean something else.
        for (int round = 0; round < 300; round++)
        {
            int one = Events.Create((uint)round, Events.NonBlock), other = Events.Create(1000, Events.NonBlock);
            Events.Add(one, 1);
            Events.Add(one, 1);
            Events.Add(one, 1);
            if (Events.Take(one) != round + 3 || Events.Take(one) != -11 || Events.Take(other) != 1000)
                Report.Number("not its own value"u8, round);
            Sys.Close(one);
            Sys.Close(other);
        }

        Many();
    }

    // More than a space maps.
    private static void Many()
    {
        const int count = 200;
        int first = Events.Create(0, Events.NonBlock);
        for (int index = 1; index < count; index++)
            Events.Create((uint)index, Events.NonBlock);
        long sum = 0;
        for (int round = 0; round < Rounds; round++)
        {
            for (int index = 0; index < count; index++)
                Events.Add(first + index, (ulong)index);
        }

        for (int index = 0; index < count; index++)
            sum = sum * 3 % 1000003 + Events.Take(first + index);
        Report.Number("many"u8, sum);
        for (int index = 0; index < count; index++)
            Sys.Close(first + index);
    }
}
