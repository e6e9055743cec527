using System.Text;
using CsCheck;
using Libsys.Messages;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests;

/// <summary>Changes of names that nobody waits for, docs/posted-names.md.</summary>
public sealed class PostedNameTests
{
    private const int Worth = 4;

    private readonly TestSystem system = new();
    private readonly TestClient client;
    private readonly TestClient other;
    private readonly NamingClient naming;

    public PostedNameTests()
    {
        client = system.NewClient(1);
        other = system.NewClient(2, 1);
        naming = new NamingClient(system, client);
        Assert.Equal(0, other.MakeDirectory("/t", 0x1FF));
        Assert.Equal(0, other.ChangeMode("/t", 0x1FF));
        Assert.Equal(0, other.MakeDirectory("/u"));
    }

    private void BeginByRequests()
    {
        while (naming.Number == 0)
        {
            Assert.Equal(0, client.MakeDirectory("/t/d"));
            Assert.Equal(0, naming.RemoveDirectory("/t/d"));
        }

        Assert.Equal(0, naming.Count);
    }

    [Fact]
    public void Who_changes_names_goes_on_without_waiting_and_whoever_asks_finds_them_changed()
    {
        BeginByRequests();
        Assert.Equal(0, naming.Create("/t/f"));
        for (int count = 1; count <= 10; count++)
        {
            Assert.Equal(0, naming.MakeDirectory("/t/d", 0x1C0));
            Assert.Equal(0, other.Stat("/t/d", out TestStat stat));
            Assert.Equal(0x41C0u, stat.Mode);
            Assert.Equal(0, other.Stat("/t", out stat));
            Assert.Equal(3ul, stat.Links);
            Assert.Equal(0, naming.RemoveDirectory("/t/d"));
            Assert.Equal(-(long)Errno.ENOENT, other.Stat("/t/d", out _));
            Assert.Equal(0, naming.Rename("/t/f", "/t/d"));
            Assert.Equal(["d"], Names("/t"));
            Assert.Equal(0, naming.Rename("/t/d", "/t/f"));
            Assert.Equal(0, naming.Link("/t/f", "/t/d"));
            Assert.Equal(0, other.Stat("/t/d", out stat));
            Assert.Equal(2ul, stat.Links);
            Assert.Equal(0, naming.Unlink("/t/d"));
            Assert.Equal(0, other.Stat("/t/f", out stat));
            Assert.Equal(1ul, stat.Links);
            Assert.Equal(6 * count, naming.Count);
        }
    }

    [Fact]
    public void What_is_hidden_comes_back_when_others_ask_and_costs_more_each_time()
    {
        Assert.Equal(0, naming.Create("/t/f"));
        int last = 0;
        for (int count = 0; count < 4; count++)
        {
            int changes = 0;
            for (; naming.Number == 0; changes++)
                Assert.Equal(0, changes % 2 == 0 ? naming.MakeDirectory("/t/d") : naming.RemoveDirectory("/t/d"));
            Assert.True(changes > last, $"{changes} {last}");
            last = changes;
            var truth = new PublishedTruth(system);
            Assert.Null(truth.Find("/t/f"));
            Assert.Equal(0u, truth.Find("/t")!.Value & PublishedNames.HasAttributes);
            for (int asked = 0; asked < 3; asked++)
            {
                Assert.NotEqual(0u, naming.Number);
                Assert.Equal(0, other.Stat("/t/f", out _));
            }

            Assert.Equal(0u, naming.Number);
            truth = new PublishedTruth(system);
            truth.Check();
            Assert.NotEqual(0u, truth.Find("/t/f")!.Value & PublishedNames.HasAttributes);
            if (changes % 2 != 0)
                Assert.Equal(0, naming.RemoveDirectory("/t/d"));
        }
    }

