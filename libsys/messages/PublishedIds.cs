namespace Libsys.Messages;

/// <summary>
/// Ids that others may change, and how often SIGCHLD has come: the process server writes them, and every space that asks
/// (<see cref="ProcessOperation.ShowIds"/>) maps them read-only at <see cref="Libsys.Abi.Window.PublishedIds"/>. One entry a process, at its index in the
/// <see cref="ProcessTable"/>; words of 32 bits, each whole by itself. ps(1) shows all of them to everybody, and /proc/PID/status the signals.
/// </summary>
public static class PublishedIds
{
    /// <summary>Bytes an entry.</summary>
    public const uint EntryLength = 16;

    /// <summary>Parent's process id; 0: none.</summary>
    public const uint Parent = 0;

    /// <summary>Process group.</summary>
    public const uint Group = 4;

    /// <summary>Session.</summary>
    public const uint Session = 8;

    /// <summary>SIGCHLD that the process server has queued for the process; wraps (<see cref="ChildSignalFlags"/>).</summary>
    public const uint ChildSignals = 12;

    /// <summary>Bytes of the whole, in whole pages.</summary>
    public const ulong Length = EntryLength * ProcessTable.Entries;
}
