using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Terminals.Serial;

namespace Servers.Vfs.Hosting;

/// <summary>The console driver, whichever generation of it there is.</summary>
internal sealed class ConsolePeer : IPeer<SerialRequest>, ISerialLink
{
    private const string Name = "console";

    // While a driver restarts, a call waits in its endpoint. One that does not answer for so long is ended by the supervisor, and the call with it; this is for
    // when it is not.
    private const ulong Patience = 2_000_000_000;

    private readonly EventLoop loop;
    private readonly EndpointCaller caller;
    private readonly EndpointHandle driver;
    private readonly ServerContext context;
    private readonly PeerLink<SerialRequest> link;

    /// <summary>A way to the driver behind an endpoint; <see cref="Start"/> begins.</summary>
    public ConsolePeer(EventLoop loop, EndpointHandle driver, ServerContext context)
    {
        this.loop = loop;
        this.driver = driver;
        this.context = context;
        caller = new EndpointCaller(loop);
        link = new PeerLink<SerialRequest>(loop, this);
    }

    /// <inheritdoc/>
    public uint PublishedGeneration => context.GenerationOf(Name);

    /// <inheritdoc/>
    public void Submit(SerialRequest request) => link.Submit(request);

    /// <summary>Connects, now and to each further generation.</summary>
    public void Start()
    {
        loop.WatchPeer(Name, link.PeerRestarted);
        link.Start();
    }

    /// <inheritdoc/>
    public void Connect(Action<IPeerConnection<SerialRequest>?> done) =>
        ConnectionClient.Connect(
            loop, caller, driver, SerialLimits.Shape, SystemClock.Now + Patience,
            (_, rings) => done(rings == null ? null : new SerialConnection(loop, rings, link)));

    /// <inheritdoc/>
    public void ReportViolation(uint generation) => context.ReportViolation(Name, generation);
}
