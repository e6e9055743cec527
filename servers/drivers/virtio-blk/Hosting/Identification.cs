using Libsys.Hosting.Devices.Disks;
using Libsys.Rings;
using Servers.Drivers.VirtioBlk.Disks;

namespace Servers.Drivers.VirtioBlk.Hosting;

/// <summary>Asks the disks for their serial numbers before the driver serves anybody: they are part of what a disk is.</summary>
internal sealed class Identification(IReadOnlyList<VirtioDisk> disks, Action done) : IBlockClient
{
    private int left;

    /// <summary>Asks.</summary>
    public void Start()
    {
        left = disks.Count;
        foreach (VirtioDisk disk in disks)
        {
            disk.Identify(this, 0);
            disk.Notify();
        }

        if (left == 0)
            done();
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Segments(in Submission request) => default;

    /// <inheritdoc/>
    public void Complete(ulong tag, long result)
    {
        // A disk without one has an empty number.
        if (--left == 0)
            done();
    }
}
