using Servers.Vfs.Objects;

namespace Servers.Vfs.Requests;

/// <summary>The types that mount(2) knows.</summary>
public interface IFileSystemTypes
{
    /// <summary>
    /// Makes an instance, or finds the one that the source already has. ENODEV for an unknown type, EINVAL for unknown options. It may wait (for a disk's
    /// superblock): an instance that is being made is found again under its source, and one that nobody mounts in the end goes by itself.
    /// </summary>
    Errno Create(OperationContext context, in MountArguments arguments, out FileSystem? fileSystem);
}

/// <summary>What mount(2) was told.</summary>
/// <param name="Type">Name of the type.</param>
/// <param name="Source">Device, or any name.</param>
/// <param name="Restrictions">Of the superblock: <see cref="FileSystem.Restrictions"/>.</param>
/// <param name="Options">Text for the file system.</param>
public readonly record struct MountArguments(string Type, string Source, MountFlags Restrictions, ReadOnlyMemory<byte> Options);
