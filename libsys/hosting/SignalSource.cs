namespace Libsys.Hosting;

/// <summary>Calls an action after its bits were signalled, and once when it is added: what came before is then not missed.</summary>
internal sealed class SignalSource(Action handler) : EventSource
{
    private bool isSignalled = true;

    protected internal override bool Turn()
    {
        if (!isSignalled)
            return false;
        isSignalled = false;
        handler();
        return true;
    }

    protected internal override bool PrepareSleep() => !isSignalled;

    protected internal override void Signalled() => isSignalled = true;
}
