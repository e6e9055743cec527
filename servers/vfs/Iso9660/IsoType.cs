using Servers.Vfs.Blocks;
using Servers.Vfs.Objects;
using Servers.Vfs.Volumes;

namespace Servers.Vfs.Iso9660;

/// <summary>ISO 9660 (ECMA-119) with Rock Ridge or Joliet, read-only. docs/other-file-systems.md.</summary>
public sealed class IsoType(VolumeSources sources) : FileSystemType("iso9660")
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
            fileSystem = owner is IsoFileSystem && isReadOnly ? owner : null;
            return fileSystem != null ? Errno.None : Errno.EBUSY;
        }

        Errno error = IsoOptions.Parse(arguments.Options.Span, out IsoOptions options);
        if (error != Errno.None)
            return error;
        error = VolumeDescriptors.Read(context, device, options.StartSector ?? 0, out VolumeDescriptor? primary, out VolumeDescriptor? joliet, out string why);
        if (error == Errno.EINVAL)
            sources.Log($"{Name} ({device.Name}): {why}");
        // Linux' answer too: mount(8) then mounts it read-only.
        if (error == Errno.None && !isReadOnly)
            error = Errno.EACCES;
        if (error != Errno.None)
            return error;
        var made = new IsoFileSystem(sources, device, primary!, options, arguments.Restrictions);
        error = made.Begin(context, joliet);
        fileSystem = error == Errno.None ? made : null;
        return error;
    }
}
