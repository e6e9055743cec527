using Bare;
using ConnectionChecks;

namespace StreamChecks;

/// <summary>Who waits at a pipe, in other processes: some have it mapped, some have not.</summary>
internal static class WaitChecks
{
    private const int Soon = 20, Stop = 19, Continue = 18, BrokenPipe = 13, Waiters = 4;
    private const long NumberOfKill = 62;

    public static void Run()
    {
        long memory = Streams.Memory(2 * Streams.Capacity);
        Streams.Ignore(BrokenPipe, true);
        for (int round = 0; round < 2; round++)
        {
            bool isMapped = round != 0;
            Reader(isMapped);
            Writer(isMapped, memory);
            LastWriter(isMapped);
            LastReader(isMapped, memory);
            Stopped(isMapped);
            Large(isMapped, memory);
        }

        Readers();
        Killed();
        Polls();
    }

    // The child has it mapped before it goes on, or does not; only then the parent goes on.
    private static int Start(int read, int write, bool isMapped)
    {
        Streams.Create(out int told, out int tell);
        int child = Sys.Fork();
        if (child == 0)
        {
            if (isMapped)
                Streams.Use(read, write);
            Sys.Write(tell, "!"u8);
        }

        Sys.Close(tell);
        if (child != 0)
            Sys.Read(told, 1);
        Sys.Close(told);
        return child;
    }

    private static void Reader(bool isMapped)
    {
        Streams.CreateUsed(out int read, out int write);
        int child = Start(read, write, isMapped);
        if (child == 0)
            Linux.Exit((int)(Sys.Read(read, 10) % 251));
        Sys.Sleep(Soon);
        Sys.Write(write, "abc"u8);
        Report.Number("the reader"u8, Sys.Wait(child));
        Close(read, write);
    }

    private static void Writer(bool isMapped, long memory)
    {
        Streams.CreateUsed(out int read, out int write);
        int child = Start(read, write, isMapped);
        if (child == 0)
        {
            Streams.Write(write, memory, Streams.Capacity);
            Linux.Exit((int)(Streams.Write(write, memory, Streams.PageLength) / 100));
        }

        Sys.Sleep(2 * Soon);
        Report.Number("inside"u8, Sys.Control(read, 0x541B, 0));
        Report.Number("taken"u8, Streams.Read(read, memory, Streams.PageLength));
        Report.Number("the writer"u8, Sys.Wait(child));
        Report.Number("inside then"u8, Sys.Control(read, 0x541B, 0));
        Close(read, write);
    }

    private static void LastWriter(bool isMapped)
    {
        Streams.CreateUsed(out int read, out int write);
        int child = Start(read, write, isMapped);
        if (child == 0)
        {
            Sys.Close(write);
            Linux.Exit((int)Sys.Read(read, 10) + 7);
        }

        Sys.Sleep(Soon);
        Sys.Close(write);
        Report.Number("the end"u8, Sys.Wait(child));
        Sys.Close(read);
    }

    private static void LastReader(bool isMapped, long memory)
    {
        Streams.CreateUsed(out int read, out int write);
        int child = Start(read, write, isMapped);
        if (child == 0)
        {
            Sys.Close(read);
            Streams.Write(write, memory, Streams.Capacity);
            Linux.Exit((int)-Streams.Write(write, memory, 1));
        }

        Sys.Sleep(2 * Soon);
        Sys.Close(read);
        Report.Number("nobody reads"u8, Sys.Wait(child));
        Sys.Close(write);
    }

    // A stop and its end restart what waited.
    private static void Stopped(bool isMapped)
    {
        Streams.CreateUsed(out int read, out int write);
        int child = Start(read, write, isMapped);
        if (child == 0)
            Linux.Exit((int)(Sys.Read(read, 10) % 251));
        for (int round = 0; round < 3; round++)
        {
            Sys.Sleep(Soon);
            Linux.Call(NumberOfKill, child, Stop);
            Sys.Sleep(Soon);
            Linux.Call(NumberOfKill, child, Continue);
        }

        Sys.Write(write, "s"u8);
        Report.Number("after stops"u8, Sys.Wait(child));
        Close(read, write);
    }

    // More than fits: goes on until all is taken.
    private static void Large(bool isMapped, long memory)
    {
        Streams.CreateUsed(out int read, out int write);
        int child = Start(read, write, isMapped);
        if (child == 0)
            Linux.Exit(Streams.Write(write, memory, 2 * Streams.Capacity) == 2 * Streams.Capacity ? 3 : 4);
        long sum = 0;
        while (sum < 2 * Streams.Capacity)
            sum += Streams.Read(read, memory, 5000);
        Report.Number("a large write"u8, Sys.Wait(child) * 1000000 + sum);
        Close(read, write);
    }

    // Each takes one byte.
    private static void Readers()
    {
        Streams.CreateUsed(out int read, out int write);
        var children = new int[Waiters];
        for (int index = 0; index < Waiters; index++)
        {
            children[index] = Start(read, write, false);
            if (children[index] == 0)
                Linux.Exit((int)(Sys.Read(read, 1) - 1000));
        }

        Sys.Sleep(Soon);
        Sys.Write(write, "1"u8);
        Sys.Write(write, "234"u8);
        int sum = 0;
        for (int index = 0; index < Waiters; index++)
            sum += Sys.Wait(children[index]);
        Report.Number("readers"u8, sum);
        Close(read, write);
    }

    // Who waits is killed, the others go on.
    private static void Killed()
    {
        Streams.CreateUsed(out int read, out int write);
        for (int round = 0; round < 5; round++)
        {
            int first = Start(read, write, false), second;
            if (first == 0)
                Linux.Exit((int)Sys.Read(read, 1));
            Sys.Sleep(round);
            second = Sys.Fork();
            if (second == 0)
                Linux.Exit((int)(Sys.Read(read, 1) % 251));
            Sys.Sleep(Soon);
            Sys.Kill(first);
            Report.Number("killed"u8, Sys.Wait(first));
            Sys.Write(write, "k"u8);
            Report.Number("the other"u8, Sys.Wait(second));
        }

        Close(read, write);
    }

    // poll(2) of one pipe alone, with and without an end in time.
    private static void Polls()
    {
        Streams.CreateUsed(out int read, out int write);
        Report.Number("nothing in time"u8, Streams.Ready(read, Sys.In, Soon));
        for (int round = 0; round < 3; round++)
        {
            int child = Sys.Fork();
            if (child == 0)
            {
                Sys.Sleep(Soon);
                Linux.Exit((int)Sys.Write(write, "p"u8));
            }

            Report.Number("ready"u8, Streams.Ready(read, Sys.In, -1));
            Report.Number("read"u8, Sys.Read(read, 9));
            Sys.Wait(child);
        }

        int last = Sys.Fork();
        if (last == 0)
        {
            Sys.Sleep(Soon);
            Sys.Close(write);
            Linux.Exit(0);
        }

        Sys.Close(write);
        Report.Number("hung up"u8, Streams.Ready(read, Sys.In, -1));
        Sys.Wait(last);
        Sys.Close(read);
    }

    private static void Close(int read, int write)
    {
        Sys.Close(read);
        Sys.Close(write);
    }
}
