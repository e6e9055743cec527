namespace Libsys.Hosting.Tests;

/// <summary>A client with several peers is told which of them restarted.</summary>
public sealed class PeerGenerations
{
    [Fact]
    public void Only_the_peer_that_restarted_is_told_and_only_once()
    {
        var published = new Dictionary<string, uint> { ["block"] = 1, ["net"] = 7 };
        var told = new List<(string, uint)>();
        var peers = new RestartedPeers(name => (published.GetValueOrDefault(name), false));
        peers.Add("block", generation => told.Add(("block", generation)));
        peers.Add("net", generation => told.Add(("net", generation)));
        peers.Look();
        Assert.Empty(told);
        published["net"] = 8;
        peers.Look();
        peers.Look();
        Assert.Equal([("net", 8u)], told);
        published["net"] = 10; // two restarts, one look
        published["block"] = 2;
        peers.Look();
        Assert.Equal([("net", 8u), ("block", 2u), ("net", 10u)], told);
    }

    [Fact]
    public void That_a_peer_is_not_started_again_is_told_once_and_also_to_who_comes_later()
    {
        (uint, bool) published = (3, false);
        var told = new List<string>();
        var peers = new RestartedPeers(_ => published);
        peers.Add("block", generation => told.Add($"first {generation}"), () => told.Add("first failed"));
        peers.Look();
        Assert.Empty(told);
        published = (3, true);
        peers.Look();
        peers.Look();
        peers.Add("block", generation => told.Add($"second {generation}"), () => told.Add("second failed"));
        peers.Add("block", generation => told.Add($"third {generation}"));
        peers.Look();
        Assert.Equal(["first failed", "second failed"], told);
    }

    [Fact]
    public void Without_a_table_every_restart_may_be_the_peers()
    {
        int told = 0;
        var peers = new RestartedPeers(_ => (0, false));
        peers.Add("console", generation =>
        {
            Assert.Equal(0u, generation);
            told++;
        });
        peers.Look();
        peers.Look();
        Assert.Equal(2, told);
    }
}
