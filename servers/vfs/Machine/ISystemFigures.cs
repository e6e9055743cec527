namespace Servers.Vfs.Machine;

/// <summary>Figures of the whole machine, from the kernel's page. Times are nanoseconds.</summary>
public interface ISystemFigures
{
    /// <summary>CPUs that run.</summary>
    uint CpuCount { get; }

    /// <summary>Threads ready or running.</summary>
    uint Runnable { get; }

    /// <summary>Frames of 4 KiB that the kernel manages.</summary>
    ulong TotalFrames { get; }

    /// <summary>Frames free.</summary>
    ulong FreeFrames { get; }

    /// <summary>Time that all CPUs together were idle.</summary>
    ulong IdleTime { get; }

    /// <summary>Context switches.</summary>
    ulong ContextSwitches { get; }

    /// <summary>Device interrupts.</summary>
    ulong Interrupts { get; }
}
