using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Attributes;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>chdir(2), fchdir(2), getcwd(2), chroot(2).</summary>
public sealed class ContextRequests
{
    private readonly RequestPaths paths;

    /// <summary>Handlers on shared walks.</summary>
    public ContextRequests(RequestPaths paths) => this.paths = paths;

    /// <summary>Declares what is served here.</summary>
    public void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.ChangeDirectory, ChangeDirectory);
        operations.Add(VfsOperation.ChangeRoot, ChangeRoot);
        operations.Add(VfsOperation.GetWorkingDirectory, GetWorkingDirectory);
    }

    // A0 directory or handle, A1 flags, path.
    private long ChangeDirectory(Request request)
    {
        Errno error = FindDirectory(request, request.Submission.A0, request.Submission.A1, out Location found);
        if (error == Errno.None)
            request.Process.Context.SetWorkingDirectory(found);
        return Outcome.Of(error);
    }

    // Path.
    private long ChangeRoot(Request request)
    {
        Errno error = FindDirectory(request, Libsys.Messages.VfsLimits.WorkingDirectory, 0, out Location found);
        if (error == Errno.None && !request.Process.Credentials.IsPrivileged)
            error = Errno.EPERM;
        if (error == Errno.None)
            request.Process.Context.SetRoot(found);
        return Outcome.Of(error);
    }

    // → length of the path, without a NUL.
    private static long GetWorkingDirectory(Request request)
    {
        Location place = request.Process.Context.WorkingDirectory;
        if (place.Dentry.IsRemoved)
            return Outcome.Of(Errno.ENOENT);
        int length = PathText.Write(place, request.Process.Context.Root, request.Payload);
        return length < 0 ? Outcome.Of(Errno.ERANGE) : length;
    }

    private Errno FindDirectory(Request request, ulong directory, ulong flags, out Location found)
    {
        Errno error = paths.Find(request, directory, request.Payload, flags, follow: true, out found, out OpenFile? file);
        if (error != Errno.None)
            return error;
        Inode inode = file?.Inode ?? found.Inode;
        return inode.IsDirectory ? Permission.Check(request, inode, AccessMode.Execute) : Errno.ENOTDIR;
    }
}
