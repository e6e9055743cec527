using CsCheck;
using Libsys.Abi;
using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Tests;

/// <summary>Writes that nobody waits for, docs/posted-calls.md.</summary>
public sealed class PostedWriteTests
{
    private const int Writes = 4;
    private const uint ReadWrite = OpenFlags.ReadWrite | OpenFlags.Create;

    private readonly TestSystem system = new();
    private readonly TestClient client;
    private readonly PostingClient posting;

    public PostedWriteTests()
    {
        client = system.NewClient(1);
        posting = new PostingClient(system, client);
        Assert.Equal(0, posting.Begin());
    }

    [Theory]
    [InlineData(OpenFlags.ReadWrite)]
    [InlineData(OpenFlags.WriteOnly)]
    [InlineData(OpenFlags.WriteOnly | OpenFlags.Append)]
    public void What_was_posted_is_there_for_whoever_asks_and_goes_on(uint mode)
    {
        long handle = client.Open("/f", mode | OpenFlags.Create);
        TestClient other = system.NewClient(2, 1);
        Assert.Equal(0u, posting.Left(handle)); // the child has the description too
        Assert.Equal(0, other.Close(handle));
        handle = client.Open("/g", mode | OpenFlags.Create);
        Assert.Equal((uint)Writes, posting.Left(handle));
        string expected = "";
        for (int count = 0; count < 20; count++)
        {
            string text = count + " lines\n";
            expected += text;
            Assert.Equal(text.Length, posting.Write(handle, TestClient.Bytes(text)));
            Assert.Equal(0, other.Stat("/g", out TestStat stat)); // which takes the permit away
            Assert.Equal(expected.Length, stat.Size);
        }

        int posted = posting.Count;
        for (int count = 0; count < 20; count++)
        {
            expected += "line\n";
            Assert.Equal(5, posting.Write(handle, "line\n"u8));
        }

        Assert.InRange(posting.Count - posted, 15, 16); // each fifth one is asked for
        Assert.Equal(expected, other.ReadText("/g"));
    }

    [Fact]
    public void Whoever_sees_a_file_without_asking_ends_the_permit()
    {
        // In a slot, and by a mapping.
        Assert.Equal(0, client.Call(VfsOperation.MapFileArea, a0: Window.FileArea));
        long handle = client.Open("/f", ReadWrite);
        Assert.Equal(1, posting.Write(handle, "1"u8));
        for (int count = 0; count < 6; count++)
            Assert.Equal(1, client.Read(handle, 10, out _, 0));
        Assert.Equal(0u, posting.Left(handle));
        Assert.Equal(1, client.Write(handle, "2"u8));
        Assert.Equal(0u, posting.Left(handle));
        long mapped = client.Open("/m", ReadWrite);
        Assert.NotEqual(0u, posting.Left(mapped));
        Assert.Equal(0, client.Call(VfsOperation.Map, a0: (ulong)mapped, a2: 4096, a3: (ulong)(MapFlags.Read | MapFlags.Shared), a4: 0x50000000));
        Assert.Equal(0u, posting.Left(mapped));
        Assert.Equal(1, client.Write(mapped, "2"u8));
        Assert.Equal(0u, posting.Left(mapped));
    }

    [Theory]
    [InlineData("limit")]
    [InlineData("nobody minds")]
    [InlineData("not for writing")]
    [InlineData("not empty")]
    [InlineData("second description")]
    public void Others_get_no_permit(string reason)
    {
        client.WriteText("/old", "text");
        long other = -1;
        switch (reason)
        {
            case "limit": Assert.Equal(0, system.Registry.SetFileSizeLimit(1, 100)); break;
            case "nobody minds": system.Posted.Forget(client.Connection); break;
            case "second description": other = client.Open("/f", ReadWrite); break;
        }

        long handle = reason == "not empty" ? client.Open("/old", ReadWrite)
            : client.Open("/f", reason == "not for writing" ? OpenFlags.ReadOnly | OpenFlags.Create : ReadWrite);
        Assert.True(handle >= 0);
        Assert.Equal(0u, posting.Left(handle));
        Assert.Equal(other < 0 ? 0u : Writes, posting.Left(other < 0 ? handle : other));
    }

