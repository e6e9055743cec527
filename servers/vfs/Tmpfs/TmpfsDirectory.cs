using Servers.Vfs.Attributes;
using Servers.Vfs.Files;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Tmpfs;

/// <summary>A directory in memory: its dentries are the truth.</summary>
public sealed class TmpfsDirectory : MemoryInode, IListedDirectory, IUnseenNames
{
    private readonly TmpfsFileSystem fileSystem;
    // Null until somebody asks for a name: a directory that is made and removed needs none.
    private NameTable? names;
    private ArchiveRange unread;
    private NameChanges changes = new();

    internal TmpfsDirectory(TmpfsFileSystem fileSystem, ulong number, uint mode)
        : base(fileSystem, number, mode, fileSystem.Now)
    {
        this.fileSystem = fileSystem;
        LinkCount = 2;
    }

    /// <summary>The directory's only name.</summary>
    public Dentry? Entry { get; set; }

    /// <inheritdoc/>
    ref NameChanges IUnseenNames.Changes => ref changes;

    /// <inheritdoc/>
    bool IUnseenNames.IsEmpty => NameCount == 0;

    /// <inheritdoc/>
    bool IUnseenNames.HasRoomForPosted => fileSystem.InodeLimit - fileSystem.InodeCount >= TmpfsFileSystem.RoomForPosted;

    /// <inheritdoc/>
    Action? IUnseenNames.RoomIsShort
    {
        set => fileSystem.RoomIsShort = value;
    }

    /// <inheritdoc/>
    bool IUnseenNames.TryPromise(int writes) => WritePromises.TryMake(fileSystem.Cache, fileSystem.Budget, writes);

    /// <inheritdoc/>
    void IUnseenNames.Keep(int writes) => WritePromises.Keep(fileSystem.Cache, fileSystem.Budget, writes);

    /// <inheritdoc/>
    long IUnseenNames.Now => fileSystem.Clock.Wall;

    /// <inheritdoc/>
    long? IUnseenNames.Told
    {
        set => fileSystem.Told = value;
    }

    /// <inheritdoc/>
    public override long Size => (NameCount + 2) * fileSystem.SizePerName;

    /// <inheritdoc/>
    public override bool CanCreate => true;

    /// <inheritdoc/>
    public override bool CanBePublished => true;

    /// <inheritdoc/>
    public NameTable Names => names ?? MakeNames();

    private int NameCount => names == null && unread.Tree == null ? 0 : Names.Count;

    /// <inheritdoc/>
    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = new ListedDirectoryFile(request.Location, request.Flags, this);
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno Lookup(OperationContext context, Dentry self, ReadOnlySpan<byte> name, out Dentry? child) =>
        Names.TryFind(name, out child) ? Errno.None : Errno.ENOENT;

