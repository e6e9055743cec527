namespace Servers.Vfs.Waiting;

/// <summary>Who can wait in a <see cref="WaitQueue"/>.</summary>
public interface IWaiter
{
    /// <summary>Something has changed: it is tried again soon, and not in here.</summary>
    void MakeReady();
}

/// <summary>Requests that wait for one thing to change, oldest first. Waking only queues them to be tried again: no handler runs inside another.</summary>
public sealed class WaitQueue
{
    private WaitNode? first;
    private WaitNode? lastNode;

    /// <summary>Called when somebody has joined: what changes without this server's doing is to be looked at again.</summary>
    public Action? Joined { get; init; }

    /// <summary>True while nobody waits.</summary>
    public bool IsEmpty => first == null;

    /// <summary>Who has waited longest, or null.</summary>
    public IWaiter? First => first?.Waiter;

    /// <summary>Every request here is tried again.</summary>
    public void Wake()
    {
        for (WaitNode? node = first; node != null; node = node.Next)
            node.Waiter.MakeReady();
    }

    internal void Add(WaitNode node)
    {
        node.Queue = this;
        node.Previous = lastNode;
        node.Next = null;
        if (lastNode == null)
            first = node;
        else
            lastNode.Next = node;
        lastNode = node;
        Joined?.Invoke();
    }

    internal void Remove(WaitNode node)
    {
        if (node.Previous == null)
            first = node.Next;
        else
            node.Previous.Next = node.Next;
        if (node.Next == null)
            lastNode = node.Previous;
        else
            node.Next.Previous = node.Previous;
        node.Next = null;
        node.Previous = null;
        node.Queue = null;
    }
}
