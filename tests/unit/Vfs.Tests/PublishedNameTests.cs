using System.Globalization;
using CsCheck;
using Libsys.Abi;
using Libsys.Messages;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests;

/// <summary>What vfs shows programs without being asked is true, is nobody's secret, and is gone before the request is answered that changes it.</summary>
public sealed class PublishedNameTests
{
    private readonly TestSystem system = new();
    private readonly TestClient client;

    public PublishedNameTests() => client = system.NewClient(1);

    [Fact]
    public void What_was_asked_for_is_there_and_what_was_not_is_not()
    {
        client.MakeDirectory("/public", 0x1ED);
        client.WriteText("/public/file", "text");
        client.SymbolicLink("file", "/public/link");
        Assert.Null(new PublishedTruth(system).Find("/public"));
        client.Stat("/public/file", out _);
        client.Stat("/public/none", out _);
        client.ReadLink("/public/link", out _);
        var seen = new PublishedTruth(system);
        Assert.NotEqual(0u, seen.Find("/public") & PublishedNames.IsSearchable);
        Assert.NotEqual(0u, seen.Find("/public/file") & PublishedNames.HasAttributes);
        Assert.Equal(0u, seen.Find("/public/none"));
        Assert.Equal(InodeMode.SymbolicLink >> 12, seen.Find("/public/link"));
        seen.Check();
    }

    [Fact]
    public void What_changes_is_gone_at_once()
    {
        client.MakeDirectory("/public", 0x1ED);
        client.WriteText("/public/file", "text");
        client.Stat("/public/file", out _);
        client.Stat("/public/none", out _);
        long handle = client.Open("/public/file", OpenFlags.ReadWrite);
        Assert.NotEqual(0u, new PublishedTruth(system).Find("/public/file") & PublishedNames.HasAttributes);
        client.Write(handle, "more"u8, 100);
        Assert.Equal(0u, new PublishedTruth(system).Find("/public/file") & PublishedNames.HasAttributes);
        client.WriteText("/public/none", "now");
        Assert.Null(new PublishedTruth(system).Find("/public/none"));
        client.Rename("/public/file", "/public/other");
        Assert.Null(new PublishedTruth(system).Find("/public/file"));
    }

    [Fact]
    public void A_file_that_somebody_may_write_through_a_mapping_has_no_attributes()
    {
        client.WriteText("/file", "text");
        client.Stat("/file", out _);
        long handle = client.Open("/file", OpenFlags.ReadWrite);
        const ulong flags = (ulong)(MapFlags.Read | MapFlags.Write | MapFlags.Shared);
        Assert.Equal(0, client.Call(VfsOperation.Map, a0: (ulong)handle, a1: 0, a2: 4096, a3: flags, a4: 0x5000_0000));
        client.Stat("/file", out _);
        Assert.Equal(InodeMode.Regular >> 12, new PublishedTruth(system).Find("/file"));
    }

    // By whatever way a directory stops being everybody's: no byte of it, or of what lies in it, is left.
    [Theory]
    [InlineData("chmod")]
    [InlineData("chmod above")]
    [InlineData("rename into private")]
    [InlineData("unlink")]
    [InlineData("mount over")]
    public void Nothing_private_is_left(string way)
    {
        client.MakeDirectory("/private", 0x1C0);
        client.MakeDirectory("/up", 0x1ED);
        client.MakeDirectory("/up/dir", 0x1ED);
        client.WriteText("/up/dir/secret-name", "text");
        client.SymbolicLink("secret-text", "/up/dir/secret-link");
        foreach (string name in (string[])["secret-name", "secret-link", "secret-none"])
            client.Stat("/up/dir/" + name, out _, follow: false);
        var before = new PublishedTruth(system);
        Assert.True(before.Contains("secret-name"u8) && before.Contains("secret-text"u8) && before.Contains("secret-none"u8));
        Assert.Equal(0, way switch
        {
            "chmod" => client.ChangeMode("/up/dir", 0x1F8), // 0770
            "chmod above" => client.ChangeMode("/up", 0x1C0),
            "rename into private" => client.Rename("/up/dir", "/private/dir"),
            "unlink" => client.Unlink("/up/dir/secret-name") + client.Unlink("/up/dir/secret-link") + client.RemoveDirectory("/up/dir"),
            _ => new NameOperations(client).Mount("/up/dir"),
        });
        var after = new PublishedTruth(system);
        after.Check();
        Assert.False(after.Contains("secret"u8));

        // Nor does it come back when those who may look there.
        foreach (string name in (string[])["secret-name", "secret-link", "secret-none"])
        {
            client.Stat("/up/dir/" + name, out _, follow: false);
            client.Stat("/private/dir/" + name, out _, follow: false);
            client.ReadLink("/private/dir/" + name, out _);
        }

        after = new PublishedTruth(system);
        after.Check();
        Assert.False(way is not ("unlink" or "mount over") && after.Contains("secret"u8));
    }

