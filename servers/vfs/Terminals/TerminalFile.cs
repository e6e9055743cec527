using Servers.Vfs.Objects;
using Servers.Vfs.Processes;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Terminals;

/// <summary>An open terminal.</summary>
public sealed class TerminalFile : OpenFile
{
    private readonly Terminal terminal;
    private readonly bool isConsole;
    private readonly uint epoch;

    private TerminalFile(Location location, uint flags, Terminal terminal, bool isConsole)
        : base(location, flags)
    {
        this.terminal = terminal;
        this.isConsole = isConsole;
        epoch = terminal.Epoch;
        terminal.Opened();
    }

    /// <summary>
    /// Opens a terminal, by its own name or as /dev/console. A session leader without a terminal gets it as its own, unless it says O_NOCTTY or opens
    /// /dev/console: open(2), console(4).
    /// </summary>
    public static Errno Open(in OpenRequest request, Terminal terminal, bool isConsole, TerminalTable table, out OpenFile? file)
    {
        file = null;
        if (terminal.IsExclusive && !request.Process.Credentials.IsPrivileged)
            return Errno.EBUSY;
        file = new TerminalFile(request.Location, request.Flags, terminal, isConsole);
        bool isClaimed = !isConsole && (request.Flags & OpenFlags.NoControllingTerminal) == 0 && file.CanRead && request.Process.IsSessionLeader
            && terminal.Jobs.Session == 0 && table.Of(request.Process) == null;
        if (isClaimed)
            terminal.Jobs.Claim(request.Process);
        return Errno.None;
    }

    /// <inheritdoc/>
    public override bool IsSeekable => false;

    /// <inheritdoc/>
    public override WaitQueue? Waiters => terminal.Waiters;

    /// <inheritdoc/>
    public override ushort Poll() => IsHungUp ? (ushort)(PollEvents.AlwaysReady | PollEvents.Error | PollEvents.HangUp) : terminal.Poll();

    /// <inheritdoc/>
    public override bool TryStart(FileRequest request, bool write, out long result)
    {
        result = IsHungUp ? HungUp(request, write)
            : write ? terminal.Write(request, this, isConsole) : terminal.Read(request, this, isConsole);
        return true;
    }

    /// <inheritdoc/>
    public override long Control(FileRequest request, uint operation, ulong argument)
    {
        if (IsHungUp)
            return -(long)(operation == TerminalRequest.SetForeground ? Errno.ENOTTY : Errno.EIO);
        return terminal.Control(request, this, isMaster: false, operation, argument);
    }

    /// <inheritdoc/>
    protected override void OnLastClose() => terminal.Closed();

    // A read from then on finds the end. One that waits while the master of a pseudo-terminal is closed learns that it was an error, as Linux has it.
    private long HungUp(FileRequest request, bool write)
    {
        bool wasWaiting = request.File != null;
        return write || (wasWaiting && !terminal.Line.IsPresent) ? -(long)Errno.EIO : request.Progress;
    }

    // The console outlives a hang-up: who logs in next uses it.
    private bool IsHungUp => !isConsole && terminal.Epoch != epoch;
}
