namespace Servers.Vfs.Processes;

/// <summary>Something at another server that a process of a space may use until it ends, or closes its handle.</summary>
/// <param name="slot">Process slot in the space.</param>
public abstract class SpaceGrant(uint slot)
{
    /// <summary>Process slot in the space.</summary>
    public uint Slot => slot;

    /// <summary>Ends it.</summary>
    public abstract void Withdraw();
}
