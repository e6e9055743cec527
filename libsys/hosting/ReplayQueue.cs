namespace Libsys.Hosting;

/// <summary>
/// A request that outlives the server that it was sent to. Made once and used again and again; it may be sent several times until it is answered.
/// </summary>
public abstract class ReplayRequest
{
    /// <summary>Given to the queue, not answered yet.</summary>
    public bool IsInFlight { get; internal set; }
}

/// <summary>A connection to one generation of a server.</summary>
/// <typeparam name="TRequest">Requests of the protocol.</typeparam>
public interface IReplayConnection<in TRequest>
    where TRequest : ReplayRequest
{
    /// <summary>Sends a request. Its answer is given to <see cref="ReplayQueue{TRequest}.TryTakeAnswer"/>, later.</summary>
    void Send(TRequest request);
}

/// <summary>
/// Requests that a server has not answered, kept by the requester in the order in which they were made. Each new generation gets them again, so the protocol
/// must make a request that a predecessor has done, wholly or in part, harmless.
/// </summary>
/// <typeparam name="TRequest">Requests of the protocol.</typeparam>
public sealed class ReplayQueue<TRequest>
    where TRequest : ReplayRequest
{
    private readonly List<TRequest> inFlight = [];
    private IReplayConnection<TRequest>? connection;

    /// <summary>Requests without an answer.</summary>
    public int Count => inFlight.Count;

    /// <summary>Requests without an answer, in the order in which they were made.</summary>
    public IReadOnlyList<TRequest> Unanswered => inFlight;

    /// <summary>True while there is a connection to send to.</summary>
    public bool IsConnected => connection != null;

    /// <summary>Takes a request; it is sent now, or when there is a connection.</summary>
    /// <exception cref="InvalidOperationException">It has no answer yet.</exception>
    public void Submit(TRequest request)
    {
        if (request.IsInFlight)
            throw new InvalidOperationException("replay queue: the request is in flight already");
        request.IsInFlight = true;
        inFlight.Add(request);
        connection?.Send(request);
    }

    /// <summary>A new generation: everything is sent again, in order.</summary>
    public void Connect(IReplayConnection<TRequest> next)
    {
        connection = next;
        foreach (TRequest request in inFlight.ToArray())
        {
            // One that breaks meanwhile is given up; what is left waits for its successor.
            if (connection != next)
                return;
            if (request.IsInFlight)
                next.Send(request);
        }
    }

    /// <summary>The connection is of no more use; requests wait for the next one.</summary>
    public void Disconnect() => connection = null;

    /// <summary>There will be no server any more: takes back all requests without an answer.</summary>
    public IReadOnlyList<TRequest> GiveUp()
    {
        TRequest[] left = [.. inFlight];
        inFlight.Clear();
        connection = null;
        foreach (TRequest request in left)
            request.IsInFlight = false;
        return left;
    }

    /// <summary>
    /// An answer has come. True: it counts, the request may be made again. False: it is nothing, because it comes from an earlier connection, and the request
    /// was or will be sent again.
    /// </summary>
    public bool TryTakeAnswer(IReplayConnection<TRequest> from, TRequest request)
    {
        if (from != connection || !request.IsInFlight)
            return false;
        request.IsInFlight = false;
        inFlight.Remove(request);
        return true;
    }
}
