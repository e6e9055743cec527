namespace Servers.Processes.Tree;

/// <summary>Sessions and process groups, setsid(2), setpgid(2), credentials(7).</summary>
internal sealed partial class ProcessTree
{
    /// <summary>Makes the process the leader of a new session and group. The session's id, or −EPERM if it leads a group already.</summary>
    public long SetSession(Process process)
    {
        if (processes.Values.Any(other => other.Group == process.Pid))
            return -Errno.EPERM;
        Join(process, process.Pid, process.Pid);
        effects.SessionChanged(process);
        effects.Changed(process);
        return process.Pid;
    }

    /// <summary>Moves a process (0: the caller) to a group (0: one of its own). 0, −EINVAL, −ESRCH, −EACCES or −EPERM.</summary>
    public long SetGroup(Process caller, int pid, int group)
    {
        if (group < 0)
            return -Errno.EINVAL;
        Process? process = pid == 0 ? caller : Find(pid);
        if (process is null || !process.IsAlive || (process != caller && process.Parent != caller))
            return -Errno.ESRCH;
        if (process != caller && process.HasExecuted)
            return -Errno.EACCES;
        if (process.Session != caller.Session || process.Session == process.Pid)
            return -Errno.EPERM;
        int target = group == 0 ? process.Pid : group;
        if (target != process.Pid && !processes.Values.Any(other => other.Group == target && other.Session == caller.Session))
            return -Errno.EPERM;
        Join(process, target, process.Session);
        effects.SessionChanged(process);
        effects.Changed(process);
        return 0;
    }

    /// <summary>
    /// A group is orphaned when no member has a parent in the same session but in another group: then nobody could continue it (POSIX, "orphaned process
    /// group").
    /// </summary>
    private bool IsOrphaned(int group)
    {
        foreach (Process member in processes.Values)
        {
            if (member.Group == group && member.IsAlive && member.Parent is { } parent && parent.IsAlive && parent.Group != group
                && parent.Session == member.Session)
                return false;
        }

        return true;
    }

    /// <summary>Groups of the session that have a stopped member and somebody who can continue it. Almost always none.</summary>
    private int[] StoppedConnectedGroups(int session) =>
        stopped.Count == 0
            ? []
            : [.. stopped.Where(process => process.Session == session).Select(process => process.Group).Distinct().Where(group => !IsOrphaned(group))];

    /// <summary>A group that becomes orphaned while a member is stopped gets SIGHUP and SIGCONT, exit(3).</summary>
    private void HangUpOrphaned(int[] connectedBefore)
    {
        foreach (int group in connectedBefore)
        {
            if (!IsOrphaned(group) || !stopped.Any(process => process.Group == group))
                continue;
            foreach (Process member in processes.Values.Where(process => process.Group == group).ToArray())
            {
                Queue(member, new SignalInformation(Signals.SIGHUP, Signals.SI_KERNEL, 0, 0, 0));
                Queue(member, new SignalInformation(Signals.SIGCONT, Signals.SI_KERNEL, 0, 0, 0));
            }
        }
    }
}
