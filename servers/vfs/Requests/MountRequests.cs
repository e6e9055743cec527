using System.Text;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>mount(2), umount2(2).</summary>
public sealed partial class MountRequests
{
    private const MountFlags Kept = MountFlags.ReadOnly | MountFlags.NoSetUid | MountFlags.NoDevices | MountFlags.NoExecute
        | MountFlags.NoAccessTime | MountFlags.NoDirectoryAccessTime | MountFlags.RelativeAccessTime;

    private const MountFlags AccessTimes = MountFlags.NoAccessTime | MountFlags.NoDirectoryAccessTime | MountFlags.RelativeAccessTime;

    private const MountFlags Propagations = MountFlags.Unbindable | MountFlags.Private | MountFlags.Slave | MountFlags.Shared;

    // What holds for the file system rather than for one of its mounts.
    private const MountFlags Restricting = MountFlags.ReadOnly | MountFlags.Synchronous;

    private readonly RequestPaths paths;
    private readonly MountTree mounts;
    private readonly FileSystemTypes types;

    /// <summary>Handlers on shared walks.</summary>
    public MountRequests(RequestPaths paths, MountTree mounts, FileSystemTypes types)
    {
        this.paths = paths;
        this.mounts = mounts;
        this.types = types;
    }

    /// <summary>Declares what is served here.</summary>
    public void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.Mount, Mount, OperationTraits.Grows);
        operations.Add(VfsOperation.Unmount, Unmount);
    }

    // A0 flags, A1–A4 lengths of source, target, type and data; pool: the four strings.
    private long Mount(Request request)
    {
        if (!TrySplit(request, out byte[] source, out byte[] target, out byte[] type, out byte[] data))
            return Outcome.Of(Errno.EFAULT);
        var flags = (MountFlags)request.Submission.A0;
        Errno error = Resolve(paths.First, request, target, out Location place);
        if (error == Errno.None && !request.Process.Credentials.IsPrivileged)
            error = Errno.EPERM;
        if (error != Errno.None)
            return Outcome.Of(error);
        if ((flags & MountFlags.Remount) != 0)
            return Outcome.Of(Remount(request, place, flags));
        if ((flags & MountFlags.Bind) != 0)
            return Outcome.Of(Bind(request, source, place, (flags & MountFlags.Recursive) != 0));
        if ((flags & Propagations) != 0)
            return Outcome.Of(ChangePropagation(place, flags));
        if ((flags & MountFlags.Move) != 0)
            return Outcome.Of(Move(request, source, place));
        error = CheckPlace(place);
        if (error != Errno.None)
            return Outcome.Of(error);
        if (!place.Inode.IsDirectory)
            return Outcome.Of(Errno.ENOTDIR);
        string shown = source.Length == 0 ? "none" : Encoding.UTF8.GetString(source);
        if (types.Find(Encoding.UTF8.GetString(type)) is not { } known)
            return Outcome.Of(Errno.ENODEV);
        uint device = 0;
        error = known.NeedsDevice ? FindDevice(request, source, out device) : Errno.None;
        if (error != Errno.None)
            return Outcome.Of(error);
        error = known.Create(request, new MountArguments(shown, flags & Restricting, data, device), out FileSystem? fileSystem);
        if (error != Errno.None)
            return Outcome.Of(error);

        // A disk over itself would show nothing new.
        if (known.NeedsDevice && ReferenceEquals(place.Mount.FileSystem, fileSystem) && ReferenceEquals(place.Dentry, place.Mount.Root))
            return Outcome.Of(Errno.EBUSY);

        mounts.MountAt(place, fileSystem!, fileSystem!.Root, shown, KeptOf(flags));
        return 0;
    }

    // A0 flags, path.
    private long Unmount(Request request)
    {
        const ulong force = 1, detach = 2, expire = 4, noFollow = 8;
        ulong flags = request.Submission.A0;
        if ((flags & ~(force | detach | expire | noFollow)) != 0 || (flags & expire) != 0)
            return Outcome.Of(Errno.EINVAL);
        Errno error = RequestPaths.Start(request, Libsys.Messages.VfsLimits.WorkingDirectory, request.Payload, isSecond: false, out Location start);
        if (error == Errno.None)
            error = paths.First.Resolve(request, start, request.Payload, (flags & noFollow) == 0, out start);
        if (error != Errno.None)
            return Outcome.Of(error);
        if (!request.Process.Credentials.IsPrivileged)
            return Outcome.Of(Errno.EPERM);
        if (!ReferenceEquals(start.Dentry, start.Mount.Root) || !start.Mount.IsAttached)
            return Outcome.Of(Errno.EINVAL);
        Mount mount = start.Mount;
        bool isDetached = (flags & detach) != 0;
        error = mounts.CheckUnmount(mount, isDetached);

        // The file system ends with its last mount, unless somebody goes on using what was detached.
        if (error == Errno.None && mount.Users == 0 && mount.Children.Count == 0 && mount.FileSystem.MountCount == 1)
            error = mount.FileSystem.Unmount(request);
        if (error == Errno.None)
            mounts.Unmount(mount);
        return Outcome.Of(error);
    }

    // The walk is not the one that has found the place of the mount.
    private Errno FindDevice(Request request, byte[] source, out uint device)
    {
        device = 0;
        Errno error = Resolve(paths.Second, request, source, out Location node);
        if (error != Errno.None)
            return error;
        if (InodeMode.Type(node.Inode.Mode) != InodeMode.Block)
            return Errno.ENOTBLK;
        device = node.Inode.Device;
        return (node.Mount.Flags & MountFlags.NoDevices) != 0 ? Errno.EACCES : Errno.None;
    }

    private static Errno Resolve(PathWalk walk, Request request, byte[] path, out Location found) =>
        walk.Resolve(request, request.Process.Context.WorkingDirectory, path, follow: true, out found);

    private static bool TrySplit(Request request, out byte[] source, out byte[] target, out byte[] type, out byte[] data)
    {
        source = target = type = data = [];
        ReadOnlySpan<byte> rest = request.Payload;
        return TryTake(ref rest, request.Submission.A1, out source) && TryTake(ref rest, request.Submission.A2, out target)
            && TryTake(ref rest, request.Submission.A3, out type) && TryTake(ref rest, request.Submission.A4, out data);
    }

    private static bool TryTake(ref ReadOnlySpan<byte> rest, ulong length, out byte[] part)
    {
        bool fits = length <= (ulong)rest.Length;
        part = fits ? rest[..(int)length].ToArray() : [];
        rest = fits ? rest[(int)length..] : default;
        return fits;
    }
}
