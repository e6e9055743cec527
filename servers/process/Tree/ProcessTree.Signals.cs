namespace Servers.Processes.Tree;

/// <summary>Sending signals, kill(2), and what stopping and continuing mean, signal(7).</summary>
internal sealed partial class ProcessTree
{
    /// <summary>
    /// Sends to what <paramref name="target"/> names, as kill(2): &gt; 0 a process, 0 the sender's group, −1 everybody it may signal, &lt; −1 a group.
    /// Signal 0 only checks. Returns 0, −EINVAL, −ESRCH, −EPERM or −EAGAIN.
    /// </summary>
    public long Kill(Process sender, int target, int signal, int code, ulong value)
    {
        if (signal != 0 && !Signals.IsValid(signal))
            return -Errno.EINVAL;
        // si_code ≥ 0 and SI_TKILL's kin are the kernel's to say, rt_sigqueueinfo(2).
        if (code > 0)
            return -Errno.EPERM;
        if (target > 0)
            return FindByThread(target) is { } single ? Send(sender, single, signal, code, value) : -Errno.ESRCH;
        if (target == int.MinValue)
            return -Errno.ESRCH;

        int group = target == 0 ? sender.Group : -target;
        bool everybody = target == -1;
        long result = -Errno.ESRCH;
        foreach (Process process in processes.Values.ToArray())
        {
            if (everybody ? process == sender || process.Pid == FirstPid : process.Group != group)
                continue;
            long sent = Send(sender, process, signal, code, value);
            if (sent == 0 || result == -Errno.ESRCH)
                result = sent;
        }

        return result;
    }

    /// <summary>Sends to a group on the system's behalf. 0 or −ESRCH.</summary>
    public long SignalGroup(int group, int signal)
    {
        Process[] members = [.. processes.Values.Where(process => process.Group == group && process.IsAlive)];
        foreach (Process member in members)
            Queue(member, new SignalInformation(signal, Signals.SI_KERNEL, 0, 0, 0));
        return members.Length > 0 ? 0 : -Errno.ESRCH;
    }

    /// <summary>Takes one signal of the set for a thread, or none.</summary>
    public static bool TryTakeSignal(Process process, ulong set, out SignalInformation information) => process.Signals.TryTake(set, out information);

    /// <summary>The default action of a stop signal was taken by the process. False: it goes on, because its group is orphaned.</summary>
    public bool Stop(Process process, int signal)
    {
        if (process.IsBeingKilled || (signal != Signals.SIGSTOP && IsOrphaned(process.Group)))
            return false;
        StopNow(process, signal);
        return true;
    }

    /// <summary>Sends a signal on the system's behalf.</summary>
    public void Queue(Process process, in SignalInformation information)
    {
        if (!process.IsAlive)
            return;
        int signal = information.Signal;
        if (signal == Signals.SIGKILL)
        {
            EndByKill(process, in information);
            return;
        }

        if ((Signals.StopByDefault & Signals.Of(signal)) != 0)
            process.Signals.Discard(Signals.Of(Signals.SIGCONT));
        if (signal == Signals.SIGCONT)
            Continue(process);
        if (signal == Signals.SIGSTOP && !effects.MustEndItself(process))
        {
            StopNow(process, signal);
            return;
        }

        bool isUnheard = signal == Signals.SIGCHLD && process.IsChildSignalUnheard;
        // Whether an earlier one still waits is known to the process alone; of two that do Linux would keep the first.
        if (isUnheard)
            process.Signals.Discard(Signals.Of(signal));
        if (signal == Signals.SIGCHLD)
            process.ChildSignals++;
        process.Signals.Add(in information, process.Limits.Soft(ResourceLimits.PendingSignals));
        effects.Changed(process);
        if (!isUnheard)
            effects.Interrupt(process);
    }

    private void EndByKill(Process process, in SignalInformation information)
    {
        if (!effects.MustEndItself(process))
        {
            End(process, WaitStatus.Killed(Signals.SIGKILL));
            return;
        }

        if (process.IsBeingKilled)
            return;
        process.IsBeingKilled = true;
        process.Signals.Add(in information, ulong.MaxValue);
        if (process.State == ProcessState.Stopped)
        {
            process.State = ProcessState.Alive;
            stopped.Remove(process);
            process.UnreportedStop = 0;
            effects.Resume(process);
        }

        effects.AwaitEnd(process);
        effects.Interrupt(process);
    }

    private long Send(Process sender, Process target, int signal, int code, ulong value)
    {
        bool allowed = sender.Credentials.MaySignal(target.Credentials) || (signal == Signals.SIGCONT && sender.Session == target.Session);
        if (!allowed)
            return -Errno.EPERM;
        // The first process gets only signals that it can handle: it cannot be killed or stopped, kill(2) "Notes".
        if (signal == 0 || !target.IsAlive || (target.Pid == FirstPid && (signal is Signals.SIGKILL or Signals.SIGSTOP)))
            return 0;
        var information = new SignalInformation(signal, code, sender.Pid, sender.Credentials.Uid, value);
        bool isFull = signal >= Signals.FirstRealTime && code != Signals.SI_USER && !target.Signals.HasRoom(target.Limits.Soft(ResourceLimits.PendingSignals));
        if (isFull)
            return -Errno.EAGAIN;
        Queue(target, in information);
        return 0;
    }

    private void StopNow(Process process, int signal)
    {
        if (process.State == ProcessState.Stopped)
            return;
        process.State = ProcessState.Stopped;
        stopped.Add(process);
        process.UnreportedStop = signal;
        process.IsContinueUnreported = false;
        effects.Suspend(process);
        effects.Changed(process);
        NotifyJobControl(process, Signals.CLD_STOPPED, signal);
    }

    private void Continue(Process process)
    {
        process.Signals.Discard(Signals.StopByDefault);
        if (process.State != ProcessState.Stopped)
            return;
        process.State = ProcessState.Alive;
        stopped.Remove(process);
        process.UnreportedStop = 0;
        process.IsContinueUnreported = true;
        effects.Resume(process);
        effects.Changed(process);
        NotifyJobControl(process, Signals.CLD_CONTINUED, Signals.SIGCONT);
    }

    private void NotifyJobControl(Process process, int code, int signal)
    {
        if (process.Parent is not { } parent)
            return;
        AnswerWaits(parent);
        if (!parent.IgnoresChildStops && !parent.ReapsChildrenAtOnce)
            Queue(parent, new SignalInformation(Signals.SIGCHLD, code, process.Pid, process.Credentials.Uid, (ulong)signal));
    }
}
