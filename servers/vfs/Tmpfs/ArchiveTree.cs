using Libsys.Abi;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Tmpfs;

/// <summary>
/// The first content of the root file system, as the boot archive has it. The inodes of a directory's names are made when somebody first looks into it, since a
/// large root has fifty thousand and a session needs some hundred of them. File data stays where it is, see <see cref="CachedFile.Adopt"/>.
/// </summary>
/// <remarks>
/// The archive's own rules (<see cref="BootArchive"/>) are all that this relies on: a directory is followed by all that lies in it, and the first name of a
/// file comes before its further ones. The personality that started the first server has checked them. What clients may make is not counted against: the
/// limits of the file system are for what comes later.
/// </remarks>
public sealed class ArchiveTree
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    private readonly TmpfsFileSystem fileSystem;
    private readonly IFileImage archive;
    private readonly int length;
    private readonly IFileImage? image;

    // Of files with several names, by the index of the first: how many, and the inode as soon as one of them was looked at.
    private readonly Dictionary<int, uint> furtherNames = [];
    private readonly Dictionary<int, MemoryInode> sharedInodes = [];
    private readonly ImmediateContext context = new();
    private readonly long loaded;

    private ArchiveTree(TmpfsFileSystem fileSystem, IFileImage archive, int length, IFileImage? image)
    {
        this.fileSystem = fileSystem;
        this.archive = archive;
        this.length = length;
        this.image = image;
        loaded = fileSystem.Clock.Wall;
    }

    private BootArchiveReader Reader => new(archive.Bytes(0, length));

    /// <summary>Shows all entries but the system's own in an empty file system.</summary>
    /// <param name="fileSystem">Where.</param>
    /// <param name="archive">The boot archive, which was checked.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="image">The root image, which entries may name.</param>
    /// <exception cref="InvalidDataException">The archive is made for a root image, and this is not it.</exception>
    public static void Load(TmpfsFileSystem fileSystem, IFileImage archive, int length, IFileImage? image)
    {
        var tree = new ArchiveTree(fileSystem, archive, length, image);
        BootArchiveReader reader = tree.Reader;
        if (reader.ImageLength > 0 && (image is null || LittleEndian.UInt64(image.Bytes(BootArchive.HashOffset, sizeof(ulong)), 0) != reader.ImageHash))
            throw new InvalidDataException(image is null ? "boot archive: the root image is missing" : "boot archive: another root image belongs to it");

        int first = 0;
        int inodes = 0;
        for (int index = 0; index < reader.Count; index++)
        {
            int holder = reader.DataEntry(index);
            if (reader.IsSystem(index))
                first = index + 1;
            else if (holder == index)
                inodes++;
            else
                tree.furtherNames[holder] = tree.furtherNames.GetValueOrDefault(holder) + 1;
        }

        fileSystem.Expect(inodes);
        ((TmpfsDirectory)fileSystem.Root.Inode).ShowArchive(new ArchiveRange(tree, first, reader.Count));
    }

    /// <summary>Number of directories in a directory.</summary>
    internal uint CountDirectories(ArchiveRange range)
    {
        BootArchiveReader reader = Reader;
        uint count = 0;
        for (int index = range.First; index < range.End; index = Next(reader, index, range.End))
            count += IsDirectory(reader, index) ? 1u : 0;
        return count;
    }

    /// <summary>Makes the inodes of a directory's names.</summary>
    internal void Fill(Dentry parent, NameTable names, ArchiveRange range)
    {
        BootArchiveReader reader = Reader;
        for (int index = range.First; index < range.End;)
        {
            int next = Next(reader, index, range.End);
            ReadOnlySpan<byte> path = reader.Name(index);
            int parentLength = BootArchivePath.ParentLength(path);
            MemoryInode inode = Find(reader, reader.DataEntry(index));
            var made = new Dentry(parent, path[(parentLength > 0 ? parentLength + 1 : 0)..].ToArray(), inode);
            names.Add(made);
            if (inode is TmpfsDirectory directory)
            {
                directory.Entry = made;
                directory.ShowArchive(new ArchiveRange(this, index + 1, next));
            }

            index = next;
        }
    }

    private MemoryInode Find(BootArchiveReader reader, int index)
    {
        if (!furtherNames.TryGetValue(index, out uint further))
            return Make(reader, index);
        if (!sharedInodes.TryGetValue(index, out MemoryInode? inode))
        {
            sharedInodes[index] = inode = Make(reader, index);
            inode.SetLinks(1 + further);
        }

        return inode;
    }

    private MemoryInode Make(BootArchiveReader reader, int index)
    {
        uint mode = reader.Mode(index);
        MemoryInode inode = InodeMode.Type(mode) == InodeMode.SymbolicLink
            ? new TmpfsSymbolicLink(fileSystem, fileSystem.ExpectedNumber(), reader.Data(index).ToArray())
            : fileSystem.ExpectedInode(mode, reader.Device(index));
        long time = (long)Math.Min(reader.ModifiedSeconds(index), long.MaxValue / NanosecondsPerSecond) * NanosecondsPerSecond;
        inode.SetAttributes(
            context,
            new AttributeChange(loaded) { Mode = mode, UserId = reader.UserId(index), GroupId = reader.GroupId(index), AccessTime = time, ModifyTime = time });
        inode.ExtendedAttributes = ExtendedAttributes.Read(reader.Attributes(index));
        if (inode is TmpfsFile regular && reader.DataLength(index) > 0)
            regular.Content.Adopt(reader.IsInImage(index) ? image! : archive, reader.DataOffset(index), reader.DataLength(index));
        return inode;
    }

    // The next name in the same directory. Steps that double, then halve: most directories have few names, and some thousands.
    private static int Next(BootArchiveReader reader, int index, int end)
    {
        if (!IsDirectory(reader, index))
            return index + 1;
        ReadOnlySpan<byte> directory = reader.Name(index);
        int inside = index;
        int outside = end;
        for (int step = 1; step < outside - inside; step *= 2)
        {
            if (IsBelow(reader, inside + step, directory))
                inside += step;
            else
                outside = inside + step;
        }

        while (outside - inside > 1)
        {
            int middle = inside + (outside - inside) / 2;
            if (IsBelow(reader, middle, directory))
                inside = middle;
            else
                outside = middle;
        }

        return outside;
    }

    private static bool IsBelow(BootArchiveReader reader, int index, ReadOnlySpan<byte> directory)
    {
        ReadOnlySpan<byte> name = reader.Name(index);
        return name.Length > directory.Length && name[directory.Length] == (byte)'/' && name.StartsWith(directory);
    }

    private static bool IsDirectory(BootArchiveReader reader, int index) => InodeMode.Type(reader.Mode(index)) == InodeMode.Directory;
}

/// <summary>The entries below a directory that nobody has looked into yet.</summary>
internal readonly record struct ArchiveRange(ArchiveTree? Tree, int First, int End);
