using System.Globalization;
using System.Text;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Overlay;

/// <summary>
/// The work directory: what takes several steps is made here and gets its name by one rename. What is not needed any more is removed when somebody has time.
/// </summary>
internal sealed class Workspace
{
    // A directory that has to go has whiteouts in it, and nothing below that.
    private const int MostDepth = 8;

    private readonly OverlayFileSystem fileSystem;
    private readonly Dentry directory;
    private readonly List<Dentry> garbage = [];
    private readonly List<(OverlayDirectory Directory, byte[] Name)> owed = [];
    private bool isSwept;
    private ulong lastNumber;

    /// <summary>A work directory with what an earlier mount may have left in it.</summary>
    public Workspace(OverlayFileSystem fileSystem, Dentry directory)
    {
        (this.fileSystem, this.directory) = (fileSystem, directory);
        directory.Hold();
    }

    /// <summary>The upper layer, on whose file system it lies.</summary>
    public OverlayLayer Layer => fileSystem.Upper!;

    /// <summary>Makes a file of any kind but directory and link; it is held until it is moved or discarded.</summary>
    public Errno Create(OperationContext context, uint mode, uint device, out Dentry? made)
    {
        Errno error = FreeName(context, out byte[] name, out made);
        if (error == Errno.None)
            error = directory.Inode.Create(context, directory, name, mode, device, out made);
        return Keep(error, made);
    }

    /// <summary>Makes a directory.</summary>
    public Errno MakeDirectory(OperationContext context, uint mode, out Dentry? made)
    {
        Errno error = FreeName(context, out byte[] name, out made);
        if (error == Errno.None)
            error = directory.Inode.MakeDirectory(context, directory, name, mode, out made);
        return Keep(error, made);
    }

    /// <summary>Makes a symbolic link.</summary>
    public Errno SymbolicLink(OperationContext context, byte[] text, out Dentry? made)
    {
        Errno error = FreeName(context, out byte[] name, out made);
        if (error == Errno.None)
            error = directory.Inode.SymbolicLink(context, directory, name, text);
        if (error == Errno.None)
            error = directory.Inode.Lookup(context, directory, name, out made);
        return Keep(error, made);
    }

    /// <summary>Gives a file of the upper layer a second name here.</summary>
    public Errno Link(OperationContext context, Inode target, out Dentry? made)
    {
        Errno error = FreeName(context, out byte[] name, out made);
        if (error == Errno.None)
            error = directory.Inode.Link(context, directory, name, target);
        if (error == Errno.None)
            error = directory.Inode.Lookup(context, directory, name, out made);
        return Keep(error, made);
    }

    /// <summary>Makes what says that there is no name.</summary>
    public Errno Whiteout(OperationContext context, out Dentry? made) => Create(context, InodeMode.Character, 0, out made);

    /// <summary>What was made here gets its name in the upper layer; <paramref name="replaced"/> goes. It is not held any more.</summary>
    public Errno Move(OperationContext context, Dentry made, Dentry parent, ReadOnlySpan<byte> name, Dentry? replaced)
    {
        Errno error = directory.Inode.Rename(context, directory, made, parent, name, replaced);
        if (error == Errno.None)
            made.Release();
        return error;
    }

    /// <summary>A name of the upper layer comes here, and goes.</summary>
    public Errno TakeAway(OperationContext context, Dentry parent, Dentry child)
    {
        Errno error = FreeName(context, out byte[] name, out _);
        if (error == Errno.None)
            error = parent.Inode.Rename(context, parent, child, directory, name, null);
        if (error != Errno.None)
            return error;
        child.Hold();
        Discard(child);
        return Errno.None;
    }

    /// <summary>What is made here changes places with a name of the upper layer, which goes.</summary>
    public Errno Exchange(OperationContext context, Dentry made, Dentry child)
    {
        Errno error = directory.Inode.Exchange(context, made, child);
        if (error != Errno.None)
            return error;
        made.Release();
        child.Hold();
        Discard(child);
        return Errno.None;
    }

    /// <summary>What is held here is not needed any more.</summary>
    public void Discard(Dentry made)
    {
        garbage.Add(made);
        Clean(new ImmediateContext());
    }