    [Theory]
    [InlineData("make")]
    [InlineData("link")]
    [InlineData("remove")]
    [InlineData("move away")]
    [InlineData("fill")]
    [InlineData("mode")]
    [InlineData("owner of a file")]
    [InlineData("ids")]
    [InlineData("mount")]
    [InlineData("remount")]
    [InlineData("move the directory")]
    [InlineData("close to others")]
    [InlineData("symbolic link of its own")]
    [InlineData("exchange of its own")]
    [InlineData("nobody minds")]
    [InlineData("its process is gone")]
    [InlineData("no room")]
    public void What_changes_what_it_knows_ends_the_permit_and_what_comes_late_is_refused(string what)
    {
        if (what == "owner of a file")
            Assert.Equal(0, system.Registry.SetCredentials(1, new Credentials(1000, 1000, 1000, 1000, [])));
        Assert.Equal(0, naming.Create("/t/f"));
        BeginByRequests();
        Assert.Equal(0, naming.Rename("/t/f", "/t/g"));
        Assert.Equal(0, naming.MakeDirectory("/t/d"));
        uint number = naming.Number;
        Assert.NotEqual(0u, number);
        long result = what switch
        {
            "make" => other.MakeDirectory("/t/x"),
            "link" => other.Link("/t/g", "/t/x"),
            "remove" => other.RemoveDirectory("/t/d"),
            "move away" => other.Rename("/t/g", "/u/g"),
            "fill" => other.MakeDirectory("/t/d/x"),
            "mode" => other.ChangeMode("/t", 0x1C9),
            "owner of a file" => other.Call(VfsOperation.ChangeOwner, "/t/g"u8, a0: VfsLimits.WorkingDirectory, a1: 1001 | 1001ul << 32),
            "ids" => system.Registry.SetCredentials(1, new Credentials(1000, 1000, 1000, 1000, [])),
            "mount" => Mount("/u", 0),
            "remount" => Mount("/", (ulong)(MountFlags.Remount | MountFlags.ReadOnly)),
            "move the directory" => other.Rename("/t", "/u/t"),
            "close to others" => other.ChangeMode("/", 0x1C0),
            "symbolic link of its own" => client.SymbolicLink("x", "/t/x"),
            "exchange of its own" => client.Rename("/t/g", "/t/d", 2),
            "nobody minds" => Forget(),
            "its process is gone" => system.Registry.DetachSlot(client.Connection.Id, 1),
            _ => FillInodes(),
        };
        Assert.Equal(0, result);
        Assert.Equal(0u, naming.Number);
        string[] before = what is "move the directory" ? [] : Names("/t");
        long late = naming.Post(PostedLayout.MakeDirectory, number, "late");
        if (what != "its process is gone")
            client.Call(VfsOperation.ServePosted);
        Assert.False(naming.IsDone(late));
        if (what is not "move the directory")
            Assert.Equal(before, Names("/t"));
    }

    private long Mount(string target, ulong flags) => other.Call(VfsOperation.Mount, TestClient.Bytes("none" + target + "tmpfs"), a0: flags, a1: 4,
        a2: (ulong)target.Length, a3: 5);

    private long Forget()
    {
        system.Posted.Forget(client.Connection);
        return 0;
    }

    private long FillInodes()
    {
        while (system.Root.InodeLimit - system.Root.InodeCount >= 1024)
            system.Root.NextNumber();
        return 0;
    }

    [Theory]
    [InlineData("sticky")]
    [InlineData("not for everybody")]
    [InlineData("another root")]
    [InlineData("little room")]
    [InlineData("somebody waits for a lock")]
    [InlineData("in turn with another")]
    public void Others_get_no_permit(string reason)
    {
        switch (reason)
        {
            case "sticky":
                Assert.Equal(0, other.ChangeMode("/t", 0x3FF));
                Assert.Equal(0, system.Registry.SetCredentials(1, new Credentials(1000, 1000, 1000, 1000, [])));
                break;
            case "not for everybody": Assert.Equal(0, other.ChangeMode("/t", 0x1C0)); break;
            case "another root": Assert.Equal(0, client.Call(VfsOperation.ChangeRoot, "/t"u8)); break;
            case "little room": FillInodes(); break;
            case "somebody waits for a lock": system.Posted.LockWaitBegins(); break;
        }

        for (int count = 0; count < 2 * Worth; count++)
        {
            string path = reason == "another root" ? "/d" : "/t/d";
            Assert.Equal(0, naming.MakeDirectory(path));
            Assert.Equal(0, reason == "in turn with another" ? other.RemoveDirectory(path) : naming.RemoveDirectory(path));
            Assert.Equal(0u, naming.Number);
        }
    }

