using Libsys.Rings;

namespace Libsys.Hosting.Keeping;

/// <summary>
/// The server's side of a connection whose place outlives the server's process: indices and requests in flight lie in a <see cref="KeptState"/>, and a
/// successor goes on where its predecessor stopped, so that each request is served and answered exactly once as far as the kept state is concerned. Nothing
/// that lies in the shared memory is believed. The order of the steps: docs/keeping.md; all runs of it: tests/models/resume.pml.
/// </summary>
public sealed class ResumableRing
{
    private const ulong Taken = 0x00, Completed = 0x08, Published = 0x10, AtWork = 0x18, Entries = 0x40;
    private const ulong EntryLength = 128, Number = 0, MarkWord = 8, Request = 64;

    // Tells an entry with request 0 from a free one.
    private const ulong InUse = 1ul << 32;

    private readonly KeptState state;
    private readonly ulong start;
    private readonly uint slots;
    private readonly Stack<int> free = new();
    private readonly List<int> inFlight = [];
    private RingServer ring;

    /// <summary>Goes on with a connection, or begins one if the words were cleared by <see cref="Clear"/>.</summary>
    /// <param name="state">Where it stands.</param>
    /// <param name="offset">Of its words there.</param>
    /// <param name="connection">The shared memory, sealed. It must stay mapped.</param>
    /// <param name="shape">Its protocol's shape.</param>
    /// <param name="generation">Of this server, not 0: the client sees it change.</param>
    /// <exception cref="KeptStateException">The words contradict each other.</exception>
    public ResumableRing(KeptState state, ulong offset, MappedMemory connection, in ConnectionShape shape, ulong generation)
    {
        this.state = state;
        start = offset;
        slots = shape.Slots;
        uint completed = Index(Completed), published = Index(Published);
        uint taken = FindEntries(Index(Taken));
        if (taken - completed != (uint)inFlight.Count || completed - published > 1 || free.Count + inFlight.Count != (int)slots)
            throw new KeptStateException($"a ring with {inFlight.Count} requests, {taken} taken, {completed} completed, {published} published");
        state.Write(start + Taken, taken);
        ulong interrupted = state.Read(start + AtWork);
        Interrupted = interrupted > 0 && interrupted <= slots && inFlight.Contains((int)interrupted - 1) ? (int)interrupted - 1 : -1;
        ring = RingMemory.Resume(connection, shape, generation, taken, published);
        if (published != completed)
            Publish(published, out _);
    }

    /// <summary>
    /// Entries of the requests that the predecessor had taken and not completed, in the order in which they were made: to be served again, before new ones are
    /// taken.
    /// </summary>
    public IReadOnlyList<int> InFlight => inFlight;

    /// <summary>The entry that was being served when the predecessor ended, or −1. A server that ends again and again there should refuse it.</summary>
    public int Interrupted { get; }

    /// <summary>Requests taken and not completed.</summary>
    public uint Outstanding => Index(Taken) - Index(Completed);

    /// <summary>True if a request waits (or the client wrote nonsense, which taking it will tell).</summary>
    public bool HasSubmission => ring.HasSubmission;

    /// <summary>Bytes that a ring of this shape takes of the kept state.</summary>
    public static ulong LengthOf(in ConnectionShape shape) => Entries + shape.Slots * (EntryLength + RingLayout.SlotLength);

    /// <summary>Clears the words of a ring that nobody uses, for a connection to which nothing was submitted yet.</summary>
    public static void Clear(KeptState state, ulong offset, in ConnectionShape shape)
    {
        for (int entry = 0; entry < shape.Slots; entry++)
            state.Write(offset + Entries + (ulong)entry * EntryLength + Number, 0);
        foreach (ulong word in (ReadOnlySpan<ulong>)[Taken, Completed, Published, AtWork])
            state.Write(offset + word, 0);
    }

    /// <summary>Takes the next request into a kept entry. It is in flight until <see cref="Complete"/>, whoever serves it.</summary>
    public RingStatus TryTake(out int entry, out Submission submission)
    {
        submission = default;
        entry = -1;
        RingStatus status = ring.TryTake(ref submission);
        if (status != RingStatus.Taken)
            return status;
        state.Reach();
        entry = free.Pop(); // the ring takes no more than it has slots for
        uint taken = Index(Taken);
        Keep(At(entry), in submission);
        state.Write(At(entry) + MarkWord, 0);
        state.Write(At(entry) + Number, InUse | taken); // in flight from here on
        state.Write(start + Taken, taken + 1);
        return status;
    }

    /// <summary>The request in an entry: the kept copy, all of whose fields are the client's claims.</summary>
    public Submission RequestOf(int entry)
    {
        ulong at = At(entry) + Request;
        ulong operation = state.Read(at + 8), pool = state.Read(at + 16);
        return new Submission
        {
            Tag = state.Read(at),
            Operation = (ushort)operation,
            Flags = (byte)(operation >> 16),
            Pool = (byte)(operation >> 24),
            ProcessSlot = (uint)(operation >> 32),
            PoolOffset = (uint)pool,
            PoolLength = (uint)(pool >> 32),
            A0 = state.Read(at + 24),
            A1 = state.Read(at + 32),
            A2 = state.Read(at + 40),
            A3 = state.Read(at + 48),
            A4 = state.Read(at + 56),
        };
    }

