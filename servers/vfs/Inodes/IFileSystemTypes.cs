using Servers.Vfs.Linux;

namespace Servers.Vfs.Inodes;

/// <summary>The types that mount(2) knows.</summary>
public interface IFileSystemTypes
{
    /// <summary>Makes an instance; ENODEV for an unknown type, EINVAL for unknown options.</summary>
    Errno Create(string type, ReadOnlySpan<byte> options, out FileSystem? fileSystem);
}
