using Servers.Vfs.Blocks;
using Servers.Vfs.Objects;
using Servers.Vfs.Volumes;

namespace Servers.Vfs.Fat;

/// <summary>FAT12, FAT16 and FAT32 with long names, read-only. docs/other-file-systems.md.</summary>
public sealed class FatType(VolumeSources sources) : FileSystemType("vfat")
{
    /// <inheritdoc/>
    public override bool NeedsDevice => true;

    /// <inheritdoc/>
    public override Errno Create(OperationContext context, in MountArguments arguments, out FileSystem? fileSystem)
    {
        fileSystem = null;
        if (sources.Disks.Find(arguments.Device) is not { } device)
            return Errno.ENXIO;
        bool isReadOnly = (arguments.Restrictions & MountFlags.ReadOnly) != 0;
        if (device.Owner is { } owner)
        {
            fileSystem = owner is FatFileSystem && isReadOnly ? owner : null;
            return fileSystem != null ? Errno.None : Errno.EBUSY;
        }

        Errno error = FatOptions.Parse(arguments.Options.Span, out FatOptions options);
        byte[] sector = new byte[FatGeometry.Length];
        if (error == Errno.None)
            error = device.Content.Size < sector.Length ? Errno.EINVAL : VolumeFileSystem.Read(context, device, 0, sector);
        if (error != Errno.None)
            return error;
        if (FatGeometry.Read(sector, out string why) is not { } geometry)
        {
            sources.Log($"{Name} ({device.Name}): {why}");
            return Errno.EINVAL;
        }

        if (!isReadOnly)
        {
            sources.Log($"{Name} ({device.Name}): it cannot be written yet: mount it read-only");
            return Errno.EROFS;
        }

        var made = new FatFileSystem(sources, device, geometry, options, arguments.Restrictions);
        error = made.Begin(context);
        fileSystem = error == Errno.None ? made : null;
        return error;
    }
}
