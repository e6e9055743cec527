using Servers.Vfs.Processes;

namespace Servers.Vfs.Sources;

/// <summary>That a process may change a description in memory, until it ends.</summary>
/// <param name="file">The description.</param>
/// <param name="space">The process' space.</param>
/// <param name="slot">Process slot in it.</param>
public sealed class SourceMapping(SourceFile file, AttachedSpace space, uint slot) : SpaceGrant(slot)
{
    /// <summary>The process' space.</summary>
    public AttachedSpace Space => space;

    /// <inheritdoc/>
    public override void Withdraw()
    {
        space.Grants.Remove(this);
        file.Forget(this);
    }
}
