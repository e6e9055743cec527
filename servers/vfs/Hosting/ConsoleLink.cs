using Libsys.Hosting;
using Libsys.Messages;
using Libsys.Rings;
using Servers.Vfs.Devices;

namespace Servers.Vfs.Hosting;

/// <summary>The connection to the console driver.</summary>
internal sealed class ConsoleLink : ITerminalLink
{
    private readonly EventLoop loop;
    private readonly ConnectionClient connection;
    private readonly Stack<int> free = new();
    private ulong nextCookie = 1;

    /// <summary>A link over a connection whose pool has room for all pieces.</summary>
    public ConsoleLink(EventLoop loop, ConnectionClient connection)
    {
        this.loop = loop;
        this.connection = connection;
        for (int piece = ConsoleLimits.Pieces - 1; piece >= 0; piece--)
            free.Push(piece);
    }

    /// <inheritdoc/>
    public int TakePiece() => free.TryPop(out int piece) ? piece : -1;

    /// <inheritdoc/>
    public ulong NextCookie() => nextCookie++;

    /// <inheritdoc/>
    public void ReturnPiece(int piece) => free.Push(piece);

    /// <inheritdoc/>
    public Span<byte> Piece(int piece) => connection.Pool((uint)(piece * ConsoleLimits.PieceLength), ConsoleLimits.PieceLength);

    /// <inheritdoc/>
    public void Send(ConsoleOperation operation, int line, int piece, int length, in TerminalArguments arguments, Action<Completion> answered)
    {
        var submission = new Submission
        {
            Operation = (ushort)operation,
            Flags = arguments.Flags,
            PoolOffset = (uint)(piece * ConsoleLimits.PieceLength),
            PoolLength = (uint)length,
            A0 = (ulong)line,
            A1 = arguments.A1,
            A2 = arguments.A2,
            A3 = arguments.A3,
            A4 = arguments.A4,
        };
        ValueTask<Completion> pending = connection.Submit(submission);
        loop.Start(() => Await(pending, answered));
    }

    private static async Task Await(ValueTask<Completion> pending, Action<Completion> answered) => answered(await pending);
}
