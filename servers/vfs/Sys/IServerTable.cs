namespace Servers.Vfs.Sys;

/// <summary>What is known about a server.</summary>
public sealed record ServerEntry(string Name, string State, uint Pid, uint Generation, uint Restarts, string LastFailure);

/// <summary>The servers, as the supervisor publishes them.</summary>
public interface IServerTable
{
    /// <summary>All servers, in the order of the manifest.</summary>
    List<ServerEntry> Servers();
}
