using Servers.Vfs.Attributes;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Ext4;

// What changes names. Each operation is one change: all of it, or nothing.
internal sealed partial class Ext4Directory
{
    // As many links as a directory's number of subdirectories can say; more are told as one.
    private const uint MostLinks = 65000;

    public override Errno Create(OperationContext context, Dentry self, ReadOnlySpan<byte> name, uint mode, uint device, out Dentry? child) =>
        Make(context, self, name, mode, device, [], out child, out _);

    public override Errno MakeDirectory(OperationContext context, Dentry self, ReadOnlySpan<byte> name, uint mode, out Dentry? child) =>
        Make(context, self, name, mode | InodeMode.Directory, 0, [], out child, out _);

    public override Errno SymbolicLink(OperationContext context, Dentry self, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text) =>
        text.Length >= Volume.BlockSize ? Errno.ENAMETOOLONG : Make(context, self, name, InodeMode.SymbolicLink | 0x1FF, 0, text.ToArray(), out _, out _);

    public override Errno Link(OperationContext context, Dentry self, ReadOnlySpan<byte> name, Inode target)
    {
        var inode = (Ext4Inode)target;
        Errno error = inode.CheckChangeable();
        if (error == Errno.None)
            error = Prepare(self);
        if (error == Errno.None && inode.LinkCount == 0 && !Disk.Orphans.Contains(inode))
            error = Errno.ENOENT;
        if (error == Errno.None && inode.LinkCount >= MostLinks)
            error = Errno.EMLINK;
        if (error != Errno.None)
            return error;
        var change = new Change(Disk, new RequestReader(Volume, context));
        // One that was made without a name; one that is being cut stays in the list.
        bool wasUnnamed = inode.LinkCount == 0;
        if (wasUnnamed)
            error = inode.AwaitCut(context);
        if (error == Errno.None && wasUnnamed)
            error = Disk.TakeFromOrphans(change, inode);
        change[inode].Links++;
        change[inode].ChangeTime = Disk.Clock.Wall;
        if (error == Errno.None)
            error = Add(change, name, inode);
        if (error == Errno.None)
            error = change.TryApply(context);
        if (error != Errno.None)
            return error;
        if (wasUnnamed)
            Disk.Orphans.Remove(inode);
        Disk.Names.Add(context, self, name, inode);
        return Errno.None;
    }

    public override Errno Unlink(OperationContext context, Dentry self, Dentry child) => Remove(context, self, child);

    public override Errno RemoveDirectory(OperationContext context, Dentry self, Dentry child)
    {
        Errno error = DirectoryEditor.CheckEmpty(new RequestReader(Volume, context), (Ext4Directory)child.Inode);
        return error == Errno.None ? Remove(context, self, child) : error;
    }

    private static void Stamp(Change change, Ext4Directory directory, long now) => change[directory].ModifyTime = change[directory].ChangeTime = now;

    private static Errno Gain(Change change, InodeRecord record)
    {
        if (record.Links == 1)
            return Errno.None;
        bool canBeMany = change.Volume.Super.Has(ReadOnlyFeatures.ManyLinks);
        if (record.Links >= MostLinks - 1 && !canBeMany)
            return Errno.EMLINK;
        record.Links = record.Links >= MostLinks - 1 ? 1 : record.Links + 1;
        return Errno.None;
    }

    private static void Lose(InodeRecord record) => record.Links = record.Links > 2 ? record.Links - 1 : record.Links;

    private Errno Prepare(Dentry self)
    {
        Errno error = self.IsRemoved ? Errno.ENOENT : CheckChangeable();
        return error == Errno.None && !Record.Has(InodeRecord.Extents) ? Errno.EOPNOTSUPP : error;
    }

    private Errno Add(Change change, ReadOnlySpan<byte> name, Ext4Inode inode)
    {
        Stamp(change, this, Disk.Clock.Wall);
        return new DirectoryEditor(change, this).Add(name, (uint)inode.Number, inode.Mode);
    }

    private Errno Remove(OperationContext context, Dentry self, Dentry child)
    {
        var inode = (Ext4Inode)child.Inode;
        Errno error = Prepare(self);
        if (error == Errno.None)
            error = inode.CheckChangeable();
        if (error != Errno.None)
            return error;
        long now = Disk.Clock.Wall;
        var change = new Change(Disk, new RequestReader(Volume, context));
        error = new DirectoryEditor(change, this).Remove(child.Name);
        if (error == Errno.None)
            error = Drop(change, this, inode, now);
        if (error != Errno.None)
            return error;
        Stamp(change, this, now);
        error = change.TryApply(context);
        if (error != Errno.None)
            return error;
        NoteOrphan(inode);
        Disk.Names.Remove(child);
        inode.FreeIfUnused();
        return Errno.None;
    }

    // A name of an inode goes.
    private Errno Drop(Change change, Ext4Directory parent, Ext4Inode inode, long now)
    {
        InodeRecord record = change[inode];
        record.Links = inode.IsDirectory ? 0 : record.Links - 1;
        record.ChangeTime = now;
        if (inode.IsDirectory)
            Lose(change[parent]);
        if (record.Links > 0)
            return Errno.None;
        // Blocks that lie by a map of blocks are not freed here.
        bool hasBlocks = inode is Ext4File or Ext4Directory || (inode is Ext4Link && record.Size >= Ext4Link.ShortLength);
        if (hasBlocks && !record.Has(InodeRecord.Extents))
            return Errno.EOPNOTSUPP;
        // One that is being cut is there already.
        if (!Disk.Orphans.Contains(inode))
            Disk.AddToOrphans(change, inode);
        return Errno.None;
    }

    // What the list on the disk says; before the name goes, with which the last user may go, who has it freed.
    private void NoteOrphan(Inode? inode)
    {
        if (inode is Ext4Inode { LinkCount: 0 } orphan && !Disk.Orphans.Contains(orphan))
            Disk.Orphans.Add(orphan);
    }
}
