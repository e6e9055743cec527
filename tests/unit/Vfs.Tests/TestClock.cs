using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests;

/// <summary>Time that moves one microsecond each time it is looked at, so that "later" is visible.</summary>
internal sealed class TestClock : IClock
{
    private long now = 1_000_000_000_000_000_000;

    public long Monotonic => now - 1_000_000_000_000_000_000;

    /// <summary>Time passes.</summary>
    public void Advance(long nanoseconds) => now += nanoseconds;

    public long Wall => now += 1000;
}
