using Servers.Vfs.Caches;
using Servers.Vfs.Files;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.DiskVfs.Disk;

/// <summary>A directory; its names are read when they are first wanted.</summary>
internal sealed class DiskDirectory(DiskFileSystem fileSystem, DiskRecord record) : DiskInode(fileSystem, record)
{
    private Dictionary<byte[], DiskName>? names;
    private WaitQueue? loading;
    private bool hasFailed;

    public override long Size => (Record.Names.Count + 2) * 20;

    public override bool CanCreate => true;

    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = null;
        Errno error = Disk.Drive.Gate(request.Context);
        if (error == Errno.None)
            file = new DiskDirectoryFile(request.Location, request.Flags, this);
        return error;
    }

    /// <summary>The names, in the order in which they were made.</summary>
    public Errno Load(OperationContext context, out Dictionary<byte[], DiskName> loaded)
    {
        loaded = names!;
        if (names != null)
            return Errno.None;
        if (hasFailed)
        {
            hasFailed = false;
            return Errno.EIO;
        }

        if (loading == null)
        {
            loading = new WaitQueue();
            Disk.Drive.Start(Arrived);
        }

        return Disk.Drive.Wait(context, loading);
    }

    public override Errno Lookup(OperationContext context, Dentry self, ReadOnlySpan<byte> name, out Dentry? child)
    {
        switch (Disk.Names.Find(context, self, name, out child))
        {
            case CachedName.Present:
                return Errno.None;
            case CachedName.Absent:
                return Errno.ENOENT;
        }

        if (self.IsRemoved)
            return Errno.ENOENT;
        Errno error = Load(context, out Dictionary<byte[], DiskName> loaded);
        if (error != Errno.None)
            return error;
        if (!loaded.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out DiskName? found))
        {
            Disk.Names.Add(context, self, name, null);
            return Errno.ENOENT;
        }

        error = Disk.Find(context, found.Number, out DiskInode? inode);
        if (error == Errno.None)
            child = Disk.Names.Add(context, self, name, inode);
        return error;
    }

    public override Errno Create(OperationContext context, Dentry self, ReadOnlySpan<byte> name, uint mode, uint device, out Dentry? child) =>
        Make(context, self, name, mode, device, null, out child);

    public override Errno MakeDirectory(OperationContext context, Dentry self, ReadOnlySpan<byte> name, uint mode, out Dentry? child)
    {
        Errno error = Make(context, self, name, mode | InodeMode.Directory, 0, null, out child);
        if (error != Errno.None)
            return error;
        ((DiskInode)child!.Inode).SetLinks(2, child.Inode.ChangeTime);
        SetLinks(LinkCount + 1, ChangeTime);
        return Errno.None;
    }

    public override Errno SymbolicLink(OperationContext context, Dentry self, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text) =>
        Make(context, self, name, InodeMode.SymbolicLink | 0x1FF, 0, text.ToArray(), out _);

    public override Errno CreateUnnamed(OperationContext context, uint mode, out Inode? inode)
    {
        inode = null;
        Errno error = Disk.Drive.Gate(context);
        if (error != Errno.None)
            return error;
        DiskInode made = Disk.Create(context, this, mode, 0);
        made.SetLinks(0, made.ChangeTime);
        inode = made;
        return Errno.None;
    }

    public override Errno Link(OperationContext context, Dentry self, ReadOnlySpan<byte> name, Inode target)
    {
        Errno error = Prepare(context, self);
        if (error != Errno.None)
            return error;
        var inode = (DiskInode)target;
        inode.SetLinks(inode.LinkCount + 1, Disk.Clock.Wall);
        Insert(name, inode);
        Disk.Names.Add(context, self, name, inode);
        return Errno.None;
    }

    public override Errno Unlink(OperationContext context, Dentry self, Dentry child)
    {
        Errno error = Prepare(context, self);
        if (error == Errno.None)
            Drop(child);
        return error;
    }

    public override Errno RemoveDirectory(OperationContext context, Dentry self, Dentry child)
    {
        Errno error = CheckEmpty(context, child.Inode);
        if (error == Errno.None)
            error = Prepare(context, self);
        if (error == Errno.None)
            Drop(child);
        return error;
    }

    public override Errno Rename(OperationContext context, Dentry self, Dentry child, Dentry newParent, ReadOnlySpan<byte> newName, Dentry? replaced)
    {
        var target = (DiskDirectory)newParent.Inode;
        Errno error = replaced is { Inode.IsDirectory: true } ? CheckEmpty(context, replaced.Inode) : Errno.None;
        if (error == Errno.None)
            error = target.Load(context, out _);
        if (error == Errno.None && newParent.IsRemoved)
            error = Errno.ENOENT;
        if (error == Errno.None)
            error = Prepare(context, self);
        if (error != Errno.None)
            return error;
        if (replaced != null)
            target.Drop(replaced);
        Delete(child.Name);
        var inode = (DiskInode)child.Inode;
        if (inode.IsDirectory)
        {
            SetLinks(LinkCount - 1, ChangeTime);
            target.SetLinks(target.LinkCount + 1, target.ChangeTime);
        }

        target.Insert(newName, inode);
        inode.StampChange(Disk.Clock.Wall);
        Disk.Names.Move(child, newParent, newName);
        return Errno.None;
    }

    public override Errno Exchange(OperationContext context, Dentry first, Dentry second)
    {
        var one = (DiskDirectory)first.Parent!.Inode;
        var other = (DiskDirectory)second.Parent!.Inode;
        Errno error = other.Load(context, out _);
        if (error == Errno.None)
            error = one.Prepare(context, first.Parent);
        if (error != Errno.None)
            return error;
        (DiskInode moved, DiskInode back) = ((DiskInode)first.Inode, (DiskInode)second.Inode);
        one.Delete(first.Name);
        other.Delete(second.Name);
        one.Insert(first.Name, back);
        other.Insert(second.Name, moved);
        uint change = (moved.IsDirectory ? 1u : 0) - (back.IsDirectory ? 1u : 0);
        one.SetLinks(one.LinkCount - change, one.ChangeTime);
        other.SetLinks(other.LinkCount + change, other.ChangeTime);
        moved.StampChange(Disk.Clock.Wall);
        back.StampChange(Disk.Clock.Wall);
        Disk.Names.Exchange(first, second);
        return Errno.None;
    }

    private static Errno CheckEmpty(OperationContext context, Inode inode)
    {
        Errno error = ((DiskDirectory)inode).Load(context, out Dictionary<byte[], DiskName> held);
        return error != Errno.None ? error : held.Count > 0 ? Errno.ENOTEMPTY : Errno.None;
    }

    // All that an operation on this directory waits for, and where it fails.
    private Errno Prepare(OperationContext context, Dentry self)
    {
        if (self.IsRemoved)
            return Errno.ENOENT;
        Errno error = Load(context, out _);
        return error != Errno.None ? error : Disk.Drive.Gate(context);
    }

    private Errno Make(OperationContext context, Dentry self, ReadOnlySpan<byte> name, uint mode, uint device, byte[]? text, out Dentry? child)
    {
        child = null;
        Errno error = Prepare(context, self);
        if (error != Errno.None)
            return error;
        DiskInode inode = Disk.Create(context, this, mode, device, text);
        Insert(name, inode);
        child = Disk.Names.Add(context, self, name, inode);
        return Errno.None;
    }

    private void Insert(ReadOnlySpan<byte> name, DiskInode inode)
    {
        var entry = new DiskName(name.ToArray(), inode.Number, inode.Mode, Record.NextCookie++);
        names!.Add(entry.Name, entry);
        Record.Names.Add(entry.Name, entry);
        StampContent(Disk.Clock.Wall);
    }

    private void Delete(byte[] name)
    {
        Promise.Keep(names!.Remove(name), "a name is removed that is not there");
        Record.Names.Remove(name);
        StampContent(Disk.Clock.Wall);
    }

    private void Drop(Dentry child)
    {
        Delete(child.Name);
        var inode = (DiskInode)child.Inode;
        inode.SetLinks(inode.IsDirectory ? 0 : inode.LinkCount - 1, Disk.Clock.Wall);
        if (inode.IsDirectory)
            SetLinks(LinkCount - 1, ChangeTime);
        Disk.Names.Remove(child);
    }

    private void Arrived()
    {
        hasFailed = Disk.Drive.Fails();
        if (!hasFailed)
            names = new Dictionary<byte[], DiskName>(Record.Names, NameComparer.Instance);
        (WaitQueue? queue, loading) = (loading, null);
        queue!.Wake();
    }
}

