using Servers.Vfs.Files;
using Servers.Vfs.Inodes;
using Servers.Vfs.Linux;
using Servers.Vfs.Names;

namespace Servers.Vfs.Requests;

/// <summary>open(2), close(2) and what else makes or ends handles.</summary>
public sealed class OpenRequests
{
    private readonly RequestPaths paths;

    /// <summary>Handlers on shared walks.</summary>
    public OpenRequests(RequestPaths paths) => this.paths = paths;

    /// <summary>A0 directory, A1 flags, A2 mode, path → handle; V0 mode, V1 whether seekable.</summary>
    public long Open(Request request)
    {
        if (request.File is { } waiting)
            return FinishOpen(request, waiting);
        uint flags = (uint)request.Submission.A1;
        if ((flags & OpenFlags.Path) != 0)
            flags &= OpenFlags.Path | OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.CloseOnExec;
        Errno error = CheckFlags(flags);
        if (error != Errno.None)
            return Outcome.Of(error);
        error = OpenPath(request, flags, (uint)request.Submission.A2 & InodeMode.Permissions, out OpenFile? file);
        if (error != Errno.None)
            return Outcome.Of(error);
        NoteExecution(request, file!);
        request.Hold(file!);
        file!.Release(); // the request's own reference is the only one from here on
        return FinishOpen(request, file);
    }

    /// <summary>A0 handle.</summary>
    public static long Close(Request request)
    {
        OpenFile? file = request.Process.Handles.Remove(request.Submission.A0);
        if (file == null)
            return Outcome.Of(Errno.EBADF);
        file.Inode.Locks?.ReleaseRecords(request.Process.Handles);
        file.Release();
        return 0;
    }

    /// <summary>A0 handle → a second one for the same description.</summary>
    public static long Duplicate(Request request)
    {
        if (request.Process.Handles.Find(request.Submission.A0) is not { } file)
            return Outcome.Of(Errno.EBADF);
        NoteExecution(request, file);
        file.AddReference();
        return AddHandle(request, file);
    }

    // A script is opened first and its interpreter after it, so the last one is the program that runs.
    private static void NoteExecution(Request request, OpenFile file)
    {
        if (request.Submission.A3 == 1 && request.Connection is { } connection)
            connection.Executable = file.Location;
    }

    /// <summary>Gives the process a handle and takes over the caller's reference.</summary>
    public static long AddHandle(Request request, OpenFile file)
    {
        long handle = request.Process.Handles.Add(file);
        if (handle < 0)
            file.Release();
        request.V0 = file.Inode.Mode;
        request.V1 = file.IsSeekable ? 1ul : 0;
        return handle;
    }

    private static long FinishOpen(Request request, OpenFile file)
    {
        if (file is IWaitingOpen { MustWait: true })
        {
            request.WaitIn(file.Waiters!);
            return Outcome.Waiting;
        }

        file.AddReference();
        return AddHandle(request, file);
    }

    private static Errno CheckFlags(uint flags)
    {
        bool isTemporary = (flags & OpenFlags.TemporaryFileBit) != 0;
        if (isTemporary && ((flags & OpenFlags.Directory) == 0 || !OpenFlags.Writes(flags)))
            return Errno.EINVAL;

        // O_DIRECTORY with O_CREAT never made directories and is refused when nothing else could come of it, open(2).
        return Errno.None;
    }

    private Errno OpenPath(Request request, uint flags, uint mode, out OpenFile? file)
    {
        file = null;
        ReadOnlySpan<byte> path = request.Payload;
        PathWalk walk = paths.First;
        Errno error = RequestPaths.FindParent(request, walk, request.Submission.A0, path);
        while (error == Errno.None)
        {
            // A name that is to be created cannot end in a slash, whether it exists or not.
            if (walk.TrailingSlash && walk.Kind == LastKind.Name && (flags & OpenFlags.Create) != 0)
                return Errno.EISDIR;
            error = walk.LookupLast(out Location found);
            if (error == Errno.ENOENT && walk.Kind == LastKind.Name && (flags & OpenFlags.Create) != 0 && walk.Parent.Inode.FileSystem.AllowsNewNames)
                return CreateAndOpen(request, walk, flags, mode, out file);
            if (error != Errno.None)
                return error;
            bool exclusive = (flags & (OpenFlags.Create | OpenFlags.Exclusive)) == (OpenFlags.Create | OpenFlags.Exclusive);
            if (exclusive)
                return Errno.EEXIST;
            if (found.Inode.IsSymbolicLink && walk.Kind != LastKind.Jump)
            {
                bool stop = (flags & OpenFlags.NoFollow) != 0 && !walk.TrailingSlash;
                if (stop && (flags & OpenFlags.Path) == 0)
                    return (flags & OpenFlags.Directory) != 0 ? Errno.ENOTDIR : Errno.ELOOP;
                if (!stop)
                {
                    error = walk.FollowLast(found);
                    continue;
                }
            }

            if (walk.TrailingSlash && !found.Inode.IsDirectory)
                return Errno.ENOTDIR;
            return OpenFound(request, found, flags, mode, out file);
        }

        return error;
    }

