using Libsys.Hosting;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Hosting;

/// <summary>A timer of the event loop.</summary>
internal sealed class LoopAlarm(EventLoop loop, Action expired) : IAlarm
{
    private readonly LoopTimer timer = loop.CreateTimer(expired);

    /// <inheritdoc/>
    public void Set(long deadline)
    {
        // An earlier deadline stands: it wakes everybody, and who still waits sets its own again.
        if (!timer.IsSet || timer.Deadline > (ulong)deadline)
            timer.Set((ulong)deadline);
    }

    /// <inheritdoc/>
    public void Cancel() => timer.Cancel();
}
