using System.Globalization;
using System.Text;
using Libsys.Messages;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Proc;

/// <summary>Texts of the system-wide files, proc(5).</summary>
internal static class SystemText
{
    /// <summary>/proc/sys/kernel/osrelease without its newline.</summary>
    public static readonly string Release = Encoding.ASCII.GetString(SystemName.Release);

    /// <summary>/proc/sys/kernel/version without its newline.</summary>
    public static readonly string BuildVersion = Encoding.ASCII.GetString(SystemName.Version);

    /// <summary>/proc/version without its newline.</summary>
    public static readonly string Version = "Linux version " + Release + " (microkernel) (.NET) " + BuildVersion;

    /// <summary>/proc/devices.</summary>
    public const string Devices = "Character devices:\n  1 mem\n  4 ttyS\n  5 /dev/tty\n  5 /dev/console\n\nBlock devices:\n";

    // USER_HZ: the unit of CPU times towards programs, time(7).
    private const ulong TicksPerSecond = 100;
    private const ulong NanosecondsPerTick = 1_000_000_000 / TicksPerSecond;
    private const ulong KibPerFrame = 4;

    /// <summary>Nanoseconds as clock ticks.</summary>
    public static ulong Ticks(ulong nanoseconds) => nanoseconds / NanosecondsPerTick;

    /// <summary>/proc/stat.</summary>
    public static string Stat(ProcSources sources)
    {
        (ulong user, ulong system, uint running) = ProcessTotals(sources);
        uint cpus = Math.Max(sources.Figures.CpuCount, 1);
        ulong idle = Ticks(sources.Figures.IdleTime);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"cpu  {Ticks(user)} 0 {Ticks(system)} {idle} 0 0 0 0 0 0\n");
        for (uint cpu = 0; cpu < cpus; cpu++)
            text.Append(CultureInfo.InvariantCulture, $"cpu{cpu} {Ticks(user) / cpus} 0 {Ticks(system) / cpus} {idle / cpus} 0 0 0 0 0 0\n");
        long boot = (sources.Clock.Wall - sources.Clock.Monotonic) / 1_000_000_000;
        List<uint> pids = sources.Table.Pids();
        text.Append(CultureInfo.InvariantCulture, $"intr {sources.Figures.Interrupts}\nctxt {sources.Figures.ContextSwitches}\nbtime {boot}\n")
            .Append(CultureInfo.InvariantCulture, $"processes {(pids.Count > 0 ? pids[^1] : 0)}\nprocs_running {Math.Max(running, 1)}\nprocs_blocked 0\n");
        return text.ToString();
    }

    /// <summary>/proc/meminfo.</summary>
    public static string MemoryInfo(ProcSources sources)
    {
        ulong total = sources.Figures.TotalFrames * KibPerFrame;
        ulong free = sources.Figures.FreeFrames * KibPerFrame;
        ulong files = 0;
        foreach (Mount mount in sources.Mounts.All)
            files += (ulong)mount.FileSystem.MemoryPages * KibPerFrame;
        ulong used = total - free;
        (string Name, ulong Value)[] lines =
        [
            ("MemTotal", total), ("MemFree", free), ("MemAvailable", free), ("Buffers", 0), ("Cached", files), ("SwapCached", 0), ("Active", 0),
            ("Inactive", 0),
            ("SwapTotal", 0), ("SwapFree", 0), ("Dirty", 0), ("Writeback", 0), ("AnonPages", used - Math.Min(files, used)), ("Mapped", 0), ("Shmem", files),
            ("KReclaimable", 0), ("Slab", 0), ("SReclaimable", 0), ("SUnreclaim", 0), ("PageTables", 0), ("CommitLimit", total), ("Committed_AS", used),
            ("VmallocTotal", 34359738367), ("VmallocUsed", 0), ("VmallocChunk", 0),
        ];
        var text = new StringBuilder();
        foreach ((string name, ulong value) in lines)
            text.Append(CultureInfo.InvariantCulture, $"{name + ":",-15} {value,8} kB\n");
        return text.ToString();
    }

    /// <summary>/proc/filesystems.</summary>
    public static string FileSystems(ProcSources sources)
    {
        var text = new StringBuilder();
        foreach (FileSystemType type in sources.Types)
            text.Append(type.NeedsDevice ? "" : "nodev").Append('\t').Append(type.Name).Append('\n');
        return text.ToString();
    }

    /// <summary>/proc/uptime.</summary>
    public static string Uptime(ProcSources sources)
    {
        ulong up = Ticks((ulong)sources.Clock.Monotonic);
        ulong idle = Ticks(sources.Figures.IdleTime);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{up / TicksPerSecond}.{up % TicksPerSecond:D2} {idle / TicksPerSecond}.{idle % TicksPerSecond:D2}\n");
    }

    /// <summary>/proc/loadavg.</summary>
    public static string LoadAverages(ProcSources sources)
    {
        List<uint> pids = sources.Table.Pids();
        ulong threads = 0;
        foreach (uint pid in pids)
            threads += sources.Table.Find(pid)?.Threads ?? 0;
        uint last = pids.Count > 0 ? pids[^1] : 0;
        return string.Create(CultureInfo.InvariantCulture, $"{sources.Load} {Math.Max(sources.Figures.Runnable, 1)}/{threads} {last}\n");
    }

    private static (ulong User, ulong System, uint Running) ProcessTotals(ProcSources sources)
    {
        ulong user = 0, system = 0;
        uint running = 0;
        foreach (uint pid in sources.Table.Pids())
        {
            if (sources.Table.Find(pid) is not { } entry)
                continue;
            ProcessFigures figures = ProcessFigures.Of(sources, entry);
            user += figures.UserTime;
            system += figures.SystemTime;
            running += figures.IsRunnable ? 1u : 0;
        }

        return (user, system, running);
    }
}
