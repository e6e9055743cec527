using Libsys.Abi;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Tmpfs;

/// <summary>Makes the root file system from the boot archive. File data stays where it is, see <see cref="CachedFile.Adopt"/>.</summary>
/// <remarks>
/// The archive's own rules (<see cref="BootArchive"/>) are all that this relies on: parents precede their children and the first name of a file its
/// further ones. What clients may make is not counted against: the limits of the file system are for what comes later.
/// </remarks>
public sealed class BootArchiveLoader
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    private readonly TmpfsFileSystem fileSystem;
    private readonly IFileImage archive;

    // Names of the directories from the root to the one that the last entry lies in, and where each ends in that entry's path: most entries lie in the
    // same directory as the one before, and the others a few steps from it.
    private readonly Stack<(Dentry Directory, int Length)> path = new();
    private readonly Dictionary<int, MemoryInode> sharedInodes = [];
    private readonly List<(MemoryInode Directory, ulong Seconds)> directoryTimes = [];
    private readonly ImmediateContext context = new();

    private BootArchiveLoader(TmpfsFileSystem fileSystem, IFileImage archive) => (this.fileSystem, this.archive) = (fileSystem, archive);

    /// <summary>Number of inodes that <see cref="Load"/> makes, at most; <paramref name="archive"/> was checked.</summary>
    public static int InodeCount(ReadOnlySpan<byte> archive) => new BootArchiveReader(archive).Count;

    /// <summary>Adds all entries but the system's own.</summary>
    /// <exception cref="InvalidDataException">The archive is damaged.</exception>
    public static void Load(TmpfsFileSystem fileSystem, IFileImage archive)
    {
        BootArchiveStatus status = BootArchiveReader.Check(archive.Bytes);
        if (status != BootArchiveStatus.Valid)
            throw new InvalidDataException("boot archive: " + status);
        new BootArchiveLoader(fileSystem, archive).Load();
    }

    private void Load()
    {
        var reader = new BootArchiveReader(archive.Bytes);
        for (int index = 0; index < reader.Count; index++)
        {
            if (!reader.IsSystem(index) && reader.DataEntry(index) != index)
                sharedInodes[reader.DataEntry(index)] = null!;
        }

        ReadOnlySpan<byte> previous = default;
        for (int index = 0; index < reader.Count; index++)
        {
            if (reader.IsSystem(index))
                continue;
            ReadOnlySpan<byte> name = reader.Name(index);
            int parentLength = BootArchivePath.ParentLength(name);
            Dentry parent = Parent(previous, name, parentLength);
            Add(reader, index, parent, parentLength > 0 ? name[(parentLength + 1)..] : name);
            previous = name;
        }

        // Adding names changes a directory's times, so they are set when all names are there.
        foreach ((MemoryInode directory, ulong seconds) in directoryTimes)
        {
            long time = Nanoseconds(seconds);
            directory.SetAttributes(context, new AttributeChange(fileSystem.Clock.Wall) { AccessTime = time, ModifyTime = time });
        }
    }

    // Everything in a directory follows it at once, so a directory that an entry lies in is still on the path.
    private Dentry Parent(ReadOnlySpan<byte> previous, ReadOnlySpan<byte> name, int parentLength)
    {
        while (path.TryPeek(out (Dentry Directory, int Length) last)
            && (last.Length > parentLength || !previous[..last.Length].SequenceEqual(name[..last.Length]) || name[last.Length] != (byte)'/'))
            path.Pop();
        int found = path.TryPeek(out (Dentry Directory, int Length) top) ? top.Length : 0;
        if (found != parentLength)
            throw new InvalidDataException("boot archive: a directory is missing");
        return found == 0 ? fileSystem.Root : top.Directory;
    }

    private void Add(BootArchiveReader reader, int index, Dentry parent, ReadOnlySpan<byte> name)
    {
        var directory = (TmpfsDirectory)parent.Inode;
        int holder = reader.DataEntry(index);
        if (holder != index)
        {
            MemoryInode shared = sharedInodes[holder];
            shared.SetLinks(shared.LinkCount + 1);
            directory.Insert(parent, name, shared);
            return;
        }

        uint mode = reader.Mode(index);
        MemoryInode inode = InodeMode.Type(mode) == InodeMode.SymbolicLink
            ? new TmpfsSymbolicLink(fileSystem, fileSystem.NextNumber(), reader.Data(index).ToArray())
            : fileSystem.NewInode(mode, reader.Device(index));
        long time = Nanoseconds(reader.ModifiedSeconds(index)); // the change time is now: that is when the inode was made
        inode.SetAttributes(
            context,
            new AttributeChange(fileSystem.Clock.Wall) { Mode = mode, UserId = reader.UserId(index), GroupId = reader.GroupId(index), AccessTime = time,
                ModifyTime = time });
        inode.ExtendedAttributes = ExtendedAttributes.Read(reader.Attributes(index));
        if (inode is TmpfsFile regular && reader.DataLength(index) > 0)
            regular.Content.Adopt(archive, reader.DataOffset(index), reader.DataLength(index));
        Dentry made = directory.Insert(parent, name, inode);
        if (inode is TmpfsDirectory child)
        {
            child.Entry = made;
            directory.SetLinks(directory.LinkCount + 1);
            directoryTimes.Add((inode, reader.ModifiedSeconds(index)));
            path.Push((made, reader.Name(index).Length));
        }
        else if (sharedInodes.ContainsKey(index))
        {
            sharedInodes[index] = inode;
        }
    }

    private static long Nanoseconds(ulong seconds) => (long)Math.Min(seconds, long.MaxValue / NanosecondsPerSecond) * NanosecondsPerSecond;
}
