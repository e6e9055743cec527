namespace Servers.Vfs.Processes;

/// <summary>Memory of vfs that every program may map and none may write.</summary>
public interface IReadableMemory
{
    /// <summary>Bytes, in whole pages.</summary>
    ulong Length { get; }
}
