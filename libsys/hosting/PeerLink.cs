namespace Libsys.Hosting;

/// <summary>How a link reaches its peer, and what it knows about it.</summary>
/// <typeparam name="TRequest">Requests of the protocol.</typeparam>
public interface IPeer<TRequest>
    where TRequest : ReplayRequest
{
    /// <summary>Generation that the supervisor has published; 0 if that is not known.</summary>
    uint PublishedGeneration { get; }

    /// <summary>
    /// Begins to connect to whoever answers, without waiting for it: <paramref name="done"/> is called later with the connection, or null if nobody answered.
    /// One attempt at a time.
    /// </summary>
    void Connect(Action<IPeerConnection<TRequest>?> done);

    /// <summary>The peer of this generation broke the protocol.</summary>
    void ReportViolation(uint generation);
}

/// <summary>A connection that a link made.</summary>
/// <typeparam name="TRequest">Requests of the protocol.</typeparam>
public interface IPeerConnection<in TRequest> : IReplayConnection<TRequest>
    where TRequest : ReplayRequest
{
    /// <summary>Generation behind it, as the server itself says.</summary>
    uint Generation { get; }

    /// <summary>Lets it go. Answers that come all the same are nothing.</summary>
    void Close();
}

/// <summary>
/// The way to a server that outlives it: when there is a new generation, a new connection is made and everything without an answer is sent again. Never blocks.
/// </summary>
/// <typeparam name="TRequest">Requests of the protocol.</typeparam>
public sealed class PeerLink<TRequest>
    where TRequest : ReplayRequest
{
    // The first try comes soon, because a restart takes milliseconds; the last ones seldom, because a server that has failed for good does not come back.
    internal const ulong ShortestRetry = 10_000_000, LongestRetry = 1_000_000_000;

    // A peer that broke the protocol is replaced, and its successor announced. If the report missed it (it was replaced already), it is tried again all the
    // same.
    internal const ulong LongestReplacement = 1_000_000_000;

    private readonly IPeer<TRequest> peer;
    private readonly LoopTimer retry;
    private readonly Func<ulong> now;
    private IPeerConnection<TRequest>? current;
    private ulong retryPeriod = ShortestRetry;
    private bool isConnecting;
    private bool mustConnectAgain;

    /// <summary>A link to a peer, on a loop.</summary>
    public PeerLink(EventLoop loop, IPeer<TRequest> peer)
    {
        this.peer = peer;
        now = () => SystemClock.Now;
        retry = loop.CreateTimer(Connect);
    }

    internal PeerLink(TimerHeap timers, Func<ulong> now, IPeer<TRequest> peer)
    {
        this.peer = peer;
        this.now = now;
        retry = new LoopTimer(timers, Connect);
    }

    /// <summary>Requests without an answer.</summary>
    public ReplayQueue<TRequest> Queue { get; } = new();

    /// <summary>Takes a request; it is sent to this and each further generation until one has answered.</summary>
    public void Submit(TRequest request) => Queue.Submit(request);

    /// <summary>Makes the first connection.</summary>
    public void Start() => Connect();

    /// <summary>The peer has a new generation; 0: perhaps.</summary>
    public void PeerRestarted(uint generation)
    {
        if (isConnecting)
        {
            // The attempt waits in the endpoint, which outlives the server: the successor may well answer it. If the predecessor did, it is seen then.
            mustConnectAgain = true;
        }
        else if (current == null || generation == 0 || current.Generation != generation)
        {
            retryPeriod = ShortestRetry;
            Connect();
        }
    }

    /// <summary>The server behind a connection broke the protocol: there will be another one.</summary>
    public void Lost(IPeerConnection<TRequest> connection)
    {
        if (connection != current)
            return; // one report, however many requests were in flight
        current = null;
        Queue.Disconnect();
        retry.Set(now() + LongestReplacement);
        peer.ReportViolation(connection.Generation);
    }

    private void Connect()
    {
        retry.Cancel();
        if (isConnecting)
            return;
        Close();
        isConnecting = true;
        mustConnectAgain = false;
        peer.Connect(Connected);
    }

    private void Connected(IPeerConnection<TRequest>? next)
    {
        isConnecting = false;
        uint published = peer.PublishedGeneration;
        if (next != null && mustConnectAgain && published != 0 && next.Generation != published)
        {
            // The predecessor had answered just before its end.
            next.Close();
            Connect();
        }
        else if (next != null)
        {
            current = next;
            retryPeriod = ShortestRetry;
            Queue.Connect(next);
        }
        else if (mustConnectAgain)
        {
            Connect();
        }
        else
        {
            retry.Set(now() + retryPeriod);
            retryPeriod = Math.Min(2 * retryPeriod, LongestRetry);
        }
    }

    private void Close()
    {
        Queue.Disconnect();
        IPeerConnection<TRequest>? old = current;
        current = null;
        old?.Close();
    }
}
