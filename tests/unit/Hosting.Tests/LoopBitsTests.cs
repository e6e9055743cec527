namespace Libsys.Hosting.Tests;

/// <summary>Which bit of its loop's notification a source gets: two that share one are looked at together at each bell of either.</summary>
public sealed class LoopBitsTests
{
    // Those that the supervisor does not bind, docs/ring-protocol.md; of them the shared ones begin in the middle.
    private const int All = 48, FirstShared = 32;

    private sealed class Source : EventSource
    {
        protected internal override bool Turn() => false;

        protected internal override bool PrepareSleep() => true;
    }

    [Fact]
    public void Sources_share_bits_only_while_there_are_more_than_bits_and_never_those_of_the_first()
    {
        var sources = new List<EventSource>[64];
        for (int number = 0; number < All + 5 * (All - FirstShared); number++)
        {
            int bit = EventLoop.ChooseBit(sources);
            Assert.True(number < All ? sources[bit] is null : bit >= FirstShared);
            (sources[bit] ??= []).Add(new Source());
        }

        Assert.All(sources[FirstShared..All], shared => Assert.Equal(6, shared.Count));
        Assert.All(sources[All..], Assert.Null);
    }

    [Fact]
    public void A_bit_whose_source_has_gone_is_used_again()
    {
        var sources = new List<EventSource>[64];
        for (int number = 0; number < 2 * All; number++)
            (sources[EventLoop.ChooseBit(sources)] ??= []).Add(new Source());
        sources[7].Clear();
        Assert.Equal(7, EventLoop.ChooseBit(sources));
        sources[7].Add(new Source());
        sources[40].RemoveAt(0);
        Assert.Equal(40, EventLoop.ChooseBit(sources));
    }
}
