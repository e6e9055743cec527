namespace Servers.Drivers.Console.Terminals;

/// <summary>Session and foreground process group of a terminal, credentials(7) and tty_ioctl(4).</summary>
public sealed class JobControl(ISignalTarget signals)
{
    /// <summary>SIGTTIN.</summary>
    public const int Sigttin = 21;

    /// <summary>SIGTTOU.</summary>
    public const int Sigttou = 22;

    private const int Sighup = 1, Sigcont = 18;
    private const long Eintr = -4;

    /// <summary>Session that the terminal controls; 0: none.</summary>
    public uint Session { get; private set; }

    /// <summary>Foreground process group; 0: none.</summary>
    public uint Foreground { get; set; }

    /// <summary>The terminal controls this session from now on.</summary>
    public void Claim(uint session, uint group)
    {
        Session = session;
        Foreground = group;
    }

    /// <summary>The session's leader gave the terminal up or ended: the foreground group is told, TIOCNOTTY in tty_ioctl(4).</summary>
    public void Release(uint session)
    {
        if (session == 0 || Session != session)
            return;
        if (Foreground != 0)
        {
            signals.Signal(Foreground, Sighup);
            signals.Signal(Foreground, Sigcont);
        }

        Session = 0;
        Foreground = 0;
    }

    /// <summary>A signal typed at the keyboard.</summary>
    public void SignalForeground(int number)
    {
        if (Foreground != 0)
            signals.Signal(Foreground, number);
    }

    /// <summary>0 if the request may go on; otherwise its group was signalled and it ends with −EINTR, to be made again when the group continues.</summary>
    public long CheckBackground(ConsoleRequest request, int signal)
    {
        bool isForeground = Session == 0 || Foreground == 0 || request.Session != Session || request.Group == Foreground;
        if (isForeground)
            return 0;
        signals.Signal(request.Group, signal);
        return Eintr;
    }
}
