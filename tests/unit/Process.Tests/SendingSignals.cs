using Libsys.Messages;
using Servers.Processes.Tree;

namespace Servers.Processes.Tests;

public sealed class SendingSignals
{
    private const int SIGUSR1 = 10;

    private readonly RecordedEffects effects = new();
    private readonly ProcessTree tree;
    private readonly Process first;

    public SendingSignals()
    {
        tree = new ProcessTree(effects, 100);
        first = tree.CreateFirst(0);
    }

    private Process Fork(Process parent, uint uid = 0)
    {
        Process child = tree.CreateChild(parent, isSibling: false, Signals.SIGCHLD, 0)!;
        if (uid != 0)
        {
            Assert.Equal(0, child.Credentials.Change(CredentialChange.SetUid, uid, 0, 0, out Credentials changed));
            child.Credentials = changed;
        }

        return child;
    }

    [Fact]
    public void A_signal_waits_until_a_thread_takes_it()
    {
        Process child = Fork(first);
        Assert.Equal(0, tree.Kill(first, child.Pid, SIGUSR1, 0, 7));
        Assert.Contains(child, effects.Interrupted);
        Assert.False(ProcessTree.TryTakeSignal(child, 0, out _));
        Assert.True(ProcessTree.TryTakeSignal(child, ulong.MaxValue, out SignalInformation information));
        Assert.Equal((SIGUSR1, 1, 7ul), (information.Signal, information.SenderPid, information.Value));
        Assert.False(ProcessTree.TryTakeSignal(child, ulong.MaxValue, out _));
    }

    [Fact]
    public void A_standard_signal_waits_once_and_a_real_time_signal_as_often_as_sent()
    {
        Process child = Fork(first);
        for (ulong value = 0; value < 3; value++)
        {
            tree.Kill(first, child.Pid, SIGUSR1, -1, value);
            tree.Kill(first, child.Pid, 40, -1, value);
        }

        var taken = new List<(int, ulong)>();
        while (ProcessTree.TryTakeSignal(child, ulong.MaxValue, out SignalInformation information))
            taken.Add((information.Signal, information.Value));
        Assert.Equal([(SIGUSR1, 0), (40, 0), (40, 1), (40, 2)], taken);
    }

    [Fact]
    public void SIGCHLD_that_is_unheard_interrupts_nobody_is_counted_and_the_last_one_waits()
    {
        Process parent = Fork(first);
        parent.IsChildSignalUnheard = true;
        Process[] children = [Fork(parent), Fork(parent)];
        uint before = parent.ChildSignals;
        foreach (Process child in children)
            tree.End(child, 0);
        Assert.DoesNotContain(parent, effects.Interrupted);
        Assert.Equal(before + 2, parent.ChildSignals);

        // The process has had the first of them only: the second waits, once.
        parent.NoteChildSignals(ChildSignalFlags.Counted | (before + 1));
        Assert.True(ProcessTree.TryTakeSignal(parent, ulong.MaxValue, out SignalInformation information));
        Assert.Equal((Signals.SIGCHLD, children[1].Pid), (information.Signal, information.SenderPid));
        Assert.False(ProcessTree.TryTakeSignal(parent, ulong.MaxValue, out _));

        // All of them, or heard again: as it should be.
        tree.Kill(first, parent.Pid, Signals.SIGCHLD, 0, 0);
        parent.NoteChildSignals(ChildSignalFlags.Counted | parent.ChildSignals);
        Assert.Equal(0ul, parent.Signals.Pending);
        ProcessTree.NoteExec(parent);
        tree.Kill(first, parent.Pid, Signals.SIGCHLD, 0, 0);
        Assert.Contains(parent, effects.Interrupted);
        // Other signals interrupt in any case.
        Process other = Fork(first);
        other.IsChildSignalUnheard = true;
        tree.Kill(first, other.Pid, SIGUSR1, 0, 0);
        Assert.Contains(other, effects.Interrupted);
    }

