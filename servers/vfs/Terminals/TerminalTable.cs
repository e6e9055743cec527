using Servers.Vfs.Processes;

namespace Servers.Vfs.Terminals;

/// <summary>All terminals that exist.</summary>
public sealed class TerminalTable
{
    private readonly List<Terminal> terminals = [];

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

    /// <summary>The leader of a session has ended.</summary>
    public void EndSession(uint session)
    {
        foreach (Terminal terminal in terminals.ToArray())
            terminal.EndSession(session, hangsUp: terminal.Line.HasModemLines);
    }
}
