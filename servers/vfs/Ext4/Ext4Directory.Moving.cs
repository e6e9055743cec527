using Servers.Vfs.Objects;

namespace Servers.Vfs.Ext4;

// Names that move.
internal sealed partial class Ext4Directory
{
    public override Errno Rename(OperationContext context, Dentry self, Dentry child, Dentry newParent, ReadOnlySpan<byte> newName, Dentry? replaced)
    {
        var target = (Ext4Directory)newParent.Inode;
        var inode = (Ext4Inode)child.Inode;
        Errno error = replaced?.Inode is Ext4Directory empty ? DirectoryEditor.CheckEmpty(new RequestReader(Volume, context), empty) : Errno.None;
        if (error == Errno.None)
            error = Prepare(self);
        if (error == Errno.None)
            error = target.Prepare(newParent);
        if (error == Errno.None)
            error = inode.CheckChangeable();
        if (error != Errno.None)
            return error;
        long now = Disk.Clock.Wall;
        var change = new Change(Disk, new RequestReader(Volume, context));
        if (replaced != null)
            error = Drop(change, target, (Ext4Inode)replaced.Inode, now);
        if (error == Errno.None)
            error = replaced == null ? target.Add(change, newName, inode)
                : new DirectoryEditor(change, target).Replace(newName, (uint)inode.Number, inode.Mode);
        if (error == Errno.None)
            error = new DirectoryEditor(change, this).Remove(child.Name);
        if (error == Errno.None && inode is Ext4Directory moved && target != this)
            error = Moves(change, moved, this, target);
        if (error != Errno.None)
            return error;
        change[inode].ChangeTime = now;
        Stamp(change, this, now);
        Stamp(change, target, now);
        error = change.TryApply(context);
        if (error != Errno.None)
            return error;
        if (inode is Ext4Directory directory)
            directory.ParentNumber = target.Number;
        NoteOrphan(replaced?.Inode);
        Disk.Names.Move(child, newParent, newName);
        if (replaced != null)
        {
            replaced.IsRemoved = true;
            Disk.Names.ForgetBelow(replaced);
            ((Ext4Inode)replaced.Inode).FreeIfUnused();
        }

        return Errno.None;
    }

    public override Errno Exchange(OperationContext context, Dentry first, Dentry second)
    {
        var (one, other) = ((Ext4Directory)first.Parent!.Inode, (Ext4Directory)second.Parent!.Inode);
        var (moved, back) = ((Ext4Inode)first.Inode, (Ext4Inode)second.Inode);
        Errno error = one.Prepare(first.Parent);
        if (error == Errno.None)
            error = other.Prepare(second.Parent);
        if (error != Errno.None)
            return error;
        long now = Disk.Clock.Wall;
        var change = new Change(Disk, new RequestReader(Volume, context));
        error = new DirectoryEditor(change, one).Replace(first.Name, (uint)back.Number, back.Mode);
        if (error == Errno.None)
            error = new DirectoryEditor(change, other).Replace(second.Name, (uint)moved.Number, moved.Mode);
        if (error == Errno.None && one != other && moved is Ext4Directory forth)
            error = Moves(change, forth, one, other);
        if (error == Errno.None && one != other && back is Ext4Directory returned)
            error = Moves(change, returned, other, one);
        if (error != Errno.None)
            return error;
        change[moved].ChangeTime = change[back].ChangeTime = now;
        Stamp(change, one, now);
        Stamp(change, other, now);
        error = change.TryApply(context);
        if (error != Errno.None)
            return error;
        if (moved is Ext4Directory here)
            here.ParentNumber = other.Number;
        if (back is Ext4Directory there)
            there.ParentNumber = one.Number;
        Disk.Names.Exchange(first, second);
        return Errno.None;
    }

    private static Errno Moves(Change change, Ext4Directory moved, Ext4Directory from, Ext4Directory to)
    {
        Lose(change[from]);
        Errno error = Gain(change, change[to]);
        return error == Errno.None ? new DirectoryEditor(change, moved).SetParent((uint)to.Number) : error;
    }
}
