using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Attributes;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>renameat2(2).</summary>
public sealed class RenameRequests
{
    private readonly RequestPaths paths;
    private readonly PostedNames? posted;

    /// <summary>Handlers on shared walks.</summary>
    public RenameRequests(RequestPaths paths, PostedNames? posted) => (this.paths, this.posted) = (paths, posted);

    /// <summary>Declares what is served here.</summary>
    public void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.Rename, Rename);
    }

    // A0 old directory, A1 new directory, A2 flags, A3 length of the old path; pool: old, then new.
    private long Rename(Request request)
    {
        ulong oldLength = request.Submission.A3;
        ulong flags = request.Submission.A2;
        ReadOnlySpan<byte> both = request.Payload;
        if (oldLength > (ulong)both.Length)
            return Outcome.Of(Errno.EFAULT);
        bool isExchange = (flags & RenameFlags.Exchange) != 0;
        if ((flags & ~(RenameFlags.NoReplace | RenameFlags.Exchange)) != 0 || (isExchange && (flags & RenameFlags.NoReplace) != 0))
            return Outcome.Of(Errno.EINVAL);
        PathWalk from = paths.First;
        PathWalk to = paths.Second;
        Errno error = RequestPaths.FindParent(request, from, request.Submission.A0, both[..(int)oldLength]);
        if (error == Errno.None)
            error = RequestPaths.FindParent(request, to, request.Submission.A1, both[(int)oldLength..], isSecond: true);
        if (error != Errno.None)
            return Outcome.Of(error);
        error = Check(request, from, to, flags, out Dentry? child, out Dentry? replaced);
        return Outcome.Of(error != Errno.None ? error : Move(request, from, to, child!, replaced, isExchange));
    }

    private Errno Move(Request request, PathWalk from, PathWalk to, Dentry child, Dentry? replaced, bool isExchange)
    {
        // Two names of one file: nothing to do, rename(2).
        if (replaced != null && ReferenceEquals(child.Inode, replaced.Inode))
            return Errno.None;
        if (isExchange)
            return from.Parent.Inode.Exchange(request, child, replaced!);
        bool isWithin = from.Parent == to.Parent;
        if (isWithin)
            PostedNames.Changing(request, from.Parent);
        Errno error = from.Parent.Inode.Rename(request, from.Parent.Dentry, child, to.Parent.Dentry, to.LastName, replaced);
        if (isWithin)
            posted?.Changed(request, from.Parent, error, child.Inode, replaced?.Inode);
        return error;
    }

    private static Errno Check(Request request, PathWalk from, PathWalk to, ulong flags, out Dentry? child, out Dentry? replaced)
    {
        replaced = null;
        child = null;
        if (!ReferenceEquals(from.Parent.Mount, to.Parent.Mount))
            return Errno.EXDEV;
        if (from.Kind != LastKind.Name)
            return Errno.EBUSY;
        if (to.Kind != LastKind.Name)
            return (flags & RenameFlags.NoReplace) != 0 ? Errno.EEXIST : Errno.EBUSY;
        Errno error = from.Parent.Mount.CheckWritable();
        if (error != Errno.None)
            return error;
        error = from.Parent.Inode.Lookup(request, from.Parent.Dentry, from.LastName, out child);
        if (error != Errno.None)
            return error;
        error = to.Parent.Inode.Lookup(request, to.Parent.Dentry, to.LastName, out replaced);
        if (error != Errno.None && error != Errno.ENOENT)
            return error;
        if (replaced != null && (flags & RenameFlags.NoReplace) != 0)
            return Errno.EEXIST;
        bool isExchange = (flags & RenameFlags.Exchange) != 0;
        if (replaced == null && isExchange)
            return Errno.ENOENT;
        error = CheckShape(from, to, child!, replaced, isExchange);
        return error != Errno.None ? error : CheckPermission(request, from, to, child!, replaced, isExchange);
    }

    private static Errno CheckShape(PathWalk from, PathWalk to, Dentry child, Dentry? replaced, bool isExchange)
    {
        if (!child.Inode.IsDirectory && (from.TrailingSlash || (!isExchange && to.TrailingSlash)))
            return Errno.ENOTDIR;
        if (isExchange && to.TrailingSlash && !replaced!.Inode.IsDirectory)
            return Errno.ENOTDIR;
        if (to.Parent.Dentry.IsWithin(child))
            return Errno.EINVAL; // a directory cannot move below itself
        if (replaced != null && from.Parent.Dentry.IsWithin(replaced))
            return isExchange ? Errno.EINVAL : Errno.ENOTEMPTY;
        return Errno.None;
    }

    private static Errno CheckPermission(Request request, PathWalk from, PathWalk to, Dentry child, Dentry? replaced, bool isExchange)
    {
        if (replaced != null && ReferenceEquals(child.Inode, replaced.Inode))
            return Errno.None;
        Errno error = Permission.CheckRemoval(request, from.Parent.Inode, child.Inode);
        if (error != Errno.None)
            return error;
        error = replaced == null
            ? to.Parent.Dentry.IsRemoved ? Errno.ENOENT : Permission.Check(request, to.Parent.Inode, AccessMode.Write | AccessMode.Execute)
            : Permission.CheckRemoval(request, to.Parent.Inode, replaced.Inode);
        if (error != Errno.None)
            return error;
        if (replaced != null && !isExchange)
        {
            if (child.Inode.IsDirectory && !replaced.Inode.IsDirectory)
                return Errno.ENOTDIR;
            if (!child.Inode.IsDirectory && replaced.Inode.IsDirectory)
                return Errno.EISDIR;
        }

        // A directory that changes its parent has its ".." rewritten, so it must be writable.
        bool moves = !ReferenceEquals(from.Parent.Dentry, to.Parent.Dentry);
        if (moves && child.Inode.IsDirectory)
            error = Permission.Check(request, child.Inode, AccessMode.Write);
        if (error == Errno.None && moves && isExchange && replaced!.Inode.IsDirectory)
            error = Permission.Check(request, replaced.Inode, AccessMode.Write);
        if (error != Errno.None)
            return error;
        return child.MountCount > 0 || replaced is { MountCount: > 0 } ? Errno.EBUSY : Errno.None;
    }
}