    /// <inheritdoc/>
    public override Errno Create(OperationContext context, Dentry self, ReadOnlySpan<byte> name, uint mode, uint device, out Dentry? child)
    {
        child = null;
        Errno error = CheckRoom(self);
        if (error != Errno.None)
            return error;
        MemoryInode inode = fileSystem.NewInode(mode, device);
        Inherit(inode, context.Credentials);
        child = Insert(self, name, inode, inode.ChangeTime);
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno CreateUnnamed(OperationContext context, uint mode, out Inode? inode)
    {
        inode = null;
        if (!fileSystem.HasRoom)
            return Errno.ENOSPC;
        MemoryInode made = fileSystem.NewInode(mode, 0);
        Inherit(made, context.Credentials);
        made.SetLinks(0);
        inode = made;
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno MakeDirectory(OperationContext context, Dentry self, ReadOnlySpan<byte> name, uint mode, out Dentry? child)
    {
        child = null;
        Errno error = CheckRoom(self);
        if (error != Errno.None)
            return error;
        var inode = (TmpfsDirectory)fileSystem.NewInode(mode | InodeMode.Directory, 0);
        Inherit(inode, context.Credentials);
        child = Insert(self, name, inode, inode.ChangeTime);
        inode.Entry = child;
        LinkCount++;
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno SymbolicLink(OperationContext context, Dentry self, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        Errno error = CheckRoom(self);
        if (error != Errno.None)
            return error;
        if (!fileSystem.Kept.HasRoom(text.Length))
            return Errno.ENOSPC;
        var inode = new TmpfsSymbolicLink(fileSystem, fileSystem.NextNumber(), text.ToArray());
        Inherit(inode, context.Credentials);
        Insert(self, name, inode, inode.ChangeTime);
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno Link(OperationContext context, Dentry self, ReadOnlySpan<byte> name, Inode target)
    {
        Errno error = CheckRoom(self);
        if (error != Errno.None)
            return error;
        var inode = (MemoryInode)target;
        long now = fileSystem.Now;
        inode.SetLinks(target.LinkCount + 1);
        inode.StampChange(now);
        Insert(self, name, target, now);
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno Unlink(OperationContext context, Dentry self, Dentry child)
    {
        Remove(child);
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno RemoveDirectory(OperationContext context, Dentry self, Dentry child)
    {
        if (child.Inode is not TmpfsDirectory directory)
            return Errno.ENOTDIR;
        if (directory.NameCount > 0)
            return Errno.ENOTEMPTY;
        Remove(child);
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno Rename(OperationContext context, Dentry self, Dentry child, Dentry newParent, ReadOnlySpan<byte> newName, Dentry? replaced)
    {
        var target = (TmpfsDirectory)newParent.Inode;
        if (replaced?.Inode is TmpfsDirectory { NameCount: > 0 })
            return Errno.ENOTEMPTY;
        if (replaced != null)
            target.Remove(replaced);
        Names.Remove(child);
        if (child.Inode.IsDirectory)
        {
            LinkCount--;
            target.LinkCount++;
        }

        child.Parent = newParent;
        child.Name = newName.ToArray();
        target.Names.Add(child);
        long now = fileSystem.Now;
        StampContent(now);
        target.StampContent(now);
        ((MemoryInode)child.Inode).StampChange(now);
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno Exchange(OperationContext context, Dentry first, Dentry second)
    {
        var firstDirectory = (TmpfsDirectory)first.Parent!.Inode;
        var secondDirectory = (TmpfsDirectory)second.Parent!.Inode;
        firstDirectory.Names.Remove(first);
        secondDirectory.Names.Remove(second);
        (first.Parent, second.Parent) = (second.Parent, first.Parent);
        (first.Name, second.Name) = (second.Name, first.Name);
        secondDirectory.Names.Add(first);
        firstDirectory.Names.Add(second);
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

        long now = fileSystem.Now;
        firstDirectory.StampContent(now);
        secondDirectory.StampContent(now);
        ((MemoryInode)first.Inode).StampChange(now);
        ((MemoryInode)second.Inode).StampChange(now);
        return Errno.None;
    }

    /// <summary>Takes its names from the boot archive, when somebody asks for them.</summary>
    internal void ShowArchive(ArchiveRange range)
    {
        unread = range;
        LinkCount += range.Tree!.CountDirectories(range);
    }

    /// <summary>Adds a name for an inode at a time.</summary>
    internal Dentry Insert(Dentry self, ReadOnlySpan<byte> name, Inode inode, long now)
    {
        var child = new Dentry(self, name.ToArray(), inode);
        Names.Add(child);
        StampContent(now);
        return child;
    }

    private NameTable MakeNames()
    {
        names = new NameTable(this);
        ArchiveRange range = unread;
        unread = default;
        range.Tree?.Fill(Entry!, names, range);
        return names;
    }

    // A directory that was removed while somebody works in it takes no new names, and a full file system neither.
    private Errno CheckRoom(Dentry self) => self.IsRemoved ? Errno.ENOENT : fileSystem.HasRoom ? Errno.None : Errno.ENOSPC;

    // A name goes, and its inode with the last one unless it is open.
    private void Remove(Dentry child)
    {
        long now = fileSystem.Now;
        Names.Remove(child);
        StampContent(now);
        child.IsRemoved = true;
        var inode = (MemoryInode)child.Inode;
        inode.StampChange(now);
        if (inode.IsDirectory)
        {
            inode.SetLinks(0);
            LinkCount--;
            fileSystem.InodeFreed(inode);
        }
        else
        {
            inode.SetLinks(inode.LinkCount - 1);
            (inode as ITmpfsInode)?.FreeIfUnused();
        }
    }

    private void Inherit(MemoryInode inode, Credentials credentials)
    {
        (uint group, uint mode) = NewInode.Inherit(this, inode.Mode, credentials);
        inode.SetOwner(credentials.UserId, group, mode);
    }
}

/// <summary>An inode whose memory goes when the last name and the last open description are gone.</summary>
internal interface ITmpfsInode
{
    /// <summary>A name was removed: frees what it holds unless it is still open or named.</summary>
    void FreeIfUnused();
}
