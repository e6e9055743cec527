using Servers.Vfs.Objects;

namespace Servers.Vfs.Requests;

/// <summary>The types that mount(2) knows.</summary>
public sealed class FileSystemTypes
{
    private readonly List<FileSystemType> all = [];

    /// <summary>All of them, for /proc/filesystems.</summary>
    public IReadOnlyList<FileSystemType> All => all;

    /// <summary>Learns one.</summary>
    public void Add(FileSystemType type) => all.Add(type);

    /// <summary>The type of a name, or null.</summary>
    public FileSystemType? Find(string name) => all.Find(type => type.Name == name);
}
