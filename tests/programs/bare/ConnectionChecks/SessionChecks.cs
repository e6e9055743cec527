using Bare;

namespace ConnectionChecks;

/// <summary>What a session leaves at a server that outlives it: nothing.</summary>
internal static class SessionChecks
{
    private const int Waiters = 5, Open = 40, Moment = 50;
    private const uint State = 0x8018_6D03, Handles = 0x8004_6D06; // tests/servers/mailbox

    /// <summary>Readers and pollers, each a process with descriptions of its own besides those that all share, which never end by themselves.</summary>
    public static int Wait(long path)
    {
        for (int count = 0; count < Open; count++)
            Sys.Open(path, Sys.ReadWrite);
        int shared = Sys.Open(path, Sys.ReadWrite);
        for (int waiter = 0; waiter < Waiters; waiter++)
        {
            if (Sys.Fork() == 0)
                Linux.Exit((int)Sys.Read(Sys.Open(path, Sys.ReadWrite), 1));
            if (Sys.Fork() == 0)
                Linux.Exit((int)Sys.Read(shared, 1));
            if (Sys.Fork() == 0)
            {
                Sys.Pipe(out int read, out _);
                Sys.Want(0, shared, Sys.In);
                Sys.Want(1, read, Sys.In);
                Linux.Exit(Sys.Poll(2, -1));
            }
        }

        Sys.Sleep(Moment);
        Report.Number("waiting"u8, Waiters * 3);
        return (int)Sys.Read(shared, 1);
    }

    /// <summary>Descriptions that are open, this one left out; handles that the server holds.</summary>
    public static int Count(long path)
    {
        int box = Sys.Open(path, Sys.ReadWrite);
        Sys.Control(box, State, 0);
        Report.Number("open"u8, Sys.ControlWord(0) - Sys.ControlWord(1) - 1);
        Report.Number("handles"u8, Sys.Control(box, Handles, 0));
        return 0;
    }
}
