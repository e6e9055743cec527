using Libsys.Abi;
using Servers.Vfs.Inodes;
using Servers.Vfs.Names;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Tmpfs;

/// <summary>Makes the root file system from the boot archive. File data stays where it is, see <see cref="CachedFile.Adopt"/>.</summary>
public static class BootArchiveLoader
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Adds all entries but the system's own.</summary>
    /// <exception cref="InvalidDataException">The archive is damaged, or a name's parent is missing.</exception>
    public static void Load(TmpfsFileSystem fileSystem, IFileImage archive)
    {
        BootArchiveStatus status = BootArchiveReader.Check(archive.Bytes);
        if (status != BootArchiveStatus.Valid)
            throw new InvalidDataException("boot archive: " + status);
        var reader = new BootArchiveReader(archive.Bytes);
        var context = new ImmediateContext();

        // Parents precede children, so the dentries of all directories met so far are enough to place the next entry.
        var directories = new Dictionary<byte[], Dentry>(NameComparer.Instance);
        var inodes = new Dictionary<int, Inode>();
        for (int index = 0; index < reader.Count; index++)
        {
            if (reader.IsSystem(index))
                continue;
            ReadOnlySpan<byte> path = reader.Name(index);
            int parentLength = BootArchivePath.ParentLength(path);
            Dentry parent = fileSystem.Root;
            if (parentLength > 0 && !directories.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(path[..parentLength], out parent!))
                throw new InvalidDataException("boot archive: a directory is missing");
            ReadOnlySpan<byte> name = parentLength > 0 ? path[(parentLength + 1)..] : path;
            Add(fileSystem, context, archive, reader, index, parent, name, directories, inodes);
        }

        SetDirectoryTimes(fileSystem, context, reader, directories);
    }

    private static void Add(
        TmpfsFileSystem fileSystem, OperationContext context, IFileImage archive, BootArchiveReader reader, int index, Dentry parent, ReadOnlySpan<byte> name,
        Dictionary<byte[], Dentry> directories, Dictionary<int, Inode> inodes)
    {
        var directory = (TmpfsDirectory)parent.Inode;
        int holder = reader.DataEntry(index);
        if (holder != index)
        {
            directory.Link(context, parent, name, inodes[holder]);
            return;
        }

        uint mode = reader.Mode(index);
        Dentry made;
        switch (InodeMode.Type(mode))
        {
            case InodeMode.Directory:
                directory.MakeDirectory(context, parent, name, mode, out Dentry? child);
                made = child!;
                directories.Add(reader.Name(index).ToArray(), made);
                break;
            case InodeMode.SymbolicLink:
                directory.SymbolicLink(context, parent, name, reader.Data(index));
                directory.Names.TryFind(name, out Dentry? link);
                made = link!;
                break;
            default:
                directory.Create(context, parent, name, mode, reader.Device(index), out Dentry? file);
                made = file!;
                if (made.Inode is TmpfsFile regular && reader.DataLength(index) > 0)
                    regular.Content.Adopt(archive, reader.DataOffset(index), reader.DataLength(index));
                break;
        }

        Inode inode = made.Inode;
        inodes.Add(index, inode);
        long time = Nanoseconds(reader.ModifiedSeconds(index));
        inode.SetAttributes(
            context,
            new AttributeChange(fileSystem.Clock.Wall) { Mode = mode, UserId = reader.UserId(index), GroupId = reader.GroupId(index), AccessTime = time, ModifyTime = time });
    }

    // Adding names changes a directory's times, so they are set when all names are there.
    private static void SetDirectoryTimes(TmpfsFileSystem fileSystem, OperationContext context, BootArchiveReader reader, Dictionary<byte[], Dentry> directories)
    {
        for (int index = 0; index < reader.Count; index++)
        {
            if (reader.IsSystem(index) || !directories.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(reader.Name(index), out Dentry? dentry))
                continue;
            long time = Nanoseconds(reader.ModifiedSeconds(index));
            dentry.Inode.SetAttributes(context, new AttributeChange(fileSystem.Clock.Wall) { AccessTime = time, ModifyTime = time });
        }
    }

    private static long Nanoseconds(ulong seconds) => (long)Math.Min(seconds, long.MaxValue / NanosecondsPerSecond) * NanosecondsPerSecond;
}
