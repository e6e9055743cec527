using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Hosting;

/// <summary>
/// A server's one thread: waits on one notification, runs handlers to completion, one after the other. A handler must never block, nor wait on a less
/// trusted party; what takes longer is an asynchronous method, whose continuations run here too. An unexpected exception is logged and ends the
/// server: a restart beats a limping server.
/// </summary>
public sealed partial class EventLoop
{
    // Bits 48 to 62 have a fixed meaning (see LoopBits); bit 63 is the kernel's. Each source gets a bit of its own while there are such; then they share
    // those from this one on, and a doorbell makes the loop look at all sources of its bit.
    private const int OwnBits = 32;
    private const int SharedEnd = LoopBits.FirstInterrupt;

    // A peer's next request is often less than 10 µs away, under emulation 30, and sleeping plus waking costs 5 to 50 µs.
    private const ulong PollNanoseconds = 50_000;

    // Between two looks at the clock, which takes longer than a look, and under emulation a lock of all CPUs.
    private const int LooksAtOnce = 8;

    // A turn is mostly memory reads; asking the kernel for doorbells of sleeping sources each time would dominate it.
    private const int TurnsBetweenPolls = 8;

    // But a client can make one request cost milliseconds (a path of 40 long links) and many of them one turn seconds. Doorbells and heartbeats are looked for
    // at least this often all the same, also within handlers that breathe: a small part of the CPU time after which a server counts as hanging.
    private const ulong LongestBetweenPolls = 10_000_000;

    // A source with costly work gives way to the others after this: most requests take microseconds, so that 16 of them stay below.
    private const ulong LongestSourceTurn = 2_000_000;

    // A peer's handle is minted for its own bits, so all may be named.
    private const ulong AllBits = ulong.MaxValue >> 1;

    private readonly Log log;
    private readonly ServerContext? context;
    private readonly List<EventSource>[] sourcesByBit = new List<EventSource>[64];
    private readonly SourceList hot = new();
    private readonly SourceList toSignal = new();
    private readonly TimerHeap timers = new();
    private readonly RestartedPeers peers;
    private Queue<Action> posted = new();
    private Queue<Action> running = new();
    private ulong lastPoll;
    private ulong armedFor = NotificationHandle.Never; // what the timer of the notification is set for
    private uint seenSignals; // what was kept in the system before the notification was last waited for
    private bool isTouched;
    private bool isStopped;

    /// <summary>A loop on its own notification; <paramref name="notification"/> is the one that the supervisor made (handle "loop"), if it is valid.</summary>
    public EventLoop(Log log, NotificationHandle notification = default)
    {
        this.log = log;
        if (notification.Index == 0)
        {
            KernelStatus status = NotificationHandle.TryCreate(out notification);
            if (status != KernelStatus.Ok)
                throw new InvalidOperationException("event loop: no notification: " + status);
        }

        Notification = notification;
        peers = new RestartedPeers(Published);
    }

    /// <summary>A loop for this server.</summary>
    public EventLoop(ServerContext context) : this(context.Log, new NotificationHandle(context.FindHandle("loop").Index))
    {
        this.context = context;
        Health = context.Health;
        Add(new SupervisorSource(this, context), SupervisorSource.AllBits);
    }

    /// <summary>Signs of life, and what a crash report tells.</summary>
    public ServerHealth Health { get; } = new(null);

    /// <summary>Called when a client of this server has ended: what it held can be let go. <see cref="ServerDirectory.IsAlive"/> tells whose.</summary>
    public event Action? ClientGone;

    /// <summary>What the loop waits on.</summary>
    public NotificationHandle Notification { get; }

    /// <summary>Nanoseconds since boot, as of the current turn: handlers of one turn see one time.</summary>
    public ulong Now { get; private set; }

    /// <summary>Makes a timer.</summary>
    public LoopTimer CreateTimer(Action expired) => new(timers, expired);

    /// <summary>Runs an action in a later turn. From the loop's thread only.</summary>
    public void Post(Action action) => posted.Enqueue(action);

