using Libsys.Hosting;

namespace Servers.Processes.Tree;

/// <summary>A space's connection to a server of programs beside vfs.</summary>
internal sealed class ServerConnection
{
    /// <summary>Its rings.</summary>
    public MemoryObjectHandle Rings { get; set; }

    /// <summary>True once the server has taken it.</summary>
    public bool IsAttached { get; set; }

    /// <summary>Who waits until it is made; null: it is made, or its server has ended.</summary>
    public List<ReplyHandle>? Callers { get; set; }
}
