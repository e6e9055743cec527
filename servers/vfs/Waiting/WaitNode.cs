namespace Servers.Vfs.Waiting;

/// <summary>Membership of one waiter in one wait queue.</summary>
internal sealed class WaitNode
{
    /// <summary>Who waits.</summary>
    public IWaiter Waiter = null!;

    /// <summary>Of all that wait for this one to be ready, one is woken at a time; null: each is.</summary>
    public IReadiness? Shared;

    /// <summary>POLL* bits that it waits for.</summary>
    public ushort Events;

    /// <summary>Where.</summary>
    public WaitQueue? Queue;

    /// <summary>Neighbours in the queue.</summary>
    public WaitNode? Previous, Next;

    /// <summary>Next node of the same waiter, or next free node.</summary>
    public WaitNode? Sibling;
}
