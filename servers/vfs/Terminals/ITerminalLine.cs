namespace Servers.Vfs.Terminals;

/// <summary>What lies behind a terminal: a serial line, or the master of a pseudo-terminal.</summary>
public interface ITerminalLine
{
    /// <summary>False if there is no device: reads and writes answer EIO.</summary>
    bool IsPresent { get; }

    /// <summary>It has modem lines to ask for (TIOCMGET); a pseudo-terminal has none.</summary>
    bool HasModemLines { get; }

    /// <summary>Bytes that a program may write now. Echo may use more, see <see cref="Add"/>.</summary>
    int Room { get; }

    /// <summary>Bytes written that have not left yet: TIOCOUTQ.</summary>
    int Queued { get; }

    /// <summary>Adds output: as many bytes as fit.</summary>
    int Add(ReadOnlySpan<byte> data);

    /// <summary>Drops output that has not left yet.</summary>
    void FlushOutput();

    /// <summary>Drops input that the discipline has not taken yet.</summary>
    void FlushInput();

    /// <summary>Output stops or goes on.</summary>
    void SetStopped(bool stop);

    /// <summary>A mark behind everything added so far, for <see cref="HasLeft"/>.</summary>
    ulong Mark { get; }

    /// <summary>True if everything before the mark has left the machine, or was dropped. If not, the terminal is told when it has.</summary>
    bool HasLeft(ulong mark);

    /// <summary>The discipline can take more input, or the first description was opened.</summary>
    void InputWanted();

    /// <summary>The settings changed (a pseudo-terminal in packet mode reports it).</summary>
    void SettingsChanged(bool flowControl);

    /// <summary>The last description of the terminal was closed.</summary>
    void LastClosed();
}

/// <summary>Signals that terminals cause. They are sent later: nothing here waits for the process server.</summary>
public interface ITerminalSignals
{
    /// <summary>To a process group.</summary>
    void ToGroup(uint group, int signal);

    /// <summary>To one process.</summary>
    void ToProcess(uint pid, int signal);
}

/// <summary>What terminals need to know of process groups, credentials(7).</summary>
public interface IProcessGroups
{
    /// <summary>The session of a group that has members, or 0.</summary>
    uint SessionOf(uint group);

    /// <summary>No member has a parent in the same session but in another group: nobody could continue it.</summary>
    bool IsOrphaned(uint group);
}
