using Servers.Vfs.Attributes;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Overlay;

/// <summary>What gets a new name.</summary>
/// <param name="Mode">Type and permissions.</param>
/// <param name="Device">Of a node.</param>
/// <param name="Text">Of a symbolic link.</param>
/// <param name="Target">A file of the upper layer that gets a further name; null: something new.</param>
internal readonly record struct NewFile(uint Mode, uint Device = 0, byte[]? Text = null, Inode? Target = null)
{
    /// <summary>Makes it where it belongs.</summary>
    public Errno MakeIn(OperationContext context, Dentry parent, ReadOnlySpan<byte> name, out Dentry? made)
    {
        made = null;
        Inode directory = parent.Inode;
        if (Target == null && InodeMode.Type(Mode) == InodeMode.Directory)
            return directory.MakeDirectory(context, parent, name, Mode & InodeMode.Permissions, out made);
        if (Target == null && Text == null)
            return directory.Create(context, parent, name, Mode, Device, out made);
        Errno error = Target != null ? directory.Link(context, parent, name, Target) : directory.SymbolicLink(context, parent, name, Text);
        return error == Errno.None ? directory.Lookup(context, parent, name, out made) : error;
    }

    /// <summary>Makes it in the work directory.</summary>
    public Errno MakeIn(OperationContext context, Workspace work, out Dentry? made)
    {
        if (Target != null)
            return work.Link(context, Target, out made);
        if (Text != null)
            return work.SymbolicLink(context, Text, out made);
        return InodeMode.Type(Mode) == InodeMode.Directory ? work.MakeDirectory(context, Mode & InodeMode.Permissions, out made)
            : work.Create(context, Mode, Device, out made);
    }
}

// New names.
internal sealed partial class OverlayDirectory
{
    public override Errno Create(OperationContext context, Dentry self, ReadOnlySpan<byte> name, uint mode, uint device, out Dentry? child)
    {
        child = null;
        // It would say that there is no such name.
        bool isWhiteout = InodeMode.Type(mode) == InodeMode.Character && device == 0;
        return isWhiteout ? Errno.EPERM : Add(context, self, name, new NewFile(mode, device), out child);
    }

    public override Errno MakeDirectory(OperationContext context, Dentry self, ReadOnlySpan<byte> name, uint mode, out Dentry? child) =>
        Add(context, self, name, new NewFile(mode | InodeMode.Directory), out child);

    public override Errno SymbolicLink(OperationContext context, Dentry self, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text) =>
        Add(context, self, name, new NewFile(InodeMode.SymbolicLink | 0x1FF, Text: text.ToArray()), out _);

    public override Errno Link(OperationContext context, Dentry self, ReadOnlySpan<byte> name, Inode target)
    {
        var inode = (OverlayInode)target;
        Errno error = inode.AwaitUpper(context);
        if (error == Errno.None)
            error = Add(context, self, name, new NewFile(inode.Mode, Target: inode.Upper!.Value.Inode), out _);
        if (error == Errno.None)
            inode.Adopt();
        return error;
    }

    public override Errno CreateUnnamed(OperationContext context, uint mode, out Inode? inode)
    {
        inode = null;
        Errno error = AwaitUpper(context);
        if (error != Errno.None)
            return error;
        RealName upper = Upper!.Value;
        error = upper.Inode.CreateUnnamed(context, mode, out Inode? real);
        if (error != Errno.None)
            return error;
        var made = new OverlayFile(Over, new RealName(upper.Layer, upper.Dentry.CreateUnnamed(real!)), []);
        Over.Inodes.Add(context, made);
        inode = made;
        return Errno.None;
    }

    private Errno Prepare(OperationContext context, Dentry self) => self.IsRemoved ? Errno.ENOENT : AwaitUpper(context);

    private Errno Add(OperationContext context, Dentry self, ReadOnlySpan<byte> name, in NewFile what, out Dentry? child)
    {
        child = null;
        Errno error = Prepare(context, self);
        if (error != Errno.None)
            return error;
        RealName upper = Upper!.Value;
        error = FindIn(context, upper, name, out RealName? there);
        if (error != Errno.None && error != Errno.ENOENT)
            return error;
        if (there is { IsWhiteout: false })
            return Errno.EEXIST;
        bool isHidden = there != null || Owed.GetAlternateLookup<ReadOnlySpan<byte>>().Contains(name);
        error = isHidden ? AddOver(context, name, what, there?.Dentry, out Dentry? made) : what.MakeIn(context, upper.Dentry, name, out made);
        if (error != Errno.None)
            return error;
        Adopt();
        // The directory below it, if there is one, is hidden name by name.
        var below = new List<RealName>();
        if (made!.Inode.IsDirectory && isHidden && FindUnder(context, name, below) != Errno.None)
            below.Clear();
        child = AddName(context, self, name, new RealName(upper.Layer, made), [.. below]);
        return Errno.None;
    }

    // In place of a whiteout: made elsewhere, and then put over it.
    private Errno AddOver(OperationContext context, ReadOnlySpan<byte> name, in NewFile what, Dentry? whiteout, out Dentry? made)
    {
        OverlayStage stage = OverlayStage.Of(context, Over.Work!);
        made = stage.Made;
        Errno error = Errno.None;
        if (made == null)
        {
            error = what.MakeIn(context, Over.Work!, out made);
            stage.Made = error == Errno.None ? made : null;
        }

        if (error == Errno.None && !stage.IsOwned && what.Target == null)
        {
            // As in the directory to which it goes, and not in that where it was made.
            (uint group, uint mode) = NewInode.Inherit(this, what.Mode, context.Credentials);
            uint? wanted = what.Text == null && mode != made!.Inode.Mode ? mode & InodeMode.Permissions : null;
            error = made!.Inode.SetAttributes(context, new AttributeChange(Over.Clock.Wall) { GroupId = group, Mode = wanted });
            stage.IsOwned = error == Errno.None;
        }

        if (error == Errno.None && made!.Inode.IsDirectory)
            error = HideBelow(context, name, stage);
        if (error == Errno.None)
            error = Over.Work!.Move(context, made!, Upper!.Value.Dentry, name, whiteout);
        if (error == Errno.Wait)
            return error;
        if (error == Errno.None)
            stage.Made = null;
        stage.End(context);
        return error;
    }

    // A new directory shows nothing of the one that was there: each of its names gets a whiteout, since there is no mark for the whole of it.
    private Errno HideBelow(OperationContext context, ReadOnlySpan<byte> name, OverlayStage stage)
    {
        if (stage.Listing == null)
        {
            var below = new List<RealName>();
            Errno found = FindUnder(context, name, below);
            if (found != Errno.None)
                return found;
            stage.Listing = new MergedListing([.. below]);
        }

        Errno error = stage.Listing.GoOn(context);
        for (; error == Errno.None && stage.Hidden < stage.Listing.Names.Count; stage.Hidden += error == Errno.None ? 1 : 0)
            error = stage.Made!.Inode.Create(context, stage.Made, stage.Listing.Names[stage.Hidden].Name, InodeMode.Character, 0, out _);
        return error;
    }

    // Directories of that name in lower layers, hidden by a whiteout or not.
    private Errno FindUnder(OperationContext context, ReadOnlySpan<byte> name, List<RealName> found)
    {
        byte[] key = name.ToArray();
        bool wasOwed = Owed.Remove(key);
        Errno error = FindBelow(context, name, onlyDirectories: true, found);
        if (wasOwed)
            Owed.Add(key);
        return error;
    }
}
