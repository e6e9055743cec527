using System.Globalization;

namespace Servers.Supervisor.Policy;

/// <summary>
/// A client has waited for longer than it should, and the server has been asked for a sign of life: the same signs as of a hang (<see cref="HangDetector"/>),
/// at shorter notice. A host that stops a virtual CPU looks like CPU time from inside, so the notice may be too short for a busy host: each hang found this way
/// that nobody asked for doubles it, and does not count as a failure until it is as long as that of a hang without a suspicion. Each that an answer ends takes
/// a little back.
/// </summary>
internal sealed class Suspicion
{
    /// <summary>CPU time without an answer, nanoseconds: handlers of a driver take some ten microseconds.</summary>
    public const ulong ShortestBound = 5_000_000;

    /// <summary>Time between two looks, nanoseconds.</summary>
    public const ulong Period = 2_000_000;

    // A thread that is woken and has its answer to write can run. Several looks, for one that waits for a moment within a handler.
    private const int BlockedLooks = 3;

    // Most suspicions are answered: on a host that is busy all the time, an eighth back for each had a driver at work replaced every few seconds.
    private const ulong Forgiving = 64;

    // A second: after that the ordinary checks know as much.
    private const int MostLooks = 500;

    private ulong cpuAtBeginning;
    private int looks, blocked;

    /// <summary>CPU time that the server is allowed now.</summary>
    public ulong Bound { get; private set; } = ShortestBound;

    /// <summary>It is being looked into.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>A hang that is found counts as a failure of the server.</summary>
    public bool Counts => Bound >= HangDetector.LoopBound;

    /// <summary>A client suspects the server, which is asked for a sign of life now.</summary>
    public void Begin(ulong cpuTime) => (IsOpen, cpuAtBeginning, looks, blocked) = (true, cpuTime, 0, 0);

    /// <summary>The process that was suspected is no more.</summary>
    public void End() => IsOpen = false;

    /// <summary>One look: why the server counts as hanging, or null. It is over unless <see cref="IsOpen"/>.</summary>
    public string? Look(in HealthSample sample)
    {
        looks++;
        ulong used = sample.CpuTime - cpuAtBeginning;
        blocked = sample.Runnable == 0 && sample.PeersAnswer ? blocked + 1 : 0;
        IsOpen = !sample.HasAnswered && used <= Bound && blocked < BlockedLooks && looks < MostLooks;
        if (sample.HasAnswered)
        {
            // Some forty that were wrong make up for one more that was found too soon: the host may be less busy now.
            Bound = Math.Max(Bound - Bound / Forgiving, ShortestBound);
            return null;
        }

        if (used > Bound)
            return string.Create(CultureInfo.InvariantCulture, $"hangs: {used / 1000} us of CPU time without an answer to a heartbeat, while a client waits");
        return blocked >= BlockedLooks ? "hangs: no answer to a heartbeat and no thread that could run, while a client waits" : null;
    }

    /// <summary>A hang was found that nobody had asked for.</summary>
    public void Found() => Bound = Math.Min(2 * Bound, HangDetector.LoopBound);
}
