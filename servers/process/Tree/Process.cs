using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Processes.Tree;

/// <summary>Life of a process.</summary>
internal enum ProcessState
{
    /// <summary>Runs or sleeps.</summary>
    Alive,
    /// <summary>Stopped by job control.</summary>
    Stopped,
    /// <summary>Ended; its parent has not waited for it.</summary>
    Zombie,
    /// <summary>Gone: no longer in the tree.</summary>
    Reaped,
}

/// <summary>CPU time and memory that a process has used.</summary>
/// <param name="UserNanoseconds">In programs.</param>
/// <param name="SystemNanoseconds">In the kernel.</param>
/// <param name="PeakResident">Most memory, bytes.</param>
/// <param name="MinorFaults">Page faults without I/O.</param>
internal readonly record struct Usage(ulong UserNanoseconds, ulong SystemNanoseconds, ulong PeakResident, ulong MinorFaults)
{
    /// <summary>Times add up; of the peaks the higher counts.</summary>
    public Usage Plus(in Usage other) =>
        new(
            UserNanoseconds + other.UserNanoseconds, SystemNanoseconds + other.SystemNanoseconds,
            Math.Max(PeakResident, other.PeakResident), MinorFaults + other.MinorFaults);
}

/// <summary>One process: what all of its threads share and what outlives it until its parent has waited.</summary>
internal sealed class Process(int pid, Budget signals)
{
    /// <summary>Process id.</summary>
    public int Pid { get; } = pid;

    /// <summary>Parent; null for the first process and for those that were reaped.</summary>
    public Process? Parent { get; set; }

    /// <summary>Children that were not reaped, oldest first.</summary>
    public List<Process> Children { get; } = [];

    /// <summary>Process group.</summary>
    public int Group { get; set; } = pid;

    /// <summary>Session.</summary>
    public int Session { get; set; } = pid;

    /// <summary>Life.</summary>
    public ProcessState State { get; set; }

    /// <summary>Status of a zombie as wait4 reports it.</summary>
    public int ExitStatus { get; set; }

    /// <summary>Signal that its parent gets at its end; 0 for none.</summary>
    public int ExitSignal { get; set; } = Libsys.Linux.Signals.SIGCHLD;

    /// <summary>Signal that stopped it, until a wait has reported that; 0 otherwise.</summary>
    public int UnreportedStop { get; set; }

    /// <summary>Continued, and no wait has reported that yet.</summary>
    public bool IsContinueUnreported { get; set; }

    /// <summary>Process-directed signals that wait.</summary>
    public SignalQueue Signals { get; } = new(signals);

    /// <summary>Children vanish at their end (SIGCHLD ignored or SA_NOCLDWAIT).</summary>
    public bool ReapsChildrenAtOnce { get; set; }

    /// <summary>No SIGCHLD when children stop (SA_NOCLDSTOP).</summary>
    public bool IgnoresChildStops { get; set; }

    /// <summary>SIGCHLD interrupts nobody: the process ignores it by default, and looks at <see cref="ChildSignals"/> when it wants to know.</summary>
    public bool IsChildSignalUnheard { get; set; }

    /// <summary>How often SIGCHLD has come; wraps.</summary>
    public uint ChildSignals { get; set; }

    /// <summary>Gets orphans of its descendants (PR_SET_CHILD_SUBREAPER).</summary>
    public bool IsSubreaper { get; set; }

    /// <summary>Signal at the end of its parent (PR_SET_PDEATHSIG); 0 for none.</summary>
    public int ParentDeathSignal { get; set; }

    /// <summary>Executed a program since it was forked: its parent may no longer change its group.</summary>
    public bool HasExecuted { get; set; }

    /// <summary>Users and groups.</summary>
    public Credentials Credentials { get; set; } = Credentials.Root;

    /// <summary>Resource limits.</summary>
    public ResourceLimits Limits { get; set; } = new();

    /// <summary>Command name, at most 16 bytes.</summary>
    public byte[] Name { get; set; } = [];

    /// <summary>Path of the program.</summary>
    public byte[] Path { get; set; } = [];

    /// <summary>Arguments, each with a NUL behind it.</summary>
    public byte[] CommandLine { get; set; } = [];

    /// <summary>Nice value, −20 to 19.</summary>
    public int Nice { get; set; }

    /// <summary>May be dumped and traced (PR_SET_DUMPABLE).</summary>
    public int Dumpable { get; set; } = 1;

    /// <summary>Never gains privileges by exec (PR_SET_NO_NEW_PRIVS).</summary>
    public bool NoNewPrivileges { get; set; }

    /// <summary>Start, nanoseconds since boot.</summary>
    public ulong StartTime { get; set; }

    /// <summary>What it used in spaces that it has left (exec), and all of it once it has ended.</summary>
    public Usage PastUsage { get; set; }

    /// <summary>What its reaped descendants used.</summary>
    public Usage ChildrenUsage { get; set; }

    /// <summary>Waits of its threads, oldest first.</summary>
    public List<WaitRequest> Waits { get; } = [];

    /// <summary>Address space that its threads run in; null once it has ended.</summary>
    public ProgramSpace? Space { get; set; }

    /// <summary>Number by which its requests to vfs name it: 0 in a space of its own, others for vfork children. Kept across exec.</summary>
    public uint VfsSlot { get; set; }

    /// <summary>A program that is being loaded in a new space for it.</summary>
    public PendingExec? Exec { get; set; }

    /// <summary>Caller of vfork, answered when this child has its own space or has ended.</summary>
    public ReplyHandle VforkCaller { get; set; }

    /// <summary>Threads that took the default action of a stop signal, answered when the process is continued.</summary>
    public List<ReplyHandle> StopCallers { get; } = [];

    /// <summary>SIGKILL waits for it to end by itself (see <see cref="IProcessEffects.MustEndItself"/>): however it ends now, it was killed.</summary>
    public bool IsBeingKilled { get; set; }

    /// <summary>Its entry in the published table.</summary>
    public int TableIndex { get; set; } = -1;

    /// <summary>Ids that were handed out for its threads.</summary>
    public HashSet<int> ThreadIds { get; } = [];

    /// <summary>True until it ended.</summary>
    public bool IsAlive => State is ProcessState.Alive or ProcessState.Stopped;

    /// <summary>The process says how far it has had SIGCHLD (<see cref="ChildSignalFlags.Counted"/>): if that is all, none waits.</summary>
    public void NoteChildSignals(ulong said)
    {
        if ((said & ChildSignalFlags.Counted) != 0 && (uint)said == ChildSignals)
            Signals.Discard(Libsys.Linux.Signals.Of(Libsys.Linux.Signals.SIGCHLD));
    }

    /// <summary>It runs a program: its path, and its arguments, each with a NUL behind it.</summary>
    public void SetProgram(byte[] path, byte[] commandLine)
    {
        Path = path;
        CommandLine = commandLine;
        Name = path[(Array.LastIndexOf(path, (byte)'/') + 1)..];
    }
}
