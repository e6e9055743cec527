using Libsys.Abi;
using Libsys.Messages;

namespace Servers.Vfs.Tests;

/// <summary>What vfs maps for a client, and what it refuses: the client names address, length, offset and protection, and lies.</summary>
public sealed class MapRequestTests
{
    private const ulong Address = 0x5000_0000, Page = 4096;
    private const MapFlags Shared = MapFlags.Read | MapFlags.Write | MapFlags.Shared;

    private readonly TestSystem system = new();
    private readonly TestClient client;

    public MapRequestTests()
    {
        client = system.NewClient(1);
        client.WriteText("/file", "contents");
    }

    [Fact]
    public void A_file_is_mapped_into_the_space_that_asks_where_it_asks()
    {
        TestClient other = system.NewClient(2);
        Assert.Equal(0, Map(client.Open("/file"), length: 4 * Page));
        (ulong address, long length, _, _, long offset, _) = Assert.Single(client.Channel.Maps);
        Assert.Equal((Address, (long)(4 * Page), 0L), (address, length, offset));
        Assert.Empty(other.Channel.Maps);
    }

    [Theory]
    [InlineData(OpenFlags.WriteOnly, MapFlags.Read, Errno.EACCES)]
    [InlineData(OpenFlags.WriteOnly, Shared, Errno.EACCES)]
    [InlineData(0u, Shared, Errno.EACCES)]
    [InlineData(0u, MapFlags.Read | MapFlags.Write, Errno.None)]
    [InlineData(OpenFlags.ReadWrite, Shared, Errno.None)]
    public void The_open_mode_bounds_what_can_be_mapped(uint open, MapFlags flags, Errno error)
    {
        Assert.Equal(-(long)error, Map(client.Open("/file", open), flags));
        Assert.Equal(error == Errno.None ? 1 : 0, client.Channel.Maps.Count);
    }

    [Theory]
    [InlineData(Window.Base, Page, 0)]
    [InlineData(Window.Base - Page, 2 * Page, 0)]
    [InlineData(Window.VfsConnection, Page, 0)]
    [InlineData(ulong.MaxValue - Page + 1, Page, 0)]
    [InlineData(0, Page, 0)]
    [InlineData(Address + 1, Page, 0)]
    [InlineData(Address, 0, 0)]
    [InlineData(Address, Page + 1, 0)]
    [InlineData(Address, Page, 1)]
    [InlineData(Address, ulong.MaxValue - Page + 1, 0)]
    [InlineData(Address, Page, ulong.MaxValue - Page + 1)]
    public void Nothing_is_mapped_at_the_window_or_by_numbers_that_lie(ulong address, ulong length, ulong offset)
    {
        Assert.InRange(Map(client.Open("/file", OpenFlags.ReadWrite), Shared, address, length, offset), -4095, -1);
        Assert.Empty(client.Channel.Maps);
    }

    [Fact]
    public void What_is_no_file_cannot_be_mapped()
    {
        Assert.Equal(-(long)Errno.EBADF, Map(12345));
        Assert.Equal(-(long)Errno.ENODEV, Map(client.Pipe().Read));
        Assert.Equal(-(long)Errno.ENODEV, Map(client.Open("/", OpenFlags.Directory)));
        Assert.Empty(client.Channel.Maps);
    }

    private long Map(long handle, MapFlags flags = MapFlags.Read, ulong address = Address, ulong length = Page, ulong offset = 0) =>
        client.Call(VfsOperation.Map, a0: (ulong)handle, a1: offset, a2: length, a3: (ulong)flags, a4: address);
}
