using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

// Mounts that change, or that show what is mounted already.
public sealed partial class MountRequests
{
    private Errno Remount(Request request, Location place, MountFlags flags)
    {
        if (!ReferenceEquals(place.Dentry, place.Mount.Root))
            return Errno.EINVAL;

        bool isMount = (flags & MountFlags.Bind) != 0;
        if ((flags & MountFlags.ReadOnly) != 0)
        {
            Errno busy = isMount ? MountTree.CheckReadOnly(place.Mount) : mounts.CheckReadOnly(place.Mount.FileSystem);
            if (busy != Errno.None)
                return busy;
        }

        // With MS_BIND it is about this mount only, and else about the file system, wherever it is mounted.
        Errno error = isMount ? Errno.None : place.Mount.FileSystem.Reconfigure(request, flags & Restricting);
        if (error != Errno.None)
            return error;
        // Who says nothing about access times leaves them as they are.
        bool isLeft = (flags & (AccessTimes | MountFlags.StrictAccessTime)) == 0;
        place.Mount.Flags = isLeft ? (KeptOf(flags) & ~AccessTimes) | (place.Mount.Flags & AccessTimes) : KeptOf(flags);
        return Errno.None;
    }

    // relatime is what mount(2) does unless told otherwise, whether it was asked for or not.
    private static MountFlags KeptOf(MountFlags flags)
    {
        MountFlags kept = flags & Kept & ~MountFlags.RelativeAccessTime;
        if ((flags & MountFlags.StrictAccessTime) != 0)
            return kept & ~MountFlags.NoAccessTime;
        return (flags & MountFlags.NoAccessTime) != 0 ? kept : kept | MountFlags.RelativeAccessTime;
    }

    private Errno Bind(Request request, byte[] source, Location place, bool isRecursive)
    {
        Errno error = FindMounted(request, source, out Location from);
        if (error == Errno.None)
            error = CheckPlace(place);
        if (error == Errno.None && (from.Mount.IsUnbindable || !from.Mount.IsAttached))
            error = Errno.EINVAL;
        if (error == Errno.None && from.Inode.IsDirectory != place.Inode.IsDirectory)
            error = Errno.ENOTDIR;
        return error == Errno.None ? mounts.Bind(from, place, isRecursive) : error;
    }

    // As with any mount, the place is what is seen there: a root may be moved over the root that it was mounted in, which is then below it.
    private Errno Move(Request request, byte[] source, Location place)
    {
        Errno error = FindMounted(request, source, out Location from);
        if (error == Errno.None)
            error = CheckPlace(place);
        if (error == Errno.None && (!ReferenceEquals(from.Dentry, from.Mount.Root) || !from.Mount.IsAttached))
            error = Errno.EINVAL;
        return error == Errno.None ? MountTree.Move(from.Mount, MountTree.Descend(place)) : error;
    }

    // There is nothing to propagate between mounts that are private, which all are: what asks for more is refused.
    private static Errno ChangePropagation(Location place, MountFlags flags)
    {
        MountFlags kind = flags & ~(MountFlags.Recursive | MountFlags.Silent);
        bool isKnown = kind is MountFlags.Private or MountFlags.Slave or MountFlags.Unbindable;
        if (!isKnown || !ReferenceEquals(place.Dentry, place.Mount.Root) || !place.Mount.IsAttached)
            return Errno.EINVAL;
        MountTree.SetUnbindable(place.Mount, kind == MountFlags.Unbindable, (flags & MountFlags.Recursive) != 0);
        return Errno.None;
    }

    // Nothing is mounted over what was removed, or where no path leads.
    private static Errno CheckPlace(Location place) => place.Dentry.IsRemoved ? Errno.ENOENT : place.Mount.IsAttached ? Errno.None : Errno.EINVAL;

    // Another walk than that of the place of the mount, whose answer would not stay.
    private Errno FindMounted(Request request, byte[] source, out Location found)
    {
        found = default;
        Errno error = source.Length == 0 ? Errno.EINVAL : Resolve(paths.Second, request, source, out found);
        return error == Errno.None && found.Dentry.IsRemoved ? Errno.ENOENT : error;
    }
}
