using Libsys.Hosting;
using Servers.Vfs.Machine;

namespace Servers.Vfs.Hosting;

/// <summary>Figures from the kernel's page.</summary>
internal sealed class KernelFigures : ISystemFigures
{
    /// <inheritdoc/>
    public uint CpuCount => SystemClock.CpuCount;

    /// <inheritdoc/>
    public uint Runnable => SystemClock.Runnable;

    /// <inheritdoc/>
    public ulong TotalFrames => SystemClock.Snapshot.TotalFrames;

    /// <inheritdoc/>
    public ulong FreeFrames => SystemClock.Snapshot.FreeFrames;

    /// <inheritdoc/>
    public ulong IdleTime => SystemClock.Snapshot.IdleNanoseconds;

    /// <inheritdoc/>
    public ulong ContextSwitches => SystemClock.Snapshot.ContextSwitches;

    /// <inheritdoc/>
    public ulong Interrupts => SystemClock.Snapshot.Interrupts;
}
