namespace Servers.Supervisor.Keeping;

/// <summary>
/// Counts the ends of a server in a row that came soon and that nobody asked for. A successor that goes on from its predecessor's state may die of what that
/// one died of: it is told the count, and when it has not helped itself by then, it gets nothing of the past any more.
/// </summary>
internal sealed class KeepTrust
{
    /// <summary>
    /// After this many ends in a row what was kept is released: the second process knows that it is the second, so one more than that had the chance to refuse
    /// what kills.
    /// </summary>
    public const uint MostAttempts = 3;

    // A request that kills is served within milliseconds after the start; ten seconds are long enough for a slow start under emulation, and too short for
    // failures that have other causes.
    private const ulong LongRun = 10_000_000_000;

    /// <summary>Ends in a row; what the next process is told.</summary>
    public uint Attempt { get; private set; }

    /// <summary>A process has ended. True: what is kept is to be released before the next one begins.</summary>
    /// <param name="ran">Nanoseconds between its being ready and its end; 0 if it never was ready.</param>
    /// <param name="isRequested">Root asked for it: a process that had been ready could live with what it found.</param>
    public bool Ended(ulong ran, bool isRequested)
    {
        if (isRequested)
        {
            if (ran > 0)
                Attempt = 0;
            return false;
        }

        Attempt = ran >= LongRun ? 1 : Attempt + 1;
        if (Attempt < MostAttempts)
            return false;
        Attempt = 0;
        return true;
    }
}
