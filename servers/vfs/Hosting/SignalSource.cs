using Libsys.Hosting;

namespace Servers.Vfs.Hosting;

/// <summary>Calls an action when its bits of the loop's notification are signalled.</summary>
internal sealed class SignalSource(Action signalled) : EventSource
{
    private bool isSignalled;

    /// <inheritdoc/>
    protected override bool Turn()
    {
        if (!isSignalled)
            return false;
        isSignalled = false;
        signalled();
        return true;
    }

    /// <inheritdoc/>
    protected override bool PrepareSleep() => !isSignalled;

    /// <inheritdoc/>
    protected override void Signalled() => isSignalled = true;
}
