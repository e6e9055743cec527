using Servers.Vfs.Objects;

namespace Servers.Vfs.Anonymous;

/// <summary>A file system that is never shown: its files have no names.</summary>
public sealed class AnonymousFileSystem : FileSystem
{
    /// <summary>A hidden file system.</summary>
    public AnonymousFileSystem(uint device, string typeName, ulong magic)
        : base(device)
    {
        TypeName = typeName;
        Magic = magic;
        Root = new Dentry(null, [], new AnonymousInode(this, 0, InodeMode.Directory));
    }

    /// <inheritdoc/>
    public override string TypeName { get; }

    /// <inheritdoc/>
    public override ulong Magic { get; }

    /// <inheritdoc/>
    public override Dentry Root { get; }
}

/// <summary>An inode that cannot be opened a second time.</summary>
public sealed class AnonymousInode(FileSystem fileSystem, ulong number, uint mode) : MemoryInode(fileSystem, number, mode, now: 0)
{
    /// <inheritdoc/>
    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = null;
        return Errno.ENXIO;
    }
}
