using Servers.Vfs.Tmpfs;

namespace Servers.Vfs.Files;

/// <summary>An open file whose pages a client may map.</summary>
public interface IMappableFile
{
    /// <summary>The pages.</summary>
    FileContent Content { get; }
}
