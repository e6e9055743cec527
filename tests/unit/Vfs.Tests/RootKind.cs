namespace Servers.Vfs.Tests;

/// <summary>Which file system is the root of a test: the results are the same.</summary>
public enum RootKind
{
    /// <summary>In memory: nothing waits.</summary>
    Tmpfs,

    /// <summary>On a slow disk: everything waits, fails and is forgotten now and then (<see cref="Disk.DiskFileSystem"/>).</summary>
    Disk,
}
