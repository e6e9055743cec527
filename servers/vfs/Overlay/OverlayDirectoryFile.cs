using Servers.Vfs.Files;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Overlay;

/// <summary>An open directory. Its names are those that there were when it was first read, or read again from its beginning, as readdir(3) allows.</summary>
internal sealed class OverlayDirectoryFile(Location location, uint flags, OverlayDirectory directory) : OpenFile(location, flags)
{
    private const long FirstName = 2;

    private MergedListing? reading;
    private IReadOnlyList<MergedName>? names;

    public override long Read(OperationContext context, Span<byte> buffer, long offset) => -(long)Errno.EISDIR;

    public override long Seek(OperationContext context, long offset, uint whence)
    {
        long at = whence switch { 0 => SetOffset(0, offset), 1 => SetOffset(Offset, offset), _ => -(long)Errno.EINVAL };
        if (at == 0)
            names = null;
        return at;
    }

    public override long ReadDirectory(OperationContext context, Span<byte> buffer)
    {
        if (Location.Dentry.IsRemoved)
            return -(long)Errno.ENOENT;
        if (names == null)
        {
            reading ??= new MergedListing(directory.RealDirectories());
            Errno error = reading.GoOn(context);
            if (error != Errno.None)
                return -(long)error;
            names = directory.Shown(reading.Names);
            reading = null;
        }

        byte directoryType = InodeMode.DirectoryRecordType(InodeMode.Directory);
        var records = new DirectoryRecords(buffer);
        long offset = Offset;
        Location top = MountTree.Ascend(Location);
        if (offset == 0 && records.TryAdd(directory.Identity.Number, 1, directoryType, "."u8))
            offset = 1;
        if (offset == 1 && records.TryAdd((top.Dentry.Parent ?? top.Dentry).Inode.Identity.Number, FirstName, directoryType, ".."u8))
            offset = FirstName;
        bool isFull = offset < FirstName;
        for (; !isFull && offset - FirstName < names.Count; offset++)
        {
            MergedName name = names[(int)(offset - FirstName)];
            isFull = !records.TryAdd(name.Number, offset + 1, name.Type, name.Name);
            if (isFull)
                break;
        }

        if (isFull && records.Length == 0)
            return -(long)Errno.EINVAL;
        Offset = offset;
        return records.Length;
    }

    public override Errno Sync(OperationContext context, bool dataOnly) => directory.Over.Upper == null ? Errno.None : directory.Over.Sync(context);

    protected override void OnLastClose() => reading?.Close();
}
