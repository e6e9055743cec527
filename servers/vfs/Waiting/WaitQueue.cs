namespace Servers.Vfs.Waiting;

/// <summary>Requests that wait for one thing to change, oldest first. Waking only queues them to be tried again: no handler runs inside another.</summary>
public sealed class WaitQueue
{
    private WaitNode? first;
    private WaitNode? lastNode;

    /// <summary>True while nobody waits.</summary>
    public bool IsEmpty => first == null;

    /// <summary>The request that has waited longest, or null.</summary>
    public Requests.Request? First => first?.Request;

    /// <summary>Every request here is tried again.</summary>
    public void Wake()
    {
        for (WaitNode? node = first; node != null; node = node.Next)
            node.Request.MakeReady();
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
