namespace Servers.Supervisor.Policy;

/// <summary>What to do after a failure.</summary>
/// <param name="GivesUp">It failed too often: it stays down.</param>
/// <param name="Delay">Otherwise: nanoseconds to wait before the restart.</param>
internal readonly record struct RestartDecision(bool GivesUp, ulong Delay);

/// <summary>
/// When a failed server is started again: at once after the first failure, then after a delay that doubles with each further failure up to a cap; not at all
/// after too many within the window. Ends that root asked for say nothing about the server and are not counted.
/// </summary>
/// <param name="mostFailures">This many failures within the window are survived.</param>
/// <param name="window">Length of the window, nanoseconds.</param>
internal sealed class RestartBackoff(int mostFailures, ulong window)
{
    // The second failure in a row may still be chance (a request that is replayed and hits the same bug is not); 50 ms are not noticed at a terminal.
    private const ulong FirstDelay = 50_000_000;

    // Beyond this waiting longer does not help what restarting does not.
    private const ulong LongestDelay = 2_000_000_000;

    private readonly Queue<ulong> failures = new();

    /// <summary>Failures within the window that ends now.</summary>
    public int Recent => failures.Count;

    /// <summary>Counts a failure at a time (nanoseconds since boot, never falling) and decides.</summary>
    /// <param name="now">Time of the failure.</param>
    /// <param name="isRequested">Root asked for it.</param>
    public RestartDecision Fail(ulong now, bool isRequested)
    {
        while (failures.TryPeek(out ulong oldest) && now - oldest > window)
            failures.Dequeue();
        if (isRequested)
            return default;
        failures.Enqueue(now);
        if (failures.Count > mostFailures)
            return new RestartDecision(GivesUp: true, 0);
        int doublings = failures.Count - 2;
        ulong delay = doublings < 0 ? 0 : doublings > 16 ? LongestDelay : Math.Min(FirstDelay << doublings, LongestDelay);
        return new RestartDecision(GivesUp: false, delay);
    }
}
