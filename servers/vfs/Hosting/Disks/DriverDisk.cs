using Servers.Vfs.Blocks;

namespace Servers.Vfs.Hosting.Disks;

/// <summary>A disk of a driver, whichever generation of it there is.</summary>
internal sealed class DriverDisk(DiskPeer peer, int number, DiskTraits traits) : IDisk
{
    /// <summary>Number that the driver knows it by.</summary>
    public int Number => number;

    /// <inheritdoc/>
    public DiskTraits Traits { get; } = traits;

    /// <inheritdoc/>
    public void Submit(BlockRequest request) => peer.Submit(this, request);
}
