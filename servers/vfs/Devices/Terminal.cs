using Libsys.Messages;
using Libsys.Rings;
using Servers.Vfs.Files;
using Servers.Vfs.Linux;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Devices;

/// <summary>
/// A serial terminal as vfs sees it: requests go to the console driver, readiness comes back by a standing Poll request, so poll(2) is answered here.
/// </summary>
public sealed class Terminal : IDevice
{
    private readonly ITerminalLink link;
    private bool isWatching;
    private ulong sequence;

    /// <summary>A terminal on a line of the driver.</summary>
    public Terminal(ITerminalLink link, int line, uint major, uint minor)
    {
        this.link = link;
        Line = line;
        Device = DeviceNumber.Make(major, minor);
    }

    /// <summary>Line of the driver.</summary>
    public int Line { get; }

    /// <summary>Device number of the terminal itself (tty_nr of /proc/PID/stat).</summary>
    public uint Device { get; }

    /// <summary>Session that it controls, 0 if none: followed from the TIOCSCTTY and TIOCNOTTY that pass through.</summary>
    public uint Session { get; set; }

    /// <summary>Foreground process group, followed from the TIOCSPGRP that pass through; for /proc.</summary>
    public uint Foreground { get; set; }

    /// <summary>POLL* bits of the last news.</summary>
    public ushort Ready { get; private set; } = PollEvents.Writable;

    /// <summary>Requests that wait for news or for a piece of the pool.</summary>
    public WaitQueue Waiters { get; } = new();

    /// <summary>The way to the driver.</summary>
    public ITerminalLink Link => link;

    /// <inheritdoc/>
    public Errno Open(in OpenRequest request, out OpenFile? file)
    {
        Watch();
        var terminal = new TerminalFile(request.Location, request.Flags, this);
        file = terminal;

        // A session leader without a terminal gets this one, unless it says O_NOCTTY or opens /dev/console: open(2), console(4).
        bool isConsoleNode = request.Location.Inode.Device == TerminalDevices.ConsoleDevice;
        if (!isConsoleNode && (request.Flags & OpenFlags.NoControllingTerminal) == 0 && request.Process.IsSessionLeader && Session == 0)
            terminal.ClaimFor(request.Process);
        return Errno.None;
    }

    /// <summary>The leader of <paramref name="session"/> has ended: a terminal that it controlled is free, and its foreground group is told.</summary>
    public static void ReleaseSession(IReadOnlyList<Terminal> terminals, uint session)
    {
        foreach (Terminal terminal in terminals)
        {
            if (session == 0 || terminal.Session != session)
                continue;
            terminal.Session = 0;
            terminal.Foreground = 0;
            terminal.link.Send(ConsoleOperation.ReleaseSession, terminal.Line, 0, 0, new TerminalArguments(session), static _ => { });
        }
    }

    /// <summary>Starts the standing Poll request.</summary>
    private void Watch()
    {
        if (isWatching)
            return;
        isWatching = true;
        link.Send(ConsoleOperation.Poll, Line, 0, 0, new TerminalArguments(sequence), Changed);
    }

    private void Changed(Completion news)
    {
        isWatching = false;
        if (news.Result < 0)
        {
            // Only a broken connection ends the watch: tell everybody.
            Ready = PollEvents.Error | PollEvents.HangUp | PollEvents.In;
            Waiters.Wake();
            return;
        }

        sequence = news.V0;
        Ready = (ushort)news.V1;
        Waiters.Wake();
        Watch();
    }
}
