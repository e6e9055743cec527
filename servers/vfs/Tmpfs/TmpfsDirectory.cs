using Servers.Vfs.Files;
using Servers.Vfs.Inodes;
using Servers.Vfs.Linux;
using Servers.Vfs.Names;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Tmpfs;

/// <summary>A directory in memory: its dentries are the truth.</summary>
public sealed class TmpfsDirectory : Inode, IListedDirectory
{
    private readonly NameTable names = new();
    private readonly TmpfsFileSystem fileSystem;

    internal TmpfsDirectory(TmpfsFileSystem fileSystem, ulong number, uint mode)
        : base(fileSystem, number, mode)
    {
        this.fileSystem = fileSystem;
        LinkCount = 2;
    }

    /// <summary>The directory's only name.</summary>
    public Dentry? Entry { get; set; }

    /// <inheritdoc/>
    public override long Size => (names.Count + 2) * TmpfsFileSystem.SizePerName;

    /// <inheritdoc/>
    public override bool CanCreate => true;

    /// <inheritdoc/>
    public NameTable Names => names;

    /// <inheritdoc/>
    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = new ListedDirectoryFile(request.Location, request.Flags, this);
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno Lookup(Dentry self, ReadOnlySpan<byte> name, ClientProcess process, out Dentry? child) =>
        names.TryFind(name, out child) ? Errno.None : Errno.ENOENT;

    /// <inheritdoc/>
    public override Errno Create(Dentry self, ReadOnlySpan<byte> name, uint mode, uint device, Credentials credentials, out Dentry? child)
    {
        child = null;
        Errno error = CheckRoom(self);
        if (error != Errno.None)
            return error;
        Inode inode = fileSystem.NewInode(mode, device);
        Inherit(inode, credentials);
        child = Insert(self, name, inode);
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno CreateUnnamed(uint mode, Credentials credentials, out Inode? inode)
    {
        inode = null;
        if (!fileSystem.HasRoom)
            return Errno.ENOSPC;
        inode = fileSystem.NewInode(mode, 0);
        Inherit(inode, credentials);
        inode.LinkCount = 0;
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno MakeDirectory(Dentry self, ReadOnlySpan<byte> name, uint mode, Credentials credentials, out Dentry? child)
    {
        child = null;
        Errno error = CheckRoom(self);
        if (error != Errno.None)
            return error;
        var inode = (TmpfsDirectory)fileSystem.NewInode(mode | InodeMode.Directory, 0);
        Inherit(inode, credentials);
        child = Insert(self, name, inode);
        inode.Entry = child;
        LinkCount++;
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno SymbolicLink(Dentry self, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text, Credentials credentials)
    {
        Errno error = CheckRoom(self);
        if (error != Errno.None)
            return error;
        if (!fileSystem.Kept.HasRoom(text.Length))
            return Errno.ENOSPC;
        var inode = new TmpfsSymbolicLink(fileSystem, fileSystem.NextNumber(), text.ToArray());
        inode.AccessTime = inode.ModifyTime = inode.ChangeTime = fileSystem.Clock.Wall;
        Inherit(inode, credentials);
        Insert(self, name, inode);
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno Link(Dentry self, ReadOnlySpan<byte> name, Inode target)
    {
        Errno error = CheckRoom(self);
        if (error != Errno.None)
            return error;
        target.LinkCount++;
        target.ChangeTime = fileSystem.Clock.Wall;
        Insert(self, name, target);
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno Unlink(Dentry self, Dentry child)
    {
        Remove(child);
        Drop(child);
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno RemoveDirectory(Dentry self, Dentry child)
    {
        if (child.Inode is not TmpfsDirectory directory)
            return Errno.ENOTDIR;
        if (directory.names.Count > 0)
            return Errno.ENOTEMPTY;
        Remove(child);
        Drop(child);
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno Rename(Dentry self, Dentry child, Dentry newParent, ReadOnlySpan<byte> newName, Dentry? replaced)
    {
        var target = (TmpfsDirectory)newParent.Inode;
        if (replaced?.Inode is TmpfsDirectory { names.Count: > 0 })
            return Errno.ENOTEMPTY;
        if (replaced != null)
        {
            target.Remove(replaced);
            target.Drop(replaced);
        }

        Remove(child);
        if (child.Inode.IsDirectory)
        {
            LinkCount--;
            target.LinkCount++;
        }

        child.Parent = newParent;
        child.Name = newName.ToArray();
        target.names.Add(child);
        long now = fileSystem.Clock.Wall;
        target.ModifyTime = target.ChangeTime = now;
        child.Inode.ChangeTime = now;
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno Exchange(Dentry first, Dentry second)
    {
        var firstDirectory = (TmpfsDirectory)first.Parent!.Inode;
        var secondDirectory = (TmpfsDirectory)second.Parent!.Inode;
        firstDirectory.names.Remove(first);
        secondDirectory.names.Remove(second);
        (first.Parent, second.Parent) = (second.Parent, first.Parent);
        (first.Name, second.Name) = (second.Name, first.Name);
        secondDirectory.names.Add(first);
        firstDirectory.names.Add(second);
        if (first.Inode.IsDirectory)
        {
            firstDirectory.LinkCount--;
            secondDirectory.LinkCount++;
        }

        if (second.Inode.IsDirectory)
        {
            secondDirectory.LinkCount--;
            firstDirectory.LinkCount++;
        }

        long now = fileSystem.Clock.Wall;
        firstDirectory.ModifyTime = firstDirectory.ChangeTime = secondDirectory.ModifyTime = secondDirectory.ChangeTime = now;
        first.Inode.ChangeTime = second.Inode.ChangeTime = now;
        return Errno.None;
    }

    /// <summary>Adds a name for an inode made elsewhere (the boot archive, an unnamed file).</summary>
    internal Dentry Insert(Dentry self, ReadOnlySpan<byte> name, Inode inode)
    {
        var child = new Dentry(self, name.ToArray(), inode);
        names.Add(child);
        ModifyTime = ChangeTime = fileSystem.Clock.Wall;
        return child;
    }

    // A directory that was removed while somebody works in it takes no new names, and a full file system neither.
    private Errno CheckRoom(Dentry self) => self.IsRemoved ? Errno.ENOENT : fileSystem.HasRoom ? Errno.None : Errno.ENOSPC;

    private void Remove(Dentry child)
    {
        names.Remove(child);
        ModifyTime = ChangeTime = fileSystem.Clock.Wall;
    }

    private void Drop(Dentry child)
    {
        child.IsRemoved = true;
        Inode inode = child.Inode;
        inode.ChangeTime = fileSystem.Clock.Wall;
        if (inode.IsDirectory)
        {
            inode.LinkCount = 0;
            LinkCount--;
        }
        else
        {
            inode.LinkCount--;
        }

        (inode as ITmpfsInode)?.FreeIfUnused();
        if (inode.IsDirectory)
            fileSystem.InodeFreed();
    }

    // inode_init_owner's rules, described in chmod(2) and mkdir(2): a set-group-ID directory hands its group down, and the bit to directories.
    private void Inherit(Inode inode, Credentials credentials)
    {
        inode.UserId = credentials.UserId;
        inode.GroupId = credentials.GroupId;
        if ((Mode & InodeMode.SetGid) == 0)
            return;
        inode.GroupId = GroupId;
        if (inode.IsDirectory)
            inode.Mode |= InodeMode.SetGid;
        else if ((inode.Mode & InodeMode.GroupExecute) != 0 && !credentials.IsPrivileged && !credentials.IsMember(GroupId))
            inode.Mode &= ~InodeMode.SetGid;
    }
}