    [Fact]
    public void The_queue_is_bounded()
    {
        Process child = Fork(first);
        ulong limit = child.Limits.Soft(ResourceLimits.PendingSignals);
        for (ulong count = 0; count < limit; count++)
            Assert.Equal(0, tree.Kill(first, child.Pid, 40, -1, count));
        Assert.Equal(-Errno.EAGAIN, tree.Kill(first, child.Pid, 40, -1, 0));
        Assert.Equal(0, tree.Kill(first, child.Pid, SIGUSR1, 0, 0));
        Assert.NotEqual(0ul, child.Signals.Pending & Signals.Of(SIGUSR1));
    }

    [Fact]
    public void Only_the_same_user_or_the_superuser_may_send()
    {
        Process one = Fork(first, 1000), other = Fork(first, 1001), same = Fork(first, 1000);
        Assert.Equal(-Errno.EPERM, tree.Kill(one, other.Pid, SIGUSR1, 0, 0));
        Assert.Equal(-Errno.EPERM, tree.Kill(one, 1, Signals.SIGKILL, 0, 0));
        Assert.Equal(0, tree.Kill(one, same.Pid, SIGUSR1, 0, 0));
        Assert.Equal(0, tree.Kill(first, other.Pid, SIGUSR1, 0, 0));
        Assert.Equal(-Errno.ESRCH, tree.Kill(one, 999, SIGUSR1, 0, 0));
        Assert.Equal(-Errno.EINVAL, tree.Kill(one, same.Pid, 65, 0, 0));
        Assert.Equal(-Errno.EPERM, tree.Kill(one, same.Pid, SIGUSR1, Signals.SI_KERNEL, 0));
    }

    [Fact]
    public void Everybody_means_neither_the_sender_nor_the_first_process()
    {
        Process sender = Fork(first), other = Fork(first);
        Assert.Equal(0, tree.Kill(sender, -1, Signals.SIGKILL, 0, 0));
        Assert.True(first.IsAlive);
        Assert.True(sender.IsAlive);
        Assert.False(other.IsAlive);
    }

    [Fact]
    public void The_first_process_cannot_be_killed_or_stopped()
    {
        tree.Kill(first, 1, Signals.SIGKILL, 0, 0);
        tree.Kill(first, 1, Signals.SIGSTOP, 0, 0);
        Assert.Equal(ProcessState.Alive, first.State);
    }

    [Fact]
    public void A_killed_process_ends_even_if_it_is_stopped()
    {
        Process child = Fork(first);
        tree.Kill(first, child.Pid, Signals.SIGSTOP, 0, 0);
        tree.Kill(first, child.Pid, Signals.SIGKILL, 0, 0);
        Assert.Equal(ProcessState.Zombie, child.State);
        Assert.Equal(Signals.SIGKILL, child.ExitStatus);
    }

    [Fact]
    public void Continue_and_stop_cancel_each_other_while_they_wait()
    {
        Process child = Fork(first);
        tree.Kill(first, child.Pid, Signals.SIGTSTP, 0, 0);
        tree.Kill(first, child.Pid, Signals.SIGCONT, 0, 0);
        Assert.Equal(Signals.Of(Signals.SIGCONT), child.Signals.Pending);
        tree.Kill(first, child.Pid, Signals.SIGTSTP, 0, 0);
        Assert.Equal(Signals.Of(Signals.SIGTSTP), child.Signals.Pending);
    }

    [Fact]
    public void A_stopped_group_that_loses_its_shell_is_hung_up_and_continued()
    {
        Process shell = Fork(first);
        tree.SetSession(shell);
        Process job = Fork(shell);
        Assert.Equal(0, tree.SetGroup(shell, job.Pid, 0));
        Assert.True(tree.Stop(job, Signals.SIGTSTP));
        tree.End(shell, 0);
        Assert.Equal(ProcessState.Alive, job.State);
        Assert.Equal(Signals.Of(Signals.SIGHUP) | Signals.Of(Signals.SIGCONT), job.Signals.Pending);
    }