    [Fact]
    public void A_permit_is_one_process_and_one_directory()
    {
        BeginByRequests();
        Assert.Equal(0, system.Registry.AttachSlot(client.Connection.Id, 2, 3, 1, 0));
        var second = new TestClient(system, client.Connection, client.Channel, slot: 2);
        uint number = naming.Number;
        Assert.False(Served(naming.Post(PostedLayout.MakeDirectory, number, "x", claimedSlot: 2)));
        Assert.Equal(0, second.MakeDirectory("/t/x")); // another process of the space: as others
        Assert.Equal(0u, naming.Number);
        Assert.Equal(0, second.RemoveDirectory("/t/x"));
        while (naming.Number == 0)
        {
            Assert.Equal(0, naming.MakeDirectory("/t/d"));
            Assert.Equal(0, naming.RemoveDirectory("/t/d"));
        }

        for (int count = 0; count < Worth; count++)
        {
            Assert.Equal(0, naming.MakeDirectory("/u/d" + count));
            Assert.Equal(0, naming.RemoveDirectory("/u/d" + count));
        }

        Assert.Equal(new PublishedTruth(system).Reference("/u"), client.Channel.Rings.ReadUInt64(PostedLayout.NamesDirectory));
        Assert.Equal(0, other.Stat("/t", out _));
        Assert.NotEqual(0u, new PublishedTruth(system).Find("/t")!.Value & PublishedNames.HasAttributes);
    }

    [Fact]
    public void Two_names_of_one_file_are_known_as_such()
    {
        Assert.Equal(0, naming.Create("/t/f"));
        Assert.Equal(0, other.Link("/t/f", "/u/f"));
        BeginByRequests();
        Assert.Equal(0, naming.Rename("/t/f", "/t/g"));
        Assert.Equal(0, naming.Link("/t/g", "/t/h"));
        int posted = naming.Count;
        Assert.Equal(0, naming.Rename("/t/g", "/t/h")); // nothing happens, and not by posting
        Assert.Equal(posted, naming.Count);
        Assert.Equal(["h", "g"], Names("/t"));
    }

    [Fact]
    public void Times_are_those_of_the_calls_within_bounds()
    {
        BeginByRequests();
        Inode directory = system.Mounts.Root.Root.Inode;
        Assert.Equal(Errno.None, directory.Lookup(new ImmediateContext(), system.Mounts.Root.Root, "t"u8, out Dentry? place));
        Inode inode = place!.Inode;
        foreach ((long told, bool isTrue) in ((long, bool)[])[(2_000_000, true), (-1_000_000_000, false), (long.MaxValue / 2, false)])
        {
            long before = inode.ChangeTime, at = system.Clock.Wall + told;
            system.Clock.Advance(10_000_000);
            Assert.True(Served(naming.Post(PostedLayout.MakeDirectory, naming.Number, "at" + told, mode: 0x1ED, time: at)));
            Assert.Equal(inode.ModifyTime, inode.ChangeTime);
            Assert.InRange(inode.ModifyTime, before, system.Clock.Wall);
            if (isTrue)
                Assert.InRange(inode.ModifyTime, at - 1024, at);
            Assert.Equal(Errno.None, inode.Lookup(new ImmediateContext(), place, Encoding.UTF8.GetBytes("at" + told), out Dentry? made));
            Assert.Equal(inode.ModifyTime, made!.Inode.ModifyTime);
        }
    }

