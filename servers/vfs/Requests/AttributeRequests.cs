using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Attributes;
using Servers.Vfs.Files;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Publishing;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>stat(2), chmod(2), chown(2), utimensat(2), truncate(2), access(2), statfs(2), readlink(2).</summary>
public sealed class AttributeRequests
{
    private readonly RequestPaths paths;
    private readonly IClock clock;
    private readonly NamePublisher? publisher;

    /// <summary>Handlers on shared walks.</summary>
    /// <param name="paths">The walks.</param>
    /// <param name="clock">Time.</param>
    /// <param name="publisher">Shows what stat(2), access(2) and readlink(2) find; null: nobody does.</param>
    public AttributeRequests(RequestPaths paths, IClock clock, NamePublisher? publisher)
    {
        this.paths = paths;
        this.clock = clock;
        this.publisher = publisher;
    }

    /// <summary>Declares what is served here.</summary>
    public void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.Stat, Stat);
        operations.Add(VfsOperation.StatFileSystem, StatFileSystem);
        operations.Add(VfsOperation.ReadLink, ReadLink);
        operations.Add(VfsOperation.ChangeMode, ChangeMode);
        operations.Add(VfsOperation.ChangeOwner, ChangeOwner);
        operations.Add(VfsOperation.SetTimes, SetTimes);
        operations.Add(VfsOperation.Truncate, Truncate);
        operations.Add(VfsOperation.Access, Access);
    }

    // A1 flags, A2 path length; struct stat at the start of the buffer.
    private long Stat(Request request)
    {
        if (!TryPath(request, request.Submission.A2, out ReadOnlySpan<byte> path) || request.Payload.Length < StatLayout.Length)
            return Outcome.Of(Errno.EFAULT);
        Errno error = paths.FindInode(request, path, request.Submission.A1, out Inode? inode, out _, publisher);
        if (error == Errno.None)
            error = inode!.Refresh(request);
        if (error != Errno.None)
            return Outcome.Of(error);
        StatRecord.Write(inode!, request.Payload);
        publisher?.ShowAttributes(inode!);
        bool isOfHandle = path.IsEmpty && request.Find(request.Submission.A0) is { } file && file.Inode == inode;
        return isOfHandle ? FileAreaRequests.Served(request, request.Find(request.Submission.A0)!, 0) : 0;
    }

    // A1 flags, A2 path length; struct statfs at the start of the buffer.
    private long StatFileSystem(Request request)
    {
        if (!TryPath(request, request.Submission.A2, out ReadOnlySpan<byte> path) || request.Payload.Length < StatFsLayout.Length)
            return Outcome.Of(Errno.EFAULT);
        Errno error = paths.FindInode(request, path, request.Submission.A1 & AtFlags.EmptyPath, out _, out Mount? mount);
        if (error != Errno.None)
            return Outcome.Of(error);
        FileSystem fileSystem = mount!.FileSystem;
        error = fileSystem.StatFs(request, out FileSystemUsage usage);
        if (error != Errno.None)
            return Outcome.Of(error);
        StatFsRecord.Write(request.Payload, fileSystem.Magic, usage, fileSystem.Device, MountText.StatFlags(mount));
        return 0;
    }

    // A2 path length; link text at the start of the buffer.
    private long ReadLink(Request request)
    {
        if (!TryPath(request, request.Submission.A2, out ReadOnlySpan<byte> path))
            return Outcome.Of(Errno.EFAULT);
        Errno error = paths.Find(request, request.Submission.A0, path, AtFlags.EmptyPath, follow: false, out Location found, out _, publisher);
        if (error != Errno.None)
            return Outcome.Of(error);
        if (!found.Inode.IsSymbolicLink)
            return Outcome.Of(path.IsEmpty ? Errno.ENOENT : Errno.EINVAL);
        error = found.Inode.ReadLink(request, out byte[] text);
        if (error != Errno.None)
            return Outcome.Of(error);
        int length = Math.Min(text.Length, request.Payload.Length);
        text.AsSpan(0, length).CopyTo(request.Payload);
        return length;
    }

    // A1 mode, A2 flags.
    private long ChangeMode(Request request)
    {
        Errno error = FindToChange(request, request.Submission.A2, out Inode? inode);
        if (error != Errno.None)
            return Outcome.Of(error);
        Credentials credentials = request.Credentials;
        error = Permission.CheckOwner(request, inode!);
        if (error != Errno.None)
            return Outcome.Of(error);
        if (inode!.IsSymbolicLink)
            return Outcome.Of(Errno.EOPNOTSUPP);
        uint mode = (uint)request.Submission.A1 & InodeMode.Permissions;
        if (!credentials.IsPrivileged && !credentials.IsMember(inode.GroupId))
            mode &= ~InodeMode.SetGid;
        return Outcome.Of(inode.SetAttributes(request, new AttributeChange(clock.Wall) { Mode = mode }));
    }

    // A1 owner and group, A2 flags.
    private long ChangeOwner(Request request)
    {
        const uint keep = uint.MaxValue;
        uint user = (uint)request.Submission.A1;
        uint group = (uint)(request.Submission.A1 >> 32);
        Errno error = FindToChange(request, request.Submission.A2, out Inode? inode);
        if (error == Errno.None)
            error = inode!.Refresh(request);
        if (error != Errno.None)
            return Outcome.Of(error);
        Credentials credentials = request.Credentials;
        bool isOwner = credentials.UserId == inode!.UserId;
        bool mayUser = user == keep || credentials.IsPrivileged || (isOwner && user == inode.UserId);
        bool mayGroup = group == keep || credentials.IsPrivileged || (isOwner && (credentials.IsMember(group) || group == inode.GroupId));
        if (!mayUser || !mayGroup)
            return Outcome.Of(Errno.EPERM);
        uint mode = inode.IsDirectory || (user == keep && group == keep) ? inode.Mode : SetId.Without(inode.Mode);
        return Outcome.Of(inode.SetAttributes(request, new AttributeChange(clock.Wall)
        {
            UserId = user == keep ? null : user, GroupId = group == keep ? null : group, Mode = mode == inode.Mode ? null : mode,
        }));
    }

    // A1 access time, A2 modification time, A3 flags.
    private long SetTimes(Request request)
    {
        const long now = 1L << 62, omit = now + 1;
        long access = (long)request.Submission.A1;
        long modify = (long)request.Submission.A2;
        Errno error = FindToChange(request, request.Submission.A3, out Inode? inode);
        if (error != Errno.None)
            return Outcome.Of(error);
        if (access == omit && modify == omit)
            return 0;
        error = Permission.CheckOwner(request, inode!);
        if (error == Errno.EPERM && access == now && modify == now)
            error = Permission.Check(request, inode!, AccessMode.Write); // both to now is allowed for whoever may write the file
        if (error != Errno.None)
            return Outcome.Of(error);
        long current = clock.Wall;
        return Outcome.Of(inode!.SetAttributes(request, new AttributeChange(current)
        {
            AccessTime = access == omit ? null : access == now ? current : access, ModifyTime = modify == omit ? null : modify == now ? current : modify,
        }));
    }

    // A1 length, A2 flags.
    private long Truncate(Request request)
    {
        long length = (long)request.Submission.A1;
        if (length < 0)
            return Outcome.Of(Errno.EINVAL);
        ReadOnlySpan<byte> path = request.Payload;
        Errno error = paths.Find(request, request.Submission.A0, path, request.Submission.A2, follow: true, out Location found, out OpenFile? file);
        if (error != Errno.None)
            return Outcome.Of(error);
        Inode inode = file?.Inode ?? found.Inode;
        if (file != null)
        {
            if ((file.Flags & OpenFlags.Path) != 0)
                return Outcome.Of(Errno.EBADF);
            if (!inode.IsRegular || !file.CanWrite)
                return Outcome.Of(Errno.EINVAL);
        }
        else
        {
            if (inode.IsDirectory)
                return Outcome.Of(Errno.EISDIR);
            if (!inode.IsRegular)
                return Outcome.Of(Errno.EINVAL);
            error = found.Mount.CheckWritable();
            if (error == Errno.None)
                error = Permission.Check(request, inode, AccessMode.Write);
            if (error != Errno.None)
                return Outcome.Of(error);
        }

        error = inode.Refresh(request);
        if (error != Errno.None)
            return Outcome.Of(error);
        long limited = FileSizeLimit.CheckSize(request, inode.Size, length);
        return limited < 0 ? limited : Outcome.Of(inode.SetAttributes(request, LengthChange(request, inode, length, clock.Wall)));
    }

    /// <summary>All that changes when somebody sets the length of a file whose attributes are valid.</summary>
    internal static AttributeChange LengthChange(Request request, Inode inode, long length, long now)
    {
        uint mode = SetId.AfterWrite(inode, request.Credentials);
        return new AttributeChange(now) { Size = length, ModifyTime = now, Mode = mode == inode.Mode ? null : mode };
    }

    // A1 access mode, A2 flags.
    private long Access(Request request)
    {
        var wanted = (AccessMode)request.Submission.A1;
        if (((uint)wanted & ~7u) != 0)
            return Outcome.Of(Errno.EINVAL);
        Credentials own = request.Process.Credentials;
        bool effective = (request.Submission.A2 & AtFlags.EffectiveAccess) != 0 || (own.UserId == own.RealUserId && own.GroupId == own.RealGroupId);

        // The whole lookup is made with the real ids, access(2).
        if (!effective)
            request.ActAs(own.WithRealIds());
        Errno error = paths.FindInode(request, request.Payload, request.Submission.A2, out Inode? inode, out Mount? mount, publisher);
        if (error != Errno.None || wanted == AccessMode.None)
            return Outcome.Of(error);
        error = CheckAccess(request, inode!, mount!, wanted);
        if (error is Errno.None or Errno.EACCES)
            publisher?.ShowAttributes(inode!);
        return Outcome.Of(error);
    }

    private static Errno CheckAccess(Request request, Inode inode, Mount mount, AccessMode wanted)
    {
        if ((wanted & AccessMode.Execute) != 0 && inode.IsRegular && (mount.Flags & MountFlags.NoExecute) != 0)
            return Errno.EACCES;
        Errno error = Permission.Check(request, inode, wanted);
        bool isStored = InodeMode.Type(inode.Mode) is InodeMode.Regular or InodeMode.Directory or InodeMode.SymbolicLink;
        return error == Errno.None && (wanted & AccessMode.Write) != 0 && isStored ? mount.CheckWritable() : error;
    }

    private Errno FindToChange(Request request, ulong flags, out Inode? inode)
    {
        inode = null;
        bool follow = (flags & AtFlags.NoFollow) == 0;
        Errno error = paths.Find(request, request.Submission.A0, request.Payload, flags, follow, out Location found, out OpenFile? file);
        if (error != Errno.None)
            return error;
        if (file is PathOnlyFile && request.Payload.IsEmpty && (flags & AtFlags.NoFollow) == 0 && (flags & AtFlags.EmptyPath) == 0)
            return Errno.EBADF;
        inode = file?.Inode ?? found.Inode;
        return found.Mount.CheckWritable();
    }

    private static bool TryPath(Request request, ulong length, out ReadOnlySpan<byte> path)
    {
        bool fits = length <= (ulong)request.Payload.Length;
        path = fits ? request.Payload[..(int)length] : default;
        return fits;
    }
}
