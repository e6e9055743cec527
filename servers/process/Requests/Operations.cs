using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Processes.Requests;

/// <summary>What programs may ask. Each class of requests declares what it serves; see docs/decisions/operations-declared-once.md.</summary>
internal sealed class Operations
{
    /// <summary>What a program that runs may ask.</summary>
    public OperationTable<ProcessOperation, RequestHandler> Running { get; } = new();

    /// <summary>
    /// What the personality of a program that is being loaded may ask: it knows who it is and says how it went; nothing else is its business yet.
    /// </summary>
    public OperationTable<ProcessOperation, RequestHandler> Loading { get; } = new();
}
