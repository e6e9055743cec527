using Servers.Vfs.Names;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Files;

/// <summary>An open directory whose names are in memory.</summary>
public sealed class ListedDirectoryFile : OpenFile
{
    // Offsets count down with the cookies, because the newest name comes first; 0 and 1 are "." and "..".
    private const long FirstNames = 2;
    private const long Top = long.MaxValue;
    private readonly IListedDirectory directory;

    /// <summary>Opens the directory.</summary>
    public ListedDirectoryFile(Location location, uint flags, IListedDirectory directory)
        : base(location, flags) => this.directory = directory;

    /// <inheritdoc/>
    public override bool ClosesUnseen => true;

    /// <inheritdoc/>
    public override long Read(OperationContext context, Span<byte> buffer, long offset) => -(long)Errno.EISDIR;

    /// <inheritdoc/>
    public override long ReadDirectory(OperationContext context, Span<byte> buffer)
    {
        if (Location.Dentry.IsRemoved)
            return -(long)Errno.ENOENT;
        var records = new DirectoryRecords(buffer);
        long offset = Offset;
        if (offset == 0 && records.TryAdd(Inode.Number, 1, InodeMode.DirectoryRecordType(InodeMode.Directory), "."u8))
            offset = 1;
        if (offset == 1 && records.TryAdd(ParentNumber(), FirstNames, InodeMode.DirectoryRecordType(InodeMode.Directory), ".."u8))
            offset = FirstNames;
        bool isFull = offset < FirstNames;
        NameTable.Cursor cursor = directory.Names.Below(isFull ? long.MinValue : offset == FirstNames ? Top : Top - offset);
        while (cursor.Next() is { } dentry)
        {
            long next = Top - dentry.Cookie;
            Inode inode = dentry.Inode;
            if (!records.TryAdd(inode.Number, next, InodeMode.DirectoryRecordType(inode.Mode), dentry.Name))
            {
                isFull = true;
                break;
            }

            offset = next;
        }

        Offset = offset;
        return isFull && records.Length == 0 ? -(long)Errno.EINVAL : records.Length;
    }

    /// <inheritdoc/>
    public override long Seek(OperationContext context, long offset, uint whence)
    {
        const uint seekSet = 0, seekCurrent = 1;
        return whence switch
        {
            seekSet => SetOffset(0, offset),
            seekCurrent => SetOffset(Offset, offset),
            _ => -(long)Errno.EINVAL,
        };
    }

    private ulong ParentNumber()
    {
        Location top = MountTree.Ascend(Location);
        return (top.Dentry.Parent ?? top.Dentry).Inode.Number;
    }
}

/// <summary>A directory whose names are all in memory.</summary>
public interface IListedDirectory
{
    /// <summary>The names.</summary>
    NameTable Names { get; }
}
