using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Terminals.Serial;

namespace Servers.Vfs.Hosting;

/// <summary>
/// The way to the console driver that outlives it: when there is a new generation, a new connection is made and everything without an answer is sent again.
/// </summary>
internal sealed class ReattachingLink : ISerialLink
{
    // A driver that runs answers at once; one that does not must not hold vfs up for long.
    private const ulong Patience = 20_000_000;
    private const ulong RetryPeriod = 10_000_000;

    // A driver that broke the protocol is replaced, and its successor announced. If the report missed it (it was replaced already), the line is tried again all the same.
    private const ulong LongestReplacement = 1_000_000_000;

    private readonly EventLoop loop;
    private readonly EndpointHandle driver;
    private readonly Func<uint> publishedGeneration;
    private readonly ServerContext context;
    private readonly LoopTimer retry;
    private SerialConnection? current;
    private uint generation;

    /// <summary>A link; <paramref name="publishedGeneration"/> says which generation the supervisor has started, 0 if that is not known.</summary>
    public ReattachingLink(EventLoop loop, EndpointHandle driver, Func<uint> publishedGeneration, ServerContext context)
    {
        this.loop = loop;
        this.driver = driver;
        this.publishedGeneration = publishedGeneration;
        this.context = context;
        retry = loop.CreateTimer(Attach);
    }

    /// <summary>Requests without an answer.</summary>
    public ReplayQueue Queue { get; } = new();

    /// <inheritdoc/>
    public void Submit(SerialRequest request) => Queue.Submit(request);

    /// <summary>A server that this one is a client of has a new generation.</summary>
    public void PeerRestarted()
    {
        uint published = publishedGeneration();
        if (current == null || published == 0 || published != generation)
            Attach();
    }

    /// <summary>Makes a connection to whoever answers now; tries again later if nobody does.</summary>
    public void Attach()
    {
        retry.Cancel();
        Close();
        generation = publishedGeneration();
        KernelStatus status = ConnectionClient.TryConnect(loop, driver, SerialLimits.Shape, out ConnectionClient? rings, SystemClock.Now + Patience);
        if (status == KernelStatus.Ok)
        {
            current = new SerialConnection(rings!, this);
            Queue.Connect(current);
        }
        else
        {
            retry.Set(SystemClock.Now + RetryPeriod);
        }
    }

    /// <summary>The driver broke the ring protocol: there will be another one.</summary>
    public void Lost(SerialConnection connection)
    {
        if (connection != current)
            return;
        current = null; // one report, however many requests were in flight
        Queue.Disconnect();
        loop.Post(connection.Close); // not within its own turn
        retry.Set(SystemClock.Now + LongestReplacement);
        context.ReportViolation("console", generation);
    }

    private void Close()
    {
        Queue.Disconnect();
        SerialConnection? old = current;
        current = null;
        old?.Close();
    }
}
