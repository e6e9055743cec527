using System.Text;
using CsCheck;
using Libsys.Abi;
using Libsys.Messages;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests;

/// <summary>Files whose making nobody waits for, docs/posted-names.md.</summary>
public sealed class PostedCreationTests
{
    private const int Worth = 4, FreshWrites = 8, MostKnown = 8;

    private readonly TestSystem system = new();
    private readonly TestClient client;
    private readonly TestClient other;
    private readonly CreatingClient creating;

    public PostedCreationTests()
    {
        client = system.NewClient(1);
        other = system.NewClient(2, 1);
        creating = new CreatingClient(system, client);
        Assert.Equal(0, other.MakeDirectory("/t", 0x1FF));
        Assert.Equal(0, other.ChangeMode("/t", 0x1FF));
    }

    private NamingClient Naming => creating.Naming;

    // A permit, names that are known to be absent, and a block of handles.
    private void Begin(params string[] absent)
    {
        for (int count = 0; Naming.Number == 0 || count < 1; count++)
        {
            Assert.Equal(0, client.MakeDirectory("/t/a"));
            Assert.Equal(0, Naming.RemoveDirectory("/t/a"));
        }

        foreach (string name in absent)
        {
            Assert.Equal(0, Naming.MakeDirectory("/t/" + name));
            Assert.Equal(0, Naming.RemoveDirectory("/t/" + name));
        }

        Assert.Equal(0, creating.Posting.Begin());
    }

    private bool Served(long entry)
    {
        client.Call(VfsOperation.ServePosted);
        return Naming.IsDone(entry);
    }

    private long Post(string name, uint handle, uint flags = OpenFlags.ReadWrite, uint mode = 0x1A4, uint? number = null) => Naming.Post(
        PostedLayout.Create, number ?? Naming.Number, TestClient.Bytes(name), NamingClient.OpenWord(handle, flags), mode);

    private string[] Names() => [.. other.List("/t").Where(name => name is not ("." or ".."))];

    [Fact]
    public void Who_makes_files_goes_on_without_waiting_and_whoever_asks_finds_them()
    {
        Begin("f", "g");
        for (int count = 0; count < 20; count++)
        {
            long handle = creating.Open("/t/f", OpenFlags.ReadWrite | OpenFlags.Exclusive, 0);
            if (count > 0)
                Assert.Equal(4, creating.Write(handle, "text"u8));
            Assert.Equal(0, other.Stat("/t/f", out TestStat stat));
            Assert.Equal((InodeMode.Regular, count > 0 ? 4 : 0, 1ul), (stat.Mode, stat.Size, stat.Links));
            Assert.Equal(count > 0 ? 4 : 0, client.Read(handle, 10, out _, 0));
            Assert.Equal(5, creating.Write(handle, "lines"u8)); // by the permit that came with it
            Assert.Equal(-(long)Errno.EEXIST, creating.Open("/t/f", OpenFlags.Exclusive));
            Assert.Equal(0, Naming.Rename("/t/f", "/t/g"));
            Assert.Equal(0, creating.Close(handle));
            Assert.Equal(count > 0 ? "textlines" : "lines", ReadPrivate("/t/g"));
            Assert.Equal(0, Naming.Unlink("/t/g"));
            Assert.Equal([], Names());
        }

        Assert.Equal((20, 19), creating.Counts);
        other.ChangeMode("/t", 0x1ED);
        Assert.Equal(0, system.Root.Budget.Promised);
    }

    private string ReadPrivate(string path)
    {
        Assert.Equal(0, other.ChangeMode(path, 0x1A4));
        return other.ReadText(path);
    }

    [Fact]
    public void It_is_open_as_was_asked_and_belongs_to_who_has_made_it()
    {
        Assert.Equal(0, other.Call(VfsOperation.ChangeOwner, "/t"u8, a0: VfsLimits.WorkingDirectory, a1: 5 | 77ul << 32));
        Assert.Equal(0, other.ChangeMode("/t", 0x5FF));
        Assert.Equal(0, system.Registry.SetCredentials(1, new Credentials(1000, 1000, 1000, 1000, [])));
        Begin("f", "g", "h");
        long written = creating.Open("/t/f", OpenFlags.WriteOnly | OpenFlags.Append), read = creating.Open("/t/g", OpenFlags.ReadOnly, 0xFFF);
        Assert.Equal((2, 0), creating.Counts);
        Assert.Equal(-(long)Errno.EBADF, client.Read(written, 1, out _));
        Assert.Equal(-(long)Errno.EBADF, client.Write(read, "x"u8));
        Assert.Equal(1, client.Write(written, "x"u8));
        Assert.Equal(0, client.Seek(written, 0, 0));
        Assert.Equal(1, client.Write(written, "y"u8));
        foreach ((string name, uint mode) in ((string, uint)[])[("/t/f", 0x81A4), ("/t/g", 0x8BFF)])
        {
            Assert.Equal(0, other.Stat(name, out TestStat stat));
            Assert.Equal((mode, 1000u, 77u), (stat.Mode, stat.User, stat.Group));
        }

        Assert.Equal("xy", other.ReadText("/t/f"));
    }

