using Libsys.Hosting;

namespace Servers.Processes.Tree;

/// <summary>
/// All processes: births, ends, parents, waits. Holds no handle and makes no call by itself (see <see cref="IProcessEffects"/>), so that all of its rules
/// can be tested without a kernel.
/// </summary>
internal sealed partial class ProcessTree(IProcessEffects effects, int mostProcesses)
{
    /// <summary>Id of the first process.</summary>
    public const int FirstPid = 1;

    // As many as an address space holds threads, plus a batch in hand; all together leave room for processes among 32,768 ids.
    private const int MostThreadIds = 4096 + 64;
    private const int MostThreadIdsTogether = 20_000;

    private readonly Dictionary<int, Process> processes = [];

    // Ids of threads other than the first of their process, in the batches that were handed out.
    private readonly Dictionary<int, Process> threads = [];
    private readonly HashSet<Process> stopped = [];
    private readonly IdTable ids = new();
    // Of all processes together, each of which may have many: 56 bytes each, 3.5 MiB of the heap's 32.
    private readonly Budget queuedSignals = new(65_536);

    /// <summary>Processes by id, zombies included.</summary>
    public IReadOnlyDictionary<int, Process> Processes => processes;

    /// <summary>A process by id, or null.</summary>
    public Process? Find(int pid) => processes.GetValueOrDefault(pid);

    /// <summary>The process that was given a thread id, or that has it as its own id; null if nobody.</summary>
    public Process? FindByThread(int tid) => Find(tid) ?? threads.GetValueOrDefault(tid);

    /// <summary>Makes the first process.</summary>
    public Process CreateFirst(ulong now)
    {
        var first = new Process(ids.Next(1), queuedSignals) { StartTime = now };
        Enter(first);
        effects.Changed(first);
        return first;
    }

    /// <summary>Makes a child that inherits what fork(2) lets it inherit. Null if there are too many processes.</summary>
    public Process? CreateChild(Process creator, bool isSibling, int exitSignal, ulong now)
    {
        if (processes.Count >= mostProcesses || IsBeyondLimit(creator))
            return null;
        int pid = ids.Next(1);
        if (pid == 0)
            return null;
        Process parent = isSibling ? creator.Parent ?? creator : creator;
        var child = new Process(pid, queuedSignals)
        {
            Parent = parent,
            Group = creator.Group,
            Session = creator.Session,
            // The parent of a sibling has not chosen a signal for it, and may be of another user.
            ExitSignal = isSibling ? creator.ExitSignal : exitSignal,
            Credentials = creator.Credentials,
            Limits = creator.Limits.Copy(),
            Name = creator.Name,
            Path = creator.Path,
            CommandLine = creator.CommandLine,
            Nice = creator.Nice,
            Dumpable = creator.Dumpable,
            NoNewPrivileges = creator.NoNewPrivileges,
            ReapsChildrenAtOnce = creator.ReapsChildrenAtOnce,
            IgnoresChildStops = creator.IgnoresChildStops,
            StartTime = now,
        };
        Enter(child);
        parent.Children.Add(child);
        return child;
    }

    /// <summary>Takes a child back that could not be made after all.</summary>
    public void Withdraw(Process child) => Forget(child);

    /// <summary>Hands out thread ids: the first of <paramref name="count"/> consecutive ones, or −EAGAIN.</summary>
    public long AllocateThreadIds(Process process, int count)
    {
        if (process.ThreadIds.Count + count > MostThreadIds || threads.Count + count > MostThreadIdsTogether)
            return -Errno.EAGAIN;
        int first = ids.Next(count);
        if (first == 0)
            return -Errno.EAGAIN;
        for (int id = first; id < first + count; id++)
        {
            threads.Add(id, process);
            ids.Use(id);
            process.ThreadIds.Add(id);
        }

        return first;
    }

    /// <summary>A thread has ended: its id can be given out again.</summary>
    public void ReleaseThreadId(Process process, int id)
    {
        if (process.ThreadIds.Remove(id))
            ForgetThread(id);
    }

