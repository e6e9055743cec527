using System.Text;
using Servers.Vfs.Files;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Generated;

/// <summary>A directory with names that stay.</summary>
public sealed class StaticDirectory : GeneratedInode, IListedDirectory
{
    /// <summary>An empty one.</summary>
    public StaticDirectory(FileSystem fileSystem, ulong number, long time)
        : base(fileSystem, number, InodeMode.Directory | 0x16D, time)
    {
        LinkCount = 2;
    }

    /// <inheritdoc/>
    public NameTable Names { get; } = new();

    /// <summary>Adds a name.</summary>
    public Dentry Add(Dentry self, string name, Inode inode)
    {
        var dentry = new Dentry(self, Encoding.UTF8.GetBytes(name), inode);
        Names.Add(dentry);
        if (inode.IsDirectory)
            LinkCount++;
        return dentry;
    }

    /// <inheritdoc/>
    public override Errno Lookup(OperationContext context, Dentry self, ReadOnlySpan<byte> name, out Dentry? child) =>
        Names.TryFind(name, out child) ? Errno.None : Errno.ENOENT;

    /// <inheritdoc/>
    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = new ListedDirectoryFile(request.Location, request.Flags, this);
        return Errno.None;
    }
}
