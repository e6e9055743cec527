using CsCheck;
using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Tests;

/// <summary>Closes and opens that nobody waits for, docs/posted-calls.md.</summary>
public sealed class PostedCallTests
{
    private const uint User = 1000;

    private readonly TestSystem system = new();
    private readonly TestClient client;
    private readonly PostingClient posting;

    public PostedCallTests()
    {
        client = system.NewClient(1);
        posting = new PostingClient(system, client);
        client.MakeDirectory("/d", 0x1ED);
        client.WriteText("/d/file", "text");
        Assert.Equal(0, posting.Begin());
        client.Stat("/d/file", out _);
    }

    [Fact]
    public void A_posted_open_is_there_for_the_next_request_and_a_posted_close_for_that_of_anybody()
    {
        TestClient other = system.NewClient(2, 1);
        int before = client.Handles;
        long handle = posting.Open("/d/file");
        Assert.Equal(1, posting.Count);
        Assert.Equal(4, client.Read(handle, 10, out byte[] data));
        Assert.Equal(TestClient.Bytes("text"), data);
        Assert.Equal(0, client.Unlink("/d/file"));
        posting.Close(handle);
        Assert.Equal(Errno.EBUSY, system.Root.CheckUnnamed()); // open, and without a name
        other.Stat("/", out _);
        Assert.Equal(Errno.None, system.Root.CheckUnnamed());
        Assert.Equal(before, client.Handles);
    }

    [Fact]
    public void What_was_posted_comes_before_a_change_and_what_is_shown_afterwards_is_new()
    {
        long handle = posting.Open("/d/file");
        ulong turn = posting.Turn;
        Assert.Equal(0ul, turn & 1);
        TestClient other = system.NewClient(2, 1);
        Assert.Equal(0, other.Unlink("/d/file"));
        Assert.NotEqual(turn, posting.Turn);
        Assert.Equal(4, client.Read(handle, 10, out _));
        Assert.Equal(-(long)Errno.ENOENT, posting.Open("/d/file"));
    }

    [Fact]
    public void A_child_has_what_its_parent_has_posted_and_no_block()
    {
        long handle = posting.Open("/d/file");
        system.Posted.BeginTurn(); // as for each message of the process server
        TestClient child = system.NewClient(2, 1);
        system.Posted.EndTurn();
        Assert.Equal(4, child.Read(handle, 10, out _));
        Assert.Equal(0, child.Close(handle));
        Assert.Equal(handle, child.Open("/d/file")); // an ordinary number there
        Assert.Equal(0, client.Read(handle, 10, out _)); // and the same description here
    }

    [Fact]
    public void Lent_handles_are_counted_are_not_given_to_others_and_are_told_again()
    {
        int before = client.Handles;
        Assert.Equal(PostedLayout.LentHandles, before);
        var opened = new List<long>();
        for (int count = 0; count < 100; count++)
            opened.Add(client.Open("/d/file"));
        Assert.DoesNotContain(opened, handle => (uint)((uint)handle - posting.First) < PostedLayout.LentHandles);
        long posted = posting.Open("/d/file");
        Assert.Equal(posting.First, (uint)posted);
        Assert.Equal(0, client.Call(VfsOperation.LendHandles));
        Assert.Equal(posting.First, (uint)client.Last.V0);
        Assert.Equal(uint.MaxValue - 1, (uint)client.Last.V1);
        opened.ForEach(handle => Assert.Equal(0, client.Close(handle)));
        Assert.Equal(0, client.Close(posted)); // by message: it stays lent
        Assert.Equal(before, client.Handles);
    }

    [Fact]
    public void While_somebody_waits_for_a_lock_nothing_is_posted()
    {
        TestClient other = system.NewClient(2, 1);
        const ulong exclusive = 2;
        long handle = posting.Open("/d/file"), own = other.Open("/d/file");
        Assert.Equal(0, client.Call(VfsOperation.Lock, a0: (ulong)handle, a1: exclusive));
        Assert.Equal(1u, client.Channel.Rings.ReadUInt32(PostedLayout.Minded));
        (ulong waiting, _) = other.Background(VfsOperation.Lock, default, 0, (ulong)own, exclusive);
        Assert.False(other.TryFinish(waiting, out _));
        Assert.Equal(0u, client.Channel.Rings.ReadUInt32(PostedLayout.Minded));
        Assert.Equal(0, client.Call(VfsOperation.LendHandles));
        Assert.Equal(0u, client.Channel.Rings.ReadUInt32(PostedLayout.Minded));
        Assert.Equal(0, posting.Close(handle));
        Assert.True(other.TryFinish(waiting, out long result));
        Assert.Equal(0, result);
        Assert.Equal(0, client.Call(VfsOperation.LendHandles));
        Assert.Equal(1u, client.Channel.Rings.ReadUInt32(PostedLayout.Minded));
    }

