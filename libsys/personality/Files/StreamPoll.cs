using System.Runtime.CompilerServices;
using System.Threading;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>What poll finds of a stream that is mapped, and the wait for one alone.</summary>
internal static unsafe class StreamPoll
{
    private const ushort AllEvents = ushort.MaxValue;

    /// <summary>What readers of the stream can do something about, and not its writers.</summary>
    private const ushort Writing = PollEvents.Writable | PollEvents.WriteBand;

    /// <summary>As <see cref="MemoryPoll.TryLook(TaskState*, uint, ushort, out ushort, out uint)"/>.</summary>
    public static bool TryLook(TaskState* task, uint handle, ushort events, out ushort found, out uint number)
    {
        found = 0;
        number = 0;
        StreamPlace* place = StreamPlaces.Enter(task, handle);
        if (place == null)
            return false;
        bool isSound = Look(place, events, out found, out number);
        StreamPlaces.Leave(task, place);
        return isSound;
    }

    /// <summary>
    /// poll of one entry alone: waits on the word that the other side counts its changes in. False: nothing was done, for it is not mapped, its bytes are
    /// elsewhere, somebody has lied about an index, or it waits for both directions.
    /// </summary>
    public static bool TryWait(TaskState* task, VfsPollEntry* entry, ulong deadline, out long ready)
    {
        ready = 0;
        StreamPlace* place = StreamPlaces.Enter(task, PollSet.HandleOf(entry));
        if (place == null)
            return false;
        bool isDone = Wait(place, entry, deadline, out ready);
        StreamPlaces.Leave(task, place);
        return isDone;
    }

    private static bool Wait(StreamPlace* place, VfsPollEntry* entry, ulong deadline, out long ready)
    {
        ready = 0;
        bool isReader, isOneWay;
        if ((place->Access & StreamPlaces.OfSocket) == 0)
        {
            isReader = place->Access == StreamPlaces.Reads;
            isOneWay = isReader || place->Access == StreamPlaces.Writes;
        }
        else
        {
            // What waits for no bytes waits for both ends.
            isReader = (entry->Events & PollEvents.Readable) != 0;
            isOneWay = isReader != ((entry->Events & (PollEvents.Writable | PollEvents.WriteBand)) != 0);
        }
        byte* memory = (byte*)(isReader ? place->Memory : place->WriteMemory);
        for (;;)
        {
            uint seen = Streams.ChangesFor(memory, isReader);
            if (!Look(place, entry->Events, out ushort found, out uint number))
                return false;
            if ((entry->Events & VfsPollEntry.Changed) != 0 && (ushort)number == entry->Returned)
                found = 0;
            if (found == 0 && deadline != Deadline.Poll)
            {
                if (!isOneWay)
                    return false;
                ready = Streams.Await(memory, isReader, seen, deadline);
                if (ready == 0)
                    continue;
            }
            if (ready == -Errno.ETIMEDOUT)
                ready = 0;
            else if (ready == 0)
                ready = found != 0 ? 1 : 0;
            if (ready >= 0)
                entry->Returned = found;
            return true;
        }
    }

    /// <summary>
    /// What poll finds, and the number of the last change, which is taken before the state: an edge that is counted later is not missed. False: the indices
    /// make no sense.
    /// </summary>
    public static bool Look(StreamPlace* place, ushort events, out ushort found, out uint number)
    {
        byte* memory = (byte*)place->Memory;
        if ((place->Access & StreamPlaces.OfSocket) != 0)
            return LookAtSocket(place, events, out found, out number);
        number = NumberOf(place, events);
        return LookAtPipe(memory, place->Access, events, out found);
    }

    /// <summary>That number alone.</summary>
    public static uint NumberOf(StreamPlace* place, ushort events) => EventCounterPage.ChangeNumber(
        (events & PollEvents.Readable) != 0, (events & PollEvents.Writable) != 0, Streams.ChangesFor((byte*)place->Memory, reads: true),
        Streams.ChangesFor((byte*)place->WriteMemory, reads: false));