    [Fact]
    public void Fresh_writes_have_room_whoever_takes_the_rest()
    {
        Begin("f", "g");
        Assert.Equal(0, creating.Close(creating.Open("/t/f")));
        Assert.Equal(0, Naming.Unlink("/t/f"));
        client.Call(VfsOperation.ServePosted);
        Assert.Equal((uint)FreshWrites, creating.Fresh);
        Assert.Equal(0, system.Root.Budget.Used);
        system.Root.Budget.Limit = system.Root.Budget.Promised; // as if others had taken all
        system.Root.Cache.Kept.Limit = system.Root.Cache.Kept.Used + system.Root.Cache.Kept.Promised;
        system.Arena.Room = 0;
        system.Root.Cache.GiveBack(1000);
        Assert.Equal(-(long)Errno.ENOSPC, client.Write(client.Open("/h", OpenFlags.ReadWrite | OpenFlags.Create), new byte[4096]));
        long handle = creating.Open("/t/g");
        Assert.True(creating.PostFresh(handle, "x"u8)); // so that each of those that follow is in two pages
        for (int count = 1; count <= FreshWrites; count++)
            Assert.True(creating.PostFresh(handle, new byte[4096]));
        Assert.Equal(0, other.Stat("/t/g", out TestStat stat));
        Assert.Equal(1 + (FreshWrites - 1) * 4096, stat.Size); // and one more was not promised
    }

    [Theory]
    [InlineData("limit")]
    [InlineData("read only")]
    [InlineData("another file system")]
    [InlineData("no permit")]
    [InlineData("closed")]
    [InlineData("mapped")]
    [InlineData("another process")]
    public void Fresh_writes_that_could_fail_or_be_seen_are_refused(string reason)
    {
        Begin("f", "g");
        long handle = creating.Open("/t/f", reason == "read only" ? OpenFlags.ReadOnly : OpenFlags.ReadWrite);
        client.Call(VfsOperation.ServePosted);
        Assert.Equal((uint)FreshWrites, creating.Fresh);
        switch (reason)
        {
            case "limit": Assert.Equal(0, system.Registry.SetFileSizeLimit(1, 1000)); break;
            case "another file system":
                Assert.Equal(0, other.MakeDirectory("/m"));
                Assert.Equal(0, other.Call(VfsOperation.Mount, "none/mtmpfs"u8, a0: 0, a1: 4, a2: 2, a3: 5));
                handle = client.Open("/m/f", OpenFlags.ReadWrite | OpenFlags.Create);
                Begin("h");
                break;
            case "no permit": other.ChangeMode("/t", 0x1ED); break;
            case "closed": Assert.Equal(0, client.Close(handle)); break;
            case "mapped":
                Assert.Equal(0, client.Call(VfsOperation.Map, a0: (ulong)handle, a2: 4096, a3: (ulong)(MapFlags.Read | MapFlags.Shared), a4: 0x50000000));
                break;
            case "another process": Assert.Equal(0, system.Registry.DetachSlot(client.Connection.Id, 1)); break;
        }

        uint tail = client.Channel.Rings.ReadUInt32(PostedLayout.Tail);
        Assert.True(creating.PostFresh(handle, "late"u8));
        if (reason != "another process")
            client.Call(VfsOperation.ServePosted);
        else
            system.Posted.Serve(client.Connection);
        Assert.False(Naming.IsDone(tail));
        if (reason is "limit" or "no permit")
            Assert.Equal((0u, 0L), (creating.Fresh, system.Registry.Processes[1].Handles.Find((ulong)handle)!.Inode.Size));
    }

    [Theory]
    [InlineData("make")]
    [InlineData("mode")]
    [InlineData("ids")]
    [InlineData("nobody minds")]
    public void What_comes_late_is_refused(string what)
    {
        Begin("f");
        uint number = Naming.Number;
        Assert.True(creating.Posting.TryTake(out uint handle));
        long result = what switch
        {
            "make" => other.MakeDirectory("/t/f"),
            "mode" => other.ChangeMode("/t", 0x1C9),
            "ids" => system.Registry.SetCredentials(1, new Credentials(1000, 1000, 1000, 1000, [])),
            _ => Forget(),
        };
        Assert.Equal(0, result);
        string[] before = Names();
        Assert.False(Served(Post("f", handle, number: number)));
        Assert.Equal(before, Names());
        Assert.Null(system.Registry.Processes[1].Handles.Find(handle));
    }

