using Servers.Vfs.Processes;

namespace Servers.Vfs.Terminals;

/// <summary>All terminals that exist.</summary>
public sealed class TerminalTable
{
    private readonly List<Terminal> terminals = [];

    // Sessions that lost their terminal by a hang-up, and the group that was in the foreground: when the leader ends, it learns of it.
    private readonly Dictionary<uint, uint> lost = [];

    /// <summary>All of them.</summary>
    public IReadOnlyList<Terminal> All => terminals;

    /// <summary>A new one.</summary>
    public void Add(Terminal terminal) => terminals.Add(terminal);

    /// <summary>A pseudo-terminal is gone.</summary>
    public void Remove(Terminal terminal) => terminals.Remove(terminal);

    /// <summary>The controlling terminal of a process, or null.</summary>
    public Terminal? Of(ClientProcess process)
    {
        foreach (Terminal terminal in terminals)
        {
            if (terminal.Jobs.Controls(process))
                return terminal;
        }

        return null;
    }

    /// <summary>The terminal of a session, or null.</summary>
    public Terminal? OfSession(uint session)
    {
        foreach (Terminal terminal in terminals)
        {
            if (session != 0 && terminal.Jobs.Session == session)
                return terminal;
        }

        return null;
    }

    /// <summary>A terminal was hung up while it controlled a session.</summary>
    public void RememberLost(uint session, uint foreground) => lost[session] = foreground;

    /// <summary>The leader of a session has ended.</summary>
    public void EndSession(uint session, ITerminalSignals signals)
    {
        if (lost.Remove(session, out uint foreground))
        {
            signals.ToGroup(foreground, Signals.SIGHUP);
            signals.ToGroup(foreground, Signals.SIGCONT);
        }

        foreach (Terminal terminal in terminals.ToArray())
            terminal.EndSession(session, hangsUp: terminal.Line.HasModemLines);
    }
}
