using System.Threading.Tasks.Sources;
using Libsys.Abi;
using Libsys.Messages;
using Libsys.Rings;

namespace Libsys.Hosting;

/// <summary>The client's side of a connection between servers: requests are awaited, their completions arrive through the event loop.</summary>
public sealed unsafe class ConnectionClient : EventSource
{
    /// <summary>Result of requests whose connection failed: −EIO.</summary>
    public const long Broken = -5;

    private readonly EventLoop loop;
    private readonly ConnectionShape shape;
    private readonly MappedMemory memory;
    private NotificationHandle doorbell;
    private readonly Request[] requests;
    private readonly Queue<Request> waiting = new();
    private RingClient ring;
    private bool mustSignal;
    private uint sent;

    private ConnectionClient(EventLoop loop, MappedMemory memory, in ConnectionShape shape)
    {
        this.loop = loop;
        this.memory = memory;
        this.shape = shape;
        requests = new Request[shape.Slots];
        ring = new RingClient(memory.Pointer, shape);
        for (uint index = 0; index < requests.Length; index++)
            requests[index] = new Request(index);
    }

    /// <summary>True after the server broke the protocol; all requests end with <see cref="Broken"/>.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Generation of the server behind the connection.</summary>
    public ulong Generation => ring.Generation;

    /// <summary>A range of pool 0. The caller divides it among its requests.</summary>
    public Span<byte> Pool(uint offset, int length) => memory.Span(shape.Pool + (ulong)offset, length);

    /// <summary>
    /// Begins to make a connection, whose memory is charged to the own account; the server attaches to it (see <see cref="ConnectOperation"/>) when it comes to
    /// it, and <paramref name="done"/> is called then. Its connection is null if the status is not Ok: TimedOut if the server has not answered at
    /// <paramref name="deadline"/>, PeerGone if it ended before; nothing is left then. Never blocks.
    /// </summary>
    public static void Connect(
        EventLoop loop, EndpointCaller caller, EndpointHandle server, in ConnectionShape shape, ulong deadline, Action<KernelStatus, ConnectionClient?> done)
    {
        NotificationHandle completions = default;
        ConnectionClient? client = null;
        KernelStatus status = SealedMemory.TryCreate(shape.Length, out MemoryObjectHandle memory, out MappedMemory? mapped);
        if (status == KernelStatus.Ok)
        {
            client = new ConnectionClient(loop, mapped!, shape);
            loop.Add(client);
            status = loop.Notification.TryMint(client.Bits, out completions);
        }

        if (status != KernelStatus.Ok)
        {
            client?.Abandon(memory, default);
            loop.Post(() => done(status, null));
            return;
        }

        Message message = default;
        message.Words[0] = (ulong)ConnectOperation.Attach;
        message.Words[1] = shape.Length;
        message.HandleCount = 2;
        message.Handles[0] = memory.Index;
        message.Rights[0] = (uint)(Rights.Read | Rights.Write | Rights.Duplicate);
        message.Handles[1] = completions.Index;
        message.Rights[1] = (uint)(Rights.Signal | Rights.Duplicate);
        caller.Call(server, message, deadline, (answered, reply) =>
        {
            if (answered == KernelStatus.Ok && ((long)reply.Words[0] < 0 || reply.HandleCount < 1))
                answered = KernelStatus.BadState;
            if (answered != KernelStatus.Ok)
            {
                client!.Abandon(memory, completions);
                done(answered, null);
                return;
            }

            client!.doorbell = new NotificationHandle(reply.Handles[0]);
            memory.Handle.Close(); // the mappings keep it
            completions.Handle.Close();
            done(answered, client);
        });
    }

    /// <summary>
    /// Sends a request; its tag is the connection's own matter. The result has to be awaited exactly once. Waits for its turn if all slots are taken.
    /// </summary>
    public ValueTask<Completion> Submit(Submission submission)
    {
        Request request = Take() ?? new Request(uint.MaxValue);
        request.IsFree = false;
        request.Submission = submission;
        if (IsBroken)
            request.Complete(new Completion { Result = Broken });
        else if (request.Slot == uint.MaxValue)
            waiting.Enqueue(request);
        else
            Send(request);
        return new ValueTask<Completion>(request, request.Version);
    }

    /// <summary>Gives the connection up (the server behind it is gone): requests in flight end with <see cref="Broken"/>, the memory goes.</summary>
    public void Close()
    {
        if (!memory.IsMapped)
            return;
        if (!IsBroken)
            Break();
        memory.Dispose();
        doorbell.Handle.Close();
    }

    /// <summary>
    /// Takes the answers that have arrived, without waiting for the bell: for who has heard from the server by another way, and wants to know what it had
    /// answered before that. Not from within one of its continuations.
    /// </summary>
    public void TakeAnswers()
    {
        if (!IsBroken)
            Turn();
    }