    [Fact]
    public void A_lock_that_a_posted_close_gives_up_wakes_who_begins_to_wait_for_it()
    {
        TestClient other = system.NewClient(2, 1);
        const ulong exclusive = 2;
        long handle = posting.Open("/d/file"), own = other.Open("/d/file");
        Assert.Equal(0, client.Call(VfsOperation.Lock, a0: (ulong)handle, a1: exclusive));
        posting.Close(handle);
        Assert.Equal(0, other.Call(VfsOperation.Lock, a0: (ulong)own, a1: exclusive));
    }

    [Fact]
    public void More_rings_than_are_minded_push_out_others_which_are_told()
    {
        posting.Close(posting.Open("/d/file"));
        for (uint pid = 2; pid < 40; pid++)
        {
            TestClient other = system.NewClient(pid, 1);
            for (int count = 0; count < 4; count++)
                other.Close(other.Open("/d/file"));
            Assert.Equal(1u, other.Channel.Rings.ReadUInt32(PostedLayout.Minded));
        }

        Assert.Equal(16, system.Posted.Minded);
        Assert.Equal(0u, client.Channel.Rings.ReadUInt32(PostedLayout.Minded));
        Assert.Equal(PostedLayout.LentHandles, client.Handles);

        // What is posted too late for that is served when it is asked for.
        long handle = client.Open("/d/file");
        posting.Post(PostedLayout.Close, (uint)handle);
        client.Stat("/", out _);
        Assert.Equal(PostedLayout.LentHandles + 1, client.Handles);
        Assert.Equal(0, client.Call(VfsOperation.ServePosted));
        Assert.Equal(PostedLayout.LentHandles, client.Handles);
    }

    // Whatever a program claims: it has opened what open(2) would have opened, or nothing.
    [Theory]
    [InlineData("private file")]
    [InlineData("wrong generation")]
    [InlineData("removed record")]
    [InlineData("handle in use")]
    [InlineData("handle not lent")]
    [InlineData("handle beyond all")]
    [InlineData("slot of others")]
    [InlineData("device")]
    [InlineData("no directory")]
    [InlineData("other root")]
    public void Nothing_is_gained_by_lies(string lie)
    {
        client.WriteText("/d/private", "secret");
        client.ChangeMode("/d/private", 0x180);
        client.MakeNode("/d/device", InodeMode.Character | 0x1B6, 0x103);
        foreach (string name in (string[])["private", "device", "file"])
            client.Stat("/d/" + name, out _);
        ulong file = new PublishedTruth(system).Reference("/d/file")!.Value;
        long used = client.Open("/d/file");
        Assert.Equal(0, system.Registry.SetCredentials(1, new Credentials(User, User, User, User, [])));
        uint handle = posting.First;
        uint wanted = handle;
        uint slot = 1, flags = 0;
        switch (lie)
        {
            case "private file": file = new PublishedTruth(system).Reference("/d/private")!.Value; break;
            case "wrong generation": file += 1ul << 32; break;
            case "removed record": Assert.Equal(0, system.NewClient(9).Unlink("/d/file")); break;
            case "handle in use": wanted = (uint)used; break;
            case "handle not lent": wanted = posting.First + PostedLayout.LentHandles; break;
            case "handle beyond all": wanted = 0xFFFF; break;
            case "slot of others": slot = 7; break;
            case "device": file = new PublishedTruth(system).Reference("/d/device")!.Value; break;
            case "no directory": flags = OpenFlags.Directory; break;
            default:
                Assert.Equal(0, system.Registry.SetCredentials(1, Credentials.Root));
                Assert.Equal(0, client.Call(VfsOperation.ChangeRoot, "/d"u8));
                break;
        }

        new PostingClient(system, client, slot).Post(PostedLayout.Open, wanted, flags, file);
        Assert.Equal(0, client.Call(VfsOperation.ServePosted));
        HandleTable handles = system.Registry.Processes[1].Handles;
        Assert.Null(handles.Find(handle));
        Assert.True(wanted == (uint)used || handles.Find(wanted) == null);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(40)]
    [InlineData(300)]
    public void A_copy_of_a_table_has_room_for_what_is_open_and_lends_as_any(int opened)
    {
        TestClient other = system.NewClient(2, 1);
        HandleTable table = other.Connection.Slots[1].Handles;
        long[] handles = [.. Enumerable.Range(0, opened).Select(_ => other.Open("/d/file"))];
        foreach (long closed in handles[5..])
            other.Call(VfsOperation.Close, a0: (ulong)closed);

        HandleTable copy = table.Copy();
        Assert.Equal(table.Count, copy.Count);
        Assert.All(handles[..5], handle => Assert.Same(table.Find((ulong)handle), copy.Find((ulong)handle)));
        Assert.InRange(copy.End, 5, 2 * PostedLayout.LentHandles);
        Assert.Equal(Errno.None, copy.Lend());
        Assert.True(copy.IsLentAndFree((ulong)copy.FirstLent));
        OpenFile file = copy.Find((ulong)handles[0])!;
        for (int more = 0; more < 100; more++)
        {
            file.AddReference();
            Assert.InRange(copy.Add(file), 0, HandleTable.Limit);
        }

        copy.Release();
    }

