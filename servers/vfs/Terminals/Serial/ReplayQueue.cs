namespace Servers.Vfs.Terminals.Serial;

/// <summary>A connection to one generation of the driver.</summary>
public interface ISerialConnection
{
    /// <summary>Sends a request. <see cref="ReplayQueue.Answer"/> is called with its answer, later.</summary>
    void Send(SerialRequest request);
}

/// <summary>
/// Requests that the driver has not answered, in the order in which they were made. Each new generation gets them again: positions make a request that its predecessor has
/// done, in part or wholly, harmless.
/// </summary>
public sealed class ReplayQueue : ISerialLink
{
    private readonly List<SerialRequest> inFlight = [];
    private ISerialConnection? connection;

    /// <summary>Requests without an answer.</summary>
    public int Count => inFlight.Count;

    /// <summary>True while there is a connection to send to.</summary>
    public bool IsConnected => connection != null;

    /// <inheritdoc/>
    public void Submit(SerialRequest request)
    {
        if (request.IsInFlight)
            throw new InvalidOperationException("serial request: already in flight");
        request.IsInFlight = true;
        inFlight.Add(request);
        connection?.Send(request);
    }

    /// <summary>A new generation: everything is sent again.</summary>
    public void Connect(ISerialConnection next)
    {
        connection = next;
        foreach (SerialRequest request in inFlight.ToArray())
            next.Send(request);
    }

    /// <summary>The connection is of no more use; requests wait for the next one.</summary>
    public void Disconnect() => connection = null;

    /// <summary>An answer. One that comes from an earlier connection is nothing: the request was sent again.</summary>
    public void Answer(ISerialConnection from, SerialRequest request, long result, ulong v0, ulong v1, ReadOnlySpan<byte> piece)
    {
        if (from != connection || !request.IsInFlight)
            return;
        request.IsInFlight = false;
        inFlight.Remove(request);
        request.Answered(request, result, v0, v1, piece);
    }
}
