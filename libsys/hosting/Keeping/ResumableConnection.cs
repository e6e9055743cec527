using Libsys.Abi;
using Libsys.Messages;
using Libsys.Rings;

namespace Libsys.Hosting.Keeping;

/// <summary>Serves the requests of connections that outlive the server's process.</summary>
public interface IResumableHandler
{
    /// <summary>
    /// One request, all of whose fields are the client's claims. What serving it changes is set in the kept state, and
    /// <see cref="ResumableConnection.Complete"/> commits it with the answer, now or later, exactly once. It comes again after a death before that commit;
    /// <see cref="ResumableConnection.MarkOf"/> tells how far it had come.
    /// </summary>
    void Handle(ResumableConnection connection, int entry, in Submission submission);

    /// <summary>The client broke the protocol. The handler closes the connection and tells whoever owns the client.</summary>
    void Violated(ResumableConnection connection);
}

/// <summary>The server's side of one kept connection, served by an event loop. Made by <see cref="KeptConnections"/>.</summary>
public sealed class ResumableConnection : EventSource
{
    // As for other connections: this many requests, then the next connection.
    private const int SlotsPerTurn = 16;

    private readonly EventLoop loop;
    private readonly MappedMemory memory;
    private readonly ConnectionShape shape;
    private readonly NotificationHandle client;
    private readonly IResumableHandler handler;
    private readonly ResumableRing ring;
    private readonly Queue<int> again;
    private bool mustSignal;

    internal ResumableConnection(
        EventLoop loop, MappedMemory memory, in ConnectionShape shape, NotificationHandle client, ResumableRing ring, IResumableHandler handler, int slot,
        ulong badge)
    {
        this.loop = loop;
        this.memory = memory;
        this.shape = shape;
        this.client = client;
        this.ring = ring;
        this.handler = handler;
        Slot = slot;
        Badge = badge;
        again = new Queue<int>(ring.InFlight);
    }

    /// <summary>Its place in the table of kept connections.</summary>
    public int Slot { get; }

    /// <summary>Badge of the client's call: whose connection it is.</summary>
    public ulong Badge { get; }

    /// <summary>False after <see cref="Close"/>.</summary>
    public bool IsOpen => memory.IsMapped;

    /// <summary>The entry at which the predecessor ended, or −1.</summary>
    public int Interrupted => ring.Interrupted;

    /// <summary>The payload that a request named; false if it is not inside pool 0, the only one. The client can change its bytes at any time.</summary>
    public bool TryPayload(in Submission submission, out Span<byte> range)
    {
        range = default;
        bool isInside = submission.Pool == 0 && submission.PoolOffset <= shape.PoolLength && submission.PoolLength <= shape.PoolLength - submission.PoolOffset;
        return isInside && memory.TrySpan((ulong)shape.Pool + submission.PoolOffset, submission.PoolLength, out range);
    }

    /// <inheritdoc cref="ResumableRing.MarkOf"/>
    public ulong MarkOf(int entry) => ring.MarkOf(entry);

    /// <inheritdoc cref="ResumableRing.SetMark"/>
    public void SetMark(int entry, ulong mark) => ring.SetMark(entry, mark);

    /// <summary>
    /// Answers a request, and commits what was set in the kept state since the last commit with it. If the connection was closed meanwhile, nothing is
    /// answered, and what was set is committed all the same.
    /// </summary>
    public void Complete(KeptState state, int entry, ref Completion completion)
    {
        if (!IsOpen)
        {
            state.Commit();
            return;
        }

        ring.Complete(entry, ref completion, out bool wantsBell);
        if (wantsBell)
            RingLater();
    }

    /// <summary>The bell that a predecessor may have owed: its client's wish can be taken and the bell not rung.</summary>
    internal void RingLater()
    {
        if (mustSignal)
            return;
        mustSignal = true;
        loop.SignalLater(this);
    }

    /// <summary>Makes the doorbell for the client: it signals this connection's bits and nothing else.</summary>
    internal KernelStatus TryMintDoorbell(out NotificationHandle doorbell) => loop.Notification.TryMint(Bits, out doorbell);

    /// <summary>Lets the memory and the notification go; the table has forgotten the connection.</summary>
    internal void Close()
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
    protected internal override bool HasArrived => IsOpen && ring.HasSubmission;

    /// <inheritdoc/>
    protected internal override bool Turn()
    {
        ulong began = 0;
        for (int count = 0; count < SlotsPerTurn; count++)
        {
            if (!IsOpen || (count > 1 && EventLoop.IsLong(began)))
                return true;
            if (again.TryDequeue(out int entry))
            {
                Serve(entry, ring.RequestOf(entry));
                continue;
            }

            switch (ring.TryTake(out entry, out Submission submission))
            {
                case RingStatus.Empty:
                    return count > 0;
                case RingStatus.Violation:
                    loop.Remove(this);
                    handler.Violated(this);
                    return true;
                default:
                    if (count == 1)
                        began = SystemClock.Now;
                    Serve(entry, in submission);
                    break;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    protected internal override bool PrepareSleep() => !IsOpen || (again.Count == 0 && ring.PrepareSleep());

    /// <inheritdoc/>
    protected internal override void Signalled()
    {
        if (IsOpen)
            ring.CancelSleep();
    }

    internal override NotificationHandle TakePeerSignal()
    {
        mustSignal = false;
        return IsOpen ? client : default;
    }

    private void Serve(int entry, in Submission submission)
    {
        loop.Health.Note(loop.Now, OperationSource.Ring, submission.Operation, submission.A0, submission.A1);
        ring.BeginWork(entry);
        handler.Handle(this, entry, in submission);
        if (IsOpen)
            ring.EndWork();
    }
}
