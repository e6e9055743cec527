using Servers.Vfs.Names;

namespace Servers.Vfs.Files;

/// <summary>A directory whose names are all in memory.</summary>
public interface IListedDirectory
{
    /// <summary>The names.</summary>
    NameTable Names { get; }
}
