using Libsys.Hosting;
using Servers.Processes.Tree;

namespace Servers.Processes.Spaces;

/// <summary>
/// Processes that share memory and were asked to end by themselves. A sound one does so within microseconds of CPU time; one that does not (its program has
/// damaged its personality, or wants to live) is terminated, whatever its threads hold: that harms only those who share its memory.
/// </summary>
internal sealed class AwaitedEnds
{
    private const ulong Period = 100_000_000;

    // Thousands of times what the way out takes. CPU time and not wall time, because a busy machine may not let the process run for long.
    private const ulong MostCpuTime = 500_000_000;

    // Looks in a row that find no thread able to run: it waits for something that is not going to happen. 2 s; the calls that signals do not interrupt are
    // answered far sooner.
    private const int MostIdleLooks = 20;

    private readonly List<Entry> entries = [];
    private readonly LoopTimer timer;
    private readonly Action<Process> force;

    /// <summary>Nothing to watch. <paramref name="force"/> ends a process that did not.</summary>
    public AwaitedEnds(EventLoop loop, Action<Process> force)
    {
        timer = loop.CreateTimer(Look);
        this.force = force;
    }

    /// <summary>Watches a process that was asked to end.</summary>
    public void Add(Process process)
    {
        entries.Add(new Entry(process, CpuTime(process, out _)));
        if (!timer.IsSet)
            timer.Set(SystemClock.Now + Period);
    }

    private void Look()
    {
        for (int index = entries.Count - 1; index >= 0; index--)
        {
            Entry entry = entries[index];
            if (entry.Process.IsAlive && !IsOverdue(entry))
                continue;
            entries.RemoveAt(index);
            if (entry.Process.IsAlive)
                force(entry.Process);
        }

        if (entries.Count > 0)
            timer.Set(SystemClock.Now + Period);
    }

    private static bool IsOverdue(Entry entry)
    {
        ulong used = CpuTime(entry.Process, out bool canRun) - entry.CpuTimeBefore;
        entry.IdleLooks = canRun ? 0 : entry.IdleLooks + 1;
        return used > MostCpuTime || entry.IdleLooks > MostIdleLooks;
    }

    private static ulong CpuTime(Process process, out bool canRun)
    {
        canRun = false;
        if (process.Space is not { } space || space.Space.TryUsage((uint)process.Pid, out SpaceUsage usage) != Libsys.Abi.KernelStatus.Ok)
            return 0;
        canRun = usage.Runnable > 0;
        return usage.UserNanoseconds + usage.SystemNanoseconds;
    }

    private sealed class Entry(Process process, ulong cpuTimeBefore)
    {
        public Process Process { get; } = process;

        public ulong CpuTimeBefore { get; } = cpuTimeBefore;

        public int IdleLooks { get; set; }
    }
}
