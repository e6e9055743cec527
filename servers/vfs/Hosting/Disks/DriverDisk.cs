using Servers.Vfs.Blocks;

namespace Servers.Vfs.Hosting.Disks;

/// <summary>A disk of a driver, whichever generation of it there is.</summary>
/// <param name="peer">Its driver.</param>
/// <param name="number">Number that the driver's first generation knows it by.</param>
/// <param name="traits">What it says of itself.</param>
/// <param name="function">Address of its function on the PCI bus, as <see cref="Libsys.Messages.BlockControl.Disk"/> tells it.</param>
internal sealed class DriverDisk(DiskPeer peer, int number, DiskTraits traits, int function) : IDisk
{
    /// <summary>Number that the driver's first generation knows it by.</summary>
    public int Number => number;

    /// <summary>Address of its function on the PCI bus: bus &lt;&lt; 8 | device &lt;&lt; 3 | function.</summary>
    public int Function => function;

    /// <inheritdoc/>
    public DiskTraits Traits { get; set; } = traits;

    /// <summary>It is the same disk, of another generation of the driver.</summary>
    public bool Is(DriverDisk other) => Function == other.Function && Traits.Namespace == other.Traits.Namespace;

    /// <inheritdoc/>
    public void Submit(BlockRequest request) => peer.Submit(this, request);
}
