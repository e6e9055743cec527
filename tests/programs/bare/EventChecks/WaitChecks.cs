using Bare;
using ConnectionChecks;

namespace EventChecks;

/// <summary>Who waits, in several processes: what has a page mapped and what has not, signals, descriptions that others change.</summary>
internal static class WaitChecks
{
    private const int SetFlags = 4, Waiters = 4, Rounds = 500;
    private const long NumberOfKill = 62;
    private const int Stop = 19, Continue = 18, Soon = 20;

    public static void Run(long program)
    {
        Readers();
        Writers();
        Flags();
        Stopped();
        Killed();
        PingPong();
        Executed(program);
    }

    /// <summary>What <see cref="Executed"/> executes: another program with the same descriptor.</summary>
    public static int BeExecuted(int counter)
    {
        for (int round = 0; round < 4; round++)
            Events.Add(counter, 10);
        return (int)Events.Take(counter);
    }

    private static int Used(uint first, int flags)
    {
        int counter = Events.Create(first, flags);
        for (int round = 0; round < 3; round++)
            Events.Ready(counter);
        for (int round = 0; round < 3; round++)
        {
            Events.Add(counter, 1);
            Events.Take(counter);
        }

        return counter;
    }

    // Each waiter takes one; some have used the descriptor before, some have not.
    private static void Readers()
    {
        int counter = Used(0, Events.Semaphore);
        var children = new int[Waiters];
        for (int index = 0; index < Waiters; index++)
        {
            children[index] = Sys.Fork();
            if (children[index] != 0)
                continue;
            for (int round = 0; index % 2 != 0 && round < 4; round++)
                Events.Ready(counter);
            Linux.Exit((int)Events.Take(counter));
        }

        Sys.Sleep(Soon);
        Events.Add(counter, 1);
        Events.Add(counter, Waiters - 1);
        int sum = 0;
        for (int index = 0; index < Waiters; index++)
            sum += Sys.Wait(children[index]);
        Report.Number("readers"u8, sum);
        Report.Number("nothing is left"u8, Events.Ready(counter));
        Sys.Close(counter);
    }

    private static void Writers()
    {
        int counter = Used(0, 0);
        Events.Add(counter, Events.Highest);
        int child = Sys.Fork();
        if (child == 0)
            Linux.Exit((int)Events.Add(counter, 5));
        Sys.Sleep(Soon);
        Report.Number("full"u8, Events.Take(counter));
        Report.Number("the writer"u8, Sys.Wait(child));
        Report.Number("what it wrote"u8, Events.Take(counter));
        Sys.Close(counter);
    }

    // O_NONBLOCK belongs to the description: a child sets it, and the parent does not wait.
    private static void Flags()
    {
        int counter = Used(0, 0);
        for (int round = 0; round < 2; round++)
        {
            int child = Sys.Fork();
            if (child == 0)
                Linux.Exit((int)Sys.Fcntl(counter, SetFlags, Sys.NonBlock));
            Sys.Wait(child);
            Report.Number("does not wait"u8, Events.Take(counter));
            Sys.Fcntl(counter, SetFlags, 0);
            child = Sys.Fork();
            if (child == 0)
            {
                Sys.Sleep(Soon);
                Linux.Exit((int)Events.Add(counter, 6));
            }

            Report.Number("waits"u8, Events.Take(counter));
            Sys.Wait(child);
        }

        Sys.Close(counter);
    }

    // A stop and its end restart what waited.
    private static void Stopped()
    {
        int counter = Used(0, 0);
        int child = Sys.Fork();
        if (child == 0)
            Linux.Exit((int)Events.Take(counter));
        for (int round = 0; round < 3; round++)
        {
            Sys.Sleep(Soon);
            Linux.Call(NumberOfKill, child, Stop);
            Sys.Sleep(Soon);
            Linux.Call(NumberOfKill, child, Continue);
        }

        Events.Add(counter, 12);
        Report.Number("after stops"u8, Sys.Wait(child));
        Sys.Close(counter);
    }

    // Waiters and writers are killed; who is left goes on.
    private static void Killed()
    {
        int counter = Used(0, Events.Semaphore);
        for (int round = 0; round < 5; round++)
        {
            int waiter = Sys.Fork();
            if (waiter == 0)
                Linux.Exit((int)Events.Take(counter) + 100);
            int writer = Sys.Fork();
            while (writer == 0)
                Events.Add(counter, 0);
            Sys.Sleep(round);
            Sys.Kill(waiter);
            Sys.Kill(writer);
            Sys.Wait(waiter);
            Sys.Wait(writer);
        }

        int last = Sys.Fork();
        if (last == 0)
            Linux.Exit((int)Events.Take(counter));
        Sys.Sleep(Soon);
        Events.Add(counter, 1);
        Report.Number("after kills"u8, Sys.Wait(last));
        Sys.Close(counter);
    }

    private static void PingPong()
    {
        int ping = Used(0, 0), pong = Used(0, 0);
        int child = Sys.Fork();
        long sum = 0;
        for (int round = 1; round <= Rounds; round++)
        {
            if (child != 0)
                Events.Add(ping, (ulong)round);
            sum += Events.Take(child == 0 ? ping : pong);
            if (child == 0)
                Events.Add(pong, (ulong)round);
        }

        if (child == 0)
            Linux.Exit(0);
        Report.Number("to and fro"u8, sum);
        Report.Number("ended"u8, Sys.Wait(child));
        Sys.Close(ping);
        Sys.Close(pong);
    }

    private static void Executed(long program)
    {
        const int known = 9, argumentAt = 2048;
        int counter = Used(2, 0);
        Linux.Call(33, counter, known); // dup2
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Word(Sys.At(argumentAt)) = 'x';
            Sys.Execute(program, Sys.At(argumentAt));
        }

        Report.Number("executed"u8, Sys.Wait(child));
        Report.Number("its parent"u8, Events.Add(counter, 1) * 100 + Events.Take(known));
        Sys.Close(known);
        Sys.Close(counter);
    }
}