    [Fact]
    public void A_limit_of_file_size_ends_the_permits_of_its_process()
    {
        long handle = client.Open("/f", ReadWrite);
        Assert.Equal(0, system.Registry.SetFileSizeLimit(1, 3));
        Assert.Equal(0u, posting.Left(handle));
        Assert.Equal(3, posting.Write(handle, "text"u8));
    }

    // A thread has taken a write from its permit, and comes late: others see the file meanwhile, or the handle is closed.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_has_begun_is_done_when_it_comes(bool isClosed)
    {
        long handle = client.Open("/f", ReadWrite);
        posting.TakePermit(handle);
        if (isClosed)
            Assert.Equal(0, posting.Close(handle));
        client.Stat("/f", out _);
        Assert.Equal(0u, posting.Left(handle));
        Assert.True(posting.PostWrite(handle, "late"u8));
        Assert.True(posting.PostWrite(handle, "never permitted"u8));
        Assert.Equal("late", client.ReadText("/f"));
        Assert.Equal(0, client.Unlink("/f"));
        if (!isClosed)
            Assert.Equal(0, client.Close(handle));
        Assert.Equal(Errno.None, system.Root.CheckUnnamed());
        Assert.Equal(0, system.Root.Budget.Promised);
    }

    [Fact]
    public void What_was_promised_has_room_whoever_takes_the_rest_and_is_not_counted_before()
    {
        long first = client.Open("/f", ReadWrite), second = client.Open("/g", ReadWrite);
        Assert.Equal(0, system.Root.Budget.Used);
        Assert.Equal(Errno.None, system.Root.StatFs(new ImmediateContext(), out var usage));
        Assert.Equal(usage.Blocks, usage.FreeBlocks);
        system.Root.Budget.Limit = system.Root.Budget.Promised; // as if others had taken all
        system.Root.Cache.Kept.Limit = system.Root.Cache.Kept.Used + system.Root.Cache.Kept.Promised;
        system.Arena.Room = 0;
        system.Root.Cache.GiveBack(1000);
        Assert.Equal(-(long)Errno.ENOSPC, client.Write(client.Open("/h", ReadWrite), new byte[4096]));
        foreach (long handle in (long[])[first, second])
        {
            Assert.Equal(1, posting.Write(handle, "x"u8)); // so that each of those that follow is in two pages
            for (int count = 1; count < Writes; count++)
                Assert.Equal(4096, posting.Write(handle, new byte[4096]));
        }

        foreach (string name in (string[])["/f", "/g"])
        {
            client.Stat(name, out TestStat stat);
            Assert.Equal(1 + (Writes - 1) * 4096, stat.Size);
        }
    }

    [Fact]
    public void Times_are_those_of_the_calls_within_bounds()
    {
        long handle = client.Open("/f", ReadWrite);
        Inode inode = system.Registry.Processes[1].Handles.Find((ulong)handle)!.Inode;
        foreach ((long told, bool isTrue) in ((long, bool)[])[(2_000_000, true), (-1_000_000_000, false), (long.MaxValue / 2, false)])
        {
            long before = inode.ChangeTime, at = system.Clock.Wall + told;
            system.Clock.Advance(10_000_000);
            posting.TakePermit(handle);
            Assert.True(posting.PostWrite(handle, "y"u8, at));
            client.Stat("/", out _);
            Assert.Equal(inode.ModifyTime, inode.ChangeTime);
            Assert.InRange(inode.ModifyTime, before, system.Clock.Wall);
            if (isTrue)
                Assert.InRange(inode.ModifyTime, at - 1024, at);
        }
    }

