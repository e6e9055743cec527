using System.Runtime.CompilerServices;
using System.Threading;

namespace Libsys.Rings;

/// <summary>
/// The server's side of a connection: takes requests, writes completions. Not thread safe. The client may write the whole memory at any time: the
/// server keeps private copies of its own indices, copies each slot once, and checks every distance between indices.
/// </summary>
public unsafe struct RingServer
{
    private readonly byte* memory;
    private readonly ulong* submissions;
    private readonly ulong* completions;
    private readonly uint slots;
    private uint submissionHead;
    private uint completionTail;
    private uint completionHeadSeen;

    /// <summary>Attaches to connection memory that nothing was submitted to yet. It must stay mapped, be 64-byte aligned and <b>sealed</b>.</summary>
    /// <param name="memory">The mapped connection.</param>
    /// <param name="shape">Its protocol's shape.</param>
    /// <param name="generation">Generation of this server, not 0.</param>
    public RingServer(byte* memory, in ConnectionShape shape, ulong generation)
    {
        this.memory = memory;
        submissions = (ulong*)(memory + shape.Submissions);
        completions = (ulong*)(memory + shape.Completions);
        slots = shape.Slots;
        submissionHead = 0;
        completionTail = 0;
        completionHeadSeen = 0;
        Volatile.Write(ref *(ulong*)(memory + RingLayout.Generation), generation);

        // From the first request on: the client rings until the server says that it is awake.
        Interlocked.Exchange(ref *(uint*)(memory + RingLayout.ServerWantsBell), 1u);
    }

    /// <summary>
    /// Goes on with a connection where another generation stopped; the indices are what that one kept for itself, not what the client could have written.
    /// </summary>
    /// <param name="memory">The mapped connection.</param>
    /// <param name="shape">Its protocol's shape.</param>
    /// <param name="generation">Generation of this server, not 0.</param>
    /// <param name="submissionHead">Requests taken.</param>
    /// <param name="completionTail">Completions published.</param>
    public RingServer(byte* memory, in ConnectionShape shape, ulong generation, uint submissionHead, uint completionTail) : this(memory, shape, generation)
    {
        this.submissionHead = submissionHead;
        this.completionTail = completionTail;
        completionHeadSeen = submissionHead - slots; // the lowest that a client can stand at who keeps the rules: it is read again with the next request
    }

    /// <summary>Requests taken and not completed yet.</summary>
    public readonly uint Outstanding => submissionHead - completionTail;

    /// <summary>True if a request waits (or the client wrote nonsense, which taking it will tell).</summary>
    public readonly bool HasSubmission
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Volatile.Read(ref *(uint*)(memory + RingLayout.SubmissionTail)) != submissionHead;
    }

    /// <summary>Takes the next request: one private copy, which the caller checks field by field.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RingStatus TryTake(ref Submission submission)
    {
        uint available = Volatile.Read(ref *(uint*)(memory + RingLayout.SubmissionTail)) - submissionHead;
        if (available == 0)
            return RingStatus.Empty;
        if (available > slots || !HasRoomForCompletion())
            return RingStatus.Violation;

        ulong* slot = submissions + (submissionHead & (slots - 1)) * RingSlot.Words;
        fixed (Submission* own = &submission)
            RingSlot.Load(slot, (ulong*)own);
        submissionHead++;
        Volatile.Write(ref *(uint*)(memory + RingLayout.SubmissionHead), submissionHead);
        return RingStatus.Taken;
    }

    /// <summary>
    /// Publishes a completion; there is always a slot for one of each request taken. False if no request is outstanding, which is a bug of the server.
    /// <paramref name="ringDoorbell"/>: the client sleeps, the caller must signal its notification.
    /// </summary>
    public bool TryComplete(in Completion completion, out bool ringDoorbell)
    {
        ringDoorbell = false;
        Completion* next = Next;
        if (next == null)
            return false;
        fixed (Completion* own = &completion)
            RingSlot.Store((ulong*)next, (ulong*)own);
        ringDoorbell = Publish();
        return true;
    }

    /// <summary>The slot of the next completion, for <see cref="Publish"/>; null if no request is outstanding, which is a bug of the server.</summary>
    public readonly Completion* Next
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Outstanding == 0 ? null : (Completion*)(completions + (completionTail & (slots - 1)) * RingSlot.Words);
    }

    /// <summary>Publishes the completion in the next slot, all of which the caller has written. True: the client's notification must be signalled.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Publish()
    {
        completionTail++;

        // A full fence between the index and the want-bell word, for the same reason as in RingClient.Publish.
        Interlocked.Exchange(ref *(uint*)(memory + RingLayout.CompletionTail), completionTail);
        uint* wantsBell = (uint*)(memory + RingLayout.ClientWantsBell);
        return Volatile.Read(ref *wantsBell) != 0 && Interlocked.Exchange(ref *wantsBell, 0) != 0;
    }

    /// <summary>
    /// Asks for a doorbell. True: no request had arrived, the caller may sleep as far as this connection is concerned. False: one is there, and the
    /// request for a bell is withdrawn.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool PrepareSleep()
    {
        Interlocked.Exchange(ref *(uint*)(memory + RingLayout.ServerWantsBell), 1u);
        if (!HasSubmission)
            return true;
        CancelSleep();
        return false;
    }

    /// <summary>The server is awake and looks at this connection by itself: no bell is needed.</summary>
    public readonly void CancelSleep() => Volatile.Write(ref *(uint*)(memory + RingLayout.ServerWantsBell), 0u);

    /// <summary>
    /// A client that keeps the rules has fewer requests than slots in flight when it submits one, counting those whose completion it
    /// has not taken. Its index is read again only when the copy last seen would not do.
    /// </summary>
    private bool HasRoomForCompletion() => submissionHead - completionHeadSeen < slots || HasRoomNow();

    private bool HasRoomNow()
    {
        uint head = Volatile.Read(ref *(uint*)(memory + RingLayout.CompletionHead));
        if (head - completionHeadSeen > completionTail - completionHeadSeen)
            return false; // it went backwards, or past what was completed
        completionHeadSeen = head;
        return submissionHead - completionHeadSeen < slots;
    }
}
