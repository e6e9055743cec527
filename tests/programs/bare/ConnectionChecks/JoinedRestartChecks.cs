using Bare;

namespace ConnectionChecks;

/// <summary>Of three servers one ends, again and again, under those who wait at it, at another, and at all three: the others go on.</summary>
internal static class JoinedRestartChecks
{
    private const int Rounds = 3, Moment = 20, Never = -1, Add = 1, Others = 6;
    private const uint In = 1;

    /// <summary>
    /// Arguments 1 to 3 are paths, 4 is the file that ends the first one's server. Where that is not started again, <paramref name="isLast"/>, there is one
    /// round.
    /// </summary>
    public static int Run(ulong arguments, bool isLast)
    {
        JoinedChecks.Open(arguments);
        for (int round = 0; round < (isLast ? 1 : Rounds); round++)
        {
            int poller = Sys.Fork();
            if (poller == 0)
                Linux.Exit(Short(JoinedChecks.PollAll(round, Never)));
            int epoller = Sys.Fork();
            if (epoller == 0)
                Linux.Exit(Epoll());
            int reader = Sys.Fork();
            if (reader == 0)
                Linux.Exit((int)-Sys.Read(JoinedChecks.Box(0), 8));
            int other = Sys.Fork();
            if (other == 0)
                Linux.Exit((int)(Sys.Read(JoinedChecks.Box(1), 8) % 1000));
            Sys.Sleep(Moment);
            Crash((long)Sys.Word((long)arguments + 4 * sizeof(ulong)));
            Report.Number("poller found"u8, Sys.Wait(poller));
            Report.Number("epoll found"u8, Sys.Wait(epoller));
            Report.Number("reader's error"u8, Sys.Wait(reader));
            JoinedChecks.Put(1);
            Report.Number("the other's reader goes on"u8, Sys.Wait(other));
            Report.Number("write"u8, JoinedChecks.Put(0));
            Report.Number("poll"u8, JoinedChecks.PollAll(round, Never));
            JoinedChecks.Fill(Others);
            Report.Number("poll, the others ready"u8, JoinedChecks.PollAll(round, Never));
            Report.Number("the others hold"u8, JoinedChecks.Drain(Others));
            if (isLast)
                return Last((long)Sys.Word((long)arguments + sizeof(ulong)));
            Reopen((long)Sys.Word((long)arguments + sizeof(ulong)));
            JoinedChecks.Combine("opened again"u8);
        }

        return 0;
    }

    /// <summary>Writes <c>crash</c> to a file.</summary>
    public static void Crash(long path)
    {
        int inject = Sys.Open(path, 1);
        Sys.Write(inject, "crash\n"u8);
        Sys.Close(inject);
    }

    private static int Last(long path)
    {
        Report.Number("open"u8, Sys.Open(path, Sys.ReadWrite));
        Report.Number("read"u8, Sys.Read(JoinedChecks.Box(0), 1));
        int child = Sys.Fork();
        if (child == 0)
            Linux.Exit((int)-Sys.Read(JoinedChecks.Box(0), 1));
        Report.Number("read by a child"u8, -Sys.Wait(child));
        Report.Number("poll"u8, JoinedChecks.PollAll(0, Never));
        return 0;
    }

    private static int Epoll()
    {
        int epoll = Sys.EpollCreate();
        for (int file = 0; file < 3; file++)
            Sys.EpollControl(epoll, Add, JoinedChecks.Box(file), In);
        int count = Sys.EpollWait(epoll, Never);
        return count * 100 + Sys.EpollFound(count, JoinedChecks.Box(0));
    }

    // One found, of the first file: 91.
    private static int Short(int found) => found % 1000 / 100 * 10 + found / 1000 + found % 100;

    // The successor may still be starting: its device cannot be opened then, or its grants are its predecessor's.
    private static void Reopen(long path)
    {
        Sys.Close(JoinedChecks.Box(0));
        while ((JoinedChecks.Box(0) = Sys.Open(path, Sys.ReadWrite)) < 0)
            Sys.Sleep(Moment);
    }
}
