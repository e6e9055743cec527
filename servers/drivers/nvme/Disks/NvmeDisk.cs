using Libsys.Hosting;
using Libsys.Hosting.Devices;
using Libsys.Hosting.Devices.Disks;
using Libsys.Messages;
using Libsys.Rings;

namespace Servers.Drivers.Nvme.Disks;

/// <summary>A namespace of a controller.</summary>
/// <param name="controller">Has its commands, with those of its others.</param>
/// <param name="function">Where the controller is on the bus.</param>
/// <param name="identity">What the controller says of itself.</param>
/// <param name="number">Its number.</param>
/// <param name="space">What the controller says of it.</param>
internal sealed class NvmeDisk(ControllerDisks controller, PciDevice function, ControllerIdentity identity, uint number, NamespaceIdentity space) : IServedDisk
{
    /// <inheritdoc/>
    public ulong Sectors => space.Sectors;

    /// <inheritdoc/>
    public uint LogicalBlock => space.LogicalBlock;

    /// <inheritdoc/>
    public uint PhysicalBlock => space.PhysicalBlock;

    /// <inheritdoc/>
    public uint OptimalTransfer => space.OptimalTransfer;

    /// <inheritdoc/>
    public DiskFlags Flags => identity.Flags | DiskFlags.NonRotational | (space.IsReadOnly ? DiskFlags.ReadOnly : 0);

    /// <inheritdoc/>
    public DmaDomainHandle Domain => function.Domain;

    /// <inheritdoc/>
    public bool IsConfined => function.IsConfined;

    /// <inheritdoc/>
    public uint Address => function.Address;

    /// <inheritdoc/>
    public uint Namespace => number;

    /// <summary>What a command can. Of zeroes no more than of bytes, as Linux has it: a controller that writes them takes as long.</summary>
    public EraseLimits Erase => new(
        SectorsOf(identity.MostDiscard), LogicalBlock, SectorsOf(Math.Min(identity.MostZeroes(LogicalBlock), identity.MostBlocksOf(LogicalBlock))));

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Serial => identity.Serial;

    /// <inheritdoc/>
    public void Submit(IBlockClient client, in Submission request) =>
        controller.Submit(client, request, this, identity, BlockChecks.Check(this, request));

    /// <inheritdoc/>
    public void Notify() => controller.Notify();

    /// <inheritdoc/>
    public void Serve() => controller.Serve();

    private ulong SectorsOf(ulong blocks) => blocks * (LogicalBlock / BlockLimits.SectorLength);
}
