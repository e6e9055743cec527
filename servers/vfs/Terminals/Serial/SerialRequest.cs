using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Vfs.Terminals.Serial;

/// <summary>A request to the driver of the serial lines.</summary>
public sealed class SerialRequest : ReplayRequest
{
    /// <summary>A request that uses a piece of the pool; −1: it needs none.</summary>
    public SerialRequest(SerialOperation operation, int line, int piece)
    {
        Operation = operation;
        Line = line;
        Piece = piece;
    }

    /// <summary>What.</summary>
    public SerialOperation Operation { get; }

    /// <summary>Serial line.</summary>
    public int Line { get; }

    /// <summary>Piece of the pool.</summary>
    public int Piece { get; }

    /// <summary>Position of the first byte.</summary>
    public ulong Position { get; set; }

    /// <summary>Bytes in the piece that are to be sent, or may be received.</summary>
    public int Length { get; set; }

    /// <summary>Copies the bytes into the piece: each time that the request is sent, because a new driver has a new pool.</summary>
    public FillPiece? Fill { get; init; }

    /// <summary>The driver has answered.</summary>
    public required SerialAnswer Answered { get; init; }
}

/// <summary>Copies the bytes of a request into its piece of the pool.</summary>
public delegate void FillPiece(SerialRequest request, Span<byte> piece);

/// <summary>An answer: result or −errno, further values, and the piece.</summary>
public delegate void SerialAnswer(SerialRequest request, long result, ulong v0, ulong v1, ReadOnlySpan<byte> piece);

/// <summary>The way to the driver, whichever generation of it there is.</summary>
public interface ISerialLink
{
    /// <summary>Sends a request; it is sent again to each further generation of the driver until one has answered.</summary>
    void Submit(SerialRequest request);
}
