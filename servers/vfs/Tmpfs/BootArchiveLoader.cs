using Libsys.Abi;
using Servers.Vfs.Inodes;
using Servers.Vfs.Linux;
using Servers.Vfs.Names;

namespace Servers.Vfs.Tmpfs;

/// <summary>Makes the root file system from the boot archive. File data stays where it is, see <see cref="FileContent.Adopt"/>.</summary>
public static class BootArchiveLoader
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Adds all entries but the system's own.</summary>
    /// <exception cref="InvalidDataException">The archive is damaged, or a name's parent is missing.</exception>
    public static void Load(TmpfsFileSystem fileSystem, IFileMemory archive)
    {
        BootArchiveStatus status = BootArchiveReader.Check(archive.Bytes);
        if (status != BootArchiveStatus.Valid)
            throw new InvalidDataException("boot archive: " + status);
        var reader = new BootArchiveReader(archive.Bytes);

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
            Add(fileSystem, archive, reader, index, parent, name, directories, inodes);
        }

        SetDirectoryTimes(reader, directories);
    }

    private static void Add(
        TmpfsFileSystem fileSystem, IFileMemory archive, BootArchiveReader reader, int index, Dentry parent, ReadOnlySpan<byte> name,
        Dictionary<byte[], Dentry> directories, Dictionary<int, Inode> inodes)
    {
        var directory = (TmpfsDirectory)parent.Inode;
        int holder = reader.DataEntry(index);
        if (holder != index)
        {
            directory.Link(parent, name, inodes[holder]);
            return;
        }

        uint mode = reader.Mode(index);
        Dentry made;
        switch (InodeMode.Type(mode))
        {
            case InodeMode.Directory:
                directory.MakeDirectory(parent, name, mode, Credentials.Root, out Dentry? child);
                made = child!;
                directories.Add(reader.Name(index).ToArray(), made);
                break;
            case InodeMode.SymbolicLink:
                directory.SymbolicLink(parent, name, reader.Data(index), Credentials.Root);
                directory.Names.TryFind(name, out Dentry? link);
                made = link!;
                break;
            default:
                directory.Create(parent, name, mode, reader.Device(index), Credentials.Root, out Dentry? file);
                made = file!;
                if (made.Inode is TmpfsFile regular && reader.DataLength(index) > 0)
                    regular.Content.Adopt(archive, reader.DataOffset(index), reader.DataLength(index));
                break;
        }

        Inode inode = made.Inode;
        inodes.Add(index, inode);
        inode.Mode = mode;
        inode.UserId = reader.UserId(index);
        inode.GroupId = reader.GroupId(index);
        SetTimes(inode, reader.ModifiedSeconds(index));
    }

    // Adding names changes a directory's times, so they are set when all names are there.
    private static void SetDirectoryTimes(BootArchiveReader reader, Dictionary<byte[], Dentry> directories)
    {
        for (int index = 0; index < reader.Count; index++)
        {
            if (!reader.IsSystem(index) && directories.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(reader.Name(index), out Dentry? dentry))
                SetTimes(dentry.Inode, reader.ModifiedSeconds(index));
        }
    }

    private static void SetTimes(Inode inode, ulong seconds)
    {
        long time = (long)Math.Min(seconds, long.MaxValue / NanosecondsPerSecond) * NanosecondsPerSecond;
        inode.AccessTime = inode.ModifyTime = time; // the change time is now: that is when the inode was made
    }
}
