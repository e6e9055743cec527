namespace Servers.Vfs.Waiting;

/// <summary>Who can wait in a <see cref="WaitQueue"/>.</summary>
public interface IWaiter
{
    /// <summary>It is to be tried again, and has not been yet.</summary>
    bool IsReady { get; }

    /// <summary>Something has changed: it is tried again soon, and not in here.</summary>
    void MakeReady();
}

/// <summary>What can be ready.</summary>
public interface IReadiness
{
    /// <summary>POLL* bits that hold now.</summary>
    ushort Poll();
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

    /// <summary>Who has joined last, or null.</summary>
    public IWaiter? Last => lastNode?.Waiter;

    /// <summary>
    /// Every request here is tried again. But of those that share wake-ups (<see cref="WaitNode.Shared"/>) and find what they want now only the one that has
    /// waited longest; should that end before it has been tried, it wakes the queue anew. False: some sleep on, so what is waited for is to be watched still.
    /// </summary>
    public bool TryWakeAll()
    {
        bool isFound = false, isAll = true;
        for (WaitNode? node = first; node != null; node = node.Next)
        {
            if (node.Shared is { } file && !node.Waiter.IsReady && (file.Poll() & node.Events) != 0)
            {
                if (isFound)
                {
                    isAll = false;
                    continue;
                }

                isFound = true;
            }

            node.Waiter.MakeReady();
        }

        return isAll;
    }

    /// <summary>The same, for who does not ask who sleeps on.</summary>
    public void Wake() => TryWakeAll();

    internal void Add(WaitNode node, IReadiness? shared = null, ushort events = 0)
    {
        node.Queue = this;
        node.Shared = shared;
        node.Events = events;
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
