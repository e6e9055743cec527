using System.Text;
using Servers.Vfs.Caches;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Tests;

/// <summary>What a cache lets go, and what not: with absent names, which take a place like others.</summary>
public sealed class NameCacheTests
{
    private const int Limit = 4;
    private readonly DentryCache cache = new(Limit);
    private readonly CachedDentry root;

    public NameCacheTests() => root = cache.CreateRoot((CachedInode)new TestSystem(RootKind.Disk).Disk!.Root.Inode);

    [Fact]
    public void The_least_recently_used_go_first()
    {
        for (int index = 0; index < Limit; index++)
            Learn(new Trier(index + 1), "n" + index);
        Assert.True(Knows(new Trier(10), "n0"));
        Learn(new Trier(11), "new");
        Assert.False(Knows(new Trier(12), "n1"));
        Assert.True(Knows(new Trier(13), "n0") && Knows(new Trier(14), "n2") && Knows(new Trier(15), "new"));
        Assert.Equal(Limit, cache.Count);
    }

    [Fact]
    public void Nothing_that_a_try_has_met_goes_before_it_ends()
    {
        var trier = new Trier(1);
        for (int index = 0; index < 3 * Limit; index++)
            Learn(trier, "n" + index);
        Assert.Equal(3 * Limit, cache.Count);
        Learn(new Trier(2), "new");
        Assert.Equal(Limit, cache.Count);
    }

    [Fact]
    public void What_an_often_tried_request_meets_stays_until_it_ends_and_only_one_is_so_favoured()
    {
        var favourite = new Trier(1) { OftenTried = 17, Number = 7 };
        var second = new Trier(2) { OftenTried = 17, Number = 8 };
        Learn(favourite, "a");
        Learn(favourite, "b");
        Learn(second, "c");
        Crowd(100);
        Assert.True(Knows(favourite, "a") && Knows(favourite, "b"));
        Assert.False(Knows(second, "c"));
        Assert.InRange(cache.Count, Limit, Limit + 2);

        favourite.Number = 0; // it has ended
        Learn(second, "c");
        Crowd(200);
        Assert.True(Knows(second, "c"));
        Assert.False(Knows(new Trier(1000), "a"));
    }

    private void Crowd(int first)
    {
        for (int index = first; index < first + 50; index++)
            Learn(new Trier(index), "crowd" + index);
    }

    private void Learn(OperationContext context, string name) => cache.Add(context, root, Encoding.ASCII.GetBytes(name), null);

    private bool Knows(OperationContext context, string name) => cache.Find(context, root, Encoding.ASCII.GetBytes(name), out _) != CachedName.Unknown;

    private sealed class Trier : OperationContext
    {
        public Trier(long number) => Try = number;

        public int OftenTried
        {
            init => Tries = value;
        }

        public long Number
        {
            set => Serial = value;
        }

        public override Errno WaitOn(WaitQueue queue) => Errno.Wait;
    }
}