    // What a program could not do by a request, or has not been taught.
    [Theory]
    [InlineData(PostedLayout.Unlink, "untaught", "")]
    [InlineData(PostedLayout.Rename, "untaught", "x")]
    [InlineData(PostedLayout.Rename, "g", "untaught")]
    [InlineData(PostedLayout.Rename, "d", "g")]
    [InlineData(PostedLayout.Rename, "g", "d")]
    [InlineData(PostedLayout.Rename, "g", "g")]
    [InlineData(PostedLayout.Link, "d", "x")]
    [InlineData(PostedLayout.Link, "untaught", "x")]
    [InlineData(PostedLayout.Link, "g", "untaught")]
    [InlineData(PostedLayout.Link, "g", "a/b")]
    [InlineData(PostedLayout.Link, "g", "")]
    [InlineData(PostedLayout.Unlink, "d", "")]
    [InlineData(PostedLayout.Unlink, "g", "d")]
    [InlineData(PostedLayout.RemoveDirectory, "g", "")]
    [InlineData(PostedLayout.RemoveDirectory, "..", "")]
    [InlineData(PostedLayout.MakeDirectory, "g", "")]
    [InlineData(PostedLayout.MakeDirectory, ".", "")]
    [InlineData(PostedLayout.MakeDirectory, "", "")]
    [InlineData(PostedLayout.MakeDirectory, "a\0b", "")]
    [InlineData(PostedLayout.MakeDirectory, "../x", "")]
    [InlineData(PostedLayout.MakeDirectory, "1234567890123456789012345678901234567890123456789012345678901234567890", "")]
    [InlineData(PostedLayout.MakeDirectory + 1, "x", "")]
    public void Nothing_is_gained_by_lies(uint operation, string name, string second)
    {
        Assert.Equal(0, other.Close(other.Open("/t/untaught", OpenFlags.Create | OpenFlags.ReadWrite)));
        Assert.Equal(0, naming.Create("/t/f"));
        BeginByRequests();
        Assert.Equal(0, naming.Rename("/t/f", "/t/g"));
        Assert.Equal(0, naming.MakeDirectory("/t/d"));
        string[] before = Names("/t");
        Assert.False(Served(naming.Post(operation, naming.Number, name, second, 0x1ED)));
        Assert.Equal(before, Names("/t"));
    }

    [Fact]
    public void Modes_that_mkdir_does_not_give_are_not_given()
    {
        BeginByRequests();
        Assert.True(Served(naming.Post(PostedLayout.MakeDirectory, naming.Number, "x", mode: 0xFFF)));
        Assert.Equal(0, other.Stat("/t/x", out TestStat stat));
        Assert.Equal(0x43FFu, stat.Mode);
    }

    // As another program finds them.
    private string[] Names(string directory) => [.. other.List(directory).Where(name => name is not ("." or ".."))];

    private bool Served(long entry)
    {
        client.Call(VfsOperation.ServePosted);
        return naming.IsDone(entry);
    }

    // The same operations with and without posting, by two programs: what they are told, and what is there in the end, is the same.
    [Fact]
    public void Posted_or_not_everything_ends_the_same()
    {
        int posted = 0;
        Gen.Select(Gen.Int[0, 99], Gen.Int[0, 4], Gen.Int[0, 4], Gen.Int[0, 29]).Array[1, 120].Sample(
            steps =>
            {
                (string expected, string found) = (Play(steps, isPosting: false, ref posted), Play(steps, isPosting: true, ref posted));
                Assert.True(expected == found, $"{expected}\n{found}\n{string.Join(' ', steps)}");
            },
            iter: 200, threads: 1);
        Assert.True(posted > 400, $"{posted} were posted");
    }

