using System.Globalization;

namespace Servers.Supervisor.Policy;

/// <summary>What the supervisor sees of a server at a check.</summary>
/// <param name="HasAnswered">The last heartbeat was answered.</param>
/// <param name="CpuTime">Nanoseconds of CPU that its threads have had so far; time in the kernel may count less.</param>
/// <param name="Runnable">Threads that run or could.</param>
/// <param name="PeersAnswer">All servers that it may be waiting for answer their heartbeats.</param>
internal readonly record struct HealthSample(bool HasAnswered, ulong CpuTime, uint Runnable, bool PeersAnswer);

/// <summary>
/// Tells a server that hangs from one that is slow. A busy host gives little CPU time in much wall time, so wall time alone is no sign: a server hangs if it
/// has had more CPU time since an unanswered heartbeat than any handler may take, or if at several checks in a row none of its threads could run although those
/// that it may wait for are well.
/// </summary>
/// <param name="cpuBound">CPU time without an answer, nanoseconds.</param>
/// <param name="blockedChecks">Checks in a row without a thread that could run.</param>
internal sealed class HangDetector(ulong cpuBound, int blockedChecks)
{
    /// <summary>
    /// CPU time that no handler of a loop takes: most take microseconds, copying a large space for fork takes tens of milliseconds. The rest is for a host that
    /// stops a virtual CPU, which looks like CPU time from inside.
    /// </summary>
    public const ulong LoopBound = 1_000_000_000;

    /// <summary>CPU time that no server needs to start: vfs takes some 100 ms under emulation.</summary>
    public const ulong StartBound = 10_000_000_000;

    /// <summary>Three seconds of checks: longer than the process server waits for terminals to drain before power-off.</summary>
    public const int BlockedChecks = 12;

    /// <summary>CPU time since a heartbeat from which on the next one is asked for at once: answering takes a tenth of a millisecond.</summary>
    public const ulong BusyTime = 10_000_000;

    /// <summary>A server that is less busy is asked at one check in so many (a second): a heartbeat wakes the server, and the host of an idle system.</summary>
    public const int QuietChecks = 4;

    private ulong cpuAtPing;
    private int blocked, quiet;
    private bool isAsked;

    /// <summary>Why the server counts as hanging, or null. If null, <paramref name="asks"/>: a new heartbeat is to be sent.</summary>
    public string? Check(in HealthSample sample, out bool asks)
    {
        asks = !isAsked || (sample.HasAnswered && (++quiet >= QuietChecks || sample.CpuTime - cpuAtPing > BusyTime));
        if (asks)
        {
            isAsked = true;
            blocked = quiet = 0;
            cpuAtPing = sample.CpuTime;
        }

        if (asks || sample.HasAnswered)
            return null;

        ulong used = sample.CpuTime - cpuAtPing;
        if (used > cpuBound)
            return string.Create(CultureInfo.InvariantCulture, $"hangs: {used / 1_000_000} ms of CPU time without an answer to a heartbeat");
        blocked = sample.Runnable == 0 && sample.PeersAnswer ? blocked + 1 : 0;
        return blocked >= blockedChecks
            ? string.Create(CultureInfo.InvariantCulture, $"hangs: no answer to a heartbeat and no thread that could run at {blocked} checks in a row")
            : null;
    }
}