    /// <summary>Starts an asynchronous method whose end nobody awaits; an exception in it ends the server as one in a handler does.</summary>
    public void Start(Func<Task> method)
    {
        Post(() => _ = Observe(method));
    }

    /// <summary>The source has work without a doorbell (a completion became possible, say): it is looked at in the next turn.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void MakeHot(EventSource source)
    {
        isTouched = true;
        if (source.IsHot || !source.IsAttached)
            return;
        source.IsHot = true;
        hot.Add(source);
    }

    /// <summary>
    /// What the loop does instead of using a null reference when root wants this server to crash: for servers of tests, which choose the moment.
    /// </summary>
    public Action? Crashing { get; set; }

    /// <summary>
    /// Spoils the next request, its answer or its device, where a server can do that: <see cref="InjectedFault.Drop"/> and those up to
    /// <see cref="InjectedFault.Stray"/>, <see cref="InjectedFault.Stuck"/> and <see cref="InjectedFault.Dead"/>.
    /// </summary>
    public Action<InjectedFault>? Answering { get; set; }

    /// <summary>
    /// Calls <paramref name="restarted"/> with its new generation whenever this server, on which the own one depends, has one; with 0 if the supervisor
    /// published none: then it may have. <paramref name="failed"/>: it has ended and is not started again, now or before this call.
    /// </summary>
    public void WatchPeer(string name, Action<uint> restarted, Action? failed = null) => peers.Add(name, restarted, failed);

    /// <summary>Tells those who watch a peer that it has a new generation, or will have none.</summary>
    internal void TellPeersRestarted() => peers.Look();

    private (uint Generation, bool HasFailed) Published(string name) =>
        context?.Directory is { } directory && directory.TryFind(name, out PublishedServer server)
            ? (server.Generation, server.State == ServerState.Failed)
            : default;

    /// <summary>Tells the owner that a client is gone.</summary>
    internal void TellClientGone() => ClientGone?.Invoke();

    /// <summary>All sources, once each: they may come and go meanwhile.</summary>
    internal List<EventSource> AllSources()
    {
        var all = new List<EventSource>();
        foreach (List<EventSource>? sources in sourcesByBit)
        {
            foreach (EventSource source in sources ?? [])
            {
                if (!all.Contains(source))
                    all.Add(source);
            }
        }

        return all;
    }

    /// <summary>True if a source that began to serve at <paramref name="began"/> is to let others serve now.</summary>
    public static bool IsLong(ulong began) => SystemClock.Now - began > LongestSourceTurn;

    /// <summary>The source's peer sleeps and must be signalled before this loop sleeps.</summary>
    internal void SignalLater(EventSource source) => toSignal.Add(source);

    /// <summary>
    /// What is done about an unexpected exception after it was logged; the process ends then. For the supervisor, whose end nobody would notice.
    /// </summary>
    public Action? Failing { get; set; }

    /// <summary>Ends <see cref="Run"/> after the current turn.</summary>
    public void Stop() => isStopped = true;

    /// <summary>Runs until stopped.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "The one place that may catch everything: it ends the server.")]
    public void Run()
    {
        SynchronizationContext.SetSynchronizationContext(new LoopSynchronizationContext(this));
        try
        {
            while (!isStopped)
                RunUntilSleep();
        }
        catch (Exception error)
        {
            Fail(error);
        }
    }

    private async Task Observe(Func<Task> method)
    {
        try
        {
            await method();
        }
        catch (Exception error)
        {
            Fail(error);
            throw;
        }
    }

    [DoesNotReturn]
    private void Fail(Exception error)
    {
        // The supervisor's report names the stack, and this process ends there. To name it here as well takes milliseconds, in which nobody serves: it is done
        // for those without a supervisor, and for what the report does not have.
        if (error.InnerException is null)
            context?.ReportFailing(error);
        log.Write("unexpected exception: " + error);
        Failing?.Invoke();
        context?.ReportFailing(error);
        Environment.Exit(1);
        throw error;
    }
}
