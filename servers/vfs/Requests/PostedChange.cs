using Libsys.Messages;
using Servers.Vfs.Attributes;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Requests;

/// <summary>
/// One change of names that was posted (docs/posted-names.md): made as a request would make it, if all that it depends on is as its client has been taught.
/// </summary>
/// <param name="permit">Of the client.</param>
/// <param name="time">Second word of the entry.</param>
/// <param name="now">Wall time, after it was posted.</param>
/// <param name="due">Permits that end when all that is posted has been served.</param>
internal readonly ref struct PostedChange(NamePermit permit, ulong time, long now, List<NamePermit> due)
{
    // What a file that is made may be opened with beside what making it means.
    private const uint OpenedAs = OpenFlags.AccessMode | OpenFlags.Append | OpenFlags.NonBlock | OpenFlags.LargeFile | OpenFlags.NoFollow;

    private readonly OperationContext context = permit.Context;
    private readonly Inode directory = permit.Directory;
    private readonly IUnseenNames names = permit.Names;

    /// <summary>Moves a name, in place of another file or of nothing.</summary>
    public bool Rename(ReadOnlySpan<byte> name, ReadOnlySpan<byte> other)
    {
        if (!TryFind(name, out Dentry? child))
            return false;
        bool replaces = TryLookUp(other, out Dentry? replaced);
        bool isRight = !replaces || (Knows(replaced!) && replaced!.Inode.IsRegular && child!.Inode.IsRegular && replaced.Inode != child.Inode);
        if (!isRight)
            return false;
        Begin(Math.Max(child!.Inode.ChangeTime, replaced?.Inode.ChangeTime ?? 0));
        Errno error = directory.Rename(context, permit.Place.Dentry, child, permit.Place.Dentry, other, replaced);
        return End(error, replaced?.Inode);
    }

    /// <summary>Gives a file a second name.</summary>
    public bool Link(ReadOnlySpan<byte> name, ReadOnlySpan<byte> other)
    {
        bool isRight = TryFind(name, out Dentry? child) && child!.Inode.IsRegular && Permission.OwnsOrOverrides(child.Inode, context.Credentials)
            && !TryLookUp(other, out _);
        if (!isRight)
            return false;
        Begin(child!.Inode.ChangeTime);
        return End(directory.Link(context, permit.Place.Dentry, other, child.Inode), null);
    }

    /// <summary>Takes a file's name away, or an empty directory.</summary>
    public bool Remove(ReadOnlySpan<byte> name, bool isDirectory)
    {
        bool isRight = TryFind(name, out Dentry? child) && (isDirectory ? child!.Inode.IsDirectory : child!.Inode.IsRegular);
        if (!isRight)
            return false;
        Begin(child!.Inode.ChangeTime);
        Errno error = isDirectory ? directory.RemoveDirectory(context, permit.Place.Dentry, child) : directory.Unlink(context, permit.Place.Dentry, child);
        return End(error, child.Inode);
    }

    /// <summary>Makes a directory.</summary>
    public bool MakeDirectory(ReadOnlySpan<byte> name, uint mode)
    {
        if (TryLookUp(name, out _))
            return false;
        Begin(0);
        Errno error = directory.MakeDirectory(context, permit.Place.Dentry, name, mode & ~(InodeMode.SetUid | InodeMode.SetGid), out Dentry? made);
        bool isMade = End(error, null);
        if (isMade && !permit.HasMade(made!.Inode))
            due.Add(permit);
        return isMade;
    }

    /// <summary>Makes a file, and opens it under a handle that is lent.</summary>
    public bool Create(ReadOnlySpan<byte> name, uint mode, HandleTable handles, ulong how)
    {
        uint handle = PostedLayout.HandleOfOpen(how), flags = PostedLayout.FlagsOfOpen(how) & OpenedAs;
        if ((flags & OpenFlags.AccessMode) == OpenFlags.AccessMode || !handles.IsLentAndFree(handle) || TryLookUp(name, out _))
            return false;
        Begin(0);
        Errno error = directory.Create(context, permit.Place.Dentry, name, InodeMode.Regular | mode, 0, out Dentry? made);
        if (!End(error, null))
            return false;
        // It has been made, so that opening it neither waits nor fails any more, and its mode does not bind who makes it.
        Inode inode = made!.Inode;
        if (inode.Open(new OpenRequest(context, new Location(permit.Place.Mount, made), flags), out OpenFile? file) != Errno.None)
            return false;
        handles.OpenLent(handle, file!);
        if (!permit.HasMade(file!, handle))
            due.Add(permit);
        return true;
    }

    private bool TryLookUp(ReadOnlySpan<byte> name, out Dentry? child) =>
        directory.Lookup(context, permit.Place.Dentry, name, out child) == Errno.None;

    // A name that the client has been taught.
    private bool TryFind(ReadOnlySpan<byte> name, out Dentry? child) => TryLookUp(name, out child) && Knows(child!);

    private bool Knows(Dentry child) => permit.Knows(child.Inode) && child.MountCount == 0;

    // The time is that of the call, but not before the last change of anything that changes now.
    private void Begin(long notBefore)
    {
        long last = Math.Max(notBefore, directory.ChangeTime), limit = last > now ? names.Now : now;
        names.Told = Math.Min(Math.Max(PostedLayout.TimeOf(time, limit), last), limit);
    }

    private bool End(Errno error, Inode? gone)
    {
        names.Told = null;
        if (error == Errno.None && gone != null)
            permit.Forget(gone);
        return error == Errno.None;
    }
}
