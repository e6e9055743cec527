using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Overlay;

// Names that go, or move.
internal sealed partial class OverlayDirectory
{
    public override Errno Unlink(OperationContext context, Dentry self, Dentry child) => Remove(context, self, child);

    public override Errno RemoveDirectory(OperationContext context, Dentry self, Dentry child)
    {
        Errno error = Prepare(context, self);
        if (error == Errno.None)
            error = CheckEmpty(context, (OverlayDirectory)child.Inode);
        return error == Errno.None ? Remove(context, self, child) : error;
    }

    public override Errno Rename(OperationContext context, Dentry self, Dentry child, Dentry newParent, ReadOnlySpan<byte> newName, Dentry? replaced)
    {
        var target = (OverlayDirectory)newParent.Inode;
        var inode = (OverlayInode)child.Inode;
        Errno error = CheckMovable(inode);
        if (error == Errno.None)
            error = Prepare(context, self);
        if (error == Errno.None)
            error = target.Prepare(context, newParent);
        if (error == Errno.None)
            error = inode.AwaitUpper(context);
        if (error == Errno.None && replaced?.Inode is OverlayDirectory empty)
            error = CheckEmpty(context, empty);
        if (error == Errno.None && inode.IsDirectory)
            error = target.CheckFree(context, newName);
        RealName? moved = null, there = null;
        bool isBelow = false;
        if (error == Errno.None)
            error = FindIn(context, Upper!.Value, child.Name, out moved);
        if (error == Errno.None)
            error = IsBelow(context, child.Name, out isBelow);
        if (error == Errno.None && FindIn(context, target.Upper!.Value, newName, out there) is var looked and not Errno.ENOENT)
            error = looked;
        if (error == Errno.None)
            error = Upper!.Value.Inode.Rename(context, Upper.Value.Dentry, moved!.Value.Dentry, target.Upper!.Value.Dentry, newName, there?.Dentry);
        if (error != Errno.None)
            return error;
        byte[] oldName = child.Name;
        Over.Names.Move(child, newParent, newName);
        if (replaced != null)
        {
            replaced.IsRemoved = true;
            Over.Names.ForgetBelow(replaced);
            ((OverlayInode)replaced.Inode).NameIsGone();
        }

        if (isBelow)
            Over.Work!.Owe(this, oldName);
        Adopt();
        target.Adopt();
        inode.Adopt();
        return Errno.None;
    }

    public override Errno Exchange(OperationContext context, Dentry first, Dentry second)
    {
        var (one, other) = ((OverlayDirectory)first.Parent!.Inode, (OverlayDirectory)second.Parent!.Inode);
        var (moved, back) = ((OverlayInode)first.Inode, (OverlayInode)second.Inode);
        Errno error = CheckMovable(moved);
        if (error == Errno.None)
            error = CheckMovable(back);
        if (error == Errno.None)
            error = one.Prepare(context, first.Parent);
        if (error == Errno.None)
            error = other.Prepare(context, second.Parent);
        if (error == Errno.None)
            error = moved.AwaitUpper(context);
        if (error == Errno.None)
            error = back.AwaitUpper(context);
        if (error == Errno.None && moved.IsDirectory)
            error = other.CheckFree(context, second.Name);
        if (error == Errno.None && back.IsDirectory)
            error = one.CheckFree(context, first.Name);
        RealName? here = null, there = null;
        if (error == Errno.None)
            error = FindIn(context, one.Upper!.Value, first.Name, out here);
        if (error == Errno.None)
            error = FindIn(context, other.Upper!.Value, second.Name, out there);
        if (error == Errno.None)
            error = one.Upper!.Value.Inode.Exchange(context, here!.Value.Dentry, there!.Value.Dentry);
        if (error != Errno.None)
            return error;
        Over.Names.Exchange(first, second);
        one.Adopt();
        other.Adopt();
        return Errno.None;
    }

    // What is in a directory of a lower layer cannot be found below another name: rename(2) of programs copies it then, as on Linux without redirect_dir.
    private static Errno CheckMovable(OverlayInode inode) => inode.IsDirectory && inode.Lower.Length > 0 ? Errno.EXDEV : Errno.None;

    // A directory that comes over one of a lower layer would show what is in that.
    private Errno CheckFree(OperationContext context, ReadOnlySpan<byte> name)
    {
        var below = new List<RealName>();
        Errno error = FindUnder(context, name, below);
        return error == Errno.None && below.Count > 0 ? Errno.EXDEV : error;
    }

    private Errno IsBelow(OperationContext context, ReadOnlySpan<byte> name, out bool isBelow)
    {
        var below = new List<RealName>();
        Errno error = FindBelow(context, name, onlyDirectories: false, below);
        isBelow = below.Count > 0;
        return error;
    }

    private Errno CheckEmpty(OperationContext context, OverlayDirectory directory)
    {
        OverlayStage stage = OverlayStage.Of(context, Over.Work!);
        stage.Listing ??= new MergedListing(directory.RealDirectories());
        Errno error = stage.Listing.GoOn(context);
        if (error == Errno.Wait)
            return error;
        if (error == Errno.None && directory.Shown(stage.Listing.Names).Count > 0)
            error = Errno.ENOTEMPTY;
        if (error != Errno.None || stage.Made == null)
            stage.End(context);
        return error;
    }

    private Errno Remove(OperationContext context, Dentry self, Dentry child)
    {
        Errno error = Prepare(context, self);
        RealName? there = null;
        bool isBelow = false;
        if (error == Errno.None && FindIn(context, Upper!.Value, child.Name, out there) is var looked and not Errno.ENOENT)
            error = looked;
        if (error == Errno.None)
            error = IsBelow(context, child.Name, out isBelow);
        if (error != Errno.None)
            return error;
        RealName upper = Upper!.Value;
        if (there == null)
            error = upper.Inode.Create(context, upper.Dentry, child.Name, InodeMode.Character, 0, out _);
        else if (isBelow)
            error = Cover(context, there.Value.Dentry);
        else if (child.Inode.IsDirectory)
            error = Over.Work!.TakeAway(context, upper.Dentry, there.Value.Dentry);
        else
            error = upper.Inode.Unlink(context, upper.Dentry, there.Value.Dentry);
        if (error != Errno.None)
            return error;
        Over.Names.Remove(child);
        ((OverlayInode)child.Inode).NameIsGone();
        Adopt();
        return Errno.None;
    }

    // A whiteout takes the place of a name in one step, so that what is below is never seen.
    private Errno Cover(OperationContext context, Dentry real)
    {
        OverlayStage stage = OverlayStage.Of(context, Over.Work!);
        Errno error = Errno.None;
        if (stage.Made == null)
        {
            error = Over.Work!.Whiteout(context, out Dentry? made);
            stage.Made = error == Errno.None ? made : null;
        }

        if (error == Errno.None)
            error = real.Inode.IsDirectory ? Over.Work!.Exchange(context, stage.Made!, real)
                : Over.Work!.Move(context, stage.Made!, Upper!.Value.Dentry, real.Name, real);
        if (error == Errno.Wait)
            return error;
        if (error == Errno.None)
            stage.Made = null;
        stage.End(context);
        return error;
    }
}