    [Fact]
    public void Noise_in_the_ring_harms_nobody()
    {
        TestClient other = system.NewClient(2, 1);
        long kept = other.Open("/d/file");
        Gen.Select(Gen.ULong, Gen.ULong, Gen.UInt[0, 5]).Array[1, 100].Sample(
            noise =>
            {
                foreach ((ulong first, ulong second, uint kind) in noise)
                {
                    uint tail = client.Channel.Rings.ReadUInt32(PostedLayout.Tail);
                    client.Channel.Rings.WriteUInt64(PostedLayout.EntryAt(tail), kind == 0 ? first : first & 0x00F3_003F_0000_0001 | 1);
                    client.Channel.Rings.WriteUInt64(PostedLayout.EntryAt(tail) + 8, second);
                    client.Channel.Rings.WriteUInt32(PostedLayout.Tail, tail + 1);
                    if (kind < 2)
                        client.Stat("/d", out _);
                }

                client.Stat("/d", out _);
                return other.Read(kept, 1, out _, 0) == 1 && client.Handles <= PostedLayout.LentHandles;
            },
            iter: 200, threads: 1);
        client.Channel.Rings.WriteUInt32(PostedLayout.Tail, 0x8000_0000);
        Assert.Equal(1, other.Read(kept, 1, out _, 0));
        Assert.Null(client.Connection.Posted);
        Assert.True(client.Open("/d/file") >= 0);
    }

    // The same operations with and without posting, by two processes: all answers and the end are the same.
    [Fact]
    public void Posted_or_not_everything_ends_the_same()
    {
        Gen.Select(Gen.Int[0, 8], Gen.Int[0, 3], Gen.Int[0, 1]).Array[1, 60].Sample(
            steps =>
            {
                (string expected, string found) = (Play(steps, isPosting: false), Play(steps, isPosting: true));
                Assert.True(expected == found, $"{expected}\n{found}\n{string.Join(' ', steps)}");
            },
            iter: 300, threads: 1);
    }

    private static string Play((int Operation, int Name, int Who)[] steps, bool isPosting)
    {
        var tree = new TestSystem();
        TestClient first = tree.NewClient(1);
        first.MakeDirectory("/d", 0x1ED);
        for (int name = 0; name < 4; name++)
            first.WriteText(Path(name), name + " text");
        TestClient[] clients = [first, tree.NewClient(2, 1)];
        PostingClient[] posting = [new(tree, clients[0]), new(tree, clients[1])];
        if (isPosting)
            Array.ForEach(posting, client => Assert.Equal(0, client.Begin()));
        List<long>[] open = [[], []];
        var told = new System.Text.StringBuilder();
        foreach ((int operation, int name, int who) in steps)
        {
            TestClient client = clients[who];
            List<long> handles = open[who];
            long result = 0;
            switch (operation)
            {
                case 0 or 1:
                    long handle = posting[who].Open(Path(name));
                    result = handle < 0 ? handle : 0;
                    if (handle >= 0)
                        handles.Add(handle);
                    break;
                case 2 when handles.Count > 0:
                    result = posting[who].Close(handles[0]);
                    handles.RemoveAt(0);
                    break;
                case 3 when handles.Count > 0:
                    result = client.Read(handles[^1], 20, out byte[] data);
                    told.Append(System.Text.Encoding.UTF8.GetString(data));
                    break;
                case 4:
                    result = client.Unlink(Path(name));
                    break;
                case 5:
                    result = client.Rename(Path(name), Path(name ^ 1));
                    break;
                case 6:
                    result = client.ChangeMode(Path(name), name % 2 == 0 ? 0x1A4u : 0);
                    break;
                case 7:
                    result = client.Stat(Path(name), out TestStat stat);
                    told.Append(result == 0 ? stat.Links : 0u);
                    break;
                case 8:
                    client.WriteText(Path(name), "more");
                    break;
            }

            told.Append(result).Append(';');
        }

        Array.ForEach(clients, client => client.Stat("/", out _));
        told.Append(tree.Root.CheckUnnamed());
        foreach (TestClient client in clients)
        {
            HandleTable table = client.Connection.Slots[1].Handles;
            told.Append(' ').Append(table.Count - System.Numerics.BitOperations.PopCount(table.FreeLent));
        }

        return told.ToString();
    }

    private static string Path(int name) => "/d/" + name;
}