/// <summary>An open directory.</summary>
internal sealed class DiskDirectoryFile(Location location, uint flags, DiskDirectory directory) : OpenFile(location, flags)
{
    private const long FirstNames = 2;

    public override long Read(OperationContext context, Span<byte> buffer, long offset) => -(long)Errno.EISDIR;

    public override long Seek(OperationContext context, long offset, uint whence) => whence switch
    {
        0 => SetOffset(0, offset),
        1 => SetOffset(Offset, offset),
        _ => -(long)Errno.EINVAL,
    };

    public override long ReadDirectory(OperationContext context, Span<byte> buffer)
    {
        if (Location.Dentry.IsRemoved)
            return -(long)Errno.ENOENT;
        Errno error = directory.Load(context, out Dictionary<byte[], DiskName> names);
        if (error == Errno.None)
            error = directory.Disk.Drive.Gate(context);
        if (error != Errno.None)
            return -(long)error;
        var records = new DirectoryRecords(buffer);
        const byte directoryType = 4;
        Location top = MountTree.Ascend(Location);
        if (Offset == 0 && records.TryAdd(Inode.Number, 1, directoryType, "."u8))
            Offset = 1;
        if (Offset == 1 && records.TryAdd((top.Dentry.Parent ?? top.Dentry).Inode.Number, FirstNames, directoryType, ".."u8))
            Offset = FirstNames;
        foreach (DiskName name in names.Values.Where(name => name.Cookie + FirstNames > Offset).OrderBy(static name => name.Cookie))
        {
            if (Offset < FirstNames || !records.TryAdd(name.Number, name.Cookie + FirstNames, InodeMode.DirectoryRecordType(name.Mode), name.Name))
                return records.Length == 0 ? -(long)Errno.EINVAL : records.Length;
            Offset = name.Cookie + FirstNames;
        }

        return records.Length;
    }
}
