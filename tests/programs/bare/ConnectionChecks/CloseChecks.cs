using Bare;

namespace ConnectionChecks;

/// <summary>That a server sees each description closed once, and who opened it.</summary>
internal static class CloseChecks
{
    private const uint State = 0x8018_6D03;
    private const int User = 1234, SetCloseOnExec = 2, Moment = 10, LongestWait = 500;

    private static int monitor;

    public static int Run(long path)
    {
        monitor = Sys.Open(path, Sys.ReadWrite);
        Begin(out int opened, out int closed);
        int box = Sys.Open(path, Sys.ReadWrite);
        Sys.Close(box);
        End("closed"u8, opened, closed);

        Begin(out opened, out closed);
        box = Sys.Open(path, Sys.ReadWrite);
        int child = Sys.Fork();
        if (child == 0)
            Linux.Exit((int)Sys.Write(box, "c"u8));
        Report.Number("child wrote"u8, Sys.Wait(child));
        Report.Number("child's end closes nothing"u8, Closed() - closed);
        Sys.Close(box);
        End("closed by both"u8, opened, closed);

        Begin(out opened, out closed);
        child = Sys.Fork();
        if (child == 0)
        {
            Sys.Open(path, Sys.ReadWrite);
            Linux.Exit(0);
        }

        Sys.Wait(child);
        End("closed by exit"u8, opened, closed);

        // Killed in the middle of a read: what waits goes with the process.
        Sys.Read(monitor, 8);
        Begin(out opened, out closed);
        child = Sys.Fork();
        if (child == 0)
            Linux.Exit((int)Sys.Read(Sys.Open(path, Sys.ReadWrite), 8));
        while (Opened() == opened)
            Sys.Sleep(Moment);
        Sys.Kill(child);
        Report.Number("killed"u8, Sys.Wait(child));
        End("closed by a signal"u8, opened, closed);
        Report.Number("nothing was eaten"u8, Sys.Write(monitor, "x"u8) + Sys.Read(monitor, 8));

        Executed(path);
        Credentials(path);
        return 0;
    }

    private static void Executed(long path)
    {
        Begin(out int opened, out int closed);
        int child = Sys.Fork();
        if (child == 0)
        {
            int box = Sys.Open(path, Sys.ReadWrite);
            Sys.Fcntl(box, SetCloseOnExec, 1);
            Sys.ExecuteTrue();
        }

        Report.Number("executed"u8, Sys.Wait(child));
        End("closed by exec"u8, opened, closed);
    }

    // Whoever opens is told to the server: ids, but no path.
    private static void Credentials(long path)
    {
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Become(User);
            Report.Number("not for everybody"u8, Sys.Open("/dev/mailbox-root\0"u8, Sys.ReadWrite));
            Sys.Control(Sys.Open(path, Sys.ReadWrite), State, 0);
            Report.Number("opener"u8, Sys.ControlWord(2) - Sys.Pid());
            Report.Number("user"u8, Sys.ControlWord(3));
            Report.Number("group"u8, Sys.ControlWord(4));
            Linux.Exit(0);
        }

        Sys.Wait(child);
        Report.Number("root's own"u8, Sys.Open("/dev/mailbox-root\0"u8, Sys.ReadWrite) > 0 ? 1 : 0);
    }

    private static void Begin(out int opened, out int closed)
    {
        opened = Opened();
        closed = Closed();
    }

    // The server hears of it a moment later; and not once more another moment later.
    private static void End(System.ReadOnlySpan<byte> name, int opened, int closed)
    {
        for (int wait = 0; wait < LongestWait && Closed() - closed < Opened() - opened; wait++)
            Sys.Sleep(Moment);
        Sys.Sleep(Moment);
        Report.Number(name, (Opened() - opened) * 10 + Closed() - closed);
    }

    private static int Opened()
    {
        Sys.Control(monitor, State, 0);
        return Sys.ControlWord(0);
    }

    private static int Closed()
    {
        Sys.Control(monitor, State, 0);
        return Sys.ControlWord(1);
    }
}
