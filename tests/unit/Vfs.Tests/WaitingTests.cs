using Libsys.Messages;
using Servers.DiskVfs.Disk;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Tests;

/// <summary>Requests that wait in a file system: nothing has happened, nothing is held, and they come to an end.</summary>
public sealed class WaitingTests
{
    private readonly TestSystem system = new(RootKind.Disk, seed: 7);
    private readonly TestClient client;

    public WaitingTests()
    {
        client = system.NewClient(1);
        system.Drive!.FailChance = 0;
    }

    private SlowDisk Drive => system.Drive!;

    private DiskFileSystem Disk => system.Disk!;

    [Fact]
    public void The_answer_that_waits_is_no_error_number_and_goes_up_as_one()
    {
        Assert.Equal(Outcome.Waiting, Outcome.Of(Errno.Wait));
        Assert.True((long)Errno.Wait > 4095);
        Assert.DoesNotContain(Errno.Wait, Enum.GetValues<Errno>());
    }

    [Fact]
    public void Everything_waits_and_is_forgotten_and_still_comes_out_right()
    {
        Drive.WaitChance = 0.5;
        for (int index = 0; index < 20; index++)
        {
            Assert.Equal(0, client.MakeDirectory("/d" + index));
            client.WriteText($"/d{index}/file", "text " + index);
        }

        for (int index = 0; index < 20; index++)
            Assert.Equal("text " + index, client.ReadText($"/d{index}/file"));
        Assert.True(Drive.Waits > 200, "waits: " + Drive.Waits);
        Assert.True(Disk.Names.Evictions > 20 && Disk.Inodes.Evictions > 20, $"evictions: {Disk.Names.Evictions}, {Disk.Inodes.Evictions}");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Cancelling_at_any_wait_answers_EINTR_and_nothing_has_happened(int seed)
    {
        var random = new Random(seed);
        Prepare();
        Drive.WaitChance = 0.5;
        int cancelled = 0;
        for (int count = 0; count < 3000; count++)
        {
            (ulong image, int handles) before = (system.Image.Fingerprint(), client.Handles);
            ulong tag = StartAny(client, random);
            for (int steps = random.Next(6); steps > 0 && !client.HasAnswer(tag) && Drive.Step(); steps--)
                client.RunReady();
            bool waits = !client.HasAnswer(tag);
            if (waits)
                client.Submit(VfsOperation.Cancel, tag);
            long result = client.TakeAnswer(tag);
            if (waits)
            {
                Assert.Equal(-(long)Errno.EINTR, result);
                Assert.Equal(before, (system.Image.Fingerprint(), client.Handles));
                cancelled++;
            }

            CloseAbove(client, keep: 2);
        }

        client.Settle();
        Assert.True(cancelled > 500, "cancelled: " + cancelled);
        Assert.True(Drive.Abandoned > 50);
        AssertNothingIsHeld();
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void A_client_that_goes_while_its_requests_wait_leaves_nothing_behind(int seed)
    {
        var random = new Random(seed);
        Prepare();
        Drive.WaitChance = 0.5;
        int left = 0;
        for (uint pid = 100; pid < 400; pid++)
        {
            TestClient other = system.NewClient(pid, parent: 1);
            for (int count = random.Next(1, 5); count > 0; count--)
                StartAny(other, random);
            for (int steps = random.Next(8); steps > 0 && Drive.Step(); steps--)
                other.RunReady();
            left += other.Connection.Waiting.Count;
            Assert.NotNull(system.Registry.Detach(other.Connection.Id));
            Assert.Empty(other.Connection.Waiting);
            Assert.Equal(0, other.Connection.WaitNodes);
        }

        client.Settle();
        Assert.True(left > 100, "left: " + left);
        AssertNothingIsHeld();
    }

    [Fact]
    public void Many_clients_at_once_all_come_to_an_end_in_caches_that_hold_less_than_one_path()
    {
        const int clients = 12;
        string path = "";
        for (int depth = 0; depth < 10; depth++)
        {
            path += "/deep" + depth;
            Assert.Equal(0, client.MakeDirectory(path));
        }

        var others = new List<(TestClient Client, ulong Tag)>();
        for (uint pid = 2; pid < 2 + clients; pid++)
        {
            string own = $"{path}/own{pid}";
            client.WriteText(own, own);
            TestClient other = system.NewClient(pid, parent: 1);
            others.Add((other, other.Submit(VfsOperation.Open, VfsLimits.WorkingDirectory, 0, payload: TestClient.Bytes(own))));
        }

        int steps = 0;
        while (others.Exists(static other => !other.Client.HasAnswer(other.Tag)))
        {
            Assert.True(++steps < 20_000, "no progress");
            client.RunReady();
            Drive.Step();
        }

        foreach ((TestClient other, ulong tag) in others)
            Assert.True(other.TakeAnswer(tag) >= 0);
    }

    [Fact]
    public void A_request_that_waits_means_the_description_that_it_named()
    {
        client.WriteText("/first", "first");
        client.WriteText("/second", "second");
        Drive.WaitChance = 1;
        long handle = client.Open("/first");
        ulong tag = client.Submit(VfsOperation.Read, (ulong)handle, ulong.MaxValue, length: 100);
        Assert.False(client.HasAnswer(tag));
        Assert.Equal(0, client.CallBeside(VfsOperation.Close, (ulong)handle));
        Drive.WaitChance = 0;
        Assert.Equal(handle, client.CallBeside(VfsOperation.Open, VfsLimits.WorkingDirectory, 0, TestClient.Bytes("/second")));
        client.Settle();
        Assert.Equal("first".Length, client.TakeAnswer(tag));
        client.Close(handle);
        AssertNothingIsHeld();
    }

    [Fact]
    public void While_a_name_is_in_use_there_is_one_object_for_it()
    {
        client.MakeDirectory("/a");
        client.MakeDirectory("/a/b");
        client.WriteText("/a/b/file", "x");
        long handle = client.Open("/a/b/file");
        OpenFile file = client.Connection.Slots[1].Handles.Find((ulong)handle)!;
        Churn();
        long again = client.Open("/a/b/file");
        OpenFile other = client.Connection.Slots[1].Handles.Find((ulong)again)!;
        Assert.Same(file.Location.Dentry, other.Location.Dentry);
        Assert.Same(file.Inode, other.Inode);

        // Moved and removed, it still is.
        Assert.Equal(0, client.Rename("/a/b", "/a/c"));
        Churn();
        client.Connection.Slots[1].Handles.Find((ulong)client.Open("/a/c/file"));
        Assert.Equal("/a/c/file", System.Text.Encoding.UTF8.GetString(PathText.Of(file.Location, client.Connection.Slots[1].Context.Root)));
        Assert.Equal(0, client.Unlink("/a/c/file"));
        Churn();
        Assert.Equal(1, client.Read(again, 10, out _));
        CloseAbove(client, keep: 0);
        Assert.DoesNotContain(system.Image.Records.Values, static record => record.Links == 0);
        AssertNothingIsHeld();
    }

    [Fact]
    public void A_directory_that_was_removed_while_somebody_works_in_it_still_has_its_parent()
    {
        client.MakeDirectory("/a");
        client.MakeDirectory("/a/gone");
        Assert.Equal(0, client.ChangeDirectory("/a/gone"));
        Assert.Equal(0, client.RemoveDirectory("/a/gone"));
        Churn();
        Assert.Equal(0, client.Rename("/a", "/renamed"));
        Churn();
        Assert.Equal(0, client.ChangeDirectory(".."));
        Assert.Equal("/renamed", client.WorkingDirectory());
        client.ChangeDirectory("/");
        AssertNothingIsHeld();
    }

    [Fact]
    public void Access_times_are_not_lost_when_inodes_are_let_go()
    {
        client.WriteText("/file", "x");
        ulong number = Number("/file");
        long before = system.Image.Records[number].AccessTime;
        client.ReadText("/file");
        Churn();
        Assert.True(system.Image.Records[number].AccessTime > before);
    }

    [Fact]
    public void The_control_protocol_does_not_wait()
    {
        client.MakeDirectory("/dev");
        client.MakeNode("/dev/console", InodeMode.Character | 0x180, DeviceNumber.Make(1, 3));
        Churn();
        Drive.WaitChance = 1;
        TestClient first = system.NewClient(50);
        Assert.Equal(0, first.Handles); // what would have had to wait was not there
        Drive.WaitChance = 0;
        client.Stat("/dev/console", out _);
        Assert.Equal(3, system.NewClient(51).Handles);
    }

    [Fact]
    public void Who_says_that_it_waits_and_joins_no_queue_fails_and_is_counted()
    {
        var broken = new TestSystem();
        TestClient asking = broken.NewClient(1);
        broken.Devices.Add(77, 1, new BrokenDevice());
        asking.MakeNode("/broken", InodeMode.Character | 0x1B6, DeviceNumber.Make(77, 1));
        ulong tag = asking.Submit(VfsOperation.Open, VfsLimits.WorkingDirectory, 0, payload: "/broken"u8.ToArray());
        Assert.Equal(-(long)Errno.EIO, asking.TakeAnswer(tag));
        Assert.Equal(1, broken.Server.LostWaits);
    }

    [Fact]
    public void Who_waits_for_an_event_where_no_client_ends_that_fails_and_is_counted()
    {
        var broken = new TestSystem();
        TestClient asking = broken.NewClient(1);
        var place = new Location(broken.Mounts.Root, broken.Mounts.Root.Root);
        long handle = asking.Connection.Slots[1].Handles.Add(new ClosesOnAnEvent(place));
        Assert.Equal(-(long)Errno.EIO, asking.TakeAnswer(asking.Submit(VfsOperation.Close, (ulong)handle)));
        Assert.Equal(1, broken.Server.LostWaits);
    }

    [Fact]
    public void Without_a_free_handle_nothing_is_made_or_cut()
    {
        client.WriteText("/kept", "content");
        while (client.Call(VfsOperation.CreateEventCounter) >= 0)
        {
        }

        ulong image = system.Image.Fingerprint();
        Assert.Equal(-(long)Errno.EMFILE, client.Open("/new", OpenFlags.Create | OpenFlags.WriteOnly));
        Assert.Equal(-(long)Errno.EMFILE, client.Open("/kept", OpenFlags.Truncate | OpenFlags.WriteOnly));
        Assert.Equal(image, system.Image.Fingerprint());
    }

    [Fact]
    public void Set_id_bits_fall_in_the_same_step_as_the_write_or_the_cut()
    {
        TestClient user = system.NewClient(2, parent: 1);
        system.Registry.SetCredentials(2, new Credentials(1000, 1000, 1000, 1000, []));
        foreach (Action<TestClient> change in (Action<TestClient>[])[
            static who => who.Write(who.Open("/file", OpenFlags.WriteOnly), "x"u8),
            static who => who.Truncate(who.Open("/file", OpenFlags.WriteOnly), 3),
            static who => who.Open("/file", OpenFlags.WriteOnly | OpenFlags.Truncate)])
        {
            client.WriteText("/file", "content");
            client.ChangeMode("/file", 0xDFF); // 06777
            change(client);
            Assert.Equal(0xDFFu, ModeOf("/file"));
            change(user);
            Assert.Equal(0x1FFu, ModeOf("/file"));
        }
    }

    private static void CloseAbove(TestClient who, int keep)
    {
        for (int handle = keep; handle < who.Connection.Slots[1].Handles.End; handle++)
        {
            if (who.Connection.Slots[1].Handles.Find((ulong)handle) != null)
                Assert.Equal(0, who.Close(handle));
        }
    }

    private uint ModeOf(string path)
    {
        client.Stat(path, out TestStat stat);
        return stat.Mode & InodeMode.Permissions;
    }

    private ulong Number(string path)
    {
        client.Stat(path, out TestStat stat);
        return stat.Inode;
    }

    private void Prepare()
    {
        client.MakeDirectory("/a");
        client.MakeDirectory("/a/b");
        client.WriteText("/a/file", "some content");
        client.WriteText("/a/b/file", "other content");
        client.SymbolicLink("a/b", "/link");
        Assert.Equal(0, client.Open("/a/file", OpenFlags.ReadWrite));
        Assert.Equal(1, client.Open("/a/b", OpenFlags.Directory));
    }

    /// <summary>Looks at so much else that everything unused is forgotten.</summary>
    private void Churn()
    {
        for (int index = 0; index < 12; index++)
        {
            client.Stat("/churn" + index, out _);
            if (client.MakeDirectory("/other" + index) == 0)
                client.WriteText($"/other{index}/x", "x");
            client.ReadText($"/other{index}/x");
        }
    }

    /// <summary>One request of a kind that has an effect, with its own handles and directories relative to another.</summary>
    private static ulong StartAny(TestClient who, Random random)
    {
        string[] paths = ["a/file", "a/b/file", "a/b", "link/file", "a/new", "a/b/new", "link/made"];
        byte[] path = TestClient.Bytes("/" + paths[random.Next(paths.Length)]);
        byte[] two = [.. path, .. TestClient.Bytes("/" + paths[random.Next(paths.Length)])];
        const ulong current = VfsLimits.WorkingDirectory, directory = 1;
        uint[] flags = [0, OpenFlags.Create | OpenFlags.WriteOnly, OpenFlags.Truncate | OpenFlags.ReadWrite, OpenFlags.TemporaryFile | OpenFlags.ReadWrite];
        return random.Next(14) switch
        {
            0 or 1 => who.Submit(VfsOperation.Open, current, flags[random.Next(flags.Length)], 0x1A4, payload: path),
            2 => who.Submit(VfsOperation.MakeDirectory, current, 0x1ED, payload: path),
            3 => who.Submit(VfsOperation.Unlink, current, random.Next(2) == 0 ? 0 : AtFlags.RemoveDirectory, payload: path),
            4 => who.Submit(VfsOperation.Rename, current, current, 0, (ulong)path.Length, payload: two),
            5 => who.Submit(VfsOperation.Rename, current, current, 2, (ulong)path.Length, payload: two),
            6 => who.Submit(VfsOperation.Link, current, current, 0, (ulong)path.Length, payload: two),
            7 => who.Submit(VfsOperation.Write, 0, random.Next(2) == 0 ? ulong.MaxValue : 5000, payload: "bytes"u8.ToArray()),
            8 => who.Submit(VfsOperation.Truncate, 0, (ulong)random.Next(20), AtFlags.EmptyPath),
            9 => who.Submit(VfsOperation.ChangeMode, current, (ulong)random.Next(0x200), payload: path),
            10 => who.Submit(VfsOperation.ChangeOwner, current, (ulong)random.Next(3), payload: path),
            11 => who.Submit(VfsOperation.Open, directory, OpenFlags.Create | OpenFlags.ReadWrite, 0x1A4, payload: "new"u8.ToArray()),
            12 => who.Submit(VfsOperation.SymbolicLink, current, a3: 3, payload: [.. "a/b"u8, .. path]),
            _ => who.Submit(VfsOperation.Read, 0, 0, length: 100),
        };
    }

    // The working directory and root of each process, and the mount, hold the root's dentry; nothing else may live without being cached.
    private void AssertNothingIsHeld()
    {
        CloseAbove(client, keep: 0);
        client.Settle();
        Assert.Equal(0, Drive.Pending);
        Disk.Names.Clear();
        Assert.Equal(0, Disk.Names.Count);
        Assert.Equal(1, Disk.Names.Living);
        Assert.All(Disk.Inodes.All, inode => Assert.True(ReferenceEquals(inode, Disk.Root.Inode) || !inode.IsPinned));
        Assert.DoesNotContain(system.Image.Records.Values, static record => record.Links == 0);
    }

    private sealed class ClosesOnAnEvent(Location location) : OpenFile(location, 0)
    {
        private readonly WaitQueue queue = new();

        public override Errno Flush(OperationContext context)
        {
            ((FileRequest)context).WaitIn(queue);
            return Errno.Wait;
        }
    }

    private sealed class BrokenDevice : Devices.IDevice
    {
        public Errno Open(in OpenRequest request, out OpenFile? file)
        {
            file = null;
            return Errno.Wait;
        }
    }
}
