using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Libsys.Abi;
using Libsys.Messages;
using Libsys.Rings;

namespace Libsys.Hosting;

/// <summary>Serves the requests of connections.</summary>
public interface IConnectionHandler
{
    /// <summary>
    /// One request: a private copy, all of whose fields are the client's claims. It is completed now or later by <see cref="ConnectionServer.Complete"/>,
    /// exactly once.
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
    private readonly ConnectionShape shape;
    private readonly MappedMemory memory;
    private readonly NotificationHandle client;
    private readonly IConnectionHandler handler;
    private SharedPools pools;
    private byte* firstPool;
    private int firstPoolLength;
    private RingServer ring;
    private bool mustSignal;

    private ConnectionServer(EventLoop loop, MappedMemory memory, in ConnectionShape shape, NotificationHandle client, uint generation,
        IConnectionHandler handler)
    {
        this.loop = loop;
        this.memory = memory;
        this.shape = shape;
        this.client = client;
        this.handler = handler;
        ring = new RingServer(memory.Pointer, shape, generation);
        firstPool = memory.Pointer + shape.Pool;
        firstPoolLength = (int)shape.PoolLength;
    }

    /// <summary>Requests taken and not completed yet.</summary>
    public uint Outstanding => ring.Outstanding;

    /// <summary>False after <see cref="Close"/>.</summary>
    public bool IsOpen => memory.IsMapped;

    /// <summary>The rings' object, until <see cref="Close"/>: a protocol may give its area words that both sides write.</summary>
    public MappedMemory Memory => memory;

    /// <summary>The protocol's own area behind the indices; empty once closed. The client can change its bytes at any time.</summary>
    public Span<byte> Area => IsOpen ? memory.Span(RingLayout.Area, (int)shape.AreaLength) : default;

    /// <summary>
    /// Attaches to a client's rings and adds the connection to the loop. The object must be sealed (so that no access can fault) and exactly as long as the
    /// protocol's <paramref name="shape"/> says. The handles belong to the connection from then on; on failure they stay the caller's.
    /// </summary>
    public static KernelStatus TryAttach(
        EventLoop loop, MemoryObjectHandle memory, in ConnectionShape shape, NotificationHandle client, uint generation, IConnectionHandler handler,
        out ConnectionServer? connection)
    {
        connection = null;
        KernelStatus status = SealedMemory.TryMap(memory, shape.Length, out MappedMemory? mapped);
        if (status != KernelStatus.Ok)
            return status;
        memory.Handle.Close(); // the mapping keeps it
        connection = new ConnectionServer(loop, mapped!, shape, client, generation, handler);
        loop.Add(connection);
        return KernelStatus.Ok;
    }

    /// <summary>
    /// Adds a pool: an object of the client's that must be sealed and exactly <paramref name="length"/> bytes long. Its handle belongs to the connection from
    /// then on; on failure it stays the caller's. Occupied: there is a pool of that number.
    /// </summary>
    /// <param name="number">Its number, from 1 on: 0 lies with the rings.</param>
    /// <param name="memory">The object, with the rights to read and write.</param>
    /// <param name="length">What the protocol says.</param>
    /// <param name="forDma">Keeps the handle, for <see cref="PoolMemory"/>.</param>
    public KernelStatus TryAttachPool(uint number, MemoryObjectHandle memory, ulong length, bool forDma = false) =>
        IsOpen ? pools.TryAttach(number, memory, length, forDma) : KernelStatus.BadState;

    /// <summary>Takes a pool away. No request in work may name it any more, and whoever calls has made sure of that.</summary>
    public void DetachPool(uint number) => pools.Detach(number);

    /// <summary>The object of a pool that was attached for DMA: a driver pins its pages in its device's domain. Not valid for any other.</summary>
    public MemoryObjectHandle PoolMemory(uint number) => pools.Memory(number);

