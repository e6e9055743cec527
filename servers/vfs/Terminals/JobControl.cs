using Servers.Vfs.Processes;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Terminals;

/// <summary>Session and foreground process group of a terminal, credentials(7) and tty_ioctl(4).</summary>
public sealed class JobControl(ITerminalSignals signals, IProcessGroups groups)
{
    /// <summary>Session that the terminal controls; 0: none.</summary>
    public uint Session { get; private set; }

    /// <summary>Foreground process group; 0: none.</summary>
    public uint Foreground { get; set; }

    /// <summary>True if this is the controlling terminal of the process.</summary>
    public bool Controls(ClientProcess process) => Session != 0 && process.Session == Session && !process.HasGivenUpTerminal;

    /// <summary>The terminal controls the process' session from now on.</summary>
    public void Claim(ClientProcess process)
    {
        Session = process.Session;
        Foreground = process.Group;
        process.HasGivenUpTerminal = false;
    }

    /// <summary>No session any more; nobody is told.</summary>
    public void Clear()
    {
        Session = 0;
        Foreground = 0;
    }

    /// <summary>The session's leader gave the terminal up, TIOCNOTTY: the foreground group is told.</summary>
    public void GiveUp()
    {
        if (Foreground != 0)
        {
            signals.ToGroup(Foreground, Signals.SIGHUP);
            signals.ToGroup(Foreground, Signals.SIGCONT);
        }

        Clear();
    }

    /// <summary>The leader of <paramref name="session"/> has ended. True if this was its terminal.</summary>
    public bool EndSession(uint session)
    {
        if (session == 0 || Session != session)
            return false;
        if (Foreground != 0)
            signals.ToGroup(Foreground, Signals.SIGHUP);
        Clear();
        return true;
    }

    /// <summary>The line is gone (the master of a pseudo-terminal was closed): the session's leader is told.</summary>
    public void HangUp()
    {
        if (Session != 0)
        {
            signals.ToProcess(Session, Signals.SIGHUP);
            signals.ToProcess(Session, Signals.SIGCONT);
        }

        Clear();
    }

    /// <summary>A signal for the foreground group.</summary>
    public void SignalForeground(int number)
    {
        if (Foreground != 0)
            signals.ToGroup(Foreground, number);
    }

    /// <summary>True if the process is one of the background, which may not do everything.</summary>
    public bool IsBackground(ClientProcess process) => Controls(process) && Foreground != 0 && process.Group != Foreground;

    /// <summary>
    /// What becomes of a request from the background that <paramref name="signal"/> stands for: 0, it goes on; −EIO; or <see cref="Outcome.Waiting"/>,
    /// its group is to be signalled. <paramref name="isOff"/>: the caller blocks or ignores the signal (POSIX.1 §11.1.4, "Terminal Access Control").
    /// </summary>
    public long Judge(ClientProcess process, int signal, bool isOff)
    {
        if (!IsBackground(process))
            return 0;
        if (isOff)
            return signal == Signals.SIGTTIN ? -(long)Errno.EIO : 0;
        return groups.IsOrphaned(process.Group) ? -(long)Errno.EIO : Outcome.Waiting;
    }

    /// <summary>Signals the group of a request that <see cref="Judge"/> made wait.</summary>
    public void SignalBackground(ClientProcess process, int signal) => signals.ToGroup(process.Group, signal);

    /// <summary>TIOCSPGRP once the caller may: 0, −ENOTTY, −EINVAL, −ESRCH or −EPERM, tcsetpgrp(3).</summary>
    public long SetForeground(ClientProcess process, int group)
    {
        if (!Controls(process))
            return -(long)Errno.ENOTTY;
        if (group < 0)
            return -(long)Errno.EINVAL;
        uint session = groups.SessionOf((uint)group);
        if (session == 0)
            return -(long)Errno.ESRCH;
        if (session != process.Session)
            return -(long)Errno.EPERM;
        Foreground = (uint)group;
        return 0;
    }
}
