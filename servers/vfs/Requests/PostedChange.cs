using Libsys.Messages;
using Servers.Vfs.Attributes;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Requests;

/// <summary>
/// One change of names that was posted (docs/posted-names.md): made as a request would make it, if all that it depends on is as its client has been taught.
/// </summary>
/// <param name="permit">Of the client.</param>
/// <param name="context">Who asks.</param>
/// <param name="time">Second word of the entry.</param>
internal readonly ref struct PostedChange(NamePermit permit, OperationContext context, ulong time)
{
    private readonly Inode directory = permit.Directory;
    private readonly IUnseenNames names = (IUnseenNames)permit.Directory;

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
        if (isMade)
            permit.HasMade(made!.Inode);
        return isMade;
    }

    private bool TryLookUp(ReadOnlySpan<byte> name, out Dentry? child) =>
        directory.Lookup(context, permit.Place.Dentry, name, out child) == Errno.None;

    // A name that the client has been taught.
    private bool TryFind(ReadOnlySpan<byte> name, out Dentry? child) => TryLookUp(name, out child) && Knows(child!);

    private bool Knows(Dentry child) => permit.Knows(child.Inode) && child.MountCount == 0;

    // The time is that of the call, but not before the last change of anything that changes now.
    private void Begin(long notBefore)
    {
        long now = names.Now;
        names.Told = Math.Min(Math.Max(PostedLayout.TimeOf(time, now), Math.Max(notBefore, directory.ChangeTime)), now);
    }

    private bool End(Errno error, Inode? gone)
    {
        names.Told = null;
        if (error == Errno.None && gone != null)
            permit.Forget(gone);
        return error == Errno.None;
    }
}
