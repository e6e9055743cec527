using System.Runtime.CompilerServices;
using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// Reads and writes of streams in memory, and the waits for them (docs/streams.md). All in a stream that others can write may be anything at any time, and is
/// read once. The memory is there while a thread is in its place: only the program itself could take it away, reaching around its personality.
/// </summary>
internal static unsafe class Streams
{
    /// <summary>What cannot be decided here, because somebody else of this side moves data or somebody lies.</summary>
    private const long Undecided = long.MinValue;

    /// <summary>How often the note of what is awaited is tried: others that try make one fail, always only who means harm.</summary>
    private const int MostTries = 100;

    /// <summary>After that a wait looks again by itself, nanoseconds.</summary>
    private const ulong Patience = 10_000_000;

    /// <summary>Flag beside those of send(2), of which none is it: what a pipe takes at once is enough, be it a part of what fits PIPE_BUF.</summary>
    private const uint PutOnce = 1u << 31;

    /// <summary>
    /// Moves what the vectors say. False: a request has to do so, of what is left in the vectors; <paramref name="result"/> bytes of a write have been moved.
    /// </summary>
    public static bool TryMove(TaskState* task, Descriptor* descriptor, IoVectors* vectors, bool write, out long result) =>
        TryMove(task, descriptor, vectors, write, 0, out result);

    /// <summary>The same as send(2) and recv(2) do it, with their flags MSG_DONTWAIT and MSG_NOSIGNAL.</summary>
    public static bool TryMove(TaskState* task, Descriptor* descriptor, IoVectors* vectors, bool write, uint flags, out long result)
    {
        result = 0;
        StreamPlace* place = StreamPlaces.Enter(task, descriptor->Handle);
        if (place == null)
            place = StreamPlaces.Count(task, descriptor->Handle, vectors->Total);
        if (place == null)
            return false;
        bool isDone = (place->Access & (write ? StreamPlaces.Writes : StreamPlaces.Reads)) != 0 && vectors->Total != 0
            && (write
                ? TryWrite(task, place, (byte*)place->WriteMemory, vectors, flags, out result)
                : TryRead(task, place, (byte*)place->Memory, vectors, flags, out result));
        DescriptorTable.NoteActivity(task, descriptor->Handle);
        StreamPlaces.Leave(task, place);
        return isDone;
    }

    /// <summary>
    /// Moves bytes of a file into a stream, as sendfile(2) and splice(2) do it: a pipe takes what it has room for, and is waited for until it has any.
    /// </summary>
    public static bool TryPut(TaskState* task, Descriptor* descriptor, ulong source, ulong length, bool waitsForNothing, out long result)
    {
        IoVectors vectors;
        IoVectors.SingleInWindow(&vectors, source, length);
        return TryMove(task, descriptor, &vectors, write: true, PutOnce | (waitsForNothing ? SocketNumbers.MsgDontWait : 0), out result);
    }

    /// <summary>A word of a stream.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Word(byte* memory, uint offset) => Volatile.Read(ref *(uint*)(memory + offset));

    /// <summary>Number of the changes that who reads, or writes, may wait for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint ChangesFor(byte* memory, bool reads) => Word(memory, (reads ? StreamLayout.WriterSide : StreamLayout.ReaderSide) + StreamSide.Changes);

    /// <summary>Sleeps until there is a change after the one that was seen: 0 (or for no reason), −ETIMEDOUT, or −EINTR.</summary>
    public static long Await(byte* memory, bool reads, uint seen, ulong deadline)
    {
        uint* awaited = (uint*)(memory + (reads ? StreamLayout.ReaderSide : StreamLayout.WriterSide) + StreamSide.Awaited);
        uint* changes = (uint*)(memory + (reads ? StreamLayout.WriterSide : StreamLayout.ReaderSide) + StreamSide.Changes);
        // Before the note: who moves data meanwhile has nobody to wake.
        if (WordPoll.SeesChange(changes, seen, deadline))
            return 0;
        uint found = Volatile.Read(ref *awaited);
        ulong limit = deadline;
        for (int tries = 0;; tries++)
        {
            // Also where nothing is to be changed: it is the fence between this note and the kernel's look at the number.
            uint old = Interlocked.CompareExchange(ref *awaited, StreamLayout.IsLater(seen, found) ? seen : found, found);
            if (old == found)
                break;
            found = old;
            if (tries == MostTries)
            {
                ulong soon = Clock.Now + Patience;
                limit = soon < deadline ? soon : deadline;
                break;
            }
        }
        long status = KernelCalls.WordWait(changes, seen, limit, WaitFlags.None);
        return status == (long)KernelStatus.Interrupted ? -Errno.EINTR
            : status == (long)KernelStatus.TimedOut && limit == deadline ? -Errno.ETIMEDOUT : 0;
    }

