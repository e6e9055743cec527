using Servers.Vfs.Attributes;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Ext4;

// New inodes.
internal sealed partial class Ext4Directory
{
    public override Errno CreateUnnamed(OperationContext context, uint mode, out Inode? inode)
    {
        Errno error = Make(context, null, [], mode, 0, [], out _, out Ext4Inode? made);
        inode = made;
        return error;
    }

    // Without a dentry of this directory it gets no name, and is in the list of orphans.
    private Errno Make(
        OperationContext context, Dentry? self, ReadOnlySpan<byte> name, uint mode, uint device, byte[] text, out Dentry? child, out Ext4Inode? inode)
    {
        (child, inode) = (null, null);
        Errno error = self != null ? Prepare(self) : CheckChangeable();
        if (error != Errno.None)
            return error;
        bool isDirectory = InodeMode.Type(mode) == InodeMode.Directory;
        var change = new Change(Disk, new RequestReader(Volume, context));
        error = InodeAllocator.Take(change, (uint)Number, isDirectory, out uint number);
        if (error != Errno.None)
            return error;
        if (Disk.Inodes.Find(context, number) != null)
            return Volume.Corrupted($"inode {number} is in use, and free by its map");
        (uint group, uint inherited) = NewInode.Inherit(this, mode, context.Credentials);
        InodeRecord record = NewRecord(inherited, context.Credentials.UserId, group);
        if (InodeMode.Type(mode) is InodeMode.Directory or InodeMode.Regular || text.Length >= Ext4Link.ShortLength)
            ExtentEditor.Clear(record);
        if (InodeMode.Type(mode) is InodeMode.Character or InodeMode.Block)
            Ext4Special.SetDevice(record, device);
        Ext4Inode fresh = InodeMode.Type(mode) switch
        {
            InodeMode.Directory => new Ext4Directory(Disk, number, record, []) { ParentNumber = Number },
            InodeMode.Regular => new Ext4File(Disk, number, record, []),
            InodeMode.SymbolicLink => new Ext4Link(Disk, number, record, text),
            _ => new Ext4Special(Disk, number, record),
        };
        InodeRecord made = change[fresh];
        if (text.Length > 0)
            error = SetText(change, number, made, text);
        if (error == Errno.None && fresh is Ext4Directory directory)
            error = new DirectoryEditor(change, directory).Begin((uint)Number);
        if (error == Errno.None && isDirectory)
            error = Gain(change, change[this]);
        if (error == Errno.None && self != null)
            error = Add(change, name, fresh);
        if (self == null)
        {
            made.Links = 0;
            Disk.AddToOrphans(change, fresh);
        }

        if (error == Errno.None)
            error = change.TryApply(context);
        if (error != Errno.None)
            return error;
        inode = fresh;
        Disk.Inodes.Add(context, fresh);
        if (self != null)
            child = Disk.Names.Add(context, self, name, fresh);
        else
            Disk.Orphans.Add(fresh);
        return Errno.None;
    }

    private InodeRecord NewRecord(uint mode, uint user, uint group)
    {
        SuperBlock super = Volume.Super;
        long now = Disk.Clock.Wall;
        var record = new InodeRecord(new byte[super.InodeLength]);
        if (super.InodeLength > InodeRecord.ShortLength)
            record.ExtraLength = Math.Min(super.WantedExtraLength >= 32 ? super.WantedExtraLength & ~3 : 32, super.InodeLength - InodeRecord.ShortLength);
        (record.Mode, record.UserId, record.GroupId) = (mode, user, group);
        record.Links = InodeMode.Type(mode) == InodeMode.Directory ? 2u : 1u;
        (record.AccessTime, record.ModifyTime, record.ChangeTime) = (now, now, now);
        if (record.ExtraLength >= 24)
            record.SetBirthTime(now);
        // Blocks of an inode that had the number before have other sums.
        record.Generation = (uint)(now ^ now >> 32);
        return record;
    }

    private Errno SetText(Change change, uint number, InodeRecord record, byte[] text)
    {
        record.Size = text.Length;
        if (text.Length < Ext4Link.ShortLength)
        {
            text.CopyTo(record.Map);
            return Errno.None;
        }

        Errno error = Disk.Allocator.TakeBlock(change, Goal, out long block);
        if (error == Errno.None)
            error = new ExtentEditor(change, number, record).Insert(0, 1, block, isUnwritten: false);
        if (error != Errno.None)
            return error;
        record.SetSectors(Volume.Super, Volume.Sector(1));
        text.CopyTo(change.Make(block), 0);
        return Errno.None;
    }
}
