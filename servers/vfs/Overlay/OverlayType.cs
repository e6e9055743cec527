using Servers.Vfs.Names;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Overlay;

/// <summary>Directories laid over each other, of which the topmost may be written. docs/overlayfs.md.</summary>
/// <param name="mounts">Gives device numbers.</param>
/// <param name="clock">Time.</param>
/// <param name="log">Told why a mount is refused.</param>
public sealed class OverlayType(MountTree mounts, IClock clock, Action<string> log) : FileSystemType("overlay")
{
    // An overlay may lie in an overlay, and no deeper, as on Linux: each level is a call within a call.
    private const int MostDepth = 2;

    private readonly PathWalk walk = new();

    /// <summary>Names that are kept beside those in use; null: as many as a server has room for.</summary>
    public int? CachedNames { get; init; }

    /// <inheritdoc/>
    public override Errno Create(OperationContext context, in MountArguments arguments, out FileSystem? fileSystem)
    {
        fileSystem = null;
        Errno error = OverlayOptions.Parse(arguments.Options.Span, out OverlayOptions options);
        var lower = new List<Location>();
        Location upper = default, work = default;
        foreach (byte[] path in options.Lower)
        {
            Location place = default;
            if (error == Errno.None)
                error = Find(context, path, out place);
            lower.Add(place);
        }

        if (error == Errno.None && options.Upper != null)
            error = Find(context, options.Upper, out upper);
        if (error == Errno.None && options.Work != null)
            error = Find(context, options.Work, out work);
        if (error == Errno.None)
            error = Check(lower, upper, work, options.Upper != null);
        Dentry? ready = null;
        if (error == Errno.None && options.Upper != null)
            error = PrepareWork(context, work, out ready);
        if (error != Errno.None)
            return error;
        var made = new OverlayFileSystem(mounts, clock, options, arguments.Restrictions, Depth(lower, upper), CachedNames);
        made.Begin(lower, options.Upper == null ? null : upper, ready);
        fileSystem = made;
        return Errno.None;
    }

    private Errno Find(OperationContext context, byte[] path, out Location place)
    {
        Errno error = walk.Resolve(context, context.Subject.Context.WorkingDirectory, path, follow: true, out place);
        return error == Errno.None && !place.Inode.IsDirectory ? Errno.ENOTDIR : error;
    }

    private Errno Check(List<Location> lower, Location upper, Location work, bool hasUpper)
    {
        if (Depth(lower, upper) > MostDepth)
            return Refuse("overlays are laid too deep over each other");
        if (!hasUpper)
            return Errno.None;
        if (!ReferenceEquals(upper.Mount, work.Mount))
            return Refuse("workdir and upperdir do not lie in one mount");
        if (upper.Dentry.IsWithin(work.Dentry) || work.Dentry.IsWithin(upper.Dentry))
            return Refuse("workdir and upperdir lie within each other");
        if (upper.Mount.CheckWritable() != Errno.None)
            return Refuse("upperdir cannot be written");
        foreach (Location place in lower)
        {
            // What is written must not show through from below.
            if (ReferenceEquals(place.Mount.FileSystem, upper.Mount.FileSystem) && (place.Dentry.IsWithin(upper.Dentry) || place.Dentry.IsWithin(work.Dentry)
                || upper.Dentry.IsWithin(place.Dentry) || work.Dentry.IsWithin(place.Dentry)))
            {
                log("overlay: lowerdir overlaps with upperdir or workdir");
                return Errno.ELOOP;
            }
        }

        return Errno.None;
    }

    private Errno Refuse(string why)
    {
        log("overlay: " + why);
        return Errno.EINVAL;
    }

    private static int Depth(List<Location> lower, Location upper)
    {
        int below = upper.Mount?.FileSystem is OverlayFileSystem over ? over.Depth : 0;
        foreach (Location place in lower)
            below = Math.Max(below, place.Mount.FileSystem is OverlayFileSystem overlay ? overlay.Depth : 0);
        return below + 1;
    }

    // What is being made lies in a directory of its own there, of that name on Linux too.
    private static Errno PrepareWork(OperationContext context, Location work, out Dentry? ready)
    {
        Errno error = work.Inode.Lookup(context, work.Dentry, "work"u8, out ready);
        if (error == Errno.ENOENT)
            error = work.Inode.MakeDirectory(context, work.Dentry, "work"u8, 0, out ready);
        return error == Errno.None && !ready!.Inode.IsDirectory ? Errno.ENOTDIR : error;
    }
}
