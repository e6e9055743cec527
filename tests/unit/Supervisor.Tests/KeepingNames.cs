using System.Text;
using CsCheck;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Supervisor.Keeping;

namespace Servers.Supervisor.Tests;

public sealed class KeepingNames
{
    private const int Most = 4;

    private readonly List<uint> closed = [];

    [Fact]
    public void A_name_stands_for_what_was_kept_last()
    {
        KeptNames names = Fresh();
        Assert.Equal(KeepError.None, names.Keep("a", Handles(1, 2)));
        Assert.Equal(KeepError.None, names.Keep("a", Handles(3)));
        Assert.Equal([1u, 2u], closed);
        Assert.True(names.TryFind("a", out KernelHandle[] found));
        Assert.Equal(Handles(3), found);
        Assert.Equal((1, 1), (names.Count, names.Handles));
    }

    [Fact]
    public void A_name_that_is_one_too_many_is_refused_and_one_that_exists_is_not()
    {
        KeptNames names = Fresh();
        for (uint name = 0; name < Most; name++)
            names.Keep($"n{name}", Handles(name + 1));
        Assert.Equal(KeepError.NoRoom, names.Keep("more", Handles(9)));
        Assert.False(names.TryFind("more", out _));
        Assert.Empty(closed); // refused handles stay the caller's
        Assert.Equal(KeepError.None, names.Keep("n0", Handles(9)));
        Assert.Equal([1u], closed);
        Assert.Equal(KeepError.BadArgument, names.Keep("n0", []));
        Assert.Equal(KeepError.BadArgument, names.Keep("n0", Handles(1, 2, 3, 4, 5)));
    }

    [Fact]
    public void A_server_without_names_keeps_nothing() => Assert.Equal(KeepError.NoRoom, new KeptNames(0, _ => { }).Keep("a", Handles(1)));

    [Fact]
    public void Releasing_closes_once()
    {
        KeptNames names = Fresh();
        names.Keep("a", Handles(1, 2));
        Assert.True(names.Release("a"));
        Assert.False(names.Release("a"));
        Assert.Equal([1u, 2u], closed);
        names.Keep("b", Handles(3));
        names.Keep("c", Handles(4));
        names.ReleaseAll();
        Assert.Equal([1u, 2u, 3u, 4u], closed.Order());
        Assert.Equal((0, 0), (names.Count, names.Handles));
    }

    [Fact]
    public void The_walk_over_names_goes_by_their_bytes_whatever_comes_and_goes()
    {
        KeptNames names = Fresh();
        foreach (string name in (string[])["b", "Z", "a.10", "a.9"])
            names.Keep(name, Handles(1));
        Assert.Equal("Z", names.Next(""));
        Assert.Equal("a.10", names.Next("Z"));
        names.Release("a.10");
        Assert.Equal("a.9", names.Next("a.10")); // the name itself need not exist any more
        Assert.Equal("b", names.Next("a.9"));
        Assert.Null(names.Next("b"));
    }

    [Theory]
    [InlineData("connection.0", true)]
    [InlineData("!~", true)]
    [InlineData("", false)]
    [InlineData("a b", false)]
    [InlineData("a\u007f", false)]
    [InlineData("\u00e9", false)]
    public void Names_are_printable(string name, bool isName) => Assert.Equal(isName ? name : null, KeptNames.Parse(Encoding.UTF8.GetBytes(name)));

    [Fact]
    public void No_handle_is_lost_or_closed_twice() =>
        Gen.Select(Gen.Int[0, 6], Gen.Int[0, 2], Gen.Int[1, 4]).Array[0, 60].Sample(operations =>
        {
            var open = new HashSet<uint>();
            uint last = 0;
            var names = new KeptNames(Most, handle => Assert.True(open.Remove(handle.Index)));
            foreach ((int name, int operation, int count) in operations)
            {
                if (operation == 0)
                {
                    names.Release($"{name}");
                    continue;
                }

                KernelHandle[] handles = [.. Enumerable.Range(0, count).Select(_ => new KernelHandle(++last))];
                if (names.Keep($"{name}", handles) == KeepError.None)
                    open.UnionWith(handles.Select(handle => handle.Index));
                Assert.Equal(open.Count, names.Handles);
                Assert.True(names.Count <= Most);
            }

            names.ReleaseAll();
            Assert.Empty(open);
        });

    private static KernelHandle[] Handles(params uint[] indices) => [.. indices.Select(index => new KernelHandle(index))];

    private KeptNames Fresh() => new(Most, handle => closed.Add(handle.Index));
}
