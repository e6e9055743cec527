using Servers.Vfs.Objects;
using Servers.Vfs.Processes;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Terminals;

/// <summary>
/// A terminal: line discipline, job control and the requests that wait, over a line. Knows neither hardware nor kernel. Requests are tried again when something
/// changes, so nothing is kept of them but what <see cref="OperationContext.State"/> holds.
/// </summary>
public sealed partial class Terminal : IDisciplineSink
{
    private readonly LineDiscipline discipline;
    private readonly JobControl jobs;
    private readonly IClock clock;
    private readonly IAlarm alarm;
    private readonly TerminalTable table;

    /// <summary>A terminal; <paramref name="makeLine"/> gives what lies behind it.</summary>
    public Terminal(uint device, uint hardware, TerminalSurroundings surroundings, Func<Terminal, ITerminalLine> makeLine)
    {
        Device = device;
        clock = surroundings.Clock;
        table = surroundings.Table;
        alarm = surroundings.CreateAlarm(Waiters.Wake);
        jobs = new JobControl(surroundings.Signals, surroundings.Groups);
        discipline = new LineDiscipline(this, hardware);
        Line = makeLine(this);
    }

    /// <summary>Device number (tty_nr of /proc/PID/stat).</summary>
    public uint Device { get; }

    /// <summary>What lies behind it.</summary>
    public ITerminalLine Line { get; }

    /// <summary>Session and foreground group.</summary>
    public JobControl Jobs => jobs;

    /// <summary>Requests that wait for a change.</summary>
    public WaitQueue Waiters { get; } = new();

    /// <summary>Open descriptions.</summary>
    public int Opens { get; private set; }

    /// <summary>One more each time it is hung up: descriptions from before are of no use any more.</summary>
    public uint Epoch { get; private set; }

    /// <summary>TIOCEXCL: only root may open it.</summary>
    public bool IsExclusive { get; private set; }

    /// <summary>Somebody opened it.</summary>
    public void Opened()
    {
        if (Opens++ == 0)
            Line.InputWanted();
    }

    /// <summary>
    /// A description is gone. The last one takes session, input and window size along, as the terminal does not exist on Linux while nobody has it open.
    /// </summary>
    public void Closed()
    {
        if (--Opens > 0)
            return;
        jobs.Clear();
        discipline.Reset();
        windowSize.AsSpan().Clear();
        IsExclusive = false;
        Line.FlushInput();
        Line.LastClosed();
    }

    /// <summary>POLL* bits.</summary>
    public ushort Poll() => (ushort)((discipline.IsReadable ? PollEvents.Readable : 0) | (Line.Room >= RoomForPoll(Line) ? PollEvents.Writable : 0));

    /// <summary>
    /// The leader of a session has ended. A serial line is hung up then; of a pseudo-terminal only the foreground group is told, as Linux does it. What the
    /// session has written goes out all the same, as it is seen to do on Linux: a shell's last words are as good as those before.
    /// </summary>
    public void EndSession(uint session, bool hangsUp)
    {
        if (jobs.EndSession(session) && hangsUp)
            Invalidate();
    }

    /// <summary>The line is gone, vhangup(2): descriptions are of no use any more, the session is told.</summary>
    public void HangUp()
    {
        if (jobs.Session != 0 && jobs.Foreground != 0)
            table.RememberLost(jobs.Session, jobs.Foreground);
        jobs.HangUp();
        Line.FlushOutput();
        Invalidate();
    }

    /// <summary>
    /// Takes bytes from the line: as many as there is room for. The line is told when there is more (<see cref="ITerminalLine.InputWanted"/>).
    /// </summary>
    public int Receive(ReadOnlySpan<byte> bytes)
    {
        int taken = 0;
        while (taken < bytes.Length && discipline.CanReceive)
            discipline.Receive(bytes[taken++]);
        return taken;
    }

    /// <summary>Every byte as it is, both ways: what the other end of a test or a driver of its own wants.</summary>
    internal void SetRaw()
    {
        Span<byte> settings = stackalloc byte[Termios.Length];
        discipline.Settings.Write(settings);
        settings[..8].Clear(); // c_iflag, c_oflag
        settings[12..16].Clear(); // c_lflag
        discipline.Change(settings);
    }

    /// <summary>Takes input without waiting, as a raw read does.</summary>
    internal int TakeInput(Span<byte> to)
    {
        int length = discipline.Read(to);
        Line.InputWanted();
        return length;
    }

    /// <summary>^S and ^Q stop and start output.</summary>
    public bool HasFlowControl => discipline.HasFlowControl;

    /// <summary>True if <see cref="Receive"/> would take a byte.</summary>
    public bool CanReceive => discipline.CanReceive;

    /// <summary>The line has room again, or output has left it.</summary>
    public void OutputMoved()
    {
        Waiters.Wake();
        Drained?.Invoke();
    }

    /// <summary>Called when output has left the line.</summary>
    public Action? Drained { get; set; }

    void IDisciplineSink.Echo(byte value) => Line.Add([value]);

    void IDisciplineSink.Signal(int number) => jobs.SignalForeground(number);

    void IDisciplineSink.OutputStopped(bool isStopped)
    {
        Line.SetStopped(isStopped);
        Waiters.Wake();
    }

    void IDisciplineSink.InputArrived() => Waiters.Wake();

    void IDisciplineSink.FlushOutput() => Line.FlushOutput();

    private static int RoomForPoll(ITerminalLine line)
    {
        // Waking a writer for a few bytes costs more than it brings; a pseudo-terminal's reader may leave little room.
        const int enough = 256;
        return line.IsPresent ? enough : 0;
    }

    private void Invalidate()
    {
        Epoch++;
        discipline.Reset();
        Waiters.Wake();
    }

    // The caller's own word about its signals; it only matters to itself, see TerminalSignals.
    private long CheckBackground(FileRequest request, int signal)
    {
        ushort off = signal == Signals.SIGTTIN ? Libsys.Messages.TerminalSignals.InputOff : Libsys.Messages.TerminalSignals.OutputOff;
        long verdict = jobs.Judge(request.Process, signal, (request.Flags & off) != 0);
        if (verdict != Outcome.Waiting)
        {
            if (request.State is BackgroundWait)
                request.State = null;
            return verdict;
        }

        // The signal ends the request, which the caller then makes again if it goes on; until it comes, the request waits. Should the group be in the
        // foreground before that, it goes on.
        if (request.State is not BackgroundWait)
        {
            request.State = BackgroundWait.Instance;
            jobs.SignalBackground(request.Process, signal);
        }

        return Outcome.Waiting;
    }

    private long Wait(FileRequest request, OpenFile file)
    {
        request.Hold(file);
        request.WaitIn(Waiters);
        return Outcome.Waiting;
    }

    private sealed class BackgroundWait
    {
        public static readonly BackgroundWait Instance = new();
    }
}

/// <summary>What terminals need from outside.</summary>
/// <param name="Clock">Time.</param>
/// <param name="CreateAlarm">Makes a deadline that calls back.</param>
/// <param name="Signals">Where signals go.</param>
/// <param name="Groups">What is known of process groups.</param>
/// <param name="Table">All terminals.</param>
public sealed record TerminalSurroundings(IClock Clock, Func<Action, IAlarm> CreateAlarm, ITerminalSignals Signals, IProcessGroups Groups, TerminalTable Table);
