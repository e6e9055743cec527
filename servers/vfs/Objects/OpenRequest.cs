namespace Servers.Vfs.Objects;

/// <summary>What an inode needs to know to open itself.</summary>
public readonly record struct OpenRequest(OperationContext Context, Location Location, uint Flags);
