namespace Servers.Vfs.Processes;

/// <summary>Handles of all processes together: what they keep lies in vfs' own heap, so clients must not be able to fill it.</summary>
public sealed class HandleBudget
{
    /// <summary>About 120 bytes each with their description: 8 MiB.</summary>
    public const int Limit = 65536;

    // Record locks, and texts of /proc that are being read.
    private const long BesideHandles = 8 << 20;

    /// <summary>What processes make vfs keep beside their handles.</summary>
    public ClientMemory Memory { get; } = new(BesideHandles);

    /// <summary>Handles in use.</summary>
    public int Used { get; private set; }

    /// <summary>True if that many more may be made; if not, Linux says ENFILE.</summary>
    public bool HasRoom(int count) => count <= Limit - Used;

    /// <summary>Counts handles.</summary>
    public void Take(int count) => Used += count;

    /// <summary>Handles are gone.</summary>
    public void Give(int count) => Used -= count;
}
