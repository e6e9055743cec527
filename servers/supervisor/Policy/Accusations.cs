namespace Servers.Supervisor.Policy;

/// <summary>
/// What a server says of one whose end nobody makes good. Its own memory may be what is wrong, and then it finds faults in everybody: so it is replaced itself,
/// which costs its clients milliseconds, and is believed when its successors keep finding the same.
/// </summary>
internal sealed class Accusations
{
    /// <summary>Processes in a row that have to say it. One that was started on what its predecessor had spoilt (its device) may be wrong too.</summary>
    public const int Believed = 3;

    /// <summary>
    /// Nanoseconds within which each has to follow the one before: a successor takes all again within milliseconds, and delays of restarts are up to 2 s.
    /// </summary>
    public const ulong Window = 10_000_000_000;

    private ulong accused, last;
    private uint lastBy;
    private int said;

    /// <summary>A process accuses another; each process says so once, for it is ended if it is not believed. Not for one that was asked to do so.</summary>
    /// <param name="generation">Of the process that says so.</param>
    /// <param name="process">Number of the accused.</param>
    /// <param name="now">Nanoseconds since boot, never falling.</param>
    /// <returns>True: it is believed.</returns>
    public bool Say(uint generation, ulong process, ulong now)
    {
        said = process == accused && generation == lastBy + 1 && now - last <= Window ? said + 1 : 1;
        (accused, lastBy, last) = (process, generation, now);
        return said >= Believed;
    }
}
