namespace Libsys.Hosting;

/// <summary>
/// Something that an event loop serves. A source is <i>hot</i> while it may have work: the loop then looks at it in each turn and its peer need not ring.
/// Before the loop sleeps, each hot source arms its doorbell.
/// </summary>
public abstract class EventSource
{
    /// <summary>Bits of the loop's notification that make the source hot; shared with others when a loop has many.</summary>
    public ulong Bits { get; internal set; }

    internal bool IsHot { get; set; }

    internal bool IsAttached { get; set; }

    /// <summary>New work shows in memory, so that looking again and again costs no kernel call.</summary>
    protected internal virtual bool CanPoll => false;

    /// <summary>If <see cref="CanPoll"/>: there is such work, or the peer wrote nonsense, which the turn will tell.</summary>
    protected internal virtual bool HasArrived => false;

    /// <summary>
    /// Serves a bounded amount of work. False if nothing is left: there was none, or what came later is found by <see cref="PrepareSleep"/>.
    /// </summary>
    protected internal abstract bool Turn();

    /// <summary>Arms the doorbell. False if work arrived meanwhile: then the loop does not sleep.</summary>
    protected internal virtual bool PrepareSleep() => true;

    /// <summary>One of the bits was signalled.</summary>
    protected internal virtual void Signalled()
    {
    }

    /// <summary>As <see cref="Signalled()"/>, for sources that tell their bits apart.</summary>
    internal virtual void Signalled(ulong bits) => Signalled();

    /// <summary>An injected fault: fills what is shared with the peer with hostile contents and wakes it. False if nothing is shared.</summary>
    internal virtual bool FillWithGarbage(Random random) => false;

    /// <summary>The peer's notification, to be signalled now: it asked for that (see <see cref="EventLoop.SignalLater"/>).</summary>
    internal virtual NotificationHandle TakePeerSignal() => default;
}
