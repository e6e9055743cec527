namespace Servers.Vfs.Objects;

/// <summary>A type of file systems, filesystems(5). Its folder has it, and one line where the types are named (Program.cs) adds it.</summary>
public abstract class FileSystemType(string name)
{
    /// <summary>Name for mount(2).</summary>
    public string Name { get; } = name;

    /// <summary>False for a type that lies on nothing or on a server: /proc/filesystems has "nodev" before it.</summary>
    public virtual bool NeedsDevice => false;

    /// <summary>
    /// Makes an instance, or finds the one that the source already has; EINVAL for options that the type refuses. It may wait (for a disk's superblock): an
    /// instance that is being made is found again under its source, and one that nobody mounts in the end goes by itself.
    /// </summary>
    public abstract Errno Create(OperationContext context, in MountArguments arguments, out FileSystem? fileSystem);
}

/// <summary>What mount(2) was told.</summary>
/// <param name="Source">Device, or any name.</param>
/// <param name="Restrictions">Of the superblock: <see cref="FileSystem.Restrictions"/>.</param>
/// <param name="Options">Text for the file system.</param>
/// <param name="Device">Number of the block device that the source names, for a type that <see cref="FileSystemType.NeedsDevice"/>; else 0.</param>
public readonly record struct MountArguments(string Source, MountFlags Restrictions, ReadOnlyMemory<byte> Options, uint Device = 0);

/// <summary>A type with one instance, shown wherever it is mounted. The options of the last mount are those of all.</summary>
public sealed class SingleFileSystemType(FileSystem instance) : FileSystemType(instance.TypeName)
{
    /// <inheritdoc/>
    public override Errno Create(OperationContext context, in MountArguments arguments, out FileSystem? fileSystem)
    {
        fileSystem = instance;
        return instance.Configure(arguments.Options.Span);
    }
}
