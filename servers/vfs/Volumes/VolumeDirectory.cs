using Servers.Vfs.Caches;
using Servers.Vfs.Files;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Volumes;

/// <summary>A directory: its names are found anew when the cache does not know them.</summary>
internal abstract class VolumeDirectory(VolumeFileSystem fileSystem, ulong number, in VolumeAttributes attributes)
    : VolumeInode(fileSystem, number, attributes)
{
    private const int LongestName = 255;

    /// <summary>Number of the directory that it was found in: one that lies in two is damage, which could be a circle.</summary>
    public ulong? ParentNumber { get; set; }

    public override bool CanCreate => true;

    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = new VolumeDirectoryFile(request.Location, request.Flags, this);
        return Errno.None;
    }

    public override Errno Lookup(OperationContext context, Dentry self, ReadOnlySpan<byte> name, out Dentry? child)
    {
        child = null;
        if (name.Length > LongestName)
            return Errno.ENAMETOOLONG;
        switch (Owned.Names.Find(context, self, name, out child))
        {
            case CachedName.Present:
                return Errno.None;
            case CachedName.Absent:
                return Errno.ENOENT;
        }

        Errno error = Find(context, name, out VolumeInode? inode, out byte[]? known);
        if (error == Errno.ENOENT)
            Owned.Names.Add(context, self, name, null);
        if (error == Errno.None && inode is VolumeDirectory directory)
            error = Claim(directory);
        if (error != Errno.None)
            return error;
        // Where letters' case does not matter there is one object for all spellings: what is mounted there is seen by each.
        ReadOnlySpan<byte> spelled = known ?? name;
        if (known == null || Owned.Names.Find(context, self, known, out child) != CachedName.Present)
            child = Owned.Names.Add(context, self, spelled, inode);
        return Errno.None;
    }

    /// <summary>Adds records from an offset on, which moves; <paramref name="isFull"/>: there are more. Offsets below 2 are those of "." and "..".</summary>
    public abstract Errno List(OperationContext context, ref DirectoryRecords records, ref long offset, out bool isFull);

    /// <summary>
    /// The inode of a name, one object for each number; ENOENT: there is none. <paramref name="known"/>: the name as it is spelled on the disk; null: so.
    /// </summary>
    protected abstract Errno Find(OperationContext context, ReadOnlySpan<byte> name, out VolumeInode? inode, out byte[]? known);

    private Errno Claim(VolumeDirectory directory)
    {
        if (directory == Owned.Root.Inode || (directory.IsPinned && directory.ParentNumber != Number))
            return Owned.Complain($"directory {directory.Number} lies in more than one");
        directory.ParentNumber = Number;
        return Errno.None;
    }
}

/// <summary>An open directory.</summary>
internal sealed class VolumeDirectoryFile(Location location, uint flags, VolumeDirectory directory) : OpenFile(location, flags)
{
    /// <summary>Offsets below this one are those of "." and "..".</summary>
    public const long FirstName = 2;

    public override long Read(OperationContext context, Span<byte> buffer, long offset) => -(long)Errno.EISDIR;

    public override long Seek(OperationContext context, long offset, uint whence) => whence switch
    {
        0 => SetOffset(0, offset),
        1 => SetOffset(Offset, offset),
        _ => -(long)Errno.EINVAL,
    };

    public override long ReadDirectory(OperationContext context, Span<byte> buffer)
    {
        byte directoryType = InodeMode.DirectoryRecordType(InodeMode.Directory);
        var records = new DirectoryRecords(buffer);
        long offset = Offset;
        Location top = MountTree.Ascend(Location);
        if (offset == 0 && records.TryAdd(Inode.Number, 1, directoryType, "."u8))
            offset = 1;
        if (offset == 1 && records.TryAdd((top.Dentry.Parent ?? top.Dentry).Inode.Number, FirstName, directoryType, ".."u8))
            offset = FirstName;
        bool isFull = offset < FirstName;
        if (!isFull)
        {
            Errno error = directory.List(context, ref records, ref offset, out isFull);
            // What was found before the damage is shown first, as on Linux; what waits has shown nothing.
            if (error == Errno.Wait || (error != Errno.None && records.Length == 0))
                return -(long)error;
        }

        if (isFull && records.Length == 0)
            return -(long)Errno.EINVAL;
        Offset = offset;
        return records.Length;
    }
}
