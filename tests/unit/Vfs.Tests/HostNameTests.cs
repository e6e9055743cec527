using System.Text;
using Libsys.Messages;
using Servers.Vfs.Machine;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests;

public sealed class HostNameTests
{
    private readonly HostName name = new();

    private string Text => Encoding.ASCII.GetString(name.Text);

    [Theory]
    [InlineData("new\n", 0, "new")]
    [InlineData("one\ntwo", 0, "one")]
    [InlineData("", 0, "")]
    [InlineData("x", 3, "(nox")]
    [InlineData("x", 6, "(none)x")]
    [InlineData("x", 7, "(none)")]
    public void A_write_ends_at_the_line_break_and_keeps_what_lies_before_it(string data, long offset, string expected)
    {
        name.Write(Encoding.ASCII.GetBytes(data), offset);
        Assert.Equal(expected, Text);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    public void What_is_too_long_is_cut(long offset)
    {
        name.Write(Encoding.ASCII.GetBytes(new string('a', 100)), offset);
        Assert.Equal(SystemName.Longest, name.Text.Length);
        Assert.Equal(SystemName.Field, name.Field.Length);
        Assert.Equal(0, name.Field[^1]);
    }

    [Fact]
    public void Root_sets_and_everybody_gets_both_names()
    {
        var system = new TestSystem();
        TestClient client = system.NewClient(1);
        Assert.Equal(0, client.Call(VfsOperation.HostNames, "box"u8, a0: HostNameAction.SetHost));
        Assert.Equal(0, client.Call(VfsOperation.HostNames, "home"u8, a0: HostNameAction.SetDomain));
        Assert.Equal(-(long)Errno.EINVAL, client.Call(VfsOperation.HostNames, new byte[SystemName.Field], a0: HostNameAction.SetHost));
        system.Registry.SetCredentials(1, new Credentials(1000, 1000, 1000, 1000, []));
        Assert.Equal(-(long)Errno.EPERM, client.Call(VfsOperation.HostNames, "no"u8, a0: HostNameAction.SetHost));
        Assert.Equal(-(long)Errno.EPERM, client.Call(VfsOperation.HostNames, new byte[SystemName.Field], a0: HostNameAction.SetHost));
        Assert.Equal(0, client.Call(VfsOperation.HostNames, new byte[2 * SystemName.Field]));
        Assert.StartsWith("box\0", Encoding.ASCII.GetString(client.Channel.Pool), StringComparison.Ordinal);
        Assert.StartsWith("home\0", Encoding.ASCII.GetString(client.Channel.Pool[SystemName.Field..]), StringComparison.Ordinal);
        Assert.Equal(-(long)Errno.EINVAL, client.Call(VfsOperation.HostNames, new byte[10]));
        Assert.Equal(-(long)Errno.EINVAL, client.Call(VfsOperation.HostNames, default, a0: 3));
    }
}
