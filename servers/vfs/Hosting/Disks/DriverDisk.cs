using Servers.Vfs.Blocks;

namespace Servers.Vfs.Hosting.Disks;

/// <summary>A disk of a driver, whichever generation of it there is.</summary>
/// <param name="peer">Its driver.</param>
/// <param name="number">Number that the driver knows it by.</param>
/// <param name="traits">What it says of itself.</param>
/// <param name="place">Where it is in the tree of devices.</param>
internal sealed class DriverDisk(DiskPeer peer, int number, DiskTraits traits, string place) : IDisk
{
    /// <summary>Number that the driver knows it by.</summary>
    public int Number => number;

    /// <summary>Where it is in the tree of devices, from /sys/devices on.</summary>
    public string Place => place;

    /// <inheritdoc/>
    public DiskTraits Traits { get; } = traits;

    /// <inheritdoc/>
    public void Submit(BlockRequest request) => peer.Submit(this, request);
}