    /// <summary>A process ends: by its own word, by a signal, or because its space died. Nothing happens if it has ended already.</summary>
    public void End(Process process, int status)
    {
        if (!process.IsAlive)
            return;
        int[] connectedGroups = StoppedConnectedGroups(process.Session);
        process.State = ProcessState.Zombie;
        stopped.Remove(process);
        process.ExitStatus = process.IsBeingKilled ? WaitStatus.Killed(Signals.SIGKILL) : status;
        process.PastUsage = effects.Terminate(process);
        DropWaits(process);
        process.Signals.Discard(ulong.MaxValue);
        process.UnreportedStop = 0;
        process.IsContinueUnreported = false;
        foreach (int id in process.ThreadIds)
            ForgetThread(id);
        process.ThreadIds.Clear();
        if (process.Parent is null)
        {
            effects.Changed(process);
            effects.FirstProcessEnded(process);
            return;
        }

        Process[] orphans = Reparent(process);
        effects.Changed(process);
        NotifyEnd(process);
        foreach (Process orphan in orphans)
        {
            // A wait that the end of its parent answered may have taken it already.
            if (orphan.State == ProcessState.Zombie)
                NotifyEnd(orphan);
        }

        HangUpOrphaned(connectedGroups);
    }

    /// <summary>Registers a wait and answers it if that is possible now.</summary>
    public void Wait(Process parent, WaitRequest request)
    {
        // A thread is in one call at a time: an earlier one of the same thread was interrupted, and nobody waits for its answer.
        for (int index = parent.Waits.Count - 1; index >= 0; index--)
        {
            if (parent.Waits[index].Slot != request.Slot)
                continue;
            parent.Waits[index].Caller.Drop();
            parent.Waits.RemoveAt(index);
        }

        parent.Waits.Add(request);
        AnswerWaits(parent);
    }

    /// <summary>Forgets the waits of threads that are gone.</summary>
    public static void DropWaits(Process process)
    {
        foreach (WaitRequest request in process.Waits)
            request.Caller.Drop();
        process.Waits.Clear();
    }

    /// <summary>Answers what can be answered of a process's waits, oldest first.</summary>
    public void AnswerWaits(Process parent)
    {
        for (int index = 0; index < parent.Waits.Count;)
        {
            WaitRequest request = parent.Waits[index];
            if (!TryFindEvent(parent, request, out Process? child, out WaitResult result))
            {
                index++;
                continue;
            }

            parent.Waits.RemoveAt(index);
            if (request.Caller.TryAnswer(in result) && child is not null && (request.Options & WaitOptions.WNOWAIT) == 0)
                Consume(parent, child);
        }
    }

    private static bool TryFindEvent(Process parent, WaitRequest request, out Process? found, out WaitResult result)
    {
        found = null;
        bool any = false;
        foreach (Process child in parent.Children)
        {
            if (!request.Selects(child))
                continue;
            any = true;
            if (TryReport(child, request.Options, out result))
            {
                found = child;
                return true;
            }
        }

        result = new WaitResult(any ? 0 : -Errno.ECHILD);
        return !any || (request.Options & WaitOptions.WNOHANG) != 0;
    }

    private static bool TryReport(Process child, WaitOptions options, out WaitResult result)
    {
        uint uid = child.Credentials.Uid;
        if (child.State == ProcessState.Zombie && (options & WaitOptions.WEXITED) != 0)
            result = new WaitResult(child.Pid, child.ExitStatus, child.PastUsage.Plus(child.ChildrenUsage), WaitStatus.CodeOf(child.ExitStatus), uid);
        else if (child.UnreportedStop != 0 && (options & WaitOptions.WUNTRACED) != 0)
            result = new WaitResult(child.Pid, WaitStatus.Stopped(child.UnreportedStop), child.PastUsage, Signals.CLD_STOPPED, uid);
        else if (child.IsContinueUnreported && (options & WaitOptions.WCONTINUED) != 0)
            result = new WaitResult(child.Pid, WaitStatus.Continued, child.PastUsage, Signals.CLD_CONTINUED, uid);
        else
        {
            result = default;
            return false;
        }

        return true;
    }

