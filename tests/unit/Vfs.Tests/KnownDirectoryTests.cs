using System.Text;
using CsCheck;
using Libsys.Messages;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests;

/// <summary>Walks that begin where others have ended lead where those lead that begin at the beginning.</summary>
public sealed class KnownDirectoryTests
{
    private static readonly string[] Texts =
        [.. NameOperations.Names.Select(static name => "/t/" + name + "/q"), "/t/q", "//t//a/q", "/t/a/q/", "/t/a/.", "/t/a/..", "a/q", "a/b/q", "b/x/q"];

    private readonly TestSystem system = new();
    private readonly TestClient client;
    private readonly Subject[] subjects;

    public KnownDirectoryTests()
    {
        client = system.NewClient(1);
        client.MakeDirectory("/t", 0x1ED);
        client.ChangeDirectory("/t");
        var root = new Location(system.Mounts.Root, system.Mounts.Root.Root);
        var first = new ImmediateContext(new Asking(new(root, root), Credentials.Root));
        Assert.Equal(Errno.None, new PathWalk().Resolve(first, root, "/t"u8, follow: false, out Location t));
        subjects = [new Asking(new(root, t), Credentials.Root), new Asking(new(root, t), new Credentials(1000, 1000, 1000, 1000, [])),
            new Asking(new(t, t), Credentials.Root)];
    }

    [Fact]
    public void After_any_operations_all_paths_lead_where_they_lead_who_knows_nothing() =>
        NameOperations.Any.Sample(
            static operations =>
            {
                var run = new KnownDirectoryTests();
                var changes = new NameOperations(run.client);
                foreach ((int kind, int a, int b) in operations)
                {
                    changes.Step(kind, a, b);
                    run.Check();
                }
            },
            iter: 100,
            threads: 1);

    [Theory]
    [InlineData("chmod /t/a")]
    [InlineData("chmod /t")]
    [InlineData("chown /t/a")]
    [InlineData("mv /t/a")]
    [InlineData("mv /t/a/b")]
    [InlineData("rmdir /t/a/b")]
    [InlineData("mount /t/a")]
    [InlineData("umount /t/m")]
    public void Known_is_what_was_walked_until_something_on_the_way_changes(string change)
    {
        client.MakeDirectory("/t/a", 0x1ED);
        client.MakeDirectory("/t/a/b", 0x1ED);
        client.MakeDirectory("/t/m", 0x1ED);
        var changes = new NameOperations(client);
        Assert.Equal(0, changes.Mount("/t/m"));
        Assert.Null(Find(0, "/t/a/b"));
        Walk(0, "/t/a/b/q");
        Assert.NotNull(Find(0, "/t/a/b"));
        Assert.Null(Find(1, "/t/a/b")); // who has other rights has to walk himself

        // Names come and go, and others change, without its being forgotten.
        client.MakeDirectory("/t/a/b/new");
        client.RemoveDirectory("/t/a/b/new");
        client.WriteText("/t/a/file", "text");
        client.Rename("/t/a/file", "/t/a/other");
        client.ChangeMode("/t/a/other", 0);
        Assert.NotNull(Find(0, "/t/a/b"));

        string[] words = change.Split(' ');
        byte[] path = TestClient.Bytes(words[1]);
        Assert.Equal(0, words[0] switch
        {
            "chmod" => client.ChangeMode(words[1], 0x1C0),
            "chown" => client.Call(VfsOperation.ChangeOwner, path, a0: VfsLimits.WorkingDirectory, a1: 1000 | 1000ul << 32),
            "mv" => client.Rename(words[1], "/t/other"),
            "rmdir" => client.RemoveDirectory(words[1]),
            "mount" => changes.Mount(words[1]),
            _ => client.Call(VfsOperation.Unmount, path),
        });
        Assert.Null(Find(0, "/t/a/b"));
    }

    [Fact]
    public void Ways_through_links_and_dots_and_what_is_not_in_memory_are_walked_each_time()
    {
        client.MakeDirectory("/t/a", 0x1ED);
        client.SymbolicLink("a", "/t/link");
        foreach (string way in (string[])["/t/link", "/t/./a", "/t/a/..", "/t/a/../a"])
        {
            Walk(0, way + "/q");
            Assert.Null(Find(0, way));
        }

        var disk = new TestSystem(RootKind.Disk);
        var root = new Location(disk.Mounts.Root, disk.Mounts.Root.Root);
        disk.Drive!.FailChance = 0;
        disk.NewClient(1).MakeDirectory("/d");
        var walk = new PathWalk();
        if (walk.Begin(new ImmediateContext(new Asking(new(root, root), Credentials.Root)), root, "/d/q"u8) == Errno.None)
            walk.ToLast();
        Assert.Null(root.Mount.FileSystem.Known.Find(Credentials.Root, root, "/d"u8));
    }

    private KnownDirectory? Find(int subject, string text) =>
        system.Root.Known.Find(subjects[subject].Credentials, subjects[subject].Context.Root, Encoding.UTF8.GetBytes(text));

    private void Check()
    {
        List<object> known = [.. All()];
        List<object> walked = [.. All(forget: true)];
        Assert.Equal(walked, known);
        _ = All().Count(); // and remembers
    }

    private IEnumerable<object> All(bool forget = false)
    {
        for (int subject = 0; subject < subjects.Length; subject++)
        {
            foreach (string text in Texts)
            {
                if (forget)
                    system.Root.Known.Forget();
                yield return (subject, text, Walk(subject, text));
            }
        }
    }

    private (Errno Error, Location Parent, LastKind Kind, string Name, bool Slash) Walk(int subject, string text)
    {
        var walk = new PathWalk();
        Errno error = walk.Begin(new ImmediateContext(subjects[subject]), subjects[subject].Context.WorkingDirectory, Encoding.UTF8.GetBytes(text));
        if (error == Errno.None)
            error = walk.ToLast();
        return error != Errno.None ? (error, default, default, "", false)
            : (error, walk.Parent, walk.Kind, Encoding.UTF8.GetString(walk.LastName), walk.TrailingSlash);
    }

    private sealed class Asking(FileSystemContext context, Credentials credentials) : Subject(context, credentials);
}
