namespace Servers.Vfs.Pages;

/// <summary>An open file whose pages a client may map.</summary>
public interface IMappableFile
{
    /// <summary>The pages.</summary>
    CachedFile Content { get; }

    /// <summary>What the description has been told of errors of write-back: its mappings share that. Null: nothing is written back.</summary>
    WriteErrorCursor? Told => null;
}
