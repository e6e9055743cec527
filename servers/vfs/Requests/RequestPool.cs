using System.Runtime.CompilerServices;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>Recycled requests and wait nodes, and the requests that are to be tried again.</summary>
public sealed class RequestPool
{
    // Places from freeCount on keep their reference: mostly the same request is taken and returned, and then nothing is stored.
    private Request[] free = new Request[16];
    private int freeCount;
    private readonly Queue<Request> ready = new();
    private WaitNode? freeNodes;

    /// <summary>A request to fill in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Request Take() => freeCount > 0 ? free[--freeCount] : new Request(this);

    /// <summary>The request is finished.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Return(Request request)
    {
        if (freeCount == free.Length)
            Array.Resize(ref free, 2 * freeCount);
        if (free[freeCount] != request)
            free[freeCount] = request;
        freeCount++;
    }

    /// <summary>Tries the request again at the next turn.</summary>
    internal void Enqueue(Request request)
    {
        ready.Enqueue(request);
        if (ready.Count == 1)
            Arrived?.Invoke();
    }

    /// <summary>Called when the first request is to be tried again: whoever runs the server arranges for that.</summary>
    public Action? Arrived { get; set; }

    /// <summary>The next request to try again.</summary>
    public bool TryTakeReady(out Request request) => ready.TryDequeue(out request!);

    /// <summary>True if some request is to be tried again.</summary>
    public bool HasReady => ready.Count > 0;

    /// <summary>Wait nodes in use: 64 bytes each, 8 MiB at most for those who wait for many files.</summary>
    internal int NodesInUse { get; private set; }

    internal const int MostNodes = 131_072;

    private long tries, serials;

    /// <summary>Number of the next request.</summary>
    internal long NextSerial() => ++serials;

    /// <summary>Number of the next try of any request.</summary>
    internal long NextTry() => ++tries;

    internal WaitNode TakeNode()
    {
        NodesInUse++;
        WaitNode? node = freeNodes;
        if (node == null)
            return new WaitNode();
        freeNodes = node.Sibling;
        node.Sibling = null;
        return node;
    }

    internal void ReturnNode(WaitNode node)
    {
        NodesInUse--;
        node.Waiter = null!;
        node.Shared = null;
        node.Sibling = freeNodes;
        freeNodes = node;
    }
}