    /// <summary>
    /// The same without the number. Whatever a reader may find comes with a change by the writers, by which he would be woken if he slept; so where nothing was
    /// found at a number, one page instead of three says that nothing is there.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryLevel(StreamPlace* place, ushort events, out ushort found)
    {
        byte* memory = (byte*)place->Memory;
        ulong seen = Streams.ChangesFor(memory, reads: true) | StreamPlaces.IsKnown;
        if (place->Quiet == seen && (events & Writing) == 0)
        {
            found = 0;
            return true;
        }
        return TryLevelAnew(place, seen, events, out found);
    }

    private static bool TryLevelAnew(StreamPlace* place, ulong seen, ushort events, out ushort found)
    {
        byte* memory = (byte*)place->Memory;
        bool isSocket = (place->Access & StreamPlaces.OfSocket) != 0;
        bool isSound = isSocket
            ? LookAtSocket(place, AllEvents, out ushort all, out _)
            : LookAtPipe(memory, place->Access, AllEvents, out all);
        if (isSound && (all & ~Writing) == 0 && (isSocket || place->Access == StreamPlaces.Reads))
            Volatile.Write(ref place->Quiet, seen);
        found = (ushort)(all & (events | PollEvents.Unasked));
        return isSound;
    }

    // Ends before the index of the other side: what was written before the last end was closed is seen.
    private static bool LookAtPipe(byte* memory, uint access, ushort events, out ushort found)
    {
        bool hasHungUp = Streams.Word(memory, StreamLayout.Writers) == 0 && Streams.Word(memory, StreamLayout.HasHadWriter) != 0;
        bool isBroken = Streams.Word(memory, StreamLayout.Readers) == 0;
        uint head = Streams.Word(memory, StreamLayout.ReaderSide + StreamSide.Index);
        bool isSound = StreamLayout.TryCount(head, Streams.Word(memory, StreamLayout.WriterSide + StreamSide.Index), out uint count)
            && (Streams.Word(memory, StreamLayout.Asks) & StreamLayout.Elsewhere) == 0;
        int bits = 0;
        if ((access & StreamPlaces.Reads) != 0)
            bits |= (count != 0 ? PollEvents.Readable : 0) | (hasHungUp ? PollEvents.HangUp : 0);
        if ((access & StreamPlaces.Writes) != 0)
            bits |= (StreamLayout.Capacity - count >= StreamLayout.AtomicLength ? PollEvents.Writable : 0) | (isBroken ? PollEvents.Error : 0);
        found = (ushort)(bits & (events | PollEvents.Unasked));
        return isSound;
    }

    // As StreamSocket.Poll of vfs.
    private static bool LookAtSocket(StreamPlace* place, ushort events, out ushort found, out uint number)
    {
        byte* incoming = (byte*)place->Memory, outgoing = (byte*)place->WriteMemory;
        number = NumberOf(place, events);
        if ((place->Access & StreamPlaces.OfMessages) != 0)
            return MessageStreams.Look(incoming, outgoing, events, out found);
        bool hasEnded = Streams.Word(incoming, StreamLayout.Writers) == 0, isBroken = Streams.Word(outgoing, StreamLayout.Readers) == 0;
        bool isSound = TryCount(incoming, out uint count) & TryCount(outgoing, out uint queued);
        int bits = count != 0 || hasEnded ? PollEvents.Readable : 0;
        bits |= hasEnded ? PollEvents.ReadHangUp : 0;
        bits |= hasEnded && isBroken ? PollEvents.HangUp : 0;
        bits |= isBroken || StreamLayout.Capacity - queued >= StreamLayout.AtomicLength ? PollEvents.Writable | PollEvents.WriteBand : 0;
        bits |= (Streams.Word(incoming, StreamLayout.Asks) & StreamLayout.HasError) != 0 ? PollEvents.Error : 0;
        found = (ushort)(bits & (events | PollEvents.Unasked));
        return isSound;
    }

    private static bool TryCount(byte* memory, out uint count)
    {
        uint head = Streams.Word(memory, StreamLayout.ReaderSide + StreamSide.Index);
        return StreamLayout.TryCount(head, Streams.Word(memory, StreamLayout.WriterSide + StreamSide.Index), out count);
    }
}
