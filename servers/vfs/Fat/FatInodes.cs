using Servers.Vfs.Objects;
using Servers.Vfs.Volumes;

namespace Servers.Vfs.Fat;

/// <summary>Makes inodes of directory entries.</summary>
internal static class FatInodes
{
    // The format knows no more than "must not be written".
    private const uint All = 0x1FF, AnyWrite = 0x92, AnyExecute = InodeMode.AnyExecute;

    /// <summary>The inode of an entry.</summary>
    public static Errno Load(OperationContext context, FatFileSystem fileSystem, FatEntry entry, out VolumeInode? inode)
    {
        inode = (VolumeInode?)fileSystem.Inodes.Find(context, entry.Number);
        if (inode != null)
            return Errno.None;
        FatRecord record = entry.Record;
        FatOptions options = fileSystem.Options;
        int ahead = options.MinutesAhead ?? 0;
        long modified = FatTime.Of(record.ModifyDate, record.ModifyTime, ahead);
        uint mode = All;
        if (record.IsReadOnly && (!record.IsDirectory || options.HasReadOnlyDirectories))
            mode &= ~AnyWrite;
        if (!record.IsDirectory && options.MarksPrograms && !record.IsProgram)
            mode &= ~AnyExecute;
        mode = record.IsDirectory ? InodeMode.Directory | (mode & ~options.DirectoryMask) : InodeMode.Regular | (mode & ~options.FileMask);
        // The day of the last access begins at midnight there.
        var attributes = new VolumeAttributes
        {
            Mode = mode, UserId = options.UserId, GroupId = options.GroupId, Links = 1, ModifyTime = modified, ChangeTime = modified,
            AccessTime = FatTime.Of(record.AccessDate, 0, ahead),
        };
        uint cluster = record.ClusterOf(fileSystem.Geometry.Bits);
        if (record.IsDirectory)
            return LoadDirectory(context, fileSystem, entry.Number, new FatContent(fileSystem, cluster), attributes, isRoot: false, out inode);
        inode = new FatFile(fileSystem, entry.Number, attributes, cluster, record.Size);
        fileSystem.Inodes.Add(context, inode);
        return Errno.None;
    }

    /// <summary>A directory: its length, and how many there are in it.</summary>
    public static Errno LoadDirectory(
        OperationContext context, FatFileSystem fileSystem, ulong number, FatContent content, VolumeAttributes attributes, bool isRoot, out VolumeInode? inode)
    {
        inode = null;
        Errno error = content.Measure(context);
        uint directories = 0;
        var entries = new FatEntries(context, content);
        while (error == Errno.None)
        {
            error = entries.Next(out FatEntry? entry);
            if (entry == null)
                break;
            directories += entry.Record.IsDirectory ? 1u : 0;
        }

        if (error != Errno.None)
            return error;
        FatOptions options = fileSystem.Options;
        // The root has neither an entry, with times, nor names of its own.
        attributes = isRoot ? new VolumeAttributes
        {
            Mode = InodeMode.Directory | (All & ~options.DirectoryMask), UserId = options.UserId, GroupId = options.GroupId,
        } : attributes;
        attributes.Links = directories + (isRoot ? 2u : 0);
        inode = new FatDirectory(fileSystem, number, attributes, content);
        fileSystem.Inodes.Add(context, inode);
        return Errno.None;
    }
}
