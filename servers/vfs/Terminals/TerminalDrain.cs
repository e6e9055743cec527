namespace Servers.Vfs.Terminals;

/// <summary>Waits until what was written to terminals has left the machine.</summary>
public sealed class TerminalDrain(IReadOnlyList<Terminal> terminals)
{
    private readonly List<Action> waiting = [];

    /// <summary>Calls <paramref name="drained"/> when everything written so far has left.</summary>
    public void Wait(Action drained)
    {
        waiting.Add(drained);
        Check();
    }

    /// <summary>Output has left a line.</summary>
    public void Check()
    {
        if (waiting.Count == 0)
            return;
        foreach (Terminal terminal in terminals)
        {
            if (!terminal.Line.HasLeft(terminal.Line.Mark))
                return;
        }

        foreach (Action drained in waiting)
            drained();
        waiting.Clear();
    }
}