    // The same operations with and without posting, by two programs: what they are told, and what the files are in the end, is the same.
    [Fact]
    public void Posted_or_not_everything_ends_the_same()
    {
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 1], Gen.Int[0, 1], Gen.Int[1, 5000]).Array[1, 60].Sample(
            steps =>
            {
                (string expected, string found) = (Play(steps, isPosting: false), Play(steps, isPosting: true));
                Assert.True(expected == found, $"{expected}\n{found}\n{string.Join(' ', steps)}");
            },
            iter: 300, threads: 1);
    }

    private static string Play((int Operation, int Name, int Who, int Length)[] steps, bool isPosting)
    {
        var tree = new TestSystem();
        TestClient[] clients = [tree.NewClient(1), tree.NewClient(2, 1)];
        PostingClient[] posting = [new(tree, clients[0]), new(tree, clients[1])];
        if (isPosting)
            Array.ForEach(posting, client => Assert.Equal(0, client.Begin()));
        List<long>[] open = [[], []];
        var told = new System.Text.StringBuilder();
        foreach ((int operation, int name, int who, int length) in steps)
        {
            (TestClient client, List<long> handles, string path) = (clients[who], open[who], "/" + name);
            long result = 0;
            switch (operation)
            {
                case 0 or 1:
                    uint flags = ReadWrite | (length % 3 == 0 ? OpenFlags.Truncate : 0) | (length % 5 == 0 ? OpenFlags.Append : 0);
                    handles.Add(client.Open(path, flags));
                    Assert.True(handles[^1] >= 0);
                    break;
                case 2 when handles.Count > 0:
                    result = posting[who].Close(handles[0]);
                    handles.RemoveAt(0);
                    break;
                case 3 or 4 or 5 when handles.Count > 0:
                    byte[] data = new byte[operation == 5 ? length : length % 100 + 1];
                    Array.Fill(data, (byte)length);
                    result = posting[who].Write(handles[^1], data);
                    break;
                case 6 when handles.Count > 0:
                    result = client.Seek(handles[^1], length, 0);
                    break;
                case 7 when handles.Count > 0:
                    result = client.Truncate(handles[^1], length);
                    break;
                case 8:
                    result = client.Unlink(path);
                    break;
                case 9:
                    result = client.Stat(path, out TestStat stat);
                    told.Append(result == 0 ? stat.Size : -1).Append(' ').Append(result == 0 ? stat.Blocks : -1);
                    break;
            }

            told.Append(result).Append(';');
        }

        foreach (string path in (string[])["/0", "/1"])
        {
            if (clients[0].Stat(path, out _) == 0)
                told.Append(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(Content(clients[0], path))));
        }

        return told.Append(tree.Root.Budget.Used).ToString();
    }

    private static byte[] Content(TestClient client, string path)
    {
        long handle = client.Open(path);
        var all = new List<byte>();
        while (client.Read(handle, 4096, out byte[] data) > 0)
            all.AddRange(data);
        client.Close(handle);
        return [.. all];
    }

    [Fact]
    public void Noise_in_permits_and_entries_harms_nobody()
    {
        TestClient other = system.NewClient(2, 1);
        other.WriteText("/kept", "kept");
        long kept = other.Open("/kept", OpenFlags.ReadWrite), mine = client.Open("/mine", ReadWrite), readable = client.Open("/kept");
        Gen.Select(Gen.ULong, Gen.ULong, Gen.UInt[0, 7]).Array[1, 60].Sample(
            noise =>
            {
                foreach ((ulong first, ulong second, uint kind) in noise)
                {
                    ulong claimed = kind < 2 ? 0 : PostedLayout.Permit(1, (uint)(kind == 3 ? mine : readable));
                    client.Channel.Rings.WriteUInt64(PostedLayout.PermitAt((uint)first), second | claimed);
                    posting.Post(PostedLayout.Write, (uint)(kind % 2 == 0 ? mine : readable), (uint)first, second);
                    if (kind < 3)
                        client.Write(mine, "more"u8);
                    if (kind == 7)
                        client.Truncate(mine, 0);
                }

                return other.Read(kept, 10, out byte[] data, 0) == 4 && data.AsSpan().SequenceEqual("kept"u8);
            },
            iter: 200, threads: 1);
        client.Connection.DropPermits();
        Assert.Equal(0, system.Root.Budget.Promised);
    }

    [Fact]
    public void There_are_32_permits_of_which_the_oldest_goes()
    {
        var handles = new List<(PostingClient Posting, long Handle)>();
        for (uint pid = 2; pid < 8; pid++)
        {
            TestClient other = system.NewClient(pid, 1);
            var others = new PostingClient(system, other);
            Assert.Equal(0, others.Begin());
            for (int count = 0; count < 8; count++)
                handles.Add((others, other.Open($"/{pid}.{count}", ReadWrite)));
        }

        Assert.All(handles[..16], file => Assert.Equal(0u, file.Posting.Left(file.Handle)));
        Assert.All(handles[16..], file => Assert.Equal((uint)Writes, file.Posting.Left(file.Handle)));
        Assert.Equal(32 * Writes * 2, system.Root.Budget.Promised);
    }
}
