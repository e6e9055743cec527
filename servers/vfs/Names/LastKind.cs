namespace Servers.Vfs.Names;

/// <summary>What the last component of a path is.</summary>
public enum LastKind
{
    /// <summary>A name.</summary>
    Name,

    /// <summary>".".</summary>
    Dot,

    /// <summary>"..".</summary>
    DotDot,

    /// <summary>The path is only slashes.</summary>
    Root,

    /// <summary>A link to an object led straight there (/proc/PID/fd/N).</summary>
    Jump,
}
