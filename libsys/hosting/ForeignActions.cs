namespace Libsys.Hosting;

/// <summary>Actions that other threads of this server want to be run by the loop's thread, in order.</summary>
internal sealed class ForeignActions : EventSource
{
    private readonly NotificationHandle notification;
    private readonly Lock guard = new();
    private List<Action> arrived = [];
    private List<Action> running = [];

    /// <summary>Actions for a loop.</summary>
    public ForeignActions(EventLoop loop)
    {
        notification = loop.Notification;
        loop.Add(this);
    }

    /// <summary>Adds an action. From any thread.</summary>
    public void Post(Action action)
    {
        lock (guard)
            arrived.Add(action);
        notification.Signal(Bits);
    }

    protected internal override bool Turn()
    {
        lock (guard)
            (arrived, running) = (running, arrived);
        foreach (Action action in running)
            action();
        bool worked = running.Count > 0;
        running.Clear();
        return worked;
    }

    // The signal comes behind the action, and is kept: what is not seen here wakes the loop.
    protected internal override bool PrepareSleep()
    {
        lock (guard)
            return arrived.Count == 0;
    }
}
