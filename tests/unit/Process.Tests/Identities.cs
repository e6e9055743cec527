using CsCheck;
using Libsys.Messages;
using Servers.Processes.Tree;

namespace Servers.Processes.Tests;

public sealed class Identities
{
    private readonly ProcessTree tree = new(new RecordedEffects(), 100);
    private readonly Process first;

    public Identities() => first = tree.CreateFirst(0);

    private Process Fork(Process parent) => tree.CreateChild(parent, isSibling: false, Signals.SIGCHLD, 0)!;

    [Fact]
    public void No_sequence_of_changes_gives_an_unprivileged_process_an_id_it_did_not_have()
    {
        var ids = Gen.OneOfConst(0u, 1u, 1000u, 1001u, 1002u, uint.MaxValue);
        Gen.Select(Gen.Enum<CredentialChange>(), ids, ids, ids).Array[0, 20].Sample(changes =>
        {
            var credentials = new Credentials(1000, 1001, 1002, 1001, 1000, 1001, 1002, 1001, []);
            foreach ((CredentialChange change, uint a, uint b, uint c) in changes)
            {
                Credentials before = credentials;
                long result = credentials.Change(change, a, b, c, out Credentials after);
                if (result < 0)
                    Assert.Equal(before, after);
                credentials = after;
                uint[] held = [credentials.Uid, credentials.Euid, credentials.Suid, credentials.Fsuid, credentials.Gid, credentials.Egid, credentials.Sgid,
                    credentials.Fsgid];
                Assert.All(held, id => Assert.InRange(id, 1000u, 1002u));
            }
        });
    }

    [Fact]
    public void Dropping_the_superuser_for_good_cannot_be_undone()
    {
        Assert.Equal(0, Credentials.Root.Change(CredentialChange.SetUid, 1000, 0, 0, out Credentials user));
        Assert.Equal(-Errno.EPERM, user.Change(CredentialChange.SetUid, 0, 0, 0, out _));
        Assert.Equal(-Errno.EPERM, user.Change(CredentialChange.SetResuid, 0, 0, 0, out _));
    }

    [Fact]
    public void A_temporarily_dropped_superuser_comes_back_through_the_saved_id()
    {
        Assert.Equal(0, Credentials.Root.Change(CredentialChange.SetResuid, uint.MaxValue, 1000, uint.MaxValue, out Credentials dropped));
        Assert.False(dropped.IsPrivileged);
        Assert.Equal(0, dropped.Change(CredentialChange.SetResuid, uint.MaxValue, 0, uint.MaxValue, out Credentials back));
        Assert.True(back.IsPrivileged);
    }

    [Fact]
    public void A_group_leader_cannot_start_a_session()
    {
        Process child = Fork(first);
        Assert.Equal(child.Pid, tree.SetSession(child));
        Assert.Equal(-Errno.EPERM, tree.SetSession(child));
    }

    [Fact]
    public void A_child_that_has_executed_is_left_in_its_group()
    {
        Process child = Fork(first);
        child.HasExecuted = true;
        Assert.Equal(-Errno.EACCES, tree.SetGroup(first, child.Pid, 0));
        Assert.Equal(0, tree.SetGroup(child, 0, 0));
        Assert.Equal(child.Pid, child.Group);
    }

    [Fact]
    public void Nobody_joins_a_group_of_another_session()
    {
        Process other = Fork(first), child = Fork(first);
        tree.SetSession(other);
        Assert.Equal(-Errno.EPERM, tree.SetGroup(child, 0, other.Pid));
        Assert.Equal(-Errno.EPERM, tree.SetGroup(first, other.Pid, 0));
    }

    [Fact]
    public void Ids_are_not_reused_while_a_process_thread_group_or_session_has_them()
    {
        Process leader = Fork(first);
        tree.SetSession(leader);
        Process member = Fork(leader);
        tree.End(leader, 0);
        var caller = new RecordedCaller();
        tree.Wait(first, new WaitRequest(leader.Pid, 1, WaitOptions.WEXITED, 0, caller));
        Assert.Null(tree.Find(leader.Pid));
        long threads = tree.AllocateThreadIds(member, 64);
        for (int round = 0; round < 70_000; round++)
        {
            Process child = Fork(first);
            Assert.NotEqual(leader.Pid, child.Pid);
            Assert.False(child.Pid >= threads && child.Pid < threads + 64);
            tree.Withdraw(child);
        }
    }

    [Fact]
    public void A_process_cannot_use_up_the_thread_ids()
    {
        long result = 0;
        for (int count = 0; count < 1000 && result >= 0; count++)
            result = tree.AllocateThreadIds(first, 64);
        Assert.Equal(-Errno.EAGAIN, result);
        Assert.NotNull(tree.CreateChild(first, isSibling: false, Signals.SIGCHLD, 0));
    }

    [Fact]
    public void There_is_a_most_number_of_processes()
    {
        for (int count = 1; count < 100; count++)
            Assert.NotNull(tree.CreateChild(first, isSibling: false, Signals.SIGCHLD, 0));
        Assert.Null(tree.CreateChild(first, isSibling: false, Signals.SIGCHLD, 0));
    }
}
