using Servers.Vfs.Objects;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Pipes;

/// <summary>That a process may move a pipe's data in memory by one of its ends, until it ends or that is closed.</summary>
/// <param name="pipe">The pipe.</param>
/// <param name="file">The end.</param>
/// <param name="space">The process' space.</param>
/// <param name="slot">Process slot in it.</param>
/// <param name="number">What it calls itself in the locks of the stream.</param>
public sealed class StreamMapping(Pipe pipe, OpenFile file, AttachedSpace space, uint slot, uint number) : SpaceGrant(slot)
{
    /// <summary>The end.</summary>
    public OpenFile File => file;

    /// <summary>The process' space.</summary>
    public AttachedSpace Space => space;

    /// <summary>What it calls itself in the locks of the stream.</summary>
    public uint Number => number;

    /// <inheritdoc/>
    public override void Withdraw()
    {
        space.Grants.Remove(this);
        pipe.Forget(this);
    }
}