    private static bool TryRead(TaskState* task, StreamPlace* place, byte* memory, IoVectors* vectors, uint flags, out long result)
    {
        for (;;)
        {
            uint seen = ChangesFor(memory, reads: true);
            result = Take(task, place, memory, vectors);
            if (result == Undecided)
            {
                result = 0;
                return false;
            }
            if (result != -Errno.EAGAIN || IsNonBlocking(memory, place->Flags, flags))
                return true;
            if (Await(memory, reads: true, seen, Deadline.Never) == -Errno.EINTR)
            {
                result = -Errno.RestartSystemCall;
                return true;
            }
        }
    }

    private static bool TryWrite(TaskState* task, StreamPlace* place, byte* memory, IoVectors* vectors, uint flags, out long result)
    {
        ulong total = vectors->Total;
        bool isOnce = (flags & PutOnce) != 0 && (place->Access & StreamPlaces.OfSocket) == 0;
        for (;;)
        {
            uint seen = ChangesFor(memory, reads: false);
            long moved = Put(task, place, memory, vectors, isOnce ? ulong.MaxValue : total, out bool mustRing);
            if (mustRing)
                Ring(task, place);
            ulong done = total - vectors->Total;
            result = (long)done;
            if (moved == Undecided)
                return false;
            if (moved > 0)
            {
                if (vectors->Total == 0 || isOnce)
                    return true;
                continue;
            }
            // Of a pipe also when part of it was written: Linux raises it and then reports the part.
            if (moved == -Errno.EPIPE && ((place->Access & StreamPlaces.OfSocket) == 0 || (done == 0 && (flags & SocketNumbers.MsgNoSignal) == 0)))
                SignalToSelf.BrokenPipe(task);
            if (moved == -Errno.EAGAIN && !IsNonBlocking(memory, place->WriteFlags, flags))
            {
                if (Await(memory, reads: false, seen, Deadline.Never) != -Errno.EINTR)
                    continue;
                moved = -Errno.RestartSystemCall;
            }
            if (done == 0)
                result = moved;
            return true;
        }
    }

    // Takes bytes out, as many as there are and are wanted.
    private static long Take(TaskState* task, StreamPlace* place, byte* memory, IoVectors* vectors)
    {
        if (!TryLock(memory + StreamLayout.ReaderSide, place->Number))
            return Undecided;
        uint* index = (uint*)(memory + StreamLayout.ReaderSide + StreamSide.Index);
        // Ends first: what was written before the last one was closed is seen.
        bool mayCome = Word(memory, StreamLayout.Writers) != 0;
        uint head = *index;
        bool isSound = StreamLayout.TryCount(head, Word(memory, StreamLayout.WriterSide + StreamSide.Index), out uint count);
        long result = !isSound ? Undecided : count != 0 ? -Errno.EFAULT : mayCome ? -Errno.EAGAIN : 0;
        bool makesRoom = false;
        uint wanted = vectors->Total < count ? (uint)vectors->Total : count;
        // Behind the writer's index: what comes with bytes is published before they are.
        uint asks = Word(memory, StreamLayout.Asks);
        if (asks != 0 && !MayTake(memory, asks, head, isSound ? wanted : 0, mayCome))
        {
            result = Undecided;
            count = 0;
        }
        if (isSound && count != 0)
        {
            uint taken = Copy(vectors, memory + StreamLayout.Data, head, wanted, outward: true);
            if (taken != 0)
            {
                result = taken;
                // The fence between that and the look at what writers have done meanwhile: they see the room, or this sees that there was none.
                Interlocked.Exchange(ref *index, unchecked(head + taken));
                makesRoom = StreamLayout.MakesRoom(head, Word(memory, StreamLayout.WriterSide + StreamSide.Index), taken);
            }
        }
        bool mustRing = makesRoom && Announce(memory, reads: true);
        if (Unlock(memory + StreamLayout.ReaderSide) || mustRing)
            Ring(task, place);
        return result;
    }

    // Whether a reader of a socket may take bytes, or find that there are none, without a request.
    private static bool MayTake(byte* memory, uint asks, uint head, uint wanted, bool mayCome)
    {
        if ((asks & StreamLayout.ReadersAsk) != 0)
            return false;
        if (wanted == 0)
            return mayCome || (asks & StreamLayout.HasError) == 0;
        return (asks & StreamLayout.HasMark) == 0 || unchecked(Word(memory, StreamLayout.Mark) - head) >= wanted;
    }

