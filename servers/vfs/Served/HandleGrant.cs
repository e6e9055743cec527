using Servers.Vfs.Processes;

namespace Servers.Vfs.Served;

/// <summary>That a process may use an open device at its server under a handle, until it closes it.</summary>
/// <param name="file">The description.</param>
/// <param name="space">The process' space.</param>
/// <param name="slot">Process slot in it.</param>
/// <param name="table">Where the handle is.</param>
/// <param name="handle">The handle.</param>
public sealed class HandleGrant(ServedFile file, AttachedSpace space, uint slot, HandleTable table, uint handle) : SpaceGrant(slot)
{
    /// <summary>The description.</summary>
    public ServedFile File => file;

    /// <summary>The process' space.</summary>
    public AttachedSpace Space => space;

    /// <summary>Where the handle is.</summary>
    public HandleTable Table => table;

    /// <summary>The handle.</summary>
    public uint Handle => handle;

    /// <summary>Its number in the server's table.</summary>
    public ulong Number { get; set; }

    /// <inheritdoc/>
    public override void Withdraw()
    {
        space.Grants.Remove(this);
        file.Forget(this);
    }
}
