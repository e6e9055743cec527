using Servers.Vfs.Requests;

namespace Servers.Vfs.Waiting;

/// <summary>Membership of one request in one wait queue.</summary>
internal sealed class WaitNode
{
    /// <summary>Who waits.</summary>
    public Request Request = null!;

    /// <summary>Where.</summary>
    public WaitQueue? Queue;

    /// <summary>Neighbours in the queue.</summary>
    public WaitNode? Previous, Next;

    /// <summary>Next node of the same request, or next free node.</summary>
    public WaitNode? Sibling;
}
