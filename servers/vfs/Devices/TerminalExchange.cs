using Libsys.Messages;
using Libsys.Rings;
using Servers.Vfs.Requests;

namespace Servers.Vfs.Devices;

/// <summary>One request to the console driver on behalf of a client's request, which may end first.</summary>
public sealed class TerminalExchange
{
    private readonly Terminal terminal;
    private Request? request;

    /// <summary>An exchange with a piece of the pool, which it owns until <see cref="ReturnPiece"/>.</summary>
    public TerminalExchange(Request request, Terminal terminal, int piece)
    {
        this.request = request;
        this.terminal = terminal;
        PieceIndex = piece;
        Cookie = terminal.Link.NextCookie();
    }

    /// <summary>Names the request to the driver, for Cancel.</summary>
    public ulong Cookie { get; }

    /// <summary>Piece of the pool.</summary>
    public int PieceIndex { get; private set; }

    /// <summary>The driver has answered.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>The answer.</summary>
    public Completion Answer { get; private set; }

    /// <summary>Sends it.</summary>
    public void Send(ConsoleOperation operation, int length, ulong who, ulong a3, ulong a4, ushort flags) =>
        terminal.Link.Send(operation, terminal.Line, PieceIndex, length, new TerminalArguments(who, Cookie, a3, a4, flags), Answered);

    /// <summary>The client wants to end its request: the driver answers with what there is.</summary>
    public void Cancel() => terminal.Link.Send(ConsoleOperation.Cancel, terminal.Line, 0, 0, new TerminalArguments(Cookie), static _ => { });

    /// <summary>The client is gone: nobody wants the answer.</summary>
    public void Abandon()
    {
        request = null;
        if (IsAnswered)
            ReturnPiece();
        else
            Cancel();
    }

    /// <summary>Gives the piece back and lets somebody else have it.</summary>
    public void ReturnPiece()
    {
        if (PieceIndex < 0)
            return;
        terminal.Link.ReturnPiece(PieceIndex);
        PieceIndex = -1;
        terminal.Waiters.Wake();
    }

    private void Answered(Completion completion)
    {
        IsAnswered = true;
        Answer = completion;
        if (request == null)
            ReturnPiece();
        else
            request.MakeReady();
    }
}
