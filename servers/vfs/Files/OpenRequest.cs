using Servers.Vfs.Names;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Files;

/// <summary>What an inode needs to know to open itself.</summary>
public readonly record struct OpenRequest(Location Location, uint Flags, ClientProcess Process);
