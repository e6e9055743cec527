namespace Libsys.Messages;

/// <summary>
/// The table of servers that the supervisor publishes and vfs maps read-only for /sys/servers. One entry a server of the manifest, at its place in the
/// manifest; an entry without a name ends the table. An entry is valid while Sequence is even and unchanged around the read.
/// </summary>
public static class ServerTable
{
    /// <summary>Bytes an entry.</summary>
    public const int EntryLength = 512;
    /// <summary>Entries: as many as a manifest may name.</summary>
    public const int Entries = 256;
#pragma warning disable CS1591 // offsets of u32 fields; names say what they are
    public const int Sequence = 0, State = 4, Pid = 8, Generation = 12, Restarts = 16, NameLength = 20, FailureLength = 24, Name = 32 /* ≤ 64 bytes */,
        Failure = 96 /* ≤ 396 bytes */;
#pragma warning restore CS1591
    /// <summary>
    /// u32s of the last restart whose times are known: generation of the successor, and microseconds from the failure, where its time is known, or else
    /// from when it was noticed, until it was noticed, the device was cut off from memory, the successor was ready, and had its first output or answer.
    /// 0: not known.
    /// </summary>
    public const int RestartGeneration = 492, Noticed = 496, Quiesced = 500, Ready = 504, First = 508;
}

/// <summary>State of a server in the <see cref="ServerTable"/>.</summary>
public enum ServerState : uint
{
    /// <summary>Waits for those that it depends on.</summary>
    Waiting = 0,
    /// <summary>Its process runs and has not said that it is ready.</summary>
    Starting = 1,
    /// <summary>Answers requests.</summary>
    Running = 2,
    /// <summary>Ended, and is not started again.</summary>
    Failed = 3,
    /// <summary>Ended; its successor has not been started yet.</summary>
    Restarting = 4,
}
