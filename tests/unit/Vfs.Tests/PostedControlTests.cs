using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Processes;
using Servers.Vfs.Requests;

namespace Servers.Vfs.Tests;

/// <summary>What the process server does not wait for, docs/posted-control.md.</summary>
public sealed class PostedControlTests
{
    private const uint ChildSlot = 2;

    private readonly TestSystem system = new();
    private readonly TestClient client;
    private readonly MappedMemory page = MappedMemory.Allocate((int)ControlLayout.Length);
    private Func<uint> state;
    private uint tail;

    public PostedControlTests()
    {
        client = system.NewClient(1);
        client.MakeDirectory("/d", 0x1ED);
        client.WriteText("/d/file", "text");
        state = () => (system.Server.HasWaiting ? 0 : ControlLayout.Quiet) | (system.Registry.IsRoomy ? ControlLayout.Roomy : 0);
        system.Posted.Control = new PostedControl(
            page, new ProcessCalls(system.Registry, space => system.Posted.Forget((ClientConnection)space)), () => state());
        client.Stat("/", out _);
    }

    private uint State => page.ReadUInt32(ControlLayout.State);

    [Fact]
    public void A_vfork_child_is_known_to_its_first_request_and_has_what_its_parent_has_left_open()
    {
        var posting = new PostingClient(system, client);
        Assert.Equal(0, posting.Begin());
        client.Stat("/d/file", out _);
        long closed = posting.Open("/d/file"), open = client.Open("/d/file");
        posting.Close(closed);
        Assert.Equal(2, posting.Count);
        Post(VfsControlOperation.AttachSlot, client.Connection.Id, ChildSlot, 2, 1);
        var child = new TestClient(system, client.Connection, client.Channel, ChildSlot);
        Assert.Equal(-(long)Errno.EBADF, child.Read(closed, 1, out _));
        Assert.Equal(4, child.Read(open, 10, out _));
        Assert.Equal(tail, page.ReadUInt32(ControlLayout.Head));
        Post(VfsControlOperation.DetachSlot, client.Connection.Id, ChildSlot);
        client.Stat("/", out _);
        Assert.Null(client.Connection.Slots.Find(ChildSlot));
        Assert.False(system.Registry.Processes.ContainsKey(2));
    }

    [Fact]
    public void Whoever_asks_next_finds_that_a_process_has_ended()
    {
        TestClient other = system.NewClient(2, 1);
        Assert.True(other.Open("/d/file") >= 0);
        client.Unlink("/d/file");
        Post(VfsControlOperation.Detach, other.Connection.Id);
        Assert.Equal(Errno.EBUSY, system.Root.CheckUnnamed()); // open, and without a name
        client.Stat("/", out _);
        Assert.Equal(Errno.None, system.Root.CheckUnnamed());
        Assert.False(system.Registry.Processes.ContainsKey(2));
    }

    [Fact]
    public void An_exec_closes_the_handles_that_are_named_and_those_of_its_process_alone()
    {
        TestClient old = system.NewClient(2, 1), next = system.NewClient(2);
        long kept = next.Open("/d/file"), closed = next.Open("/d/file"), others = client.Open("/d/file");
        // More than there is room for; handles that are none, or somebody else's number.
        Post((VfsControlOperation)((ulong)VfsControlOperation.Succeed | 99ul << 32), next.Connection.Id, 1, old.Connection.Id, SucceedArguments.WholeSpace,
            (ulong)closed | 0xFFFF_FFFFul << 32, ulong.MaxValue, 0x7FFF_0000_7FFFul);
        Assert.Equal(4, next.Read(kept, 10, out _));
        Assert.Equal(-(long)Errno.EBADF, next.Read(closed, 1, out _));
        Assert.Equal(4, client.Read(others, 10, out _));
        Assert.False(system.Registry.Connections.ContainsKey(old.Connection.Id));
        Assert.True(system.Registry.Processes.ContainsKey(2));
    }

    [Fact]
    public void Nothing_is_quiet_while_somebody_waits_and_who_begins_to_wait_finds_what_was_posted_before()
    {
        TestClient other = system.NewClient(2, 1);
        (long read, long write) = client.Pipe();
        Assert.Equal(ControlLayout.Quiet | ControlLayout.Roomy, State);
        (ulong waiting, _) = client.Background(VfsOperation.Read, default, 1, (ulong)read, ulong.MaxValue);
        Assert.False(client.TryFinish(waiting, out _));
        Assert.Equal(ControlLayout.Roomy, State);
        Assert.Equal(1, client.Write(write, "x"u8));
        client.RunReady();
        Assert.True(client.TryFinish(waiting, out _));
        Assert.Equal(ControlLayout.Quiet | ControlLayout.Roomy, State);

        // The writer's end arrives while a read begins to wait: behind the look at its beginning, before the word is taken back.
        Assert.Equal(0, system.Registry.AttachSlot(client.Connection.Id, ChildSlot, 3, 1, 0));
        Assert.Equal(0, client.Close(write));
        Func<uint> holds = state;
        state = () =>
        {
            if (system.Server.HasWaiting && tail == 0)
                Post(VfsControlOperation.DetachSlot, client.Connection.Id, ChildSlot);
            return holds();
        };
        (waiting, _) = client.Background(VfsOperation.Read, default, 1, (ulong)read, ulong.MaxValue);
        client.RunReady();
        Assert.True(client.TryFinish(waiting, out long result));
        Assert.Equal(0, result);
        Assert.NotNull(other);
    }

    [Fact]
    public void Nonsense_changes_nothing()
    {
        Post((VfsControlOperation)77, 1, 2, 3);
        Post(VfsControlOperation.SetCredentials, 1, 0, 0); // not one that is posted
        Post(VfsControlOperation.Detach, 99);
        Post(VfsControlOperation.AttachSlot, 99, 1, 2, 1);
        Assert.Equal(0, client.Stat("/d/file", out _));
        Assert.Single(system.Registry.Processes);
        page.WriteUInt32(ControlLayout.Tail, tail + ControlLayout.Entries + 1);
        Assert.Equal(0, client.Stat("/d/file", out _));
        Assert.Single(system.Registry.Processes);
    }

    private void Post(VfsControlOperation operation, params ulong[] words)
    {
        uint entry = ControlLayout.EntryAt(tail);
        for (int index = 0; index < ControlLayout.EntryWords; index++)
        {
            ulong word = index == 0 ? (ulong)operation : index <= words.Length ? words[index - 1] : 0;
            page.WriteUInt64(entry + (uint)index * sizeof(ulong), word);
        }

        page.WriteUInt32(ControlLayout.Tail, ++tail);
    }
}