    private long Forget()
    {
        system.Posted.Forget(client.Connection);
        return 0;
    }

    // What a program could not do by a request, or has not been lent.
    [Theory]
    [InlineData("name", "there")]
    [InlineData("name", ".")]
    [InlineData("name", "..")]
    [InlineData("name", "")]
    [InlineData("name", "a/b")]
    [InlineData("name", "a\0b")]
    [InlineData("name", "1234567890123456789012345678901234567890123456789012345678901234567890")]
    [InlineData("handle", "not lent")]
    [InlineData("handle", "open")]
    [InlineData("handle", "far")]
    [InlineData("access", "both and none")]
    [InlineData("word", "none")]
    [InlineData("word", "long")]
    public void Nothing_is_gained_by_lies(string what, string how)
    {
        Assert.Equal(0, other.Close(other.Open("/t/there", OpenFlags.Create | OpenFlags.ReadWrite)));
        Begin("f");
        Assert.True(creating.Posting.TryTake(out uint handle));
        Assert.True(Served(Post("open", handle)));
        Assert.True(creating.Posting.TryTake(out uint second));
        second = how switch
        {
            "open" => handle,
            "not lent" => creating.Posting.First + PostedLayout.LentHandles + 1,
            "far" => uint.MaxValue,
            _ => second,
        };
        string[] before = Names();
        byte[] word = what != "word" ? NamingClient.OpenWord(second, what == "access" ? 3u : 2u) : how == "none" ? [] : new byte[16];
        long entry = Naming.Post(PostedLayout.Create, Naming.Number, TestClient.Bytes(what == "name" ? how : "f"), word, 0x1A4);
        Assert.False(Served(entry));
        Assert.Equal(before, Names());
        Assert.Equal(1, client.Write(handle, "x"u8));
    }

    [Fact]
    public void Flags_that_are_not_for_files_that_are_made_are_not_kept()
    {
        Begin("f");
        Assert.True(creating.Posting.TryTake(out uint handle));
        Assert.True(Served(Post("f", handle, uint.MaxValue & ~1u, 0xFFF)));
        OpenFile file = system.Registry.Processes[1].Handles.Find(handle)!;
        Assert.Equal(OpenFlags.ReadWrite | OpenFlags.Append | OpenFlags.NonBlock | OpenFlags.LargeFile | OpenFlags.NoFollow, file.Flags);
        Assert.Equal(InodeMode.Regular | 0xFFFu, file.Inode.Mode);
    }

    // What was posted behind it depends on the permit.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_permit_that_must_end_ends_behind_all_that_was_posted(bool isRoomShort)
    {
        string[] names = [.. Enumerable.Range(0, MostKnown + 3).Select(number => "n" + number)];
        Begin(names);
        client.Call(VfsOperation.ServePosted);
        while (isRoomShort && system.Root.InodeLimit - system.Root.InodeCount > 1025)
            system.Root.NextNumber();
        uint number = Naming.Number;
        Assert.NotEqual(0u, number);
        List<long> handles = [.. names.Select(name => creating.Open("/t/" + name))];
        Assert.Equal(names.Length, creating.Counts.Files);
        client.Call(VfsOperation.ServePosted);
        Assert.Equal(names.Length, Names().Length);
        Assert.All(handles, handle => Assert.Equal(1, client.Write(handle, "x"u8)));
        Assert.Equal(0u, Naming.Number);
        Assert.Equal(0, other.Stat("/t/n0", out _));
        new PublishedTruth(system).Check();
    }

