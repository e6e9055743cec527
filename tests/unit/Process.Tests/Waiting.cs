using Servers.Processes.Tree;

namespace Servers.Processes.Tests;

public sealed class Waiting
{
    private readonly RecordedEffects effects = new();
    private readonly ProcessTree tree;
    private readonly Process first;

    public Waiting()
    {
        tree = new ProcessTree(effects, 100);
        first = tree.CreateFirst(0);
    }

    private Process Fork(Process parent) => tree.CreateChild(parent, isSibling: false, Signals.SIGCHLD, 0)!;

    private RecordedCaller Wait(Process parent, int selector, WaitOptions options = WaitOptions.None, uint slot = 0)
    {
        var caller = new RecordedCaller();
        tree.Wait(parent, new WaitRequest(selector, parent.Group, options | WaitOptions.WEXITED, slot, caller));
        return caller;
    }

    [Fact]
    public void A_wait_without_children_says_so_at_once() => Assert.Equal(-Errno.ECHILD, Wait(first, -1).Result!.Value.Pid);

    [Fact]
    public void A_wait_that_must_not_hang_finds_nothing()
    {
        Fork(first);
        Assert.Equal(0, Wait(first, -1, WaitOptions.WNOHANG).Result!.Value.Pid);
    }

    [Fact]
    public void A_waiting_parent_is_answered_when_its_child_ends_and_the_child_is_gone_then()
    {
        Process child = Fork(first);
        RecordedCaller caller = Wait(first, -1);
        Assert.Null(caller.Result);
        tree.End(child, 3 << 8);
        Assert.Equal(child.Pid, caller.Result!.Value.Pid);
        Assert.Equal(3 << 8, caller.Result!.Value.Status);
        Assert.Null(tree.Find(child.Pid));
        Assert.Equal(10ul, first.ChildrenUsage.UserNanoseconds);
    }

    [Fact]
    public void A_caller_who_has_gone_leaves_the_child_to_be_waited_for()
    {
        Process child = Fork(first);
        Wait(first, -1).IsGone = true;
        tree.End(child, 0);
        Assert.Equal(ProcessState.Zombie, child.State);
        Assert.Equal(child.Pid, Wait(first, child.Pid, slot: 1).Result!.Value.Pid);
    }

    [Fact]
    public void A_second_wait_of_the_same_thread_replaces_the_first()
    {
        Process child = Fork(first);
        RecordedCaller interrupted = Wait(first, -1);
        RecordedCaller restarted = Wait(first, -1);
        tree.End(child, 0);
        Assert.Null(interrupted.Result);
        Assert.Equal(child.Pid, restarted.Result!.Value.Pid);
    }

    [Fact]
    public void A_look_does_not_take_the_child_away()
    {
        Process child = Fork(first);
        tree.End(child, 0);
        Assert.Equal(child.Pid, Wait(first, -1, WaitOptions.WNOWAIT).Result!.Value.Pid);
        Assert.Equal(child.Pid, Wait(first, -1).Result!.Value.Pid);
        Assert.Equal(-Errno.ECHILD, Wait(first, -1).Result!.Value.Pid);
    }

    [Fact]
    public void Children_of_one_who_ignores_SIGCHLD_vanish_and_its_wait_ends_when_the_last_has_gone()
    {
        first.ReapsChildrenAtOnce = true;
        Process one = Fork(first), two = Fork(first);
        RecordedCaller caller = Wait(first, -1);
        tree.End(one, 0);
        Assert.Null(caller.Result);
        tree.End(two, 0);
        Assert.Equal(-Errno.ECHILD, caller.Result!.Value.Pid);
        Assert.Empty(first.Children);
        Assert.Equal(0ul, first.Signals.Pending);
    }

    [Fact]
    public void Stops_and_continues_are_reported_once_to_who_asks_for_them()
    {
        Process child = Fork(first);
        RecordedCaller deaf = Wait(first, -1, slot: 1);
        tree.Kill(first, child.Pid, Signals.SIGSTOP, 0, 0);
        Assert.Contains(child, effects.Suspended);
        Assert.Equal(WaitStatus.Stopped(Signals.SIGSTOP), Wait(first, -1, WaitOptions.WUNTRACED).Result!.Value.Status);
        Assert.Equal(0, Wait(first, -1, WaitOptions.WUNTRACED | WaitOptions.WNOHANG).Result!.Value.Pid);
        tree.Kill(first, child.Pid, Signals.SIGCONT, 0, 0);
        Assert.DoesNotContain(child, effects.Suspended);
        Assert.Equal(WaitStatus.Continued, Wait(first, -1, WaitOptions.WCONTINUED).Result!.Value.Status);
        Assert.Null(deaf.Result);
    }

    [Fact]
    public void Only_the_chosen_group_is_waited_for()
    {
        Process mine = Fork(first), other = Fork(first);
        Assert.Equal(0, tree.SetGroup(first, other.Pid, 0));
        tree.End(mine, 0);
        RecordedCaller caller = Wait(first, -other.Pid);
        Assert.Null(caller.Result);
        tree.End(other, 0);
        Assert.Equal(other.Pid, caller.Result!.Value.Pid);
        Assert.Equal(mine.Pid, Wait(first, 0).Result!.Value.Pid);
    }

    [Fact]
    public void A_clone_child_is_found_only_by_who_looks_for_clones()
    {
        Process clone = tree.CreateChild(first, isSibling: false, 0, 0)!;
        tree.End(clone, 0);
        Assert.Equal(-Errno.ECHILD, Wait(first, -1).Result!.Value.Pid);
        Assert.Equal(clone.Pid, Wait(first, -1, WaitOptions.WALL).Result!.Value.Pid);
    }

    [Fact]
    public void Orphans_go_to_the_nearest_subreaper_or_the_first_process()
    {
        Process reaper = Fork(first);
        reaper.IsSubreaper = true;
        Process middle = Fork(reaper), orphan = Fork(middle);
        tree.End(middle, 0);
        Assert.Same(reaper, orphan.Parent);
        tree.End(reaper, 0);
        Assert.Same(first, orphan.Parent);
        Assert.Same(first, reaper.Parent);
    }

    [Fact]
    public void An_ended_orphan_is_told_to_its_new_parent()
    {
        Process middle = Fork(first), orphan = Fork(middle);
        tree.End(orphan, 5 << 8);
        RecordedCaller caller = Wait(first, orphan.Pid);
        Assert.Equal(-Errno.ECHILD, caller.Result!.Value.Pid);
        RecordedCaller both = Wait(first, -1);
        tree.End(middle, 0);
        Assert.NotNull(both.Result);
        Assert.NotNull(Wait(first, -1).Result);
        Assert.Empty(first.Children);
    }

    [Fact]
    public void The_end_of_the_first_process_is_the_end_of_the_system()
    {
        tree.End(first, 0);
        Assert.Same(first, effects.EndedFirst);
    }
}
