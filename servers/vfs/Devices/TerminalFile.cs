using Libsys.Messages;
using Libsys.Rings;
using Servers.Vfs.Files;
using Servers.Vfs.Linux;
using Servers.Vfs.Names;
using Servers.Vfs.Processes;
using Servers.Vfs.Requests;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Devices;

/// <summary>An open terminal. Reads, writes and ioctls are the driver's; they come back as answers.</summary>
public sealed class TerminalFile : OpenFile
{
    private readonly Terminal terminal;

    /// <summary>Opens it.</summary>
    public TerminalFile(Location location, uint flags, Terminal terminal)
        : base(location, flags) => this.terminal = terminal;

    /// <inheritdoc/>
    public override bool IsSeekable => false;

    /// <inheritdoc/>
    public override WaitQueue? Waiters => terminal.Waiters;

    /// <inheritdoc/>
    public override ushort Poll() => terminal.Ready;

    /// <summary>The terminal that it is.</summary>
    public Terminal Terminal => terminal;

    /// <summary>Makes it the controlling terminal of a session.</summary>
    public void ClaimFor(ClientProcess process)
    {
        const uint setControlling = 0x540E; // TIOCSCTTY
        terminal.Session = process.Session;
        terminal.Foreground = process.Group;
        var arguments = new TerminalArguments(Who(process), 0, setControlling | ((ulong)process.Pid << 32), 0, ConsoleLimits.LeaderFlag);
        terminal.Link.Send(ConsoleOperation.Control, terminal.Line, 0, 0, arguments, static _ => { });
    }

    /// <inheritdoc/>
    public override bool TryStart(Request request, bool write, out long result)
    {
        result = request.State is TerminalExchange started ? Continue(request, started, write) : Begin(request, write);
        return true;
    }

    /// <inheritdoc/>
    public override long Control(Request request, uint operation, ulong argument)
    {
        if (request.State is TerminalExchange exchange)
            return FinishControl(request, exchange, operation);
        int piece = terminal.Link.TakePiece();
        if (piece < 0)
            return WaitForPiece(request);
        int length = Math.Min(request.Payload.Length, ConsoleLimits.PieceLength);
        request.Payload[..length].CopyTo(terminal.Link.Piece(piece));
        var started = new TerminalExchange(request, terminal, piece);
        ClientProcess process = request.Process;
        int flags = (process.IsSessionLeader ? ConsoleLimits.LeaderFlag : 0) | (process.Credentials.IsPrivileged ? ConsoleLimits.PrivilegedFlag : 0);
        started.Send(ConsoleOperation.Control, length, Who(process), operation | ((ulong)process.Pid << 32), argument, (ushort)flags);
        return Wait(request, started);
    }

    private static ulong Who(ClientProcess process) => process.Group | ((ulong)process.Session << 32);

    private long Begin(Request request, bool write)
    {
        int wanted = request.Payload.Length - (int)request.Progress;
        if (wanted == 0)
            return request.Progress;
        int piece = terminal.Link.TakePiece();
        if (piece < 0)
            return WaitForPiece(request);
        int length = Math.Min(wanted, ConsoleLimits.PieceLength);
        if (write)
            request.Payload.Slice((int)request.Progress, length).CopyTo(terminal.Link.Piece(piece));
        var exchange = new TerminalExchange(request, terminal, piece);
        exchange.Send(write ? ConsoleOperation.Write : ConsoleOperation.Read, length, Who(request.Process), IsNonBlocking ? 1ul : 0, 0, 0);
        return Wait(request, exchange);
    }

    private long Continue(Request request, TerminalExchange exchange, bool write)
    {
        if (!exchange.IsAnswered)
            return Outcome.Waiting;
        request.State = null;
        long result = exchange.Answer.Result;
        if (!write)
        {
            if (result > 0)
            {
                result = Math.Min(result, Math.Min(request.Payload.Length, ConsoleLimits.PieceLength));
                terminal.Link.Piece(exchange.PieceIndex)[..(int)result].CopyTo(request.Payload);
            }

            exchange.ReturnPiece();
            return result;
        }

        exchange.ReturnPiece();
        if (result > 0)
            request.Progress += result;
        if (result <= 0 || request.IsCancelled)
            return request.Progress > 0 ? request.Progress : result;
        return Begin(request, write);
    }

    private long FinishControl(Request request, TerminalExchange exchange, uint operation)
    {
        if (!exchange.IsAnswered)
            return Outcome.Waiting;
        request.State = null;
        long result = exchange.Answer.Result;
        int length = Math.Min(request.Payload.Length, ConsoleLimits.PieceLength);
        if (result >= 0)
            terminal.Link.Piece(exchange.PieceIndex)[..length].CopyTo(request.Payload);
        exchange.ReturnPiece();
        const uint setControlling = 0x540E, setForeground = 0x5410, giveUp = 0x5422; // TIOCSCTTY, TIOCSPGRP, TIOCNOTTY
        if (result >= 0 && operation == setControlling)
            (terminal.Session, terminal.Foreground) = (request.Process.Session, request.Process.Group);
        if (result >= 0 && operation == setForeground && request.Payload.Length >= sizeof(uint))
            terminal.Foreground = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(request.Payload);
        if (result >= 0 && operation == giveUp && request.Process.IsSessionLeader)
            terminal.Session = 0;
        return result;
    }

    private long WaitForPiece(Request request)
    {
        request.Hold(this);
        request.WaitIn(terminal.Waiters);
        return Outcome.Waiting;
    }

    private long Wait(Request request, TerminalExchange exchange)
    {
        request.Hold(this);
        request.State = exchange;
        return Outcome.Waiting;
    }
}
