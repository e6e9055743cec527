namespace Libsys.Hosting;

/// <summary>
/// Finds out which peers have a new generation, or will have none: the supervisor's bit says only that there is news of some peer, its table says what. Each is
/// told to those who watch it, once.
/// </summary>
/// <param name="published">Generation of a server, 0 if it is not known, and whether it has failed for good.</param>
internal sealed class RestartedPeers(Func<string, (uint Generation, bool HasFailed)> published)
{
    private readonly List<Watch> watches = [];

    /// <summary>
    /// Watches a server from its present generation on. <paramref name="failed"/> is called when it has ended and is not started again, also if that was
    /// before.
    /// </summary>
    public void Add(string name, Action<uint> restarted, Action? failed = null)
    {
        (uint generation, bool hasFailed) = published(name);
        watches.Add(new Watch(name, restarted, failed) { Generation = generation, HasFailed = hasFailed });
        if (hasFailed)
            failed?.Invoke();
    }

    /// <summary>The bit was set.</summary>
    public void Look()
    {
        foreach (Watch watch in watches)
        {
            (uint generation, bool hasFailed) = published(watch.Name);
            if (hasFailed && !watch.HasFailed)
            {
                watch.HasFailed = true;
                watch.Failed?.Invoke();
            }

            if (hasFailed || (generation != 0 && generation == watch.Generation))
                continue;
            watch.Generation = generation;
            watch.Restarted(generation);
        }
    }

    private sealed record Watch(string Name, Action<uint> Restarted, Action? Failed)
    {
        public uint Generation { get; set; }

        public bool HasFailed { get; set; }
    }
}
