using Bare;
using ConnectionChecks;

namespace StreamChecks;

/// <summary>What operations on pipes cost, in nanoseconds: instructions, where one takes one nanosecond.</summary>
internal static class CostChecks
{
    private const int Rounds = 2000, LargeRounds = 200;

    public static void Run()
    {
        long memory = Streams.Memory(2 * Streams.Capacity);
        Streams.CreateUsed(out int read, out int write);
        long began = Sys.Now();
        for (int round = 0; round < Rounds; round++)
        {
            Streams.Write(write, memory, 1);
            Streams.Read(read, memory, 1);
        }

        Report.Number("write 1 and read 1"u8, (Sys.Now() - began) / Rounds);
        Streams.Write(write, memory, 1);
        Sys.Want(0, read, Sys.In);
        began = Sys.Now();
        for (int round = 0; round < Rounds; round++)
            Sys.Poll(1, -1);
        Report.Number("poll of a ready one"u8, (Sys.Now() - began) / Rounds);
        int epoll = Sys.EpollCreate();
        Sys.EpollControl(epoll, 1, read, 1);
        began = Sys.Now();
        for (int round = 0; round < Rounds; round++)
            Sys.EpollWait(epoll, -1);
        Report.Number("epoll_wait of a ready one"u8, (Sys.Now() - began) / Rounds);
        PingPong(memory);
        Large(memory);
        Fresh();
    }

    private static void PingPong(long memory)
    {
        Streams.Create(out int there, out int thereWrite);
        Streams.Create(out int back, out int backWrite);
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Close(thereWrite);
            while (Streams.Read(there, memory, 1) == 1)
                Streams.Write(backWrite, memory, 1);
            Linux.Exit(0);
        }

        Sys.Close(there);
        long began = 0;
        for (int round = -100; round < Rounds; round++)
        {
            if (round == 0)
                began = Sys.Now();
            Streams.Write(thereWrite, memory, 1);
            Streams.Read(back, memory, 1);
        }

        Report.Number("there and back"u8, (Sys.Now() - began) / Rounds);
        Sys.Close(thereWrite);
        Sys.Wait(child);
    }

    private static void Large(long memory)
    {
        Streams.Create(out int read, out int write);
        for (int index = 0; index < Streams.Capacity; index += Streams.PageLength)
            Sys.Word(memory + index) = 1;
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Close(write);
            while (Streams.Read(read, memory, Streams.Capacity) > 0)
            {
            }

            Linux.Exit(0);
        }

        Sys.Close(read);
        for (int round = 0; round < 20; round++)
            Streams.Write(write, memory, Streams.Capacity);
        long began = Sys.Now();
        for (int round = 0; round < LargeRounds; round++)
            Streams.Write(write, memory, Streams.Capacity);
        Report.Number("64 KiB through it"u8, (Sys.Now() - began) / LargeRounds);
        Sys.Close(write);
        Sys.Wait(child);
    }

    // Pipes that are made, used a few times, and closed.
    private static void Fresh()
    {
        for (int uses = 1; uses <= 64; uses *= 2)
        {
            long began = Sys.Now();
            for (int round = 0; round < 20; round++)
            {
                Streams.Create(out int read, out int write);
                for (int use = 0; use < uses; use++)
                {
                    Sys.Write(write, "f"u8);
                    Sys.Read(read, 1);
                }

                Sys.Close(read);
                Sys.Close(write);
            }

            Report.Number("made, used and closed"u8, (Sys.Now() - began) / 20);
        }
    }
}
