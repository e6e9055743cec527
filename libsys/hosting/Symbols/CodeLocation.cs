namespace Libsys.Hosting.Symbols;

/// <summary>Where an address lies in the source.</summary>
/// <param name="Function">Readable name of the function.</param>
/// <param name="Offset">Bytes from the function's start.</param>
/// <param name="File">Path below the repository's root; null when the source is not of this project.</param>
/// <param name="Line">Line in <paramref name="File"/>, counted from 1.</param>
public readonly record struct CodeLocation(string Function, uint Offset, string? File, int Line)
{
    /// <summary><c>Servers.Vfs.Names.PathWalk.Push+0x12 (servers/vfs/Names/PathWalk.cs:88)</c>.</summary>
    public override string ToString() => File is null ? $"{Function}+0x{Offset:x}" : $"{Function}+0x{Offset:x} ({File}:{Line})";
}
