using Bare;

namespace ConnectionChecks;

/// <summary>The server ends under a reader and a poller, and again: descriptions of it are of no more use, new ones are.</summary>
internal static class RestartChecks
{
    private const int Rounds = 3, Moment = 20;
    private const uint AbortNumber = 0x6D05; // _IO('m', 5), tests/servers/mailbox

    public static int Run(long path)
    {
        int kept = Sys.Open(path, Sys.ReadWrite);
        for (int round = 0; round < Rounds; round++)
        {
            int box = Sys.Open(path, Sys.ReadWrite);
            Report.Number("before: write and read"u8, Sys.Write(box, "old"u8) * 10000 + Sys.Read(box, 8));
            int reader = Sys.Fork();
            if (reader == 0)
                Linux.Exit((int)-Sys.Read(box, 8));
            int poller = Sys.Fork();
            if (poller == 0)
            {
                Sys.Pipe(out int read, out int write);
                Sys.Want(0, read, Sys.In);
                Sys.Want(1, box, Sys.In);
                Linux.Exit(Sys.Poll(2, -1) * 100 + Sys.Found(1));
            }

            Sys.Sleep(Moment);
            int inject = Sys.Open("/sys/servers/mailbox/inject\0"u8, 1);
            Sys.Write(inject, "crash\n"u8);
            Sys.Close(inject);
            Report.Number("reader's error"u8, Sys.Wait(reader));
            Report.Number("poller found"u8, Sys.Wait(poller));
            Report.Number("write"u8, Sys.Write(box, "x"u8));
            Report.Number("and again"u8, Sys.Write(box, "x"u8));
            Sys.Want(0, box, Sys.In);
            Report.Number("poll"u8, Sys.Poll(1, -1) * 100 + Sys.Found(0));
            int fresh = Open(path);
            Report.Number("opened again: write and read"u8, Sys.Write(fresh, "new"u8) * 10000 + Sys.Read(fresh, 8));
            Sys.Want(0, fresh, Sys.In);
            Report.Number("nothing there"u8, Sys.Poll(1, Moment));
            Report.Number("the old one"u8, Sys.Write(box, "x"u8));
            Report.Number("the oldest"u8, Sys.Write(kept, "x"u8));
            Sys.Close(box);
            Sys.Close(fresh);
        }

        return 0;
    }

    /// <summary>Has the server abort: the error of the request that it dies of.</summary>
    public static int Abort(long path) => (int)-Sys.Control(Sys.Open(path, Sys.ReadWrite), AbortNumber, 0);

    // The successor may still be starting: its device cannot be opened then, or its grants are its predecessor's.
    private static int Open(long path)
    {
        for (; ; )
        {
            int descriptor = Sys.Open(path, Sys.ReadWrite);
            if (descriptor >= 0)
                return descriptor;
            Sys.Sleep(Moment);
        }
    }
}