    /// <summary>
    /// Answers who attached: with the reply goes its doorbell, which signals this connection's bits and nothing else; they are word 1. Not Ok: there is no room
    /// for a doorbell, and nothing was answered.
    /// </summary>
    public KernelStatus TryAnswerAttach(ReplyHandle reply)
    {
        KernelStatus status = loop.Notification.TryMint(Bits, out NotificationHandle doorbell);
        if (status != KernelStatus.Ok)
            return status;
        Message answer = default;
        answer.Words[1] = Bits;
        answer.HandleCount = 1;
        answer.Handles[0] = doorbell.Index;
        answer.Rights[0] = (uint)(Rights.Signal | Rights.Duplicate);
        // Whoever asked may have given up: then it detaches, or ends.
        reply.Reply(ref answer);
        doorbell.Handle.Close();
        return KernelStatus.Ok;
    }

    /// <summary>A pool's bytes; empty if there is none of that number, or once closed. The client can change them at any time.</summary>
    public Span<byte> Pool(uint number) =>
        number == 0 ? new Span<byte>(firstPool, firstPoolLength) : pools.Span(number);

    /// <summary>The payload that a request named; false if it is not inside a pool. The client can change its bytes at any time.</summary>
    public bool TryPayload(in Submission submission, out Span<byte> range)
    {
        Span<byte> pool = Pool(submission.Pool);
        bool isInside = submission.PoolOffset <= (uint)pool.Length && submission.PoolLength <= (uint)pool.Length - submission.PoolOffset;
        range = isInside ? pool.Slice((int)submission.PoolOffset, (int)submission.PoolLength) : default;
        return isInside;
    }

    /// <summary>Answers a request: written where the client reads it. Nothing happens if the connection was closed meanwhile.</summary>
    /// <exception cref="InvalidOperationException">More completions than requests: a bug of the server.</exception>
    public void Complete(ulong tag, long result, ulong v0 = 0, ulong v1 = 0, ulong v2 = 0)
    {
        if (!IsOpen)
            return;
        Completion* next = ring.Next;
        if (next == null)
            ThrowNoRequest();
        next->Tag = tag;
        next->Result = result;
        next->V0 = v0;
        next->V1 = v1;
        next->V2 = v2;
        next->V3 = 0;
        next->V4 = 0;
        next->V5 = 0;
        if (ring.Publish())
            Wake();
    }

    /// <summary>Answers a request. Nothing happens if the connection was closed meanwhile.</summary>
    /// <exception cref="InvalidOperationException">More completions than requests: a bug of the server.</exception>
    public void Complete(in Completion completion)
    {
        if (!IsOpen)
            return;
        if (!ring.TryComplete(in completion, out bool wantsBell))
            ThrowNoRequest();
        if (wantsBell)
            Wake();
    }

    // The client sleeps, and is woken when the loop has a moment, or sleeps itself.
    private void Wake()
    {
        if (mustSignal)
            return;
        mustSignal = true;
        loop.SignalLater(this);
    }

    [DoesNotReturn]
    private static void ThrowNoRequest() => throw new InvalidOperationException("connection: completion without a request");

    /// <summary>Detaches: unmaps rings and pools and closes the client's notification.</summary>
    public void Close()
    {
        if (!IsOpen)
            return;
        loop.Remove(this);
        firstPool = null;
        firstPoolLength = 0;
        memory.Dispose();
        pools.DetachAll();
        client.Handle.Close();
    }

    /// <inheritdoc/>
    protected internal override bool CanPoll => IsOpen;

    /// <inheritdoc/>
    protected internal override bool HasArrived => IsOpen && ring.HasSubmission;

    /// <inheritdoc/>
    [SkipLocalsInit]
    protected internal override bool Turn()
    {
        // Filled whole before it is looked at.
        Unsafe.SkipInit(out Submission submission);
        ulong began = 0;
        for (int count = 0; count < SlotsPerTurn; count++)
        {
            if (!IsOpen || (count > 1 && EventLoop.IsLong(began)))
                return true;
            if (!ring.HasSubmission)
                return false; // looked at again before the loop sleeps
            switch (ring.TryTake(ref submission))
            {
                case RingStatus.Empty:
                    return false;
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
    internal override void Signalled(ulong bits)
    {
        if (IsOpen)
            ring.CancelSleep(); // bits may be shared: the bell may have been another connection's
    }

    internal override bool FillWithGarbage(Random random)
    {
        if (!IsOpen)
            return false;
        random.NextBytes(memory.Span(shape.Completions, (int)shape.Slots * RingLayout.SlotLength));
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