    /// <summary>How far a request of several steps has come: 0 at first, then what was set.</summary>
    public ulong MarkOf(int entry) => state.Read(At(entry) + MarkWord);

    /// <summary>Sets the mark in the next commit, together with what the step changes.</summary>
    public void SetMark(int entry, ulong mark) => state.Set(At(entry) + MarkWord, mark);

    /// <summary>The server begins to serve this entry.</summary>
    public void BeginWork(int entry) => state.Write(start + AtWork, (ulong)entry + 1);

    /// <summary>It has answered it, or put it aside.</summary>
    public void EndWork() => state.Write(start + AtWork, 0);

    /// <summary>
    /// Ends a request with its answer, in one commit with all that was set in the state since the last one, and shows the answer to the client.
    /// <paramref name="ringDoorbell"/>: the client sleeps, the caller must signal its notification.
    /// </summary>
    /// <exception cref="InvalidOperationException">The entry is not in flight: a bug of the server.</exception>
    public void Complete(int entry, ref Completion completion, out bool ringDoorbell)
    {
        if ((state.Read(At(entry) + Number) & InUse) == 0)
            throw new InvalidOperationException("resumable ring: completion without a request");
        uint completed = Index(Completed);
        Keep(AnswerAt(completed), in completion);
        state.Set(At(entry) + Number, 0);
        state.Set(start + Completed, completed + 1);
        state.Commit();
        inFlight.Remove(entry);
        free.Push(entry);
        Publish(completed, out ringDoorbell);
    }

    /// <summary>Asks for a doorbell; see <see cref="RingServer.PrepareSleep"/>.</summary>
    public bool PrepareSleep() => ring.PrepareSleep();

    /// <summary>No bell is needed; see <see cref="RingServer.CancelSleep"/>.</summary>
    public void CancelSleep() => ring.CancelSleep();

    private ulong At(int entry) => start + Entries + (ulong)entry * EntryLength;

    private ulong AnswerAt(uint number) => start + Entries + slots * EntryLength + (number & (slots - 1)) * RingLayout.SlotLength;

    private uint Index(ulong word) => (uint)state.Read(start + word);

    // Sorts the entries by the numbers of their requests. The predecessor may have ended between an entry and the index behind it.
    private uint FindEntries(uint taken)
    {
        uint end = taken;
        for (int entry = (int)slots - 1; entry >= 0; entry--)
        {
            ulong number = state.Read(At(entry) + Number);
            if ((number & InUse) == 0)
            {
                free.Push(entry);
                continue;
            }

            inFlight.Add(entry);
            if ((uint)number == taken)
                end = taken + 1;
        }

        inFlight.Sort((one, other) => (end - (uint)state.Read(At(other) + Number)).CompareTo(end - (uint)state.Read(At(one) + Number)));
        return end;
    }

    // Done again after a death: no later completion can be in the slot, since this one is published first.
    private void Publish(uint number, out bool ringDoorbell)
    {
        ulong at = AnswerAt(number);
        var completion = new Completion
        {
            Tag = state.Read(at),
            Result = (long)state.Read(at + 8),
            V0 = state.Read(at + 16),
            V1 = state.Read(at + 24),
            V2 = state.Read(at + 32),
            V3 = state.Read(at + 40),
            V4 = state.Read(at + 48),
            V5 = state.Read(at + 56),
        };
        state.Reach();
        ring.TryComplete(in completion, out ringDoorbell);
        state.Write(start + Published, number + 1);
    }

    private void Keep(ulong entry, in Submission submission)
    {
        ulong at = entry + Request;
        state.Write(at, submission.Tag);
        state.Write(at + 8, submission.Operation | (ulong)submission.Flags << 16 | (ulong)submission.Pool << 24 | (ulong)submission.ProcessSlot << 32);
        state.Write(at + 16, submission.PoolOffset | (ulong)submission.PoolLength << 32);
        state.Write(at + 24, submission.A0);
        state.Write(at + 32, submission.A1);
        state.Write(at + 40, submission.A2);
        state.Write(at + 48, submission.A3);
        state.Write(at + 56, submission.A4);
    }

    private void Keep(ulong at, in Completion completion)
    {
        state.Write(at, completion.Tag);
        state.Write(at + 8, (ulong)completion.Result);
        state.Write(at + 16, completion.V0);
        state.Write(at + 24, completion.V1);
        state.Write(at + 32, completion.V2);
        state.Write(at + 40, completion.V3);
        state.Write(at + 48, completion.V4);
        state.Write(at + 56, completion.V5);
    }
}
