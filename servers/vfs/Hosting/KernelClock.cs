using Libsys.Hosting;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Hosting;

/// <summary>Time from the kernel's page.</summary>
internal sealed class KernelClock : IClock
{
    /// <inheritdoc/>
    public long Monotonic => (long)SystemClock.Now;

    /// <inheritdoc/>
    public long Wall => (long)SystemClock.WallNow;
}
