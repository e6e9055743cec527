namespace Servers.Processes.Tree;

/// <summary>Signals that wait for all processes together: each process may have many, and what waits lies in this server's heap.</summary>
internal sealed class SignalBudget
{
    // 56 bytes each: 3.5 MiB of the heap's 32.
    private const int Limit = 65_536;

    private int used;

    /// <summary>True while one more may wait.</summary>
    public bool HasRoom => used < Limit;

    /// <summary>So many more wait, or fewer.</summary>
    public void Count(int change) => used += change;
}
