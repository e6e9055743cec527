using Servers.Vfs.Attributes;
using Servers.Vfs.Caches;
using Servers.Vfs.Objects;
using Servers.Vfs.Pipes;

namespace Servers.DiskVfs.Disk;

/// <summary>An inode of the disk while it is in memory: a copy that is written through, but for access times, which are written before it goes.</summary>
internal abstract class DiskInode : CachedInode
{
    private bool isWriting;
    private bool isDirty;

    protected DiskInode(DiskFileSystem fileSystem, DiskRecord record)
        : base(fileSystem, fileSystem.Inodes, record.Number, record.Mode)
    {
        Disk = fileSystem;
        Record = record;
        Device = record.Device;
        (UserId, GroupId, LinkCount) = (record.User, record.Group, record.Links);
        (AccessTime, ModifyTime, ChangeTime) = (record.AccessTime, record.ModifyTime, record.ChangeTime);
    }

    public DiskFileSystem Disk { get; }

    /// <summary>Where it lies. Read only while something is loaded.</summary>
    public DiskRecord Record { get; }

    /// <summary>Two objects for one number would both write.</summary>
    public bool IsEvicted { get; private set; }

    public override bool IsDirty => isDirty;

    /// <summary>Access times that are still to be written.</summary>
    public bool HasNewAttributes => isDirty;

    public override Errno Refresh(OperationContext context)
    {
        Promise.Keep(!IsEvicted, "an inode is used that the cache has let go");
        return Disk.Drive.Gate(context);
    }

    public override Errno SetAttributes(OperationContext context, in AttributeChange change)
    {
        if (change.Size != null && !IsRegular)
            return Errno.EINVAL;
        Errno error = Disk.Drive.Gate(context);
        if (error != Errno.None)
            return error;
        if (change.Size is { } wanted && PrepareResize(context, wanted) is var late and not Errno.None)
            return late;
        if (change.Size is { } size)
            Resize(size);
        Apply(change);
        Write();
        return Errno.None;
    }

    public void SetOwner(uint user, uint group)
    {
        (UserId, GroupId) = (user, group);
        Write();
    }

    public void SetLinks(uint count, long now)
    {
        LinkCount = count;
        ChangeTime = now;
        Write();
    }

    public void StampContent(long now)
    {
        ModifyTime = ChangeTime = now;
        Write();
    }

    public void StampChange(long now)
    {
        ChangeTime = now;
        Write();
    }

    public void StampAccess(long time)
    {
        isDirty |= time != AccessTime;
        AccessTime = time;
    }

    public void Written(Credentials credentials, long now)
    {
        Mode = SetId.AfterWrite(this, credentials);
        StampContent(now);
    }

    /// <summary>Begins to write access times, for sync and unmount.</summary>
    public void Clean() => StartWriteBack();

    protected virtual Errno PrepareResize(OperationContext context, long size) => Errno.None;

    protected virtual void Resize(long size)
    {
    }

    protected override void StartWriteBack()
    {
        if (isWriting || !isDirty)
            return;
        isWriting = true;
        Disk.Drive.Start(() =>
        {
            isWriting = isDirty = false;
            Record.AccessTime = AccessTime;
            Disk.Cleaned.Wake();
        });
    }

    protected override void Unused()
    {
        if (LinkCount == 0)
            Disk.Free(this);
    }

    protected internal override void Evicted()
    {
        Promise.Keep(!isDirty, "an inode is let go before it was written");
        IsEvicted = true;
    }

    private void Write()
    {
        Promise.Keep(!IsEvicted, "an inode is changed that the cache has let go");
        (Record.Mode, Record.User, Record.Group, Record.Links) = (Mode, UserId, GroupId, LinkCount);
        (Record.AccessTime, Record.ModifyTime, Record.ChangeTime) = (AccessTime, ModifyTime, ChangeTime);
    }
}

/// <summary>A symbolic link.</summary>
internal sealed class DiskLink(DiskFileSystem fileSystem, DiskRecord record) : DiskInode(fileSystem, record)
{
    private readonly byte[] text = record.Text;

    public override long Size => text.Length;

    public override Errno ReadLink(OperationContext context, out byte[] linkText)
    {
        linkText = text;
        return Disk.Drive.Gate(context);
    }

    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = null;
        return Errno.ELOOP;
    }
}

/// <summary>A device node, a fifo or a socket's name.</summary>
internal sealed class DiskSpecial(DiskFileSystem fileSystem, DiskRecord record) : DiskInode(fileSystem, record)
{
    private Pipe? pipe;

    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = null;
        Errno error = Disk.IsFresh(request.Context, this) ? Errno.None : Disk.Drive.Gate(request.Context);
        if (error != Errno.None)
            return error;
        switch (InodeMode.Type(Mode))
        {
            case InodeMode.Fifo:
                pipe ??= new Pipe(Disk.Pipes);
                return FifoFile.Open(request, this, pipe, out file);
            case InodeMode.Character or InodeMode.Block:
                return Disk.Devices.Open(request, this, out file);
            default:
                return Errno.ENXIO;
        }
    }
}
