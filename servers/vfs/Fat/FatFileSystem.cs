using Servers.Vfs.Blocks;
using Servers.Vfs.Objects;
using Servers.Vfs.Volumes;

namespace Servers.Vfs.Fat;

/// <summary>A mounted FAT.</summary>
internal sealed class FatFileSystem : VolumeFileSystem
{
    /// <summary>Number of the root directory, which has no entry; those of others are where their entries lie.</summary>
    public const ulong RootNumber = 1;

    private uint counted, free;

    public FatFileSystem(VolumeSources sources, BlockDevice device, FatGeometry geometry, FatOptions options, MountFlags restrictions)
        : base(sources, device, restrictions)
    {
        (Geometry, Options) = (geometry, options);
        Reads = new FatReads(this);
    }

    public override string TypeName => "vfat";

    public override ulong Magic => 0x4D44; // MSDOS_SUPER_MAGIC, statfs(2)

    public override string OptionText => Options.Text();

    public FatGeometry Geometry { get; }

    public FatOptions Options { get; }

    /// <summary>Reads for transfers.</summary>
    public FatReads Reads { get; }

    /// <summary>Reads the root directory, as the last step of a mount.</summary>
    public Errno Begin(OperationContext context)
    {
        // A root of FAT12 and FAT16 has a place of its own, in front of the clusters.
        var place = Geometry.Bits == 32 ? new FatContent(this, Geometry.RootCluster) : new FatContent(this, Geometry.RootStart, Geometry.RootLength);
        Errno error = FatInodes.LoadDirectory(context, this, RootNumber, place, default, isRoot: true, out VolumeInode? root);
        if (error != Errno.None)
            return error;
        if (!Reads.TryPrepare())
            return Errno.ENOMEM;
        ((FatDirectory)root!).ParentNumber = RootNumber;
        Begin((FatDirectory)root);
        return Errno.None;
    }

    // Free clusters are counted once: nothing changes them. A request that waits goes on where the last one has ended.
    public override Errno StatFs(OperationContext context, out FileSystemUsage usage)
    {
        usage = default;
        var table = new RequestTable(this, context);
        for (; counted < Geometry.Clusters; counted++)
        {
            Errno error = table.Next(counted + FatGeometry.FirstCluster, out uint next);
            if (error != Errno.None)
                return error;
            free += next == 0 ? 1u : 0;
        }

        usage = new FileSystemUsage(Geometry.Clusters, free, 0, 0) { BlockSize = Geometry.ClusterSize };
        return Errno.None;
    }

    protected override void Close()
    {
        base.Close();
        Reads.Close();
    }
}
