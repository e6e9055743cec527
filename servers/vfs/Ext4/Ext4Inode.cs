using Servers.Vfs.Attributes;
using Servers.Vfs.Caches;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Ext4;

/// <summary>An inode of the disk while it is in memory.</summary>
internal abstract class Ext4Inode : CachedInode
{
    protected Ext4Inode(Ext4FileSystem fileSystem, uint number, InodeRecord record)
        : base(fileSystem, fileSystem.Inodes, number, record.Mode)
    {
        (Disk, Record) = (fileSystem, record);
        Load();
    }

    /// <summary>What it lies on.</summary>
    public Ext4FileSystem Disk { get; }

    public Volume Volume => Disk.Volume;

    /// <summary>As it is on the disk, or will be.</summary>
    public InodeRecord Record { get; private set; }

    public override long Size => Record.Size;

    public override long Blocks => Record.Sectors(Volume.Super);

    public override long BlockSize => Volume.BlockSize;

    public override Errno SetAttributes(OperationContext context, in AttributeChange change) => Errno.EROFS;

    /// <summary>A file was read.</summary>
    public void Read(Mount mount, uint flags)
    {
        if ((flags & OpenFlags.NoAccessTime) == 0 && (Disk.Restrictions & MountFlags.ReadOnly) == 0)
            AccessTime = AccessTimes.After(mount, this, Disk.Clock.Wall);
    }

    private void Load()
    {
        (Mode, UserId, GroupId, LinkCount) = (Record.Mode, Record.UserId, Record.GroupId, Record.Links);
        (AccessTime, ModifyTime, ChangeTime) = (Record.AccessTime, Record.ModifyTime, Record.ChangeTime);
    }
}
