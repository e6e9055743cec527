namespace Libsys.Hosting;

/// <summary>Brings continuations of awaited tasks back to the loop's thread, so that none ever runs on a thread pool.</summary>
internal sealed class LoopSynchronizationContext(EventLoop loop) : SynchronizationContext
{
    public override void Post(SendOrPostCallback callback, object? state) => loop.Post(() => callback(state));

    public override void Send(SendOrPostCallback callback, object? state) => callback(state);

    public override SynchronizationContext CreateCopy() => this;
}
