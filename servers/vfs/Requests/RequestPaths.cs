using Libsys.Messages;
using Servers.Vfs.Attributes;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Publishing;

namespace Servers.Vfs.Requests;

/// <summary>How requests name files: a directory handle and a path, or a handle alone (AT_EMPTY_PATH).</summary>
/// <param name="breathe">See <see cref="PathWalk"/>.</param>
public sealed class RequestPaths(Action? breathe)
{
    /// <summary>Walk of the only or first path.</summary>
    public PathWalk First { get; } = new(breathe);

    /// <summary>Walk of the second path of a request with two.</summary>
    public PathWalk Second { get; } = new(breathe);

    /// <summary>Where a relative path starts. <paramref name="isSecond"/>: the second path of a request with two.</summary>
    public static Errno Start(Request request, ulong directory, ReadOnlySpan<byte> path, bool isSecond, out Location start)
    {
        start = request.Process.Context.WorkingDirectory;
        if (directory == VfsLimits.WorkingDirectory || (path.Length > 0 && path[0] == (byte)'/'))
            return Errno.None;
        if ((isSecond ? request.FindSecond(directory) : request.Find(directory)) is not { } file)
            return Errno.EBADF;
        start = file.Location;
        return path.IsEmpty || file.Inode.IsDirectory ? Errno.None : Errno.ENOTDIR;
    }

    /// <summary>
    /// Finds what a request names. <paramref name="file"/> is set when it named an open file rather than a path. A <paramref name="publisher"/> shows what is
    /// found to all, if all could find it, and the request's V0 says where a relative path began.
    /// </summary>
    public Errno Find(Request request, ulong directory, ReadOnlySpan<byte> path, ulong flags, bool follow, out Location found, out OpenFile? file,
        NamePublisher? publisher = null)
    {
        file = null;
        found = default;
        if (path.IsEmpty && (flags & AtFlags.EmptyPath) != 0)
        {
            if (directory == VfsLimits.WorkingDirectory)
            {
                found = request.Process.Context.WorkingDirectory;
                return Errno.None;
            }

            file = request.Find(directory);
            if (file == null)
                return Errno.EBADF;
            found = file.Location;
            return Errno.None;
        }

        Errno error = Start(request, directory, path, isSecond: false, out Location start);
        if (error != Errno.None)
            return error;
        if (publisher != null && path.Length > 0 && path[0] != (byte)'/')
            request.V0 = publisher.ShowDirectory(start);
        return First.Resolve(request, start, path, follow, out found, publisher);
    }

    /// <summary>The inode a request names, by path or by handle.</summary>
    public Errno FindInode(Request request, ReadOnlySpan<byte> path, ulong flags, out Inode? inode, out Mount? mount, NamePublisher? publisher = null)
    {
        bool follow = (flags & AtFlags.NoFollow) == 0;
        Errno error = Find(request, request.Submission.A0, path, flags, follow, out Location found, out OpenFile? file, publisher);
        inode = error == Errno.None ? file?.Inode ?? found.Inode : null;
        mount = error == Errno.None ? found.Mount : null;
        return error;
    }

    /// <summary>Finds the directory and the name of something that is to be made or removed.</summary>
    public static Errno FindParent(Request request, PathWalk walk, ulong directory, ReadOnlySpan<byte> path, bool isSecond = false,
        INameObserver? told = null)
    {
        Errno error = Start(request, directory, path, isSecond, out Location start);
        if (error == Errno.None)
            error = walk.Begin(request, start, path, told);
        if (error == Errno.None)
            error = walk.ToLast();
        return error;
    }

    /// <summary>The common part of all calls that make a name: EEXIST, EROFS, permission. A new name may not end in a slash unless it is a directory.</summary>
    public static Errno PrepareCreate(Request request, PathWalk walk, ulong directory, ReadOnlySpan<byte> path, bool isDirectory, bool isSecond = false)
    {
        Errno error = FindParent(request, walk, directory, path, isSecond);
        if (error != Errno.None)
            return error;
        if (walk.Kind != LastKind.Name)
            return Errno.EEXIST;
        error = walk.LookupLast(out _);
        if (error == Errno.None)
            return Errno.EEXIST;
        if (error != Errno.ENOENT || !walk.Parent.Inode.FileSystem.AllowsNewNames)
            return error;
        if (walk.TrailingSlash && !isDirectory)
            return Errno.ENOENT;
        error = walk.Parent.Mount.CheckWritable();
        if (error != Errno.None)
            return error;
        return walk.Parent.Dentry.IsRemoved
            ? Errno.ENOENT
            : Permission.Check(request, walk.Parent.Inode, AccessMode.Write | AccessMode.Execute);
    }
}
