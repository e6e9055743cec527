using Libsys.Hosting;
using Servers.Vfs.Requests;

namespace Servers.Vfs.Hosting;

/// <summary>Gives waiting requests that were woken their turn in the event loop.</summary>
internal sealed class RetrySource(VfsServer server) : EventSource
{
    /// <inheritdoc/>
    protected override bool Turn()
    {
        ulong began = SystemClock.Now;
        bool worked = server.RunReady();
        while (worked && server.HasReady && !EventLoop.IsLong(began))
            server.RunReady();
        return worked;
    }

    /// <inheritdoc/>
    protected override bool PrepareSleep() => !server.HasReady;
}