    /// <summary>A name that has moved leaves another behind in a lower layer: it is hidden at once, and on the disk as soon as somebody has time.</summary>
    public void Owe(OverlayDirectory parent, ReadOnlySpan<byte> name)
    {
        byte[] hidden = name.ToArray();
        parent.Owed.Add(hidden);
        parent.Pin();
        owed.Add((parent, hidden));
        Clean(new ImmediateContext());
    }

    /// <summary>Does what was left to do. Wait: not all of it.</summary>
    public Errno Clean(OperationContext context)
    {
        Errno error = Pay(context);
        while (error != Errno.Wait && garbage.Count > 0)
        {
            Dentry last = garbage[^1];
            error = Remove(context, last, MostDepth);
            if (error is Errno.EAGAIN || error == Errno.Wait)
                return error;
            // What cannot be removed stays until the next mount looks at it.
            garbage.Remove(last);
            last.Release();
        }

        return error == Errno.Wait || isSwept ? error == Errno.Wait ? error : Errno.None : Sweep(context);
    }

    /// <summary>The overlay ends.</summary>
    public void Close()
    {
        garbage.ForEach(static dentry => dentry.Release());
        garbage.Clear();
        owed.ForEach(static debt => debt.Directory.Unpin());
        owed.Clear();
        directory.Release();
    }

    private Errno Pay(OperationContext context)
    {
        while (owed.Count > 0)
        {
            (OverlayDirectory parent, byte[] name) = owed[^1];
            RealName upper = parent.Upper!.Value;
            Errno error = upper.Inode.Create(context, upper.Dentry, name, InodeMode.Character, 0, out _);
            // Without room for it the name stays hidden as long as the overlay is mounted.
            if (error is Errno.EAGAIN or Errno.ENOSPC || error == Errno.Wait)
                return error == Errno.Wait ? error : Errno.None;
            owed.RemoveAt(owed.Count - 1);
            parent.Owed.Remove(name);
            parent.Unpin();
        }

        return Errno.None;
    }

    // What an earlier mount has left, after a loss of power: once.
    private Errno Sweep(OperationContext context)
    {
        var left = new MergedListing([new RealName(Layer, directory)]) { IsRaw = true };
        Errno error = left.GoOn(context);
        left.Close();
        if (error != Errno.None)
            return error == Errno.Wait ? error : Errno.None;
        isSwept = true;
        foreach (MergedName name in left.Names)
        {
            // What is being made now has a number that was given out.
            bool isOurs = name.Name is [(byte)'#', ..] && ulong.TryParse(name.Name.AsSpan(1), NumberStyles.HexNumber, null, out ulong number)
                && number <= lastNumber;
            if (isOurs || directory.Inode.Lookup(context, directory, name.Name, out Dentry? old) != Errno.None)
                continue;
            old!.Hold();
            garbage.Add(old);
        }

        return garbage.Count > 0 ? Clean(context) : Errno.None;
    }

    private Errno Remove(OperationContext context, Dentry dentry, int depth)
    {
        if (dentry.IsRemoved || dentry.Parent is not { } parent)
            return Errno.None;
        if (!dentry.Inode.IsDirectory)
            return parent.Inode.Unlink(context, parent, dentry);
        var listing = new MergedListing([new RealName(Layer, dentry)]) { IsRaw = true };
        Errno error = listing.GoOn(context);
        listing.Close();
        for (int number = 0; error == Errno.None && number < listing.Names.Count; number++)
        {
            error = dentry.Inode.Lookup(context, dentry, listing.Names[number].Name, out Dentry? child);
            if (error == Errno.None)
                error = depth > 0 ? Remove(context, child!, depth - 1) : Errno.ENOTEMPTY;
        }

        return error == Errno.None ? parent.Inode.RemoveDirectory(context, parent, dentry) : error;
    }

    private Errno FreeName(OperationContext context, out byte[] name, out Dentry? found)
    {
        // Names of an earlier mount may still be there.
        Errno error;
        do
        {
            name = Encoding.ASCII.GetBytes("#" + (++lastNumber).ToString("x", CultureInfo.InvariantCulture));
            error = directory.Inode.Lookup(context, directory, name, out found);
        }
        while (error == Errno.None);

        found = null;
        return error == Errno.ENOENT ? Errno.None : error;
    }

    private static Errno Keep(Errno error, Dentry? made)
    {
        if (error == Errno.None)
            made!.Hold();
        return error;
    }
}
