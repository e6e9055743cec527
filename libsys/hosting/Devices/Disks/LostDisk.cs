using Libsys.Linux;
using Libsys.Messages;
using Libsys.Rings;

namespace Libsys.Hosting.Devices.Disks;

/// <summary>
/// In the place of a disk whose device is dead: it has no sectors, and what is asked of it is −EIO. The driver's other disks keep their numbers.
/// </summary>
/// <param name="function">Its function.</param>
/// <param name="space">Number of the namespace that it was, or 0.</param>
public sealed class LostDisk(PciDevice function, uint space = 0) : IServedDisk
{
    /// <inheritdoc/>
    public uint Namespace => space;

    /// <inheritdoc/>
    public ulong Sectors => 0;

    /// <inheritdoc/>
    public uint LogicalBlock => BlockLimits.SectorLength;

    /// <inheritdoc/>
    public uint PhysicalBlock => BlockLimits.SectorLength;

    /// <inheritdoc/>
    public uint OptimalTransfer => 0;

    /// <inheritdoc/>
    public DiskFlags Flags => DiskFlags.None;

    /// <inheritdoc/>
    public DmaDomainHandle Domain => function.Domain;

    /// <inheritdoc/>
    public bool IsConfined => function.IsConfined;

    /// <inheritdoc/>
    public uint Address => function.Address;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Serial => default;

    /// <inheritdoc/>
    public void Submit(IBlockClient client, in Submission request) => client.Complete(request.Tag, -Errno.EIO);

    /// <inheritdoc/>
    public void Notify()
    {
        // There is nobody to be told.
    }

    /// <inheritdoc/>
    public void Serve()
    {
        // Everything has been answered.
    }
}
