using Libsys.Messages;
using Libsys.Rings;

namespace Servers.Vfs.Devices;

/// <summary>The way to the console driver.</summary>
public interface ITerminalLink
{
    /// <summary>Takes a piece of the shared pool; −1 if all are in use.</summary>
    int TakePiece();

    /// <summary>A number that no request in flight has.</summary>
    ulong NextCookie();

    /// <summary>Gives a piece back.</summary>
    void ReturnPiece(int piece);

    /// <summary>Bytes of a piece, <see cref="ConsoleLimits.PieceLength"/> of them.</summary>
    Span<byte> Piece(int piece);

    /// <summary>Sends a request; <paramref name="answered"/> is called with the answer, later.</summary>
    void Send(ConsoleOperation operation, int line, int piece, int length, in TerminalArguments arguments, Action<Completion> answered);
}

/// <summary>Arguments of a console request beyond the line.</summary>
public readonly record struct TerminalArguments(ulong A1 = 0, ulong A2 = 0, ulong A3 = 0, ulong A4 = 0, ushort Flags = 0);