    private static string Play((int Operation, int Name, int Other, int Who)[] steps, bool isPosting, ref int posted)
    {
        string[] names = ["a", "b", "c", "d", "d/x"];
        var tree = new TestSystem();
        TestClient[] clients = [tree.NewClient(1), tree.NewClient(2, 1)];
        NamingClient[] naming = [new(tree, clients[0], isPosting), new(tree, clients[1], isPosting)];
        clients[0].MakeDirectory("/t");
        clients[0].MakeDirectory("/u");
        var told = new StringBuilder();
        for (int count = 0; count < Worth; count++)
            Assert.Equal(0, count % 2 == 0 ? naming[0].MakeDirectory("/t/a") : naming[0].RemoveDirectory("/t/a"));
        foreach ((int kind, int name, int second, int who) in steps)
        {
            // Mostly one of them, and what can be posted.
            (TestClient client, NamingClient changing) = (clients[who / 29], naming[who / 29]);
            int operation = kind < 96 ? kind % 20 : kind - 76;
            (string path, string to) = ("/t/" + names[name], "/t/" + names[second]);
            TestStat stat = default;
            long result = operation switch
            {
                <= 4 => changing.Rename(path, to),
                <= 7 => changing.Link(path, to),
                <= 11 => changing.Unlink(path),
                <= 14 => changing.MakeDirectory(path),
                <= 17 => changing.RemoveDirectory(path),
                <= 19 => changing.Create(path),
                20 => client.ChangeMode(path, 0x1C0),
                21 => client.Rename(path, "/u/" + names[second]),
                22 => client.Rename(path, to, 2),
                _ => client.Stat(path, out stat),
            };
            told.Append(result).Append(' ').Append(stat.Links).Append(' ').Append(stat.Inode).Append(';');
            bool isOut = naming[0].Number != 0 || naming[1].Number != 0;
            if (isOut && second == 0)
                CheckHidden(tree, clients, names);
        }

        posted += naming[0].Count + naming[1].Count;
        foreach (string directory in (string[])["/t", "/u"])
        {
            foreach (string name in clients[0].List(directory).Where(name => name != ".."))
            {
                Assert.Equal(0, clients[1].Stat(directory + "/" + name, out TestStat stat, follow: false));
                told.Append(name).Append(stat.Inode).Append(' ').Append(stat.Mode).Append(' ').Append(stat.Links).Append(';');
            }

            clients[0].Stat(directory, out TestStat own);
            told.Append(own.Links).Append(' ').Append(own.Size);
        }

        new PublishedTruth(tree).Check();
        return told.Append(tree.Root.InodeCount).ToString();
    }

    // What is posted and not served is not looked at by that.
    private static void CheckHidden(TestSystem tree, TestClient[] clients, string[] names)
    {
        var truth = new PublishedTruth(tree);
        foreach (string directory in (string[])["/t", "/u"])
        {
            ulong? reference = truth.Reference(directory);
            if (!Array.Exists(clients, client => client.Channel.Rings.ReadUInt64(PostedLayout.NamesPermit) != 0
                && client.Channel.Rings.ReadUInt64(PostedLayout.NamesDirectory) == reference))
                continue;
            Assert.All(names, name => Assert.Null(truth.Find(directory + "/" + name)));
            Assert.Equal(0u, truth.Find(directory)!.Value & PublishedNames.HasAttributes);
        }
    }

    [Fact]
    public void Noise_in_permits_and_entries_harms_nobody()
    {
        Assert.Equal(0, naming.Create("/t/f"));
        Assert.Equal(0, other.MakeDirectory("/u/kept"));
        Gen.Select(Gen.Int[0, 9], Gen.ULong, Gen.ULong, Gen.String[Gen.Char["abcdf/.\0"], 0, 30]).Array[1, 20].Sample(
            steps =>
            {
                foreach ((int kind, ulong first, ulong second, string name) in steps)
                {
                    if (kind == 0)
                        client.Channel.Rings.WriteUInt64(PostedLayout.NamesPermit, first);
                    else if (kind == 1)
                        client.Channel.Rings.WriteUInt64(PostedLayout.NamesDirectory, second);
                    else if (kind < 5)
                        naming.Post((uint)first % 16, naming.Number, name, name, (uint)second, (long)second);
                    else if (kind < 8)
                        naming.Post(PostedLayout.Rename + (uint)first % 5, naming.Number, name, first % 3 == 0 ? "x" : "", (uint)second);
                    else
                        client.MakeDirectory("/t/" + new string([.. name.Where(char.IsLetter)]));
                }

                client.Call(VfsOperation.ServePosted);
                return other.Stat("/u/kept", out _) == 0 && Names("/").Length == 2 && Names("/u").Length == 1;
            },
            iter: 300, threads: 1);
        Assert.Equal(0, other.MakeDirectory("/t/still"));
        new PublishedTruth(system).Check();
    }
}
