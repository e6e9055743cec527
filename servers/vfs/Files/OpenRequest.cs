using Servers.Vfs.Inodes;
using Servers.Vfs.Names;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Files;

/// <summary>What an inode needs to know to open itself.</summary>
public readonly record struct OpenRequest(OperationContext Context, Location Location, uint Flags)
{
    /// <summary>The process that opens.</summary>
    public ClientProcess Process => Context.Process;
}