    private void Consume(Process parent, Process child)
    {
        if (child.State == ProcessState.Zombie)
            Reap(parent, child);
        else if (child.UnreportedStop != 0)
            child.UnreportedStop = 0;
        else
            child.IsContinueUnreported = false;
    }

    private void Reap(Process parent, Process child)
    {
        // times(2), getrusage(2): of children that were waited for, not of those that vanished by themselves.
        parent.ChildrenUsage = parent.ChildrenUsage.Plus(child.PastUsage).Plus(child.ChildrenUsage);
        Forget(child);
    }

    private void Forget(Process child)
    {
        child.State = ProcessState.Reaped;
        child.Parent?.Children.Remove(child);
        child.Parent = null;
        processes.Remove(child.Pid);
        ids.Leave(child.Pid);
        ids.Leave(child.Group);
        ids.Leave(child.Session);
        effects.Changed(child);
    }

    private void ForgetThread(int id)
    {
        threads.Remove(id);
        ids.Leave(id);
    }

    /// <summary>
    /// A process runs another program: its parent did not choose a signal for the end of that, nor did the new program choose the signals for its children's
    /// ends (clone(2): an unusual signal counts while both sides are what they were).
    /// </summary>
    public static void NoteExec(Process process)
    {
        process.HasExecuted = true;
        process.IsChildSignalUnheard = false; // the new program has not said so
        process.ExitSignal = Signals.SIGCHLD;
        foreach (Process child in process.Children)
            child.ExitSignal = Signals.SIGCHLD;
    }

    private Process[] Reparent(Process ended)
    {
        Process heir = ended.Parent!;
        while (heir.Parent is not null && !(heir.IsSubreaper && heir.IsAlive))
            heir = heir.Parent;
        Process[] orphans = [.. ended.Children];
        ended.Children.Clear();
        foreach (Process orphan in orphans)
        {
            orphan.Parent = heir;
            orphan.ExitSignal = Signals.SIGCHLD;
            heir.Children.Add(orphan);
            effects.Changed(orphan);
            if (orphan.ParentDeathSignal != 0)
                Queue(orphan, new SignalInformation(orphan.ParentDeathSignal, Signals.SI_USER, ended.Pid, ended.Credentials.Uid, 0));
        }

        return orphans;
    }

    /// <summary>Tells the parent of a zombie: its waits first, so that a caller gets its answer rather than an interruption.</summary>
    private void NotifyEnd(Process zombie)
    {
        Process parent = zombie.Parent!;
        int signal = zombie.ExitSignal;
        bool vanishes = signal == Signals.SIGCHLD && parent.ReapsChildrenAtOnce;
        var information = new SignalInformation(
            signal, WaitStatus.CodeOf(zombie.ExitStatus), zombie.Pid, zombie.Credentials.Uid, (ulong)WaitStatus.ValueOf(zombie.ExitStatus),
            zombie.PastUsage.UserNanoseconds, zombie.PastUsage.SystemNanoseconds);
        bool isQueued = Signals.IsValid(signal) && !vanishes;
        // One that interrupts nobody is there, as on Linux, before a wait returns.
        bool isFirst = signal == Signals.SIGCHLD && parent.IsChildSignalUnheard;
        if (vanishes)
            Forget(zombie);
        if (isQueued && isFirst)
            Queue(parent, information);
        AnswerWaits(parent);
        if (isQueued && !isFirst)
            Queue(parent, information);
    }

    private bool IsBeyondLimit(Process creator) =>
        !creator.Credentials.IsPrivileged
        && (ulong)processes.Values.Count(process => process.Credentials.Uid == creator.Credentials.Uid) >= creator.Limits.Soft(ResourceLimits.Processes);

    private void Join(Process process, int group, int session)
    {
        ids.Use(group);
        ids.Use(session);
        ids.Leave(process.Group);
        ids.Leave(process.Session);
        process.Group = group;
        process.Session = session;
    }

    private void Enter(Process process)
    {
        processes.Add(process.Pid, process);
        ids.Use(process.Pid);
        ids.Use(process.Group);
        ids.Use(process.Session);
    }
}