    private static Errno CreateAndOpen(Request request, PathWalk walk, uint flags, uint mode, out OpenFile? file)
    {
        file = null;
        Location parent = walk.Parent;
        Errno error = parent.Mount.CheckWritable();
        if (error == Errno.None && parent.Dentry.IsRemoved)
            error = Errno.ENOENT;
        if (error == Errno.None)
            error = Permission.Check(parent.Inode, request.Process.Credentials, AccessMode.Write | AccessMode.Execute);
        if (error == Errno.None && !parent.Inode.CanCreate)
            error = Errno.EACCES;
        if (error != Errno.None)
            return error;
        error = parent.Inode.Create(parent.Dentry, walk.LastName, InodeMode.Regular | mode, 0, request.Process.Credentials, out Dentry? child);
        if (error != Errno.None)
            return error;

        // The new file's mode does not bind the one who makes it, open(2).
        return child!.Inode.Open(new OpenRequest(new Location(parent.Mount, child), flags, request.Process), out file);
    }

    private static Errno OpenFound(Request request, Location found, uint flags, uint mode, out OpenFile? file)
    {
        file = null;
        Inode inode = found.Inode;
        if ((flags & OpenFlags.Directory) != 0 && !inode.IsDirectory)
            return Errno.ENOTDIR;
        if ((flags & OpenFlags.Path) != 0)
        {
            file = new PathOnlyFile(found, flags);
            return Errno.None;
        }

        if ((flags & OpenFlags.TemporaryFileBit) != 0)
            return OpenTemporary(request, found, flags, mode, out file);
        Errno error = CheckAccess(request, found, flags);
        if (error != Errno.None)
            return error;
        error = inode.Open(new OpenRequest(found, flags, request.Process), out file);
        if (error != Errno.None || (flags & OpenFlags.Truncate) == 0 || !inode.IsRegular)
            return error;
        error = inode.Truncate(0);
        if (error != Errno.None && error != Errno.EINVAL)
        {
            file!.Release();
            file = null;
            return error;
        }

        return Errno.None;
    }

    private static Errno CheckAccess(Request request, Location found, uint flags)
    {
        Inode inode = found.Inode;
        if (inode.IsSymbolicLink)
            return Errno.ELOOP;
        bool writes = (flags & OpenFlags.AccessMode) != OpenFlags.ReadOnly || (flags & OpenFlags.Truncate) != 0;
        if (inode.IsDirectory && (writes || (flags & OpenFlags.Create) != 0))
            return Errno.EISDIR;
        bool isSpecial = InodeMode.Type(inode.Mode) is InodeMode.Character or InodeMode.Block or InodeMode.Fifo or InodeMode.Socket;
        if (writes && !isSpecial && found.Mount.CheckWritable() is var readOnly and not Errno.None)
            return readOnly;
        AccessMode wanted = (flags & OpenFlags.AccessMode) switch
        {
            OpenFlags.ReadOnly => AccessMode.Read,
            OpenFlags.WriteOnly => AccessMode.Write,
            _ => AccessMode.Read | AccessMode.Write,
        };
        if ((flags & OpenFlags.Truncate) != 0)
            wanted |= AccessMode.Write;
        Errno error = Permission.Check(inode, request.Process.Credentials, wanted);
        if (error != Errno.None)
            return error;
        bool needsOwner = (flags & OpenFlags.NoAccessTime) != 0;
        return needsOwner && !Permission.OwnsOrOverrides(inode, request.Process.Credentials) ? Errno.EPERM : Errno.None;
    }

    private static Errno OpenTemporary(Request request, Location directory, uint flags, uint mode, out OpenFile? file)
    {
        file = null;
        Errno error = directory.Mount.CheckWritable();
        if (error == Errno.None)
            error = Permission.Check(directory.Inode, request.Process.Credentials, AccessMode.Write | AccessMode.Execute);
        if (error != Errno.None)
            return error;
        error = directory.Inode.CreateUnnamed(InodeMode.Regular | mode, request.Process.Credentials, out Inode? inode);
        if (error != Errno.None)
            return error;
        var name = new Dentry(directory.Dentry, [(byte)'#'], inode!) { IsRemoved = true };
        return inode!.Open(new OpenRequest(new Location(directory.Mount, name), flags & ~OpenFlags.TemporaryFile, request.Process), out file);
    }
}
