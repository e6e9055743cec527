using System.Text;
using Servers.Vfs.Files;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Generated;

/// <summary>A name in a listing that is made up.</summary>
public readonly record struct GeneratedName(string Name, uint Mode, ulong Number);

/// <summary>A directory whose names are made up when it is read: processes, descriptors, servers.</summary>
public abstract class GeneratedDirectory : GeneratedInode
{
    /// <summary>A directory.</summary>
    protected GeneratedDirectory(FileSystem fileSystem, ulong number, uint permissions, long time)
        : base(fileSystem, number, InodeMode.Directory | permissions, time)
    {
        LinkCount = 2;
    }

    /// <summary>The names now.</summary>
    public abstract List<GeneratedName> List();

    /// <inheritdoc/>
    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = new Opened(request.Location, request.Flags, this);
        return Errno.None;
    }

    private sealed class Opened(Location location, uint flags, GeneratedDirectory directory) : OpenFile(location, flags)
    {
        private const int DotEntries = 2;
        private List<GeneratedName>? names;

        public override Inode Inode => directory;

        public override long Read(OperationContext context, Span<byte> buffer, long offset) => -(long)Errno.EISDIR;

        public override long ReadDirectory(OperationContext context, Span<byte> buffer)
        {
            if (names == null || Offset == 0)
                names = directory.List();
            var records = new DirectoryRecords(buffer);
            while (Offset < names.Count + DotEntries)
            {
                GeneratedName name = Offset switch
                {
                    0 => new GeneratedName(".", InodeMode.Directory, directory.Number),
                    1 => new GeneratedName("..", InodeMode.Directory, (Location.Dentry.Parent ?? Location.Dentry).Inode.Number),
                    _ => names[(int)Offset - DotEntries],
                };
                if (!records.TryAdd(name.Number, Offset + 1, InodeMode.DirectoryRecordType(name.Mode), Encoding.UTF8.GetBytes(name.Name)))
                    return records.Length == 0 ? -(long)Errno.EINVAL : records.Length;
                Offset++;
            }

            return records.Length;
        }
    }
}
