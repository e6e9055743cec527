using Servers.Vfs.Caches;
using Servers.Vfs.Files;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Ext4;

/// <summary>A directory.</summary>
internal sealed partial class Ext4Directory(Ext4FileSystem fileSystem, uint number, InodeRecord record, byte[] inlineBytes)
    : Ext4Inode(fileSystem, number, record)
{
    // In the inode itself: the parent's number, then names.
    private const int InlineStart = 4;

    public override bool CanCreate => true;

    /// <summary>The directory that it was found in: a directory that lies in two is damage.</summary>
    public ulong ParentNumber { get; set; }

    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = new Ext4DirectoryFile(request.Location, request.Flags, this);
        return Errno.None;
    }

    public override Errno Lookup(OperationContext context, Dentry self, ReadOnlySpan<byte> name, out Dentry? child)
    {
        const int longest = 255;
        child = null;
        if (name.Length > longest)
            return Errno.ENAMETOOLONG;
        switch (Disk.Names.Find(context, self, name, out child))
        {
            case CachedName.Present:
                return Errno.None;
            case CachedName.Absent:
                return Errno.ENOENT;
        }

        if (self.IsRemoved)
            return Errno.ENOENT;
        Errno error = Find(new RequestReader(Volume, context), name, out uint found);
        if (error != Errno.None)
            return error;
        if (found == 0)
        {
            Disk.Names.Add(context, self, name, null);
            return Errno.ENOENT;
        }

        error = Disk.Find(context, found, out Ext4Inode? inode);
        if (error == Errno.None)
            error = Claim(inode!);
        if (error == Errno.None)
            child = Disk.Names.Add(context, self, name, inode);
        return error;
    }

    /// <summary>The inode that a name stands for; 0: there is no such name.</summary>
    public Errno Find(BlockReader reader, ReadOnlySpan<byte> name, out uint inode)
    {
        inode = 0;
        if (!Record.Has(InodeRecord.InlineData))
        {
            Errno error = DirectoryLookup.Find(reader, (uint)Number, Record, name, out FoundName found);
            inode = found.Entry.Inode;
            return error;
        }

        foreach ((_, DirectoryEntry entry, byte[] part) in InlineNames())
        {
            if (entry.Name(part).SequenceEqual(name))
                inode = entry.Inode;
        }

        return Errno.None;
    }

    /// <summary>The names of a directory that lies in its inode.</summary>
    public IEnumerable<(int At, DirectoryEntry Entry, byte[] Part)> InlineNames()
    {
        byte[] inInode = inlineBytes[InlineStart..InodeRecord.MapLength], rest = inlineBytes[InodeRecord.MapLength..];
        foreach ((byte[] part, int start) in new[] { (inInode, 0), (rest, inInode.Length) })
        {
            for (int at = 0; at < part.Length && DirectoryBlock.TryRead(part, at, Volume.Super.InodeCount, out DirectoryEntry entry); at += entry.Length)
            {
                if (entry.Inode != 0)
                    yield return (start + at, entry, part);
            }
        }
    }

    private Errno Claim(Ext4Inode inode)
    {
        if (inode is not Ext4Directory directory)
            return Errno.None;
        if (directory == Disk.Root.Inode || (directory.IsPinned && directory.ParentNumber != Number))
            return Volume.Corrupted($"directory {directory.Number} lies in more than one");
        directory.ParentNumber = Number;
        return Errno.None;
    }
}

/// <summary>An open directory.</summary>
internal sealed class Ext4DirectoryFile(Location location, uint flags, Ext4Directory directory) : OpenFile(location, flags)
{
    public override long Read(OperationContext context, Span<byte> buffer, long offset) => -(long)Errno.EISDIR;

    public override long Seek(OperationContext context, long offset, uint whence) => whence switch
    {
        0 => SetOffset(0, offset),
        1 => SetOffset(Offset, offset),
        _ => -(long)Errno.EINVAL,
    };

    public override long ReadDirectory(OperationContext context, Span<byte> buffer)
    {
        const byte directoryType = 4;
        if (Location.Dentry.IsRemoved)
            return -(long)Errno.ENOENT;
        var records = new DirectoryRecords(buffer);
        long offset = Offset;
        Location top = MountTree.Ascend(Location);
        if (offset == 0 && records.TryAdd(Inode.Number, 1, directoryType, "."u8))
            offset = 1;
        if (offset == 1 && records.TryAdd((top.Dentry.Parent ?? top.Dentry).Inode.Number, DirectoryListing.FirstName, directoryType, ".."u8))
            offset = DirectoryListing.FirstName;
        bool isFull = offset < DirectoryListing.FirstName;
        if (!isFull)
        {
            Errno error = DirectoryListing.List(new RequestReader(directory.Volume, context), directory, ref records, ref offset, out isFull);
            if (error != Errno.None)
                return -(long)error;
        }

        if (isFull && records.Length == 0)
            return -(long)Errno.EINVAL;
        Offset = offset;
        directory.Read(Location.Mount, Flags);
        return records.Length;
    }

    public override Errno Sync(OperationContext context, bool dataOnly) => directory.Disk.Commit(context);
}
