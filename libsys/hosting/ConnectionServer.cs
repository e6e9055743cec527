using Libsys.Abi;
using Libsys.Messages;
using Libsys.Rings;

namespace Libsys.Hosting;

/// <summary>Serves the requests of connections.</summary>
public interface IConnectionHandler
{
    /// <summary>
    /// One request: a private copy, all of whose fields are the client's claims. It is completed now or later by <see cref="ConnectionServer.Complete"/>, exactly once.
    /// </summary>
    void Handle(ConnectionServer connection, in Submission submission);

    /// <summary>The client broke the protocol. The handler closes the connection and tells whoever owns the client.</summary>
    void Violated(ConnectionServer connection);
}

/// <summary>The server's side of one connection, served by an event loop.</summary>
public sealed unsafe class ConnectionServer : EventSource
{
    // A client can fill its ring again while it is served: this many requests, then the next connection.
    private const int SlotsPerTurn = 16;

    private readonly EventLoop loop;
    private readonly MappedMemory memory;
    private readonly NotificationHandle client;
    private readonly IConnectionHandler handler;
    private RingServer ring;
    private bool mustSignal;

    private ConnectionServer(EventLoop loop, MappedMemory memory, NotificationHandle client, uint generation, IConnectionHandler handler)
    {
        this.loop = loop;
        this.memory = memory;
        this.client = client;
        this.handler = handler;
        ring = new RingServer(memory.Pointer, generation);
    }

    /// <summary>Length of the pool, bytes.</summary>
    public ulong PoolLength => memory.Length - RingLayout.Pool;

    /// <summary>Requests taken and not completed yet.</summary>
    public uint Outstanding => ring.Outstanding;

    /// <summary>False after <see cref="Close"/>.</summary>
    public bool IsOpen => memory.IsMapped;

    /// <summary>The whole connection memory (a descriptor table that the client publishes lies before the pool).</summary>
    public MappedMemory Memory => memory;

    /// <summary>
    /// Attaches to a client's memory object and adds the connection to the loop. The object must be sealed (so that no access can fault) and exactly
    /// <paramref name="length"/> bytes long. The handles belong to the connection from then on; on failure they stay the caller's.
    /// </summary>
    public static KernelStatus TryAttach(
        EventLoop loop, MemoryObjectHandle memory, ulong length, NotificationHandle client, uint generation, IConnectionHandler handler, out ConnectionServer? connection)
    {
        connection = null;
        KernelStatus status = memory.TryQuery(out ulong actual, out MemoryFlags flags, out _);
        if (status != KernelStatus.Ok)
            return status;
        if (actual != length || length <= RingLayout.Pool || (flags & MemoryFlags.Sealed) == 0)
            return KernelStatus.BadArgument;
        status = MappedMemory.TryMap(memory, 0, length, MapFlags.Read | MapFlags.Write | MapFlags.Shared, out MappedMemory? mapped);
        if (status != KernelStatus.Ok)
            return status;
        memory.Handle.Close(); // the mapping keeps it
        connection = new ConnectionServer(loop, mapped!, client, generation, handler);
        loop.Add(connection);
        return KernelStatus.Ok;
    }

    /// <summary>Makes the doorbell for the client: it signals this connection's bits and nothing else.</summary>
    public KernelStatus TryMintDoorbell(out NotificationHandle doorbell) => loop.Notification.TryMint(Bits, out doorbell);

    /// <summary>A range of the pool that a request named; false if it is not inside. The client can change its bytes at any time.</summary>
    public bool TryPool(uint offset, uint length, out Span<byte> range) => memory.TrySpan(RingLayout.Pool + (ulong)offset, length, out range);

    /// <summary>Answers a request. Nothing happens if the connection was closed meanwhile.</summary>
    public void Complete(ulong tag, long result)
    {
        Completion completion = default;
        completion.Tag = tag;
        completion.Result = result;
        Complete(ref completion);
    }

    /// <summary>Answers a request. Nothing happens if the connection was closed meanwhile.</summary>
    /// <exception cref="InvalidOperationException">More completions than requests: a bug of the server.</exception>
    public void Complete(ref Completion completion)
    {
        if (!IsOpen)
            return;
        if (!ring.TryComplete(ref completion, out bool wantsBell))
            throw new InvalidOperationException("connection: completion without a request");
        if (!wantsBell || mustSignal)
            return;
        mustSignal = true;
        loop.SignalLater(this);
    }

    /// <summary>Detaches: unmaps the memory and closes the client's notification.</summary>
    public void Close()
    {
        if (!IsOpen)
            return;
        loop.Remove(this);
        memory.Dispose();
        client.Handle.Close();
    }

    /// <inheritdoc/>
    protected internal override bool CanPoll => IsOpen;

    /// <inheritdoc/>
    protected internal override bool Turn()
    {
        Submission submission = default;
        ulong began = 0;
        for (int count = 0; count < SlotsPerTurn; count++)
        {
            if (!IsOpen || (count > 1 && EventLoop.IsLong(began)))
                return true;
            switch (ring.TryTake(ref submission))
            {
                case RingStatus.Empty:
                    return count > 0;
                case RingStatus.Violation:
                    loop.Remove(this);
                    handler.Violated(this); // the handler knows whose connection it is
                    return true;
                default:
                    if (count == 1)
                        began = SystemClock.Now; // most turns serve one request, and need not know
                    loop.Health.Note(loop.Now, OperationSource.Ring, submission.Operation, submission.A0, submission.A1);
                    handler.Handle(this, in submission);
                    break;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    protected internal override bool PrepareSleep() => !IsOpen || ring.PrepareSleep();

    /// <inheritdoc/>
    protected internal override void Signalled()
    {
        if (IsOpen)
            ring.CancelSleep(); // bits may be shared: the bell may have been another connection's
    }

    internal override bool FillWithGarbage(Random random)
    {
        if (!IsOpen)
            return false;
        random.NextBytes(memory.Span(RingLayout.Completions, (int)RingLayout.Slots * RingLayout.SlotLength));
        memory.WriteUInt32(RingLayout.SubmissionHead, (uint)random.Next());
        memory.WriteUInt32(RingLayout.CompletionTail, (uint)random.Next());
        client.Signal(ulong.MaxValue >> 1);
        return true;
    }

    internal override NotificationHandle TakePeerSignal()
    {
        mustSignal = false;
        return IsOpen ? client : default;
    }
}
