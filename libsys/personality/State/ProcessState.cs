using System.Runtime.InteropServices;

namespace Libsys.Personality;

/// <summary>
/// One Linux process. In the window's heap, reached from <see cref="TaskState.Process"/>, never from a global: a vfork child has its own in the same space.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ProcessState
{
    /// <summary>Process id. In server mode a fixed number that only this space sees.</summary>
    public uint ProcessId;

    /// <summary>Process slot for requests to vfs.</summary>
    public uint VfsProcessSlot;

    /// <summary>Address space.</summary>
    public SpaceState* Space;

    /// <summary>Open descriptors (shared with CLONE_FILES; counted there). Null in server mode.</summary>
    public DescriptorTable* Descriptors;

    /// <summary>Signal actions (shared with CLONE_SIGHAND; counted there).</summary>
    public SignalActions* Actions;

    /// <summary>File mode creation mask.</summary>
    public uint FileMask;

    /// <summary><see cref="ProcessFlags"/>.</summary>
    public ProcessFlags Flags;

    /// <summary>
    /// Not 0 in a child that shares its parent's space, until it has closed something by message: vfs may not have heard of its slot, and so it posts nothing
    /// (docs/posted-control.md).
    /// </summary>
    public uint IsUnknown;

    /// <summary>
    /// The start table of an exec that is under way, in the heap or the object's handle. A child that shares its parent's space leaves it behind.
    /// </summary>
    public void* StartTable;

    /// <summary>The handle; 0: none.</summary>
    public uint StartTableHandle;

    /// <summary>Guards <see cref="Tasks"/>, <see cref="TaskCount"/> and every task's Next.</summary>
    public PersonalityLock TaskLock;

    /// <summary>Guards pending signals and queues of the process and its tasks.</summary>
    public PersonalityLock SignalLock;

    /// <summary>Threads.</summary>
    public TaskState* Tasks;

    /// <summary>Number of threads.</summary>
    public uint TaskCount;

    /// <summary>Not 0 once exit_group runs or a fatal signal was taken; <see cref="ExitStatus"/> is then set.</summary>
    public uint Exiting;

    /// <summary>1 + slot of the thread that ends the process while others share its space, see <see cref="SharedEnd"/>; 0 before.</summary>
    public uint Ender;

    /// <summary>Threads that have left <see cref="Tasks"/> and are still at work here. Guarded by <see cref="TaskLock"/>.</summary>
    public uint Leaving;

    /// <summary>Changes when a thread has finished its work here; <see cref="Ender"/> sleeps on it.</summary>
    public uint Departures;

    /// <summary>Next in <see cref="SpaceState.Departed"/>.</summary>
    public ProcessState* NextDeparted;

    /// <summary>Wait status as wait4 reports it.</summary>
    public uint ExitStatus;

    /// <summary>Signals in <see cref="Queue"/> now; bounded by <see cref="SignalEntry.Limit"/>.</summary>
    public uint QueuedSignals;

    /// <summary>Process-directed signals that wait here (from own threads, timers; all of them in server mode), bit n−1.</summary>
    public ulong PendingSignals;

    /// <summary>Their siginfo.</summary>
    public SignalEntry* Queue;

    /// <summary>Process-directed signals that wait at the process server, as it said last, bit n−1: asked for again when they become unblocked.</summary>
    public ulong ServerPending;

    /// <summary>Signals that have come, to the process or to a thread of it; wraps. An edge each to who waits for a signalfd.</summary>
    public uint SignalArrivals;

    /// <summary>Next thread id of the batch in hand.</summary>
    public uint NextThreadId;

    /// <summary>Thread ids left in the batch.</summary>
    public uint ThreadIdsLeft;

    /// <summary>Where <see cref="PublishedIdWords"/> are, as that class counts; 0 at start.</summary>
    public uint IdsPlace;

    /// <summary>
    /// Not 0 while SIGCHLD interrupts nobody; how many of them have been dealt with; not 0 once somebody has waited for one: <see cref="ChildSignals"/>.
    /// </summary>
    public uint ChildSignalsUnheard, ChildSignalsSeen, ChildSignalsWanted;

    /// <summary>Not 0 if this process asks vfs for all names, see <see cref="NamesMapping.TurnOff"/>.</summary>
    public uint NamesOff;

    /// <summary>Guards the next three.</summary>
    public PersonalityLock NamesLock;

    /// <summary>Calls of chdir that are under way, and that have ended.</summary>
    public uint DirectoryChanging, DirectoryChanges;

    /// <summary>The working directory's record in the published names, as vfs said; 0: not known.</summary>
    public ulong WorkingDirectory;

    /// <summary>References: threads plus whoever holds the pointer.</summary>
    public int References;

    /// <summary>Interval timers (setitimer, alarm, timer_create).</summary>
    public ProcessTimers* Timers;

    /// <summary>Calls answered with -ENOSYS that were logged, a bit each, numbers below 512.</summary>
    public fixed ulong UnknownCalls[8];

    /// <summary>Execution domain, personality(2).</summary>
    public uint Domain;

    /// <summary>Resource limits while no process server keeps them: 16 × (soft, hard). Null = defaults.</summary>
    public ulong* ResourceLimits;

    /// <summary>Complements of real and effective user ids, group ids, and saved ids (<see cref="KnownIds"/>); 0: not known yet.</summary>
    public ulong KnownUsers, KnownGroups, KnownSaved;

    /// <summary>vfs judges by other ids than the effective ones (<see cref="Libsys.Messages.StartWords.OtherFileIds"/>).</summary>
    public bool HasOtherFileIds;
}

/// <summary>Flags of a process.</summary>
[System.Flags]
internal enum ProcessFlags : uint
{
    /// <summary>None.</summary>
    None = 0,
    /// <summary>No process server and no vfs: a server's own personality.</summary>
    Server = 1,
    /// <summary>Lives in its parent's address space (CLONE_VM without CLONE_THREAD) and does not own it.</summary>
    Borrower = 2,
    /// <summary>SIGCHLD ignored, or SA_NOCLDWAIT, was reported to the process server.</summary>
    ChildrenReaped = 4,
    /// <summary>SA_NOCLDSTOP was reported. The next bit after <see cref="ChildrenReaped"/>: together they are the argument of ChildPolicy.</summary>
    NoStopReports = 8,
    /// <summary>A borrower whose creator does not wait for its end: it gives its own state back.</summary>
    Detached = 16,
}