    /// <inheritdoc/>
    protected internal override bool CanPoll => !IsBroken;

    /// <inheritdoc/>
    protected internal override bool HasArrived => !IsBroken && ring.HasCompletion;

    /// <inheritdoc/>
    protected internal override bool Turn()
    {
        Completion completion = default;
        bool worked = false;
        for (uint count = 0; count < shape.Slots && !IsBroken; count++)
        {
            RingStatus status = ring.TryTake(ref completion);
            if (status == RingStatus.Empty)
                break;
            worked = true;
            uint slot = (uint)completion.Tag;
            Request? request = status == RingStatus.Taken && slot < shape.Slots ? requests[slot] : null;
            // One that is answered twice is found even if its slot serves the next already.
            if (request is not { IsInFlight: true } || request.Submission.Tag != completion.Tag)
            {
                Break();
                break;
            }

            Finish(request, completion);
        }

        return worked;
    }

    /// <inheritdoc/>
    protected internal override bool PrepareSleep() => IsBroken || ring.PrepareSleep();

    /// <inheritdoc/>
    protected internal override void Signalled()
    {
        if (!IsBroken)
            ring.CancelSleep();
    }

    internal override bool FillWithGarbage(Random random)
    {
        if (IsBroken)
            return false;
        random.NextBytes(memory.Span(shape.Submissions, (int)shape.Slots * RingLayout.SlotLength));
        memory.WriteUInt32(RingLayout.CompletionHead, (uint)random.Next());
        memory.WriteUInt32(RingLayout.SubmissionTail, (uint)random.Next());
        doorbell.Signal(ulong.MaxValue >> 1);
        return true;
    }

    internal override NotificationHandle TakePeerSignal()
    {
        mustSignal = false;
        return doorbell;
    }

    // No server has attached.
    private void Abandon(MemoryObjectHandle rings, NotificationHandle completions)
    {
        loop.Remove(this);
        IsBroken = true;
        memory.Dispose();
        rings.Handle.Close();
        if (completions.Handle.IsValid)
            completions.Handle.Close();
    }

    private Request? Take()
    {
        foreach (Request request in requests)
        {
            if (request.IsFree)
                return request;
        }

        return null;
    }

    private void Send(Request request)
    {
        request.Submission.Tag = request.Slot | (ulong)++sent << 32;
        request.IsInFlight = true;
        if (!ring.TrySubmit(ref request.Submission, out bool wantsBell))
            throw new InvalidOperationException("connection: more requests than slots");
        loop.MakeHot(this);
        if (!wantsBell || mustSignal)
            return;
        mustSignal = true;
        loop.SignalLater(this);
    }

    private void Finish(Request request, Completion completion)
    {
        request.IsInFlight = false;
        if (request.Forward is { } forward)
        {
            // The slot served a request that had waited; its result belongs to that one.
            request.Forward = null;
            request.IsFree = true;
            forward.Complete(completion);
        }
        else
        {
            request.Complete(completion);
        }

        if (!IsBroken && Take() is { } free && waiting.TryDequeue(out Request? next))
        {
            free.Submission = next.Submission;
            free.Forward = next;
            free.IsFree = false;
            Send(free);
        }
    }

    private void Break()
    {
        IsBroken = true;
        loop.Remove(this);
        foreach (Request request in requests)
        {
            if (request.IsInFlight)
                Finish(request, new Completion { Result = Broken });
        }

        while (waiting.TryDequeue(out Request? request))
            request.Complete(new Completion { Result = Broken });
    }

    /// <summary>One request in flight; used again after its result was taken. Continuations run at once: only the loop's thread completes.</summary>
    private sealed class Request(uint slot) : IValueTaskSource<Completion>
    {
        private Completion completion;
        private Action<object?>? continuation;
        private object? state;
        private bool isCompleted;

        public uint Slot { get; } = slot;
        public short Version { get; private set; }
        public bool IsFree { get; set; } = true;
        public bool IsInFlight { get; set; }
        public Request? Forward { get; set; }
        public Submission Submission;

        public void Complete(Completion result)
        {
            completion = result;
            isCompleted = true;
            Action<object?>? next = continuation;
            continuation = null;
            next?.Invoke(state);
        }

        public Completion GetResult(short token)
        {
            if (token != Version || !isCompleted)
                throw new InvalidOperationException("a request's result is taken once, when it is there");
            Version++;
            isCompleted = false;
            state = null;
            IsFree = true;
            return completion;
        }

        public ValueTaskSourceStatus GetStatus(short token) => isCompleted ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Pending;

        public void OnCompleted(Action<object?> action, object? actionState, short token, ValueTaskSourceOnCompletedFlags flags)
        {
            state = actionState;
            if (isCompleted)
                action(actionState);
            else
                continuation = action;
        }
    }
}
