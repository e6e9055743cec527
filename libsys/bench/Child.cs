namespace Libsys.Bench;

/// <summary>A process that works with this one. It ends when it finds its stream at an end.</summary>
internal static class Child
{
    /// <summary>Starts one. What it runs allocates nothing, and the process ends with it.</summary>
    public static long Start(Action body)
    {
        Counters.AddProcess();
        long pid = Linux.Check(Linux.Call(Numbers.Fork));
        if (pid != 0)
            return pid;
        body();
        Linux.Call(Numbers.ExitGroup, 0);
        return 0;
    }

    /// <summary>Waits for its end.</summary>
    public static long Wait(long pid) => Linux.Call(Numbers.Wait, pid, 0, 0);

    /// <summary>Passes on bytes one by one until there are no more.</summary>
    public static void PassOn(long from, long to, nint buffer)
    {
        while (Linux.Call(Numbers.Read, from, buffer, 1) == 1)
        {
            Counters.PublishRequests();
            Linux.Call(Numbers.Write, to, buffer, 1);
        }
    }
}
