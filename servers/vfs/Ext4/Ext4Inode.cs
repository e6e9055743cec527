using Servers.Vfs.Attributes;
using Servers.Vfs.Caches;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Ext4;

/// <summary>An inode of the disk while it is in memory.</summary>
internal abstract partial class Ext4Inode : CachedInode
{
    private bool isFreeing, isCutting, isGone;

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

    /// <summary>Block near which its first one should lie.</summary>
    public long Goal => Volume.Super.FirstBlockOf((uint)(Number - 1) / Volume.Super.InodesPerGroup);

    /// <summary>A write has changed times or mode, which go to the disk with the data.</summary>
    public bool HasNewAttributes => Mode != Record.Mode || ModifyTime != Record.ModifyTime || ChangeTime != Record.ChangeTime;

    public override long Size => Record.Size;

    public override long Blocks => Record.Sectors(Volume.Super);

    public override long BlockSize => Volume.BlockSize;

    // One without a name is freed before it goes, and so is what lies behind the end.
    public override bool IsDirty => (LinkCount == 0 && !isGone) || isCutting;

    public override Errno SetAttributes(OperationContext context, in AttributeChange change)
    {
        if (change.Size != null && !IsRegular)
            return Errno.EINVAL;
        Errno error = CheckChangeable();
        if (error == Errno.None && change.Size != null)
            error = AwaitCut(context);
        if (error == Errno.None && change.Size is { } wanted)
            error = PrepareResize(context, wanted);
        if (error != Errno.None)
            return error;
        var made = new Change(Disk, new RequestReader(Volume, context));
        InodeRecord record = made[this];
        if (change.Mode is { } mode)
            record.Mode = (record.Mode & InodeMode.TypeMask) | (mode & InodeMode.Permissions);
        record.UserId = change.UserId ?? record.UserId;
        record.GroupId = change.GroupId ?? record.GroupId;
        record.AccessTime = change.AccessTime ?? record.AccessTime;
        record.ModifyTime = change.ModifyTime ?? record.ModifyTime;
        record.ChangeTime = change.ChangeTime;
        bool isLeft = false, losesCapabilities = IsRegular && (change.Size ?? change.UserId ?? change.GroupId) != null;
        if (losesCapabilities)
            error = LoseCapabilities(context, made);
        if (error == Errno.None && change.Size is { } size)
            error = Resize(made, record, size, out isLeft);
        if (isLeft && LinkCount > 0)
            Disk.AddToOrphans(made, this);
        if (error == Errno.None)
            error = made.TryApply(context);
        if (error == Errno.None && change.Size is { } now)
            Resized(now);
        if (error == Errno.None && isLeft && LinkCount > 0)
            Disk.Orphans.Add(this);
        if (error == Errno.None && isLeft)
            CutRest();
        return error;
    }

    /// <summary>Nothing makes the file longer while blocks are behind its end that are to go.</summary>
    public Errno AwaitCut(OperationContext context) => isCutting ? context.WaitOn(Disk.Settled) : Errno.None;

    /// <summary>Frees what lies behind the end; it is in the list of orphans.</summary>
    public void CutRest()
    {
        isCutting = true;
        new FreeJob(this).Run();
    }

    /// <summary>Nothing is behind the end any more.</summary>
    public void CutEnded()
    {
        isCutting = false;
        FreeIfUnused();
        Disk.GoOn();
    }

    /// <summary>EROFS, or EPERM for what is marked as unchangeable, ioctl_iflags(2).</summary>
    public Errno CheckChangeable()
    {
        if (Disk.Log == null || (Disk.Restrictions & MountFlags.ReadOnly) != 0)
            return Errno.EROFS;
        return Record.Has(InodeRecord.Immutable | InodeRecord.AppendOnly) ? Errno.EPERM : Errno.None;
    }

    /// <summary>A file was read.</summary>
    public void Read(Mount mount, uint flags)
    {
        if ((flags & OpenFlags.NoAccessTime) == 0 && (Disk.Restrictions & MountFlags.ReadOnly) == 0)
            AccessTime = AccessTimes.After(mount, this, Disk.Clock.Wall);
    }

    /// <summary>A copy that can be changed, with the times of now.</summary>
    public InodeRecord CopyRecord() =>
        new([.. Record.Bytes]) { Mode = Mode, AccessTime = AccessTime, ModifyTime = ModifyTime, ChangeTime = ChangeTime };

    /// <summary>It is so from now on.</summary>
    public void Adopt(InodeRecord record)
    {
        Volume.Leaves.Forget(Record);
        if (record.Sectors(Volume.Super) != Record.Sectors(Volume.Super))
            Changing();
        Record = record;
        Load();
    }

    /// <summary>It has no name any more: its room is freed when nobody uses it.</summary>
    public void FreeIfUnused()
    {
        if (LinkCount > 0 || isFreeing || isCutting || isGone || IsPinned || Disk.Log == null || !CanFree())
            return;
        isFreeing = true;
        new FreeJob(this).Run();
    }

    /// <summary>Its number stands for nothing any more.</summary>
    public void IsGone()
    {
        isGone = true;
        Disk.Inodes.Remove(this);
        Disk.GoOn();
    }

    /// <summary>Content was written: times and mode, in memory until the data is on the disk.</summary>
    protected void Written(Credentials credentials, long now)
    {
        Mode = SetId.AfterWrite(this, credentials);
        ModifyTime = ChangeTime = now;
    }

    protected virtual bool CanFree() => true;

    protected virtual Errno PrepareResize(OperationContext context, long size) => Errno.None;

    /// <summary>Sets the length and frees blocks, as many as one change may; <paramref name="isLeft"/>: there are more.</summary>
    protected virtual Errno Resize(Change change, InodeRecord record, long size, out bool isLeft)
    {
        isLeft = false;
        return Errno.None;
    }

    protected virtual void Resized(long size)
    {
    }

    protected override void Unused() => FreeIfUnused();

    private void Load()
    {
        (Mode, UserId, GroupId, LinkCount) = (Record.Mode, Record.UserId, Record.GroupId, Record.Links);
        (AccessTime, ModifyTime, ChangeTime) = (Record.AccessTime, Record.ModifyTime, Record.ChangeTime);
    }
}
