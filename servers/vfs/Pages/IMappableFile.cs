namespace Servers.Vfs.Pages;

/// <summary>An open file whose pages a client may map.</summary>
public interface IMappableFile
{
    /// <summary>The pages.</summary>
    CachedFile Content { get; }
}
