using System.Runtime.CompilerServices;
using System.Threading;

namespace Libsys.Rings;

/// <summary>
/// The client's side of a connection: submits requests, takes completions. Not thread safe: its owner holds a lock or has one thread. Never trusts
/// what the server may write: its own indices are private copies, and a completion index that runs ahead of the requests is a violation.
/// </summary>
public unsafe struct RingClient
{
    private readonly byte* memory;
    private readonly ulong* submissions;
    private readonly ulong* completions;
    private readonly uint slots;
    private uint submissionTail;
    private uint completionHead;

    /// <summary>A client of fresh, zeroed connection memory of this shape, which must stay mapped and be 64-byte aligned.</summary>
    public RingClient(byte* memory, in ConnectionShape shape)
    {
        this.memory = memory;
        submissions = (ulong*)(memory + shape.Submissions);
        completions = (ulong*)(memory + shape.Completions);
        slots = shape.Slots;
        submissionTail = 0;
        completionHead = 0;
    }

    /// <summary>Requests whose completion has not been taken yet. Never above the number of slots, so neither ring can overflow.</summary>
    public readonly uint InFlight => submissionTail - completionHead;

    /// <summary>True while there is room for a request.</summary>
    public readonly bool CanSubmit => InFlight < slots;

    /// <summary>Generation of the server behind the connection; 0 before it attached.</summary>
    public readonly ulong Generation => Volatile.Read(ref *(ulong*)(memory + RingLayout.Generation));

    /// <summary>
    /// Publishes a request. False if as many as there are slots are in flight already. <paramref name="ringDoorbell"/>: the server sleeps, the caller
    /// must signal its doorbell (and is the only one to do so).
    /// </summary>
    public bool TrySubmit(ref Submission submission, out bool ringDoorbell)
    {
        ringDoorbell = false;
        Submission* next = Next;
        if (next == null)
            return false;
        fixed (Submission* own = &submission)
            RingSlot.Store((ulong*)next, (ulong*)own);
        ringDoorbell = Publish();
        return true;
    }

    /// <summary>The slot of the next request, for <see cref="Publish"/>; null if as many as there are slots are in flight already.</summary>
    public readonly Submission* Next =>
        CanSubmit ? (Submission*)(submissions + (submissionTail & (slots - 1)) * RingSlot.Words) : null;

    /// <summary>Publishes the request in the next slot, all of which the caller has written. True: the server's doorbell must be signalled.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Publish()
    {
        byte* memory = this.memory;
        uint tail = submissionTail + 1;
        submissionTail = tail;

        // The exchange is a full fence: the index is visible before the want-bell word is read. With a plain store the CPU could read the word first,
        // while the server sets it and then still sees the old index: a lost wake-up (SDM vol. 3 §8.2.3.4, loads pass earlier stores).
        Interlocked.Exchange(ref *(uint*)(memory + RingLayout.SubmissionTail), tail);
        uint* wantsBell = (uint*)(memory + RingLayout.ServerWantsBell);
        return Volatile.Read(ref *wantsBell) != 0 && Interlocked.Exchange(ref *wantsBell, 0) != 0;
    }

    /// <summary>True if a completion waits (or the server wrote nonsense, which taking it will tell).</summary>
    public readonly bool HasCompletion => Volatile.Read(ref *(uint*)(memory + RingLayout.CompletionTail)) != completionHead;

    /// <summary>Takes the next completion. Its tag is the server's word: the caller checks that a request with that tag is in flight.</summary>
    public RingStatus TryTake(ref Completion completion)
    {
        uint available = Volatile.Read(ref *(uint*)(memory + RingLayout.CompletionTail)) - completionHead;
        if (available == 0)
            return RingStatus.Empty;
        if (available > InFlight)
            return RingStatus.Violation;

        ulong* slot = completions + (completionHead & (slots - 1)) * RingSlot.Words;
        fixed (Completion* own = &completion)
            RingSlot.Load(slot, (ulong*)own);
        completionHead++;
        Volatile.Write(ref *(uint*)(memory + RingLayout.CompletionHead), completionHead);
        return RingStatus.Taken;
    }

    /// <summary>
    /// The next completion where it lies, or null if there is none or the server has written nonsense, which taking it will tell. The server may change it at
    /// any time: each field is to be read once, and then <see cref="Pass"/>ed.
    /// </summary>
    public readonly Completion* Peek
    {
        get
        {
            uint available = Volatile.Read(ref *(uint*)(memory + RingLayout.CompletionTail)) - completionHead;
            return available - 1 < InFlight ? (Completion*)(completions + (completionHead & (slots - 1)) * RingSlot.Words) : null;
        }
    }

    /// <summary>Takes the completion that <see cref="Peek"/> has shown.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Pass() => Volatile.Write(ref *(uint*)(memory + RingLayout.CompletionHead), ++completionHead);

    /// <summary>
    /// Asks for a doorbell. True: nothing had arrived, the caller may sleep on its notification. False: a completion is there, the request for a bell is
    /// withdrawn (a bell may already be under way: a wake-up too many, never one too few).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool PrepareSleep()
    {
        Interlocked.Exchange(ref *(uint*)(memory + RingLayout.ClientWantsBell), 1u);
        if (!HasCompletion)
            return true;
        CancelSleep();
        return false;
    }

    /// <summary>Withdraws the request for a doorbell, after any other reason to wake.</summary>
    public readonly void CancelSleep() => Volatile.Write(ref *(uint*)(memory + RingLayout.ClientWantsBell), 0u);
}