    [Fact]
    public void A_file_with_a_public_and_a_private_name_goes_with_the_public_one()
    {
        client.MakeDirectory("/private", 0x1C0);
        client.WriteText("/private/first", "text");
        client.Link("/private/first", "/second");
        client.Stat("/second", out _);
        client.Stat("/private/first", out _);
        new PublishedTruth(system).Check();
        Assert.False(new PublishedTruth(system).Contains("first"u8));
        client.Unlink("/second");
        var seen = new PublishedTruth(system);
        seen.Check();
        Assert.Null(seen.Find("/second"));
        Assert.Equal(2, seen.Records); // the root and /private, which anybody may stat
    }

    [Fact]
    public void More_names_than_there_is_room_for_push_out_others_and_stay_true()
    {
        TestClient other = system.NewClient(2, parent: 1);
        client.MakeDirectory("/many", 0x1ED);
        for (int number = 0; number < 3000; number++)
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"/many/{number}");
            // By two in turn: one alone would get a permit for the names there, and nothing be shown.
            TestClient maker = number % 2 == 0 ? client : other;
            if (number % 3 == 0)
                maker.MakeDirectory(path, 0x1ED);
            else if (number % 3 == 1)
                maker.WriteText(path, "x");
            client.Stat(path, out _);
            client.Stat(path + "/below", out _);
            if (number % 500 == 0)
                new PublishedTruth(system).Check();
        }

        var seen = new PublishedTruth(system);
        seen.Check();
        Assert.InRange(seen.Records, 1000, (int)PublishedNames.Records);
    }

    [Fact]
    public void A_working_directory_is_told_of_while_everybody_may_come_there()
    {
        client.MakeDirectory("/place", 0x1ED);
        client.MakeDirectory("/place/here", 0x1ED);
        client.WriteText("/place/here/file", "x");
        client.ChangeDirectory("/place/here");
        client.Stat("file", out _);
        ulong first = client.Last.V0;
        Assert.NotEqual(0ul, first);
        Assert.NotNull(new PublishedTruth(system).Find("/place/here/file"));
        client.ChangeMode("/place", 0x1C0);
        client.Stat("file", out _);
        Assert.Equal(0ul, client.Last.V0);
        client.ChangeMode("/place", 0x1ED);
        client.Stat("file", out _);
        Assert.NotEqual(0ul, client.Last.V0);
        Assert.NotEqual(first, client.Last.V0);
        client.Stat("/place/here/file", out _);
        Assert.Equal(0ul, client.Last.V0);
    }

    [Fact]
    public void An_open_directory_is_told_of_likewise_where_a_path_begins_there()
    {
        client.MakeDirectory("/place", 0x1ED);
        client.MakeDirectory("/place/here", 0x1ED);
        client.WriteText("/place/here/file", "x");
        long here = client.Open("/place/here"), file = client.Open("/place/here/file");
        ulong first = Ask("file", here);
        Assert.NotEqual(0ul, first);
        Assert.Equal(first, Ask("none", here));
        Assert.Equal(0ul, Ask("/place/here/file", here));
        Assert.Equal(0ul, Ask("x", file));
        client.ChangeMode("/place", 0x1C0);
        Assert.Equal(0ul, Ask("file", here));
        client.ChangeMode("/place", 0x1ED);
        Assert.NotEqual(first, Ask("file", here));
        client.Rename("/place/here", "/place/there");
        ulong moved = Ask("file", here);
        client.Unlink("/place/there/file");
        client.RemoveDirectory("/place/there");
        Assert.Equal(0ul, Ask("file", here));
        Assert.NotEqual(0ul, moved);
    }

    private ulong Ask(string path, long directory)
    {
        byte[] name = TestClient.Bytes(path);
        client.Call(VfsOperation.Stat, name, 8192, (ulong)directory, a2: (ulong)name.Length);
        return client.Last.V0;
    }

    [Fact]
    public void Who_has_another_root_or_shares_it_gets_no_mapping()
    {
        Assert.Equal(-(long)Errno.EINVAL, client.Call(VfsOperation.MapNames, a0: Window.PublishedNames + 4096));
        Assert.Equal(0, client.Call(VfsOperation.MapNames, a0: Window.PublishedNames));
        Assert.Single(client.Channel.Readable);
        TestClient other = system.NewClient(2, parent: 1);
        client.MakeDirectory("/jail", 0x1ED);
        Assert.Equal(0, other.Call(VfsOperation.ChangeRoot, TestClient.Bytes("/jail")));
        Assert.Equal(-(long)Errno.EACCES, other.Call(VfsOperation.MapNames, a0: Window.PublishedNames));
        const ulong cloneFileSystem = 0x200;
        Assert.Equal(0, system.Registry.AttachSlot(client.Connection.Id, 2, 3, 1, cloneFileSystem));
        Assert.Equal(-(long)Errno.EACCES, client.Call(VfsOperation.MapNames, a0: Window.PublishedNames));
    }

    [Fact]
    public void After_any_operations_all_that_is_shown_is_so() =>
        NameOperations.Any.Sample(
            static operations =>
            {
                var run = new PublishedNameTests();
                run.client.MakeDirectory("/t", 0x1ED);
                run.client.ChangeDirectory("/t");
                var changes = new NameOperations(run.client);
                foreach ((int kind, int a, int b) in operations)
                {
                    changes.Step(kind, a, b);
                    new PublishedTruth(run.system).Check();
                }
            },
            iter: 1000,
            threads: 1);
}
