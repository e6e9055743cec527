using Servers.Vfs.Objects;
using Servers.Vfs.Volumes;

namespace Servers.Vfs.Iso9660;

/// <summary>Makes inodes of directory records.</summary>
internal static class IsoInodes
{
    // Linux' for what says nothing: everything may be a program, on a disc for systems that do not mark them.
    private const uint AllMayReadAndExecute = 0x16D; // 0555

    // A directory with more would take as long to be looked through as nobody waits: a million names.
    private const long LongestDirectory = 64 << 20;

    /// <summary>The inode of a name.</summary>
    public static Errno Load(OperationContext context, IsoFileSystem fileSystem, IsoEntry entry, RockRidge? rock, out VolumeInode? inode)
    {
        DirectoryRecord record = entry.Record;
        // A directory is known by where it is, for it has records in several places. Its own one counts.
        if (rock?.ChildLink == null && record.IsDirectory)
            return LoadDirectory(context, fileSystem, record.Extent, out inode);
        ulong number = fileSystem.NumberOf(record.Block, record.Offset);
        inode = (VolumeInode?)fileSystem.Inodes.Find(context, number);
        if (inode != null)
            return Errno.None;
        if (rock?.ChildLink is { } moved)
        {
            Errno error = ReadSelf(context, fileSystem, moved, out DirectoryRecord? self);
            if (error != Errno.None)
                return error;
            return Make(context, fileSystem, number, self!, [new IsoSection(moved, self!.Length)], isDirectory: true, out inode);
        }

        return Make(context, fileSystem, number, record, entry.Sections, isDirectory: false, out inode);
    }

    /// <summary>The directory that begins at a block.</summary>
    public static Errno LoadDirectory(OperationContext context, IsoFileSystem fileSystem, long extent, out VolumeInode? inode)
    {
        ulong number = fileSystem.NumberOf(extent, 0);
        inode = (VolumeInode?)fileSystem.Inodes.Find(context, number);
        if (inode != null)
            return Errno.None;
        Errno error = ReadSelf(context, fileSystem, extent, out DirectoryRecord? self);
        return error != Errno.None ? error : Make(context, fileSystem, number, self!, [new IsoSection(extent, self!.Length)], isDirectory: true, out inode);
    }

    /// <summary>The record that a directory has of itself, the first one, ECMA-119 6.8.2.2.</summary>
    public static Errno ReadSelf(OperationContext context, IsoFileSystem fileSystem, long extent, out DirectoryRecord? self)
    {
        self = null;
        if (!IsInside(fileSystem, extent, 1))
            return fileSystem.Complain($"a directory at block {extent}, which there is not");
        Errno error = new IsoEntries(context, fileSystem, extent, fileSystem.BlockSize).Next(out IsoEntry? entry);
        if (error != Errno.None)
            return error;
        if (entry is not { Record: { IsDirectory: true, Offset: 0 } record })
            return fileSystem.Complain($"block {extent} is no directory");
        self = record;
        return Errno.None;
    }

    private static Errno Make(
        OperationContext context, IsoFileSystem fileSystem, ulong number, DirectoryRecord record, List<IsoSection> sections, bool isDirectory,
        out VolumeInode? inode)
    {
        inode = null;
        RockRidge? rock = null;
        if (fileSystem.Skip is { } skip)
        {
            Errno error = RockRidge.Read(context, fileSystem, record, skip, out rock);
            if (error != Errno.None)
                return error;
        }

        VolumeAttributes attributes = Attributes(fileSystem.Options, record, rock, isDirectory);
        long size = sections.Sum(static section => (long)section.Length);
        switch (InodeMode.Type(attributes.Mode))
        {
            case InodeMode.Directory:
                if (size > LongestDirectory || !IsInside(fileSystem, sections[0].Block, size))
                    return fileSystem.Complain($"directory at block {sections[0].Block}: a wrong length");
                inode = new IsoDirectory(fileSystem, number, attributes, sections[0].Block, sections[0].Length);
                break;
            case InodeMode.Regular:
                inode = new IsoFile(fileSystem, number, attributes, [.. sections], size);
                break;
            case InodeMode.SymbolicLink:
                if (rock?.LinkText is not { Count: > 0 } text || text.Contains(0))
                    return fileSystem.Complain($"block {record.Block}: a symbolic link without a text");
                inode = new VolumeLink(fileSystem, number, attributes, [.. text]);
                break;
            case InodeMode.Character or InodeMode.Block or InodeMode.Fifo or InodeMode.Socket:
                inode = new VolumeSpecial(fileSystem, number, attributes);
                break;
            default:
                return fileSystem.Complain($"block {record.Block}: a file of no type");
        }

        fileSystem.Inodes.Add(context, inode);
        return Errno.None;
    }

    private static VolumeAttributes Attributes(IsoOptions options, DirectoryRecord record, RockRidge? rock, bool isDirectory)
    {
        uint? said = isDirectory ? options.DirectoryMode : options.FileMode;
        long recorded = IsoTime.OfShort(record.Time);
        VolumeAttributes attributes = rock?.Attributes ?? new VolumeAttributes
        {
            Mode = (isDirectory ? InodeMode.Directory : InodeMode.Regular) | (said ?? AllMayReadAndExecute), Links = 1,
        };
        bool isOwnKind = InodeMode.Type(attributes.Mode) is InodeMode.Directory or InodeMode.Regular;
        if (options.OverridesModes && said != null && isOwnKind)
            attributes.Mode = InodeMode.Type(attributes.Mode) | said.Value;
        attributes.UserId = options.UserId ?? attributes.UserId;
        attributes.GroupId = options.GroupId ?? attributes.GroupId;
        attributes.Device = InodeMode.Type(attributes.Mode) is InodeMode.Character or InodeMode.Block ? rock?.Device ?? 0 : 0;
        attributes.AccessTime = rock?.AccessTime ?? recorded;
        attributes.ModifyTime = rock?.ModifyTime ?? recorded;
        attributes.ChangeTime = rock?.ChangeTime ?? recorded;
        return attributes;
    }

    private static bool IsInside(IsoFileSystem fileSystem, long block, long length) =>
        block > 0 && block <= fileSystem.Disk.Content.Size >> fileSystem.BlockBits && length <= fileSystem.Disk.Content.Size - (block << fileSystem.BlockBits);
}
