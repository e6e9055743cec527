using Bare;
using ConnectionChecks;

namespace EventChecks;

/// <summary>Many processes add to, poll and take from one eventfd; the sums are exact.</summary>
internal static class StressChecks
{
    private const int Adders = 3, Takers = 3, Each = 2000, Never = -1;
    private const uint In = 1, Edge = 1u << 31;

    public static int Run()
    {
        Exact(Events.Semaphore | Events.NonBlock, true);
        Exact(Events.Semaphore, false);
        Summed();
        return 0;
    }

    /// <summary>Adds what the threads of another program take from what they have inherited.</summary>
    public static int Threads(int inherited)
    {
        const int total = 1600, programAt = 2048, argumentAt = 2100;
        int counter = Events.Create(0, Events.Semaphore);
        Linux.Call(33, counter, inherited); // dup2
        int child = Sys.Fork();
        if (child == 0)
        {
            System.ReadOnlySpan<byte> name = "/EventThreads\0"u8;
            for (int index = 0; index < name.Length; index++)
                Linux.MemoryAt(Sys.At(programAt + index)) = name[index];
            Sys.Word(Sys.At(argumentAt)) = (ulong)('0' + inherited);
            Sys.Execute(Sys.At(programAt), Sys.At(argumentAt));
        }

        for (int count = 0; count < total; count++)
            Events.Add(counter, 1);
        Report.Number("ended"u8, Sys.Wait(child));
        Report.Number("left"u8, Events.Ready(counter));
        return 0;
    }

    // Each taker takes its share, one by one: by poll and a read that does not wait, or by one that does.
    private static void Exact(int flags, bool polls)
    {
        int counter = Events.Create(0, flags);
        var children = new int[Adders + Takers];
        for (int index = 0; index < children.Length; index++)
        {
            children[index] = Sys.Fork();
            if (children[index] == 0)
                Linux.Exit(index < Adders ? AddAll(counter) : TakeShare(counter, polls));
        }

        int failed = 0;
        for (int index = 0; index < children.Length; index++)
            failed += Sys.Wait(children[index]);
        Report.Number("failed"u8, failed);
        Report.Number("left"u8, Events.Ready(counter));
        Sys.Close(counter);
    }

    private static int AddAll(int counter)
    {
        for (int count = 0; count < Each; count++)
        {
            if (Events.Add(counter, 1) != 8)
                return 1;
        }

        return 0;
    }

    private static int TakeShare(int counter, bool polls)
    {
        Sys.Want(0, counter, Sys.In);
        for (int count = 0; count < Each;)
        {
            if (polls && Sys.Poll(1, Never) != 1)
                return 1;
            // Every third one by a request: two buffers are not read in memory.
            long taken = count % 3 != 0 ? Events.Take(counter) : Events.Vectored(counter, false, 0, 4, 0, 4);
            if (taken == 1)
                count++;
            else if (!polls || taken != -11)
                return 1;
        }

        return 0;
    }

    // One takes what there is, when an edge says so.
    private static void Summed()
    {
        int counter = Events.Create(0, Events.NonBlock), epoll = Sys.EpollCreate();
        Sys.EpollControl(epoll, 1, counter, In | Edge);
        var children = new int[Adders];
        for (int index = 0; index < Adders; index++)
        {
            children[index] = Sys.Fork();
            if (children[index] == 0)
                Linux.Exit(AddAll(counter));
        }

        long sum = 0;
        while (sum < Adders * Each)
        {
            Sys.EpollWait(epoll, Never);
            long taken = Events.Take(counter);
            sum += taken > 0 ? taken : 0;
        }

        Report.Number("sum"u8, sum);
        for (int index = 0; index < Adders; index++)
            Sys.Wait(children[index]);
        Sys.Close(epoll);
        Sys.Close(counter);
    }
}