    [Fact]
    public void A_terminal_stop_does_nothing_in_an_orphaned_group()
    {
        Process leader = Fork(first);
        tree.SetSession(leader);
        Assert.False(tree.Stop(leader, Signals.SIGTSTP));
        Assert.True(tree.Stop(leader, Signals.SIGSTOP));
    }

    [Fact]
    public void A_child_learns_of_its_parents_end_if_it_asked()
    {
        Process parent = Fork(first), child = Fork(parent);
        child.ParentDeathSignal = SIGUSR1;
        tree.End(parent, 0);
        Assert.Equal(Signals.Of(SIGUSR1), child.Signals.Pending);
    }

    [Fact]
    public void A_process_that_shares_memory_is_asked_to_end_and_counts_as_killed_however_it_ends()
    {
        Process child = Fork(first);
        effects.Sharing.Add(child);
        tree.Kill(first, child.Pid, 1, 0, 0);
        tree.Kill(first, child.Pid, Signals.SIGKILL, 0, 0);
        tree.Kill(first, child.Pid, Signals.SIGKILL, 0, 0);
        Assert.True(child.IsAlive);
        Assert.Equal([child], effects.Awaited);
        Assert.True(ProcessTree.TryTakeSignal(child, ulong.MaxValue, out SignalInformation information));
        Assert.Equal(Signals.SIGKILL, information.Signal);
        Assert.False(tree.Stop(child, Signals.SIGSTOP));
        tree.End(child, 1 << 8);
        Assert.Equal(Signals.SIGKILL, child.ExitStatus);
    }

    [Fact]
    public void A_stopped_process_that_shares_memory_runs_again_to_end()
    {
        Process child = Fork(first);
        tree.Kill(first, child.Pid, Signals.SIGSTOP, 0, 0);
        effects.Sharing.Add(child);
        tree.Kill(first, child.Pid, Signals.SIGKILL, 0, 0);
        Assert.DoesNotContain(child, effects.Suspended);
        Assert.Contains(child, effects.Interrupted);
    }

    [Fact]
    public void A_process_that_shares_memory_stops_itself()
    {
        Process child = Fork(first);
        effects.Sharing.Add(child);
        tree.Kill(first, child.Pid, Signals.SIGSTOP, 0, 0);
        Assert.Equal(ProcessState.Alive, child.State);
        Assert.True(ProcessTree.TryTakeSignal(child, ulong.MaxValue, out SignalInformation information));
        Assert.True(tree.Stop(child, information.Signal));
        Assert.Contains(child, effects.Suspended);
    }

    [Fact]
    public void Nobody_chooses_the_signal_that_another_one_gets_at_the_end_of_a_child()
    {
        Process stranger = Fork(first, 1000);
        Process sibling = tree.CreateChild(stranger, isSibling: true, Signals.SIGKILL, 0)!;
        Assert.Same(first, sibling.Parent);
        tree.End(sibling, 0);
        Assert.Equal(0ul, first.Signals.Pending & Signals.Of(Signals.SIGKILL));
        Assert.Equal(Signals.SIGCHLD, sibling.ExitSignal);
    }

    [Fact]
    public void An_unusual_signal_for_the_end_of_a_child_does_not_outlive_the_program_of_either()
    {
        Process parent = Fork(first);
        Process child = tree.CreateChild(parent, isSibling: false, SIGUSR1, 0)!;
        ProcessTree.NoteExec(child);
        Assert.Equal(Signals.SIGCHLD, child.ExitSignal);
        Process other = tree.CreateChild(parent, isSibling: false, SIGUSR1, 0)!;
        ProcessTree.NoteExec(parent);
        Assert.Equal(Signals.SIGCHLD, other.ExitSignal);
    }
}