    // Puts bytes in, as many as there is room for, and moves on in the vectors.
    private static long Put(TaskState* task, StreamPlace* place, byte* memory, IoVectors* vectors, ulong total, out bool mustRing)
    {
        mustRing = false;
        if (!TryLock(memory + StreamLayout.WriterSide, place->WriteNumber))
            return Undecided;
        uint* index = (uint*)(memory + StreamLayout.WriterSide + StreamSide.Index);
        uint tail = *index, accepted = 0;
        long result = -Errno.EPIPE;
        if (Word(memory, StreamLayout.Readers) != 0)
        {
            bool isSound = StreamLayout.TryCount(Word(memory, StreamLayout.ReaderSide + StreamSide.Index), tail, out uint count);
            if (isSound && (Word(memory, StreamLayout.Asks) & StreamLayout.WritersAsk) != 0)
                isSound = false;
            if (isSound)
                accepted = StreamLayout.Acceptable(count, vectors->Total, isWhole: total <= StreamLayout.AtomicLength);
            result = !isSound ? Undecided : accepted == 0 ? -Errno.EAGAIN : -Errno.EFAULT;
        }
        if (accepted != 0)
            accepted = Copy(vectors, memory + StreamLayout.Data, tail, accepted, outward: false);
        if (accepted != 0)
        {
            result = accepted;
            Volatile.Write(ref *index, unchecked(tail + accepted));
            mustRing = Announce(memory, reads: false);
        }
        mustRing |= Unlock(memory + StreamLayout.WriterSide);
        vectors->Total -= accepted;
        if (accepted != 0 && vectors->Total != 0)
            IoVectors.Advance(vectors, accepted);
        return result;
    }

    /// <summary>Copies between the program and the data, without moving on: fewer bytes where the program's memory ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong CopyPartly(IoVectors* vectors, byte* data, uint index, uint length, bool outward)
    {
        uint at = index % StreamLayout.Capacity;
        ulong run = IoVectors.Run(vectors, length);
        if (run != 0 && at + length <= StreamLayout.Capacity)
            return outward ? UserMemory.CopyOutPartly(run, data + at, length) : UserMemory.CopyInPartly(data + at, run, length);
        return CopyPieces(vectors, data, at, length, outward);
    }

    // Only whole pages count there, as on Linux, which moves a page or nothing of it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Copy(IoVectors* vectors, byte* data, uint index, uint length, bool outward)
    {
        ulong done = CopyPartly(vectors, data, index, length, outward);
        return done == length ? length : (uint)done & ~(StreamLayout.PageLength - 1);
    }

    private static ulong CopyPieces(IoVectors* vectors, byte* data, uint at, uint length, bool outward)
    {
        uint first = StreamLayout.Capacity - at;
        if (first > length)
            first = length;
        ulong done = outward ? IoVectors.CopyOut(vectors, data + at, first) : IoVectors.CopyIn(vectors, data + at, first);
        if (done < first || first == length)
            return done;
        IoVectors rest;
        BlockMemory.Move(&rest, vectors, (ulong)sizeof(IoVectors));
        IoVectors.Advance(&rest, first);
        return done + (outward ? IoVectors.CopyOut(&rest, data, length - first) : IoVectors.CopyIn(&rest, data, length - first));
    }

    /// <summary>
    /// Counts a change, and wakes who waits for it. True: vfs is to be rung. The step of the number is the fence between the change and the look at who waits.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Announce(byte* memory, bool reads)
    {
        uint* changes = (uint*)(memory + (reads ? StreamLayout.ReaderSide : StreamLayout.WriterSide) + StreamSide.Changes);
        uint number = Interlocked.Increment(ref *changes);
        if (StreamLayout.IsAwaited(Word(memory, (reads ? StreamLayout.WriterSide : StreamLayout.ReaderSide) + StreamSide.Awaited), number))
            KernelCalls.WordWake(changes, uint.MaxValue);
        return Word(memory, StreamLayout.Watched) != 0;
    }

    /// <summary>Takes the lock of a side, if nobody has it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryLock(byte* side, uint number) => Interlocked.CompareExchange(ref *(uint*)(side + StreamSide.Lock), number, 0) == 0;

    /// <summary>Lets go of it. True: vfs is to be rung.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Unlock(byte* side) => (Interlocked.Exchange(ref *(uint*)(side + StreamSide.Lock), 0) & StreamLayout.Wanted) != 0;

    /// <summary>O_NONBLOCK of the description, whose flags lie there, or MSG_DONTWAIT.</summary>
    public static bool IsNonBlocking(byte* memory, uint place, uint flags) =>
        (Word(memory, place) & OpenFlags.NonBlock) != 0 || (flags & SocketNumbers.MsgDontWait) != 0;

    /// <summary>Tells vfs that something has changed.</summary>
    public static void Ring(TaskState* task, StreamPlace* place) => VfsClient.Call(task, VfsOperation.SourceChanged, StreamPlaces.HandleOf(place));
}
