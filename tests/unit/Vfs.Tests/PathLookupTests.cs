using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests;

public class PathLookupTests
{
    private readonly TestSystem system;
    private readonly TestClient client;

    public PathLookupTests()
        : this(RootKind.Tmpfs)
    {
    }

    protected PathLookupTests(RootKind kind)
    {
        system = new TestSystem(kind);
        client = system.NewClient(1);
        client.MakeDirectory("/a");
        client.MakeDirectory("/a/b");
        client.WriteText("/a/b/file", "content");
        client.SymbolicLink("b/file", "/a/link");
        client.SymbolicLink("/a/b", "/a/dir");
        client.SymbolicLink("loop", "/loop");
        client.SymbolicLink("nowhere", "/dangling");
    }

    [Theory]
    [InlineData("/a/b/file", 0)]
    [InlineData("//a///b/./file", 0)]
    [InlineData("a/b/../b/file", 0)]
    [InlineData("/../../a/link", 0)]
    [InlineData("/a/dir/file", 0)]
    [InlineData("/a/dir/", 0)]
    [InlineData("/a/b/file/", (int)Errno.ENOTDIR)]
    [InlineData("/a/link/", (int)Errno.ENOTDIR)]
    [InlineData("/a/b/file/x", (int)Errno.ENOTDIR)]
    [InlineData("/a/none/x", (int)Errno.ENOENT)]
    [InlineData("", (int)Errno.ENOENT)]
    [InlineData("/loop", (int)Errno.ELOOP)]
    [InlineData("/loop/x", (int)Errno.ELOOP)]
    [InlineData("/dangling", (int)Errno.ENOENT)]
    [InlineData("/", 0)]
    [InlineData("/.", 0)]
    public void Opening_a_path_answers_as_Linux_does(string path, int errno)
    {
        long result = client.Open(path);
        Assert.Equal(errno, result < 0 ? (int)-result : 0);
    }

    [Fact]
    public void Forty_links_are_followed_and_one_more_is_not()
    {
        client.WriteText("/target", "x");
        string previous = "/target";
        for (int index = 0; index < 41; index++)
        {
            client.SymbolicLink(previous, "/l" + index);
            previous = "/l" + index;
        }

        Assert.True(client.Open("/l39") >= 0);
        Assert.Equal(-(long)Errno.ELOOP, client.Open("/l40"));
    }

    [Fact]
    public void A_lookup_with_tens_of_thousands_of_steps_lets_the_server_breathe()
    {
        // a/../a/../ ... and the next link: as long as a link's text may be.
        const int links = 40, steps = 800;
        client.WriteText("/target", "x");
        string previous = "target";
        for (int index = 0; index < links; index++)
        {
            string path = "/l" + index;
            Assert.Equal(0, client.SymbolicLink(string.Concat(Enumerable.Repeat("a/../", steps)) + previous, path));
            previous = path[1..];
        }

        Assert.Equal(0, system.Breaths);
        Assert.True(client.Open("/l39") >= 0);
        int most = system.Drive == null ? links * 2 * steps / 512 : int.MaxValue; // on the disk it is walked again and again
        Assert.InRange(system.Breaths, links * 2 * steps / 2048, most);
    }

    [Fact]
    public void Names_may_have_255_bytes_and_paths_4095()
    {
        Assert.True(client.Open("/" + new string('n', 255), OpenFlags.Create | OpenFlags.WriteOnly) >= 0);
        Assert.Equal(-(long)Errno.ENAMETOOLONG, client.Open("/" + new string('n', 256), OpenFlags.Create | OpenFlags.WriteOnly));
        string path = string.Concat(Enumerable.Repeat("/a/..", 818)) + "/a/b";
        Assert.Equal(4094, path.Length);
        Assert.True(client.Open("/" + path) >= 0);
        Assert.Equal(-(long)Errno.ENAMETOOLONG, client.Open("//" + path));
    }

