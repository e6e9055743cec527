namespace Servers.Vfs.Terminals;

/// <summary>
/// Signals that terminals caused and the process server has not fetched. It is told that there are some, and comes for them when it can: vfs never waits for
/// it. An equal signal that still waits gives way to the new one, as a standard signal is pending once, so the list is bounded by groups and signal numbers.
/// </summary>
public sealed class PendingSignals : ITerminalSignals
{
    private readonly List<(int Target, int Signal)> waiting = [];

    /// <summary>Called when there are signals to fetch.</summary>
    public Action? Arrived { get; set; }

    /// <summary>Signals that wait.</summary>
    public int Count => waiting.Count;

    /// <inheritdoc/>
    public void ToGroup(uint group, int signal) => Add(-(int)group, signal);

    /// <inheritdoc/>
    public void ToProcess(uint pid, int signal) => Add((int)pid, signal);

    /// <summary>Takes the oldest; the target is as for kill(2): a pid, or −group.</summary>
    public bool TryTake(out int target, out int signal)
    {
        (target, signal) = waiting.Count > 0 ? waiting[0] : default;
        if (waiting.Count == 0)
            return false;
        waiting.RemoveAt(0);
        return true;
    }

    private void Add(int target, int signal)
    {
        waiting.Remove((target, signal));
        waiting.Add((target, signal));
        Arrived?.Invoke();
    }
}
