using Servers.Vfs.Waiting;

namespace Servers.Vfs.Tests;

/// <summary>A deadline that a test lets pass by hand.</summary>
internal sealed class TestAlarm(Action expired) : IAlarm
{
    /// <summary>When it is to call; 0: not set.</summary>
    public long Deadline { get; private set; }

    public void Set(long deadline) => Deadline = deadline;

    public void Cancel() => Deadline = 0;

    public void Expire() => expired();
}
