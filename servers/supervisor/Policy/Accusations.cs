namespace Servers.Supervisor.Policy;

/// <summary>
/// What cheaper servers say of one whose end nobody makes good. Whose own memory is wrong finds faults in everybody: so an accuser is replaced first, which
/// costs its clients milliseconds, and is believed when another server says the same, or its own successors keep saying it.
/// </summary>
internal sealed class Accusations
{
    /// <summary>Processes of one server in a row that have to say it. One that was started on what its predecessor had spoilt may be wrong too.</summary>
    public const int Believed = 3;

    /// <summary>Servers that have to say it: memory of two is not spoilt at once.</summary>
    public const int Witnesses = 2;

    /// <summary>
    /// Nanoseconds within which each has to follow the one before: a successor takes all again within milliseconds, and delays of restarts are up to 2 s.
    /// </summary>
    public const ulong Window = 10_000_000_000;

    private readonly Dictionary<string, (uint Generation, int Said, ulong Last)> accusers = [];
    private ulong accused;

    /// <summary>A process accuses another; each process says so once, for it is ended if it is not believed. Not for one that was asked to fail.</summary>
    /// <param name="server">Who says so.</param>
    /// <param name="generation">Of its process.</param>
    /// <param name="process">Number of the accused.</param>
    /// <param name="now">Nanoseconds since boot, never falling.</param>
    /// <returns>True: it is believed.</returns>
    public bool Say(string server, uint generation, ulong process, ulong now)
    {
        if (process != accused)
            accusers.Clear();
        accused = process;
        (uint last, int said, ulong at) = accusers.GetValueOrDefault(server);
        said = said > 0 && generation == last + 1 && now - at <= Window ? said + 1 : 1;
        accusers[server] = (generation, said, now);
        return said >= Believed || accusers.Values.Count(accuser => now - accuser.Last <= Window) >= Witnesses;
    }
}