    // The same operations with and without posting, by two programs: what they are told, and what is there in the end, is the same.
    [Fact]
    public void Posted_or_not_everything_ends_the_same()
    {
        int files = 0, writes = 0;
        Gen.Select(Gen.Int[0, 99], Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 29], Gen.Int[1, 5000]).Array[1, 120].Sample(
            steps =>
            {
                (string expected, string found) = (Play(steps, isPosting: false, ref files, ref writes), Play(steps, isPosting: true, ref files, ref writes));
                Assert.True(expected == found, $"{expected}\n{found}\n{string.Join(' ', steps)}");
            },
            iter: 200, threads: 1);
        Assert.True(files > 200 && writes > 100, $"{files} files and {writes} writes were posted");
    }

    private static string Play((int Kind, int Name, int Second, int Who, int Length)[] steps, bool isPosting, ref int files, ref int writes)
    {
        string[] names = ["a", "b", "c", "d"];
        var tree = new TestSystem();
        TestClient[] clients = [tree.NewClient(1), tree.NewClient(2, 1)];
        CreatingClient[] creating = [new(tree, clients[0], isPosting), new(tree, clients[1], isPosting)];
        List<long>[] open = [[], []];
        clients[0].MakeDirectory("/t");
        for (int count = 0; count < Worth; count++)
            Assert.Equal(0, count % 2 == 0 ? creating[0].Naming.MakeDirectory("/t/a") : creating[0].Naming.RemoveDirectory("/t/a"));
        var told = new StringBuilder();
        foreach ((int kind, int name, int second, int who, int length) in steps)
        {
            // Mostly one of them, and what can be posted.
            (TestClient client, CreatingClient making, List<long> handles) = (clients[who / 29], creating[who / 29], open[who / 29]);
            (string path, string to) = ("/t/" + names[name], "/t/" + names[second]);
            TestStat stat = default;
            long result = 0;
            switch (kind)
            {
                case < 30:
                    uint flags = (uint)length % 3 | (length % 4 == 0 ? OpenFlags.Exclusive : 0) | (length % 7 == 0 ? OpenFlags.Append : 0)
                        | (length % 5 == 0 ? OpenFlags.Truncate : 0);
                    long handle = making.Open(path, flags, (uint)length % 0x200);
                    result = Math.Min(handle, 0);
                    if (handle >= 0)
                        handles.Add(handle);
                    if (handle >= 0 && kind % 2 == 0)
                        result = making.Write(handle, new byte[(length % 100) + 1]);
                    break;
                case < 50 when handles.Count > 0:
                    byte[] data = new byte[kind < 34 ? length : length % 100 + 1];
                    Array.Fill(data, (byte)length);
                    result = making.Write(handles[^1], data);
                    break;
                case < 65 when handles.Count > 0:
                    result = making.Close(handles[kind % handles.Count]);
                    handles.RemoveAt(kind % handles.Count);
                    break;
                case < 80: result = making.Naming.Unlink(path); break;
                case < 90: result = making.Naming.Rename(path, to); break;
                case < 93: result = making.Naming.Link(path, to); break;
                case 93: result = client.ChangeMode("/t", length % 2 == 0 ? 0x1FFu : 0x5FFu); break;
                case 94:
                    // A message of the process server is a turn.
                    tree.Posted.BeginTurn();
                    result = tree.Registry.SetFileSizeLimit(1, length % 2 == 0 ? 50 : ulong.MaxValue);
                    tree.Posted.EndTurn();
                    break;
                default:
                    result = client.Stat(path, out stat);
                    stat = result == 0 ? stat : default;
                    break;
            }

            told.Append(result).Append($" {stat.Links} {stat.Size} {stat.Mode} {stat.Inode};");
        }

        (files, writes) = (files + creating[0].Counts.Files, writes + creating[0].Counts.Writes);
        foreach (string path in names.Select(name => "/t/" + name))
        {
            if (clients[1].Stat(path, out TestStat stat) == 0)
                told.Append(path).Append(stat.Inode).Append(' ').Append(stat.Mode).Append(' ').Append(stat.Size).Append(clients[1].ReadText(path)).Append(';');
        }

        new PublishedTruth(tree).Check();
        return told.Append(tree.Root.InodeCount).Append(' ').Append(tree.Root.Budget.Used).ToString();
    }

    [Fact]
    public void Noise_in_entries_harms_nobody()
    {
        Begin("f");
        other.WriteText("/kept", "kept");
        long kept = other.Open("/kept", OpenFlags.ReadWrite), readable = client.Open("/kept");
        Gen.Select(Gen.Int[0, 9], Gen.ULong, Gen.ULong, Gen.String[Gen.Char["abcdf/.\0"], 0, 12]).Array[1, 20].Sample(
            steps =>
            {
                foreach ((int kind, ulong first, ulong second, string name) in steps)
                {
                    uint handle = kind % 3 == 0 ? (uint)first : creating.Posting.First + (uint)first % 40;
                    if (kind < 5)
                        Post(name, handle, (uint)second, (uint)(second >> 32));
                    else if (kind < 7)
                        creating.Posting.Post(PostedLayout.WriteFresh, kind == 5 ? (uint)readable : handle % 64, (uint)first, second);
                    else if (kind == 7)
                        client.Channel.Rings.WriteUInt32(PostedLayout.FreshWrites, (uint)first);
                    else if (kind == 8)
                        creating.Posting.Post(PostedLayout.Close, handle);
                    else
                        client.MakeDirectory("/t/" + new string([.. name.Where(char.IsLetter)]));
                }

                client.Call(VfsOperation.ServePosted);
                return other.Read(kept, 10, out byte[] data, 0) == 4 && data.AsSpan().SequenceEqual("kept"u8) && other.List("/").Count == 4;
            },
            iter: 300, threads: 1);
        Assert.Equal(0, other.MakeDirectory("/t/still"));
        client.Connection.DropPermits();
        Assert.Equal(0, system.Root.Budget.Promised);
        new PublishedTruth(system).Check();
    }
}
