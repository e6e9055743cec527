namespace Libsys.Messages;

/// <summary>
/// Control protocol of vfs: calls by the process server only, over vfs' control endpoint. Word 0 operation, reply word 0 result or −errno. vfs answers
/// at once and never calls the process server back, so the two cannot deadlock.
/// </summary>
public enum VfsControlOperation : ulong
{
    /// <summary>
    /// (connection id chosen by process, process slot, pid, parent pid or 0, bytes of the rings' object) + handles: 0 the rings' object (read, write;
    /// <see cref="VfsLimits.Shape"/>), 1 the client's completion notification (signal), 2 the client's space (read, map: for Map and for /proc maps). The pid's
    /// handle table is a duplicate of the parent's, under the same numbers; parent 0: handles 0, 1 and 2 are /dev/console (the first process), root as working
    /// directory. If the pid is known (exec), the connection shares the pid's existing table until Detach of the old one. Word 1 of the reply: doorbell bits
    /// for this connection. The doorbell handle itself is minted by vfs and returned as reply handle 0 (signal only).
    /// </summary>
    Attach = 1,
    /// <summary>
    /// (connection id, process slot, pid, parent pid, clone flags): another process in an attached space (vfork); CLONE_FILES/CLONE_FS share, else duplicate.
    /// </summary>
    AttachSlot = 2,
    /// <summary>(connection id): the space is gone; outstanding requests are dropped. Handle tables go with the last slot of their pid.</summary>
    Detach = 3,
    /// <summary>(connection id, process slot): one process of a shared space is gone.</summary>
    DetachSlot = 4,
    /// <summary>
    /// (pid, euid/fsuid | fsgid &lt;&lt; 32, ruid | rgid &lt;&lt; 32, group count, then up to 3 words of 2 gids): credentials for permission checks → 0.
    /// </summary>
    SetCredentials = 5,
    /// <summary>(pid, process group, session, 1 if session leader): for controlling terminals.</summary>
    SetSession = 6,
    /// <summary>
    /// () + handle 0: a notification of the process server (signal only, minted for the bits that mean "terminals have signals"). vfs signals it and never
    /// waits: the process server may be inside a call to vfs at that moment.
    /// </summary>
    SetSignalDoorbell = 7,
    /// <summary>
    /// () → number of signals in words 1–7, oldest first: target as for kill(2) (a pid, or −group) in the low half, signal number in the high half. They are
    /// taken with the reply. 7: there may be more.
    /// </summary>
    TakeSignals = 8,
    /// <summary>() → 0 when what programs wrote to serial terminals has left the machine: before power-off. Answered late; the one exception.</summary>
    DrainTerminals = 9,
    /// <summary>(pid, bytes; all ones = none): the soft RLIMIT_FSIZE. A child's is its parent's; exec keeps it.</summary>
    SetFileSizeLimit = 10,
    /// <summary>(connection id, pool number, bytes) + handle 0: sealed memory object (read, write): a further pool of a connection → 0.</summary>
    AttachPool = 11,
    /// <summary>(number; name in words 2–7): what programs know a server beside vfs as (see <see cref="GrantTable"/>).</summary>
    NameServer = 12,
    /// <summary>
    /// From any server, which owns the devices that the manifest says; again from each generation, and when vfs has restarted. + handle 0: a notification
    /// (signal),
    /// signalled when a description of its devices has ended. Reply handle 0: its <see cref="GrantTable"/> (read). −ENODEV: it owns none.
    /// </summary>
    RegisterDevices = 13,
    /// <summary>
    /// (connection id, pool number): vfs lets go of a pool → 0. −EBUSY: a request in work names it, and nothing has changed. −EINVAL: there is none of that
    /// number.
    /// </summary>
    DetachPool = 14,
    /// <summary>
    /// (connection id, process slot, old connection id, old process slot, offset in pool 0 of the connection, number of handles): a process has executed a
    /// program. The old slot is gone as by <see cref="DetachSlot"/>, or with <see cref="SucceedArguments.WholeSpace"/> the old space as by
    /// <see cref="Detach"/>; old connection 0: there is none. Then the handles, of 32 bits, that the new program has put into its pool are closed: those of its
    /// descriptors that are close-on-exec. What is no handle of the process is passed over → 0. −EINVAL: they are not in the pool, or more than
    /// <see cref="VfsLimits.ClosedByExec"/>; the rest is done.
    /// </summary>
    Succeed = 15,
    /// <summary>
    /// () + handle 0: a sealed object of <see cref="ControlLayout.Length"/> bytes (read, write), in which the process server posts AttachSlot, Detach,
    /// DetachSlot and Succeed (there with the number of handles in the upper half of word 0, and the handles themselves). vfs serves them before whatever it
    /// serves next → 0.
    /// </summary>
    SharePosted = 16,
    /// <summary>() → 0: what was posted has been served.</summary>
    ServePosted = 17,
}

/// <summary>Arguments of <see cref="VfsControlOperation.Succeed"/>.</summary>
public static class SucceedArguments
{
    /// <summary>Old process slot: all of the old connection.</summary>
    public const uint WholeSpace = uint.MaxValue;
}

/// <summary>
/// The process table that the process server publishes and vfs maps read-only for /proc. One 4 KiB entry a process. An entry is valid while Sequence is even
/// and unchanged around the read.
/// </summary>
public static class ProcessTable
{
    /// <summary>Bytes an entry.</summary>
    public const int EntryLength = 4096;
    /// <summary>Entries: the default RLIMIT_NPROC-like cap of this system.</summary>
    public const int Entries = 4096;
#pragma warning disable CS1591 // offsets of u32/u64 fields; names say what they are
    public const int Sequence = 0, Pid = 4, Parent = 8, Group = 12, Session = 16, /* 'R','S','T','Z' */ State = 20, Uid = 24, Euid = 28, Gid = 32, Egid = 36,
        Threads = 40, TerminalMajorMinor = 44, StartNanoseconds = 48, UserNanoseconds = 56, SystemNanoseconds = 64, ConnectionId = 72, ExitStatus = 76,
        ForegroundGroup = 80, Nice = 84, SignalsPending = 88, Suid = 96, Sgid = 100, GroupCount = 104,
        Groups = 112 /* 32 × u32 */, Name = 240 /* 16 bytes, NUL padded */, PathLength = 256, CommandLineLength = 260,
        Path = 264 /* ≤ 760 bytes */, CommandLine = 1024 /* ≤ 3,072 bytes, NUL separated */;
#pragma warning restore CS1591
}
