using Libsys.Hosting;
using Libsys.Messages;
using Libsys.Rings;
using Servers.Vfs.Terminals.Serial;

namespace Servers.Vfs.Hosting;

/// <summary>The rings to one generation of the console driver.</summary>
internal sealed class SerialConnection(EventLoop loop, ConnectionClient rings, PeerLink<SerialRequest> link) : IPeerConnection<SerialRequest>
{
    private readonly Dictionary<SerialRequest, RingFlight> flights = [];
    private bool isLost;

    /// <inheritdoc/>
    public uint Generation { get; } = (uint)rings.Generation;

    /// <inheritdoc/>
    public void Send(SerialRequest request)
    {
        if (!flights.TryGetValue(request, out RingFlight? flight))
            flights.Add(request, flight = new RingFlight((in Completion completion) => Finish(request, completion)));
        var submission = new Submission { Operation = (ushort)request.Operation, A0 = (ulong)request.Line, A1 = request.Position };
        if (request.Piece >= 0)
        {
            submission.PoolOffset = (uint)(request.Piece * SerialLimits.PieceLength);
            submission.PoolLength = (uint)request.Length;
            request.Fill?.Invoke(request, Piece(request));
        }

        flight.Start(rings.Submit(submission));
    }

    /// <inheritdoc/>
    public void Close() => rings.Close();

    private Span<byte> Piece(SerialRequest request) => rings.Pool((uint)(request.Piece * SerialLimits.PieceLength), SerialLimits.PieceLength);

    private void Finish(SerialRequest request, in Completion completion)
    {
        if (rings.IsBroken)
            Lose();
        else if (link.Queue.TryTakeAnswer(this, request))
            request.Answered(request, completion.Result, completion.V0, completion.V1, request.Piece < 0 ? default : Piece(request));
    }

    private void Lose()
    {
        if (isLost)
            return;
        isLost = true;
        link.Lost(this);
        loop.Post(rings.Close); // not within its own turn
    }
}
