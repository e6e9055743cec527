namespace Libsys.Hosting;

/// <summary>
/// Finds out which peers have a new generation: the supervisor's bit says only that some peer has one, its table says which. Each is told to those who watch
/// it, once.
/// </summary>
/// <param name="generationOf">Published generation of a server; 0 if it is not known.</param>
internal sealed class RestartedPeers(Func<string, uint> generationOf)
{
    private readonly List<Watch> watches = [];

    /// <summary>Watches a server from its present generation on.</summary>
    public void Add(string name, Action<uint> restarted) => watches.Add(new Watch(name, restarted) { Generation = generationOf(name) });

    /// <summary>The bit was set.</summary>
    public void Look()
    {
        foreach (Watch watch in watches)
        {
            uint generation = generationOf(watch.Name);
            if (generation != 0 && generation == watch.Generation)
                continue;
            watch.Generation = generation;
            watch.Restarted(generation);
        }
    }

    private sealed record Watch(string Name, Action<uint> Restarted)
    {
        public uint Generation { get; set; }
    }
}
