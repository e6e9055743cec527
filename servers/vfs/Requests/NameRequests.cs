using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Attributes;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>mkdir(2), mknod(2), symlink(2), link(2), unlink(2), rmdir(2).</summary>
public sealed class NameRequests
{
    private readonly RequestPaths paths;
    private readonly PostedNames? posted;

    /// <summary>Handlers on shared walks.</summary>
    public NameRequests(RequestPaths paths, PostedNames? posted) => (this.paths, this.posted) = (paths, posted);

    /// <summary>Declares what is served here.</summary>
    public void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.MakeDirectory, MakeDirectory, OperationTraits.Grows);
        operations.Add(VfsOperation.MakeNode, MakeNode, OperationTraits.Grows);
        operations.Add(VfsOperation.SymbolicLink, SymbolicLink, OperationTraits.Grows);
        operations.Add(VfsOperation.Link, Link, OperationTraits.Grows);
        operations.Add(VfsOperation.Unlink, Unlink);
    }

    // A0 directory, A1 mode, path.
    private long MakeDirectory(Request request)
    {
        PathWalk walk = paths.First;
        Errno error = RequestPaths.PrepareCreate(request, walk, request.Submission.A0, request.Payload, isDirectory: true);
        if (error != Errno.None)
            return Outcome.Of(error);
        uint mode = (uint)request.Submission.A1 & (InodeMode.Permissions & ~(InodeMode.SetUid | InodeMode.SetGid));
        PostedNames.Changing(request, walk.Parent);
        error = walk.Parent.Inode.MakeDirectory(request, walk.Parent.Dentry, walk.LastName, mode, out Dentry? made);
        posted?.Changed(request, walk.Parent, error, made?.Inode);
        return Outcome.Of(error);
    }

    // A0 directory, A1 mode, A2 device, path.
    private long MakeNode(Request request)
    {
        uint mode = (uint)request.Submission.A1;
        uint type = InodeMode.Type(mode);
        if (type == 0)
            type = InodeMode.Regular;
        if (type == InodeMode.Directory)
            return Outcome.Of(Errno.EPERM);
        if (type is not (InodeMode.Regular or InodeMode.Fifo or InodeMode.Socket or InodeMode.Character or InodeMode.Block))
            return Outcome.Of(Errno.EINVAL);
        PathWalk walk = paths.First;
        Errno error = RequestPaths.PrepareCreate(request, walk, request.Submission.A0, request.Payload, isDirectory: false);
        if (error != Errno.None)
            return Outcome.Of(error);
        bool isDevice = type is InodeMode.Character or InodeMode.Block;
        if (isDevice && !request.Process.Credentials.IsPrivileged)
            return Outcome.Of(Errno.EPERM);
        uint device = isDevice ? (uint)request.Submission.A2 : 0;
        uint full = type | (mode & InodeMode.Permissions);
        return Outcome.Of(walk.Parent.Inode.Create(request, walk.Parent.Dentry, walk.LastName, full, device, out _));
    }

    // A0 directory of the link, A3 length of the text; pool: text, then path.
    private long SymbolicLink(Request request)
    {
        ulong textLength = request.Submission.A3;
        if (textLength > (ulong)request.Payload.Length)
            return Outcome.Of(Errno.EFAULT);
        if (textLength == 0)
            return Outcome.Of(Errno.ENOENT);
        if (textLength > Libsys.Messages.VfsLimits.PathLimit)
            return Outcome.Of(Errno.ENAMETOOLONG);
        PathWalk walk = paths.First;
        ReadOnlySpan<byte> path = request.Payload[(int)textLength..];
        Errno error = RequestPaths.PrepareCreate(request, walk, request.Submission.A0, path, isDirectory: false);
        if (error != Errno.None)
            return Outcome.Of(error);
        byte[] text = request.Payload[..(int)textLength].ToArray();
        if (text.AsSpan().Contains((byte)0))
            return Outcome.Of(Errno.EINVAL);
        return Outcome.Of(walk.Parent.Inode.SymbolicLink(request, walk.Parent.Dentry, walk.LastName, text));
    }

    // A0 old directory, A1 new directory, A2 flags, A3 length of the old path; pool: old, then new.
    private long Link(Request request)
    {
        ulong oldLength = request.Submission.A3;
        ReadOnlySpan<byte> both = request.Payload;
        if (oldLength > (ulong)both.Length)
            return Outcome.Of(Errno.EFAULT);
        ulong flags = request.Submission.A2;
        if ((flags & ~(AtFlags.Follow | AtFlags.EmptyPath)) != 0)
            return Outcome.Of(Errno.EINVAL);
        bool follow = (flags & AtFlags.Follow) != 0;
        Errno error = paths.Find(request, request.Submission.A0, both[..(int)oldLength], flags, follow, out Location found, out OpenFile? file);
        if (error != Errno.None)
            return Outcome.Of(error);
        Inode target = file?.Inode ?? found.Inode;
        PathWalk walk = paths.Second;
        error = RequestPaths.PrepareCreate(request, walk, request.Submission.A1, both[(int)oldLength..], isDirectory: false, isSecond: true);
        if (error != Errno.None)
            return Outcome.Of(error);
        if (!ReferenceEquals(walk.Parent.Mount, found.Mount) || !ReferenceEquals(walk.Parent.Inode.FileSystem, target.FileSystem))
            return Outcome.Of(Errno.EXDEV);
        error = CheckLink(request, target);
        if (error != Errno.None)
            return Outcome.Of(error);
        if (target.IsDirectory)
            return Outcome.Of(Errno.EPERM);
        if (target.LinkCount == 0 && file == null && found.Dentry.IsRemoved)
            return Outcome.Of(Errno.ENOENT);
        if (flags != 0)
            return Outcome.Of(walk.Parent.Inode.Link(request, walk.Parent.Dentry, walk.LastName, target));
        PostedNames.Changing(request, walk.Parent);
        error = walk.Parent.Inode.Link(request, walk.Parent.Dentry, walk.LastName, target);
        posted?.Changed(request, walk.Parent, error, target, both: found.Dentry.Parent == walk.Parent.Dentry);
        return Outcome.Of(error);
    }

    // A0 directory, A1 flags, path.
    private long Unlink(Request request)
    {
        if ((request.Submission.A1 & ~AtFlags.RemoveDirectory) != 0)
            return Outcome.Of(Errno.EINVAL);
        bool directory = (request.Submission.A1 & AtFlags.RemoveDirectory) != 0;
        PathWalk walk = paths.First;
        Errno error = RequestPaths.FindParent(request, walk, request.Submission.A0, request.Payload);
        if (error != Errno.None)
            return Outcome.Of(error);
        if (walk.Kind != LastKind.Name)
        {
            return Outcome.Of(!directory ? Errno.EISDIR : walk.Kind switch
            {
                LastKind.DotDot => Errno.ENOTEMPTY,
                LastKind.Dot => Errno.EINVAL,
                _ => Errno.EBUSY,
            });
        }

        Location parent = walk.Parent;
        error = parent.Mount.CheckWritable();
        if (error != Errno.None)
            return Outcome.Of(error);
        error = parent.Inode.Lookup(request, parent.Dentry, walk.LastName, out Dentry? child);
        if (error != Errno.None)
            return Outcome.Of(error);
        PostedNames.Changing(request, parent);
        error = directory ? RemoveDirectory(request, parent, child!) : RemoveFile(request, walk, child!);
        posted?.Changed(request, parent, error, null, child!.Inode);
        return Outcome.Of(error);
    }

    private static Errno RemoveDirectory(Request request, Location parent, Dentry child)
    {
        Errno error = Permission.CheckRemoval(request, parent.Inode, child.Inode);
        if (error != Errno.None)
            return error;
        if (!child.Inode.IsDirectory)
            return Errno.ENOTDIR;
        return child.MountCount > 0 ? Errno.EBUSY : parent.Inode.RemoveDirectory(request, parent.Dentry, child);
    }

    private static Errno RemoveFile(Request request, PathWalk walk, Dentry child)
    {
        if (walk.TrailingSlash)
            return child.Inode.IsDirectory ? Errno.EISDIR : Errno.ENOTDIR;
        Errno error = Permission.CheckRemoval(request, walk.Parent.Inode, child.Inode);
        if (error != Errno.None)
            return error;
        if (child.Inode.IsDirectory)
            return Errno.EISDIR;
        return child.MountCount > 0 ? Errno.EBUSY : walk.Parent.Inode.Unlink(request, walk.Parent.Dentry, child);
    }

    // fs.protected_hardlinks of proc(5), which Debian's kernel switches on: a link to somebody else's file only if one could open it for
    // reading and writing, and it is a plain file without set-id bits.
    private static Errno CheckLink(Request request, Inode target)
    {
        Errno error = Permission.CheckOwner(request, target);
        if (error != Errno.EPERM)
            return error;
        bool isSafe = target.IsRegular && (target.Mode & InodeMode.SetUid) == 0
            && (target.Mode & (InodeMode.SetGid | InodeMode.GroupExecute)) != (InodeMode.SetGid | InodeMode.GroupExecute);
        error = isSafe ? Permission.Check(request, target, AccessMode.Read | AccessMode.Write) : Errno.EPERM;
        return error == Errno.EACCES ? Errno.EPERM : error;
    }
}
