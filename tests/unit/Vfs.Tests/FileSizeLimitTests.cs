using Libsys.Messages;

namespace Servers.Vfs.Tests;

/// <summary>RLIMIT_FSIZE, getrlimit(2).</summary>
public class FileSizeLimitTests
{
    private readonly TestSystem system;
    private readonly TestClient client;

    public FileSizeLimitTests()
        : this(RootKind.Tmpfs)
    {
    }

    protected FileSizeLimitTests(RootKind kind)
    {
        system = new TestSystem(kind);
        client = system.NewClient(1);
        system.Registry.SetFileSizeLimit(1, 10);
    }

    [Fact]
    public void A_write_stops_at_the_limit_and_fails_beyond_it()
    {
        long file = client.Open("/f", OpenFlags.Create | OpenFlags.ReadWrite);
        Assert.Equal(10, client.Write(file, "0123456789abc"u8));
        Refuses(client.Write(file, "x"u8));
        Assert.Equal(0, client.Write(file, default));
        Assert.Equal(1, client.Write(file, "y"u8, 9));
        Refuses(client.Write(file, "x"u8, 10));
    }

    [Fact]
    public void Growing_without_writing_is_limited_too_and_shrinking_is_not()
    {
        long file = client.Open("/f", OpenFlags.Create | OpenFlags.ReadWrite);
        Assert.Equal(0, client.Truncate(file, 10));
        Refuses(client.Truncate(file, 11));
        Refuses(client.Call(VfsOperation.Allocate, a0: (ulong)file, a2: 8, a3: 3));
        system.Registry.SetFileSizeLimit(1, ulong.MaxValue);
        Assert.Equal(0, client.Truncate(file, 100));
        system.Registry.SetFileSizeLimit(1, 10);
        Assert.Equal(0, client.Truncate(file, 50));
    }

    [Fact]
    public void A_transfer_stops_at_the_limit()
    {
        system.Registry.SetFileSizeLimit(1, ulong.MaxValue);
        client.WriteText("/source", "0123456789abcdef");
        system.Registry.SetFileSizeLimit(1, 10);
        long source = client.Open("/source");
        long target = client.Open("/target", OpenFlags.Create | OpenFlags.ReadWrite);
        Assert.Equal(10, client.Call(VfsOperation.Transfer, a0: (ulong)target, a1: ulong.MaxValue, a2: (ulong)source, a3: ulong.MaxValue, a4: 16));
        Refuses(client.Call(VfsOperation.Transfer, a0: (ulong)target, a1: ulong.MaxValue, a2: (ulong)source, a3: ulong.MaxValue, a4: 6));
        Assert.Equal(6, client.Read(source, 100, out _));
    }

    [Fact]
    public void Pipes_have_no_limit_and_children_inherit_it()
    {
        (long read, long write) = client.Pipe();
        Assert.Equal(20, client.Write(write, new byte[20]));
        Assert.Equal(20, client.Read(read, 100, out _));
        TestClient child = system.NewClient(2, parent: 1);
        Assert.Equal(10, child.Write(child.Open("/g", OpenFlags.Create | OpenFlags.ReadWrite), new byte[20]));
    }

    private void Refuses(long result)
    {
        Assert.Equal(-(long)Errno.EFBIG, result);
        Assert.Equal(VfsLimits.FileSizeExceeded, client.Last.V0);
    }
}

public sealed class FileSizeLimitOnDiskTests() : FileSizeLimitTests(RootKind.Disk);
