using Servers.Vfs.Caches;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Overlay;

/// <summary>A directory: those of several layers that have its name, laid over each other, or one.</summary>
internal sealed partial class OverlayDirectory(OverlayFileSystem fileSystem, RealName? upper, RealName[] lower) : OverlayInode(fileSystem, upper, lower)
{
    private const int LongestName = 255;

    public override bool CanCreate => true;

    /// <summary>Names that have moved away and are to be hidden where they are in a lower layer: <see cref="Workspace.Owe"/>.</summary>
    public HashSet<byte[]> Owed { get; } = new(NameComparer.Instance);

    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = new OverlayDirectoryFile(request.Location, request.Flags, this);
        return Errno.None;
    }

    /// <summary>What it is made of, the topmost first.</summary>
    public RealName[] RealDirectories() => Upper is { } top ? [top, .. Lower] : Lower.ToArray();

    /// <summary>Names that are shown, of those that were read.</summary>
    public IReadOnlyList<MergedName> Shown(IReadOnlyList<MergedName> names) =>
        Owed.Count == 0 ? names : [.. names.Where(name => !Owed.Contains(name.Name))];

    public override Errno Lookup(OperationContext context, Dentry self, ReadOnlySpan<byte> name, out Dentry? child)
    {
        child = null;
        if (name.Length > LongestName)
            return Errno.ENAMETOOLONG;
        switch (Over.Names.Find(context, self, name, out child))
        {
            case CachedName.Present:
                return Errno.None;
            case CachedName.Absent:
                return Errno.ENOENT;
        }

        if (self.IsRemoved)
            return Errno.ENOENT;
        RealName? top = null;
        Errno error = Upper is { } written ? FindIn(context, written, name, out top) : Errno.ENOENT;
        List<RealName> below = [];
        bool goesOn = error == Errno.ENOENT, isOpaque = false;
        if (error == Errno.None)
            error = top!.Value.LookOpaque(context, out isOpaque);
        if (error != Errno.None && error != Errno.ENOENT)
            return error;
        goesOn |= top is { Inode.IsDirectory: true } && !isOpaque;
        error = goesOn ? FindBelow(context, name, onlyDirectories: top != null, below) : Errno.None;
        if (error != Errno.None)
            return error;
        bool isAbsent = top is { IsWhiteout: true } || (top == null && below.Count == 0);
        if (isAbsent)
            Over.Names.Add(context, self, name, null);
        else
            child = AddName(context, self, name, top, [.. below]);
        return isAbsent ? Errno.ENOENT : Errno.None;
    }

    /// <summary>A name of a real directory; ENOENT: it has none.</summary>
    private static Errno FindIn(OperationContext context, RealName directory, ReadOnlySpan<byte> name, out RealName? found)
    {
        Errno error = directory.Inode.Lookup(context, directory.Dentry, name, out Dentry? dentry);
        found = error == Errno.None ? new RealName(directory.Layer, dentry!) : null;
        return error;
    }

    /// <summary>What lower layers have of a name: one file, or directories down to the first thing that hides the others.</summary>
    private Errno FindBelow(OperationContext context, ReadOnlySpan<byte> name, bool onlyDirectories, List<RealName> found)
    {
        if (Owed.Count > 0 && Owed.GetAlternateLookup<ReadOnlySpan<byte>>().Contains(name))
            return Errno.None;
        foreach (RealName directory in Lower)
        {
            Errno error = FindIn(context, directory, name, out RealName? there);
            if (error == Errno.ENOENT)
                continue;
            if (error != Errno.None)
                return error;
            bool isDirectory = there!.Value.Inode.IsDirectory;
            if (there.Value.IsWhiteout || (!isDirectory && (onlyDirectories || found.Count > 0)))
                return Errno.None;
            found.Add(there.Value);
            error = there.Value.LookOpaque(context, out bool isOpaque);
            if (error != Errno.None || !isDirectory || isOpaque)
                return error;
        }

        return Errno.None;
    }

    private Dentry AddName(OperationContext context, Dentry self, ReadOnlySpan<byte> name, RealName? top, RealName[] below)
    {
        OverlayInode? inode = top is { } real && !real.Inode.IsDirectory ? Over.FindOver(real.Inode) : null;
        if (inode == null)
        {
            inode = (top ?? below[0]).Inode.IsDirectory ? new OverlayDirectory(Over, top, below) : new OverlayFile(Over, top, below);
            Over.Inodes.Add(context, inode);
        }

        CachedDentry child = Over.Names.Add(context, self, name, inode);
        inode.Alias = child;
        return child;
    }
}