    [Fact]
    public void The_working_directory_has_a_name_until_it_is_removed()
    {
        client.MakeDirectory("/a/gone");
        Assert.Equal(0, client.ChangeDirectory("/a/gone"));
        Assert.Equal("/a/gone", client.WorkingDirectory());
        Assert.Equal(0, client.RemoveDirectory("/a/gone"));
        Assert.Equal("ENOENT", client.WorkingDirectory());
        Assert.Equal(-(long)Errno.ENOENT, client.Open("new", OpenFlags.Create | OpenFlags.WriteOnly));
        Assert.Equal(0, client.ChangeDirectory(".."));
        Assert.Equal("/a", client.WorkingDirectory());
    }

    [Fact]
    public void A_mount_covers_a_directory_and_dot_dot_leaves_it()
    {
        Assert.Equal(0, client.MakeDirectory("/mnt"));
        byte[] strings = TestClient.Bytes("tmp" + "/mnt" + "tmpfs");
        Assert.Equal(0, client.Call(Libsys.Messages.VfsOperation.Mount, strings, a1: 3, a2: 4, a3: 5));
        client.WriteText("/mnt/inside", "x");
        Assert.Equal(0, client.ChangeDirectory("/mnt"));
        Assert.Equal("/mnt", client.WorkingDirectory());
        Assert.Equal(-(long)Errno.EXDEV, client.Rename("/mnt/inside", "/outside"));
        Assert.Equal(-(long)Errno.EBUSY, client.Call(Libsys.Messages.VfsOperation.Unmount, TestClient.Bytes("/mnt")));
        Assert.Equal(0, client.ChangeDirectory(".."));
        Assert.Equal("/", client.WorkingDirectory());
        Assert.Equal(-(long)Errno.EBUSY, client.RemoveDirectory("/mnt"));
        Assert.Equal(0, client.Call(Libsys.Messages.VfsOperation.Unmount, TestClient.Bytes("/mnt")));
        Assert.Equal(-(long)Errno.ENOENT, client.Open("/mnt/inside"));
    }

    [Fact]
    public void A_changed_root_cannot_be_left_by_dot_dot()
    {
        Assert.Equal(0, client.Call(Libsys.Messages.VfsOperation.ChangeRoot, TestClient.Bytes("/a/b")));
        Assert.Equal(0, client.ChangeDirectory("/"));
        Assert.True(client.Open("/../../file") >= 0);
        Assert.Equal("/", client.WorkingDirectory());
    }

    [Fact]
    public void Search_permission_is_needed_on_the_way()
    {
        TestClient user = system.NewClient(2, parent: 1);
        system.Registry.SetCredentials(2, new Credentials(1000, 1000, 1000, 1000, []));
        client.ChangeMode("/a/b", 0x1C0); // 0700
        Assert.Equal(-(long)Errno.EACCES, user.Open("/a/b/file"));
        Assert.True(client.Open("/a/b/file") >= 0);
        client.ChangeMode("/a/b", 0x1ED);
        Assert.True(user.Open("/a/b/file") >= 0);
        Assert.Equal(-(long)Errno.EACCES, user.Open("/a/b/file", OpenFlags.WriteOnly));
        Assert.Equal(-(long)Errno.EACCES, user.Unlink("/a/b/file"));
    }

    [Fact]
    public void The_sticky_bit_keeps_strangers_from_removing()
    {
        client.MakeDirectory("/tmp");
        client.ChangeMode("/tmp", 0x3FF);
        TestClient first = system.NewClient(2, parent: 1);
        TestClient second = system.NewClient(3, parent: 1);
        system.Registry.SetCredentials(2, new Credentials(1000, 1000, 1000, 1000, []));
        system.Registry.SetCredentials(3, new Credentials(1001, 1001, 1001, 1001, []));
        first.WriteText("/tmp/mine", "x");
        Assert.Equal(-(long)Errno.EPERM, second.Unlink("/tmp/mine"));
        Assert.Equal(-(long)Errno.EPERM, second.Rename("/tmp/mine", "/tmp/yours"));
        Assert.Equal(0, first.Unlink("/tmp/mine"));
    }
}

public sealed class PathLookupOnDiskTests() : PathLookupTests(RootKind.Disk);
