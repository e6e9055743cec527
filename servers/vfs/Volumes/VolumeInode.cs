using Servers.Vfs.Caches;
using Servers.Vfs.Objects;
using Servers.Vfs.Pipes;

namespace Servers.Vfs.Volumes;

/// <summary>What a record of the disk says of a file.</summary>
internal record struct VolumeAttributes
{
    /// <summary>Type and permission bits.</summary>
    public uint Mode { get; set; }

    /// <summary>Owner.</summary>
    public uint UserId { get; set; }

    /// <summary>Group.</summary>
    public uint GroupId { get; set; }

    /// <summary>Names.</summary>
    public uint Links { get; set; }

    /// <summary>Number of a device node.</summary>
    public uint Device { get; set; }

    /// <summary>Nanoseconds since 1970.</summary>
    public long AccessTime { get; set; }

    /// <inheritdoc cref="AccessTime"/>
    public long ModifyTime { get; set; }

    /// <inheritdoc cref="AccessTime"/>
    public long ChangeTime { get; set; }
}

/// <summary>An inode of a file system that is only read.</summary>
internal abstract class VolumeInode : CachedInode
{
    protected VolumeInode(VolumeFileSystem fileSystem, ulong number, in VolumeAttributes attributes)
        : base(fileSystem, fileSystem.Inodes, number, attributes.Mode)
    {
        Owned = fileSystem;
        (UserId, GroupId, LinkCount, Device) = (attributes.UserId, attributes.GroupId, attributes.Links, attributes.Device);
        (AccessTime, ModifyTime, ChangeTime) = (attributes.AccessTime, attributes.ModifyTime, attributes.ChangeTime);
    }

    /// <summary>What it lies on.</summary>
    public VolumeFileSystem Owned { get; }

    public override Errno SetAttributes(OperationContext context, in AttributeChange change) => Errno.EROFS;
}

/// <summary>A symbolic link, whose text was read with the inode.</summary>
internal sealed class VolumeLink(VolumeFileSystem fileSystem, ulong number, in VolumeAttributes attributes, byte[] text)
    : VolumeInode(fileSystem, number, attributes)
{
    public override long Size => text.Length;

    public override Errno ReadLink(OperationContext context, out byte[] linkText)
    {
        linkText = text;
        return Errno.None;
    }

    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = null;
        return Errno.ELOOP;
    }
}

/// <summary>A device node, a fifo or a socket's name.</summary>
internal sealed class VolumeSpecial(VolumeFileSystem fileSystem, ulong number, in VolumeAttributes attributes)
    : VolumeInode(fileSystem, number, attributes)
{
    private Pipe? pipe;

    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = null;
        switch (InodeMode.Type(Mode))
        {
            case InodeMode.Fifo:
                pipe ??= new Pipe(Owned.Sources.Pipes);
                return FifoFile.Open(request, this, pipe, out file);
            case InodeMode.Character or InodeMode.Block:
                return Owned.Sources.Devices.Open(request, this, out file);
            default:
                return Errno.ENXIO;
        }
    }
}
