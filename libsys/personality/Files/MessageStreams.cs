using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// Messages of datagram and sequenced packet sockets in memory (docs/unix-sockets.md): locks, waits and whom nobody trusts as in <see cref="Streams"/>, and a
/// message is sent and received as a whole. Whatever vfs has to know of, ends and errors among it, has set a bit that makes it a request.
/// </summary>
internal static unsafe class MessageStreams
{
    /// <summary>What cannot be decided here.</summary>
    private const long Undecided = long.MinValue;

    /// <summary>read(2), write(2) and their vectors. False: a request has to do it.</summary>
    public static bool TryMove(TaskState* task, Descriptor* descriptor, IoVectors* vectors, bool write, out long result) =>
        write ? TrySend(task, descriptor, vectors, 0, out result) : TryReceive(task, descriptor, vectors, 0, out result, out _);

    /// <summary>Sends one, as send(2) with MSG_DONTWAIT or without. False: nothing was done.</summary>
    public static bool TrySend(TaskState* task, Descriptor* descriptor, IoVectors* vectors, uint flags, out long result)
    {
        result = 0;
        StreamPlace* place = Enter(task, descriptor, vectors);
        if (place == null)
            return false;
        byte* memory = (byte*)place->WriteMemory;
        bool isNonBlocking = Streams.IsNonBlocking(memory, place->WriteFlags, flags);
        do
        {
            uint seen = Streams.ChangesFor(memory, reads: false);
            result = Put(task, place, memory, vectors);
            if (result != -Errno.EAGAIN || isNonBlocking)
                break;
            if (Streams.Await(memory, reads: false, seen, Deadline.Never) == -Errno.EINTR)
                result = -Errno.RestartSystemCall;
        }
        while (result == -Errno.EAGAIN);
        return Leave(task, descriptor, place, ref result);
    }

    /// <summary>
    /// Receives one, as recv(2) with MSG_DONTWAIT and MSG_TRUNC or without. False: nothing was done. <paramref name="isCut"/>: there was no room for all of it.
    /// </summary>
    public static bool TryReceive(TaskState* task, Descriptor* descriptor, IoVectors* vectors, uint flags, out long result, out bool isCut)
    {
        result = 0;
        isCut = false;
        StreamPlace* place = Enter(task, descriptor, vectors);
        if (place == null)
            return false;
        byte* memory = (byte*)place->Memory;
        bool isNonBlocking = Streams.IsNonBlocking(memory, place->Flags, flags);
        do
        {
            uint seen = Streams.ChangesFor(memory, reads: true);
            result = Take(task, place, memory, vectors, out isCut, out uint whole);
            if (result >= 0 && (flags & SocketNumbers.MsgTruncated) != 0)
                result = whole;
            if (result != -Errno.EAGAIN || isNonBlocking)
                break;
            if (Streams.Await(memory, reads: true, seen, Deadline.Never) == -Errno.EINTR)
                result = -Errno.RestartSystemCall;
        }
        while (result == -Errno.EAGAIN);
        return Leave(task, descriptor, place, ref result);
    }

    /// <summary>What poll finds, as MessageSocket.Poll of vfs. False: vfs has to be asked.</summary>
    public static bool Look(byte* incoming, byte* outgoing, ushort events, out ushort found)
    {
        ulong reader = Side(outgoing, StreamLayout.ReaderSide), writer = Side(outgoing, StreamLayout.WriterSide);
        bool isSound = MessageLayout.TryCount(reader, writer, out uint taken);
        bool isWritable = MessageLayout.IsWritable(MessageLayout.Unread(reader, writer), Streams.Word(outgoing, StreamLayout.SendBuffer), taken);
        isSound &= MessageLayout.TryCount(Side(incoming, StreamLayout.ReaderSide), Side(incoming, StreamLayout.WriterSide), out uint count);
        // Last: what was set before the end was announced is seen.
        isSound &= (Streams.Word(incoming, StreamLayout.Asks) | Streams.Word(outgoing, StreamLayout.Asks)) == 0;
        int bits = (count != 0 ? PollEvents.Readable : 0) | (isWritable ? PollEvents.Writable | PollEvents.WriteBand : 0);
        found = (ushort)(bits & (events | PollEvents.Unasked));
        return isSound;
    }

    private static StreamPlace* Enter(TaskState* task, Descriptor* descriptor, IoVectors* vectors)
    {
        StreamPlace* place = StreamPlaces.Enter(task, descriptor->Handle);
        if (place == null)
            place = StreamPlaces.Count(task, descriptor->Handle, vectors->Total);
        // Nothing at all is a message, too, and for read(2) none: vfs knows.
        if (place == null || (vectors->Total != 0 && (place->Access & StreamPlaces.OfMessages) != 0))
            return place;
        StreamPlaces.Leave(task, place);
        return null;
    }

    private static bool Leave(TaskState* task, Descriptor* descriptor, StreamPlace* place, ref long result)
    {
        DescriptorTable.NoteActivity(task, descriptor->Handle);
        StreamPlaces.Leave(task, place);
        if (result != Undecided)
            return true;
        result = 0;
        return false;
    }

    // Puts a message in, whose header and bytes are there before the index says so.
    private static long Put(TaskState* task, StreamPlace* place, byte* memory, IoVectors* vectors)
    {
        if (!Streams.TryLock(memory + StreamLayout.WriterSide, place->WriteNumber))
            return Undecided;
        long result = PutLocked(place, memory, vectors, out bool mustRing);
        mustRing |= Streams.Unlock(memory + StreamLayout.WriterSide);
        if (mustRing)
            Streams.Ring(task, place);
        return result;
    }

    private static long PutLocked(StreamPlace* place, byte* memory, IoVectors* vectors, out bool mustRing)
    {
        mustRing = false;
        ulong reader = Side(memory, StreamLayout.ReaderSide), writer = Side(memory, StreamLayout.WriterSide);
        uint sendBuffer = Streams.Word(memory, StreamLayout.SendBuffer);
        // Behind the lock: who takes messages back has both.
        if (Streams.Word(memory, StreamLayout.Asks) != 0 || !MessageLayout.TryCount(reader, writer, out uint count))
            return Undecided;
        if (vectors->Total > MessageLayout.Longest || vectors->Total + MessageLayout.Reserved > sendBuffer)
            return Undecided;
        uint length = (uint)vectors->Total;
        if (!MessageLayout.MaySend(MessageLayout.Unread(reader, writer), length, sendBuffer))
            return -Errno.EAGAIN;
        if (!MessageLayout.IsInside(length, StreamLayout.Capacity - count))
            return (place->Access & StreamPlaces.HasOtherEnd) != 0 || MessageLayout.IsLong(length) ? Undecided : -Errno.EAGAIN;
        uint at = MessageLayout.IndexOf(writer);
        *(ulong*)(memory + StreamLayout.Data + at % StreamLayout.Capacity) = length;
        if (Streams.CopyPartly(vectors, memory + StreamLayout.Data, unchecked(at + MessageLayout.HeaderLength), length, outward: false) < length)
            return -Errno.EFAULT;
        Volatile.Write(ref *(ulong*)(memory + StreamLayout.WriterSide), MessageLayout.Behind(writer, length));
        mustRing = Streams.Announce(memory, reads: false);
        return length;
    }

    // Takes the oldest message out; as on Linux it is gone then, wherever the program's memory ends.
    private static long Take(TaskState* task, StreamPlace* place, byte* memory, IoVectors* vectors, out bool isCut, out uint whole)
    {
        isCut = false;
        whole = 0;
        if (!Streams.TryLock(memory + StreamLayout.ReaderSide, place->Number))
            return Undecided;
        long result = TakeLocked(memory, vectors, out isCut, out whole, out bool mustRing);
        mustRing |= Streams.Unlock(memory + StreamLayout.ReaderSide);
        if (mustRing)
            Streams.Ring(task, place);
        return result;
    }

    private static long TakeLocked(byte* memory, IoVectors* vectors, out bool isCut, out uint whole, out bool mustRing)
    {
        isCut = mustRing = false;
        whole = 0;
        ulong reader = Side(memory, StreamLayout.ReaderSide);
        bool isSound = MessageLayout.TryCount(reader, Side(memory, StreamLayout.WriterSide), out uint count);
        if (!isSound || Streams.Word(memory, StreamLayout.Asks) != 0)
            return Undecided;
        if (count == 0)
            return -Errno.EAGAIN;
        uint at = MessageLayout.IndexOf(reader), length = Streams.Word(memory, StreamLayout.Data + at % StreamLayout.Capacity);
        if (!MessageLayout.IsInside(length, count))
            return Undecided;
        isCut = length > vectors->Total;
        whole = length;
        uint given = isCut ? (uint)vectors->Total : length;
        bool isCopied = given == 0
            || Streams.CopyPartly(vectors, memory + StreamLayout.Data, unchecked(at + MessageLayout.HeaderLength), given, outward: true) == given;
        // Another word than before: vfs, which takes messages back without this lock, has it.
        if (Interlocked.CompareExchange(ref *(ulong*)(memory + StreamLayout.ReaderSide), MessageLayout.Behind(reader, length), reader) != reader)
            return Undecided;
        mustRing = Streams.Announce(memory, reads: true);
        return isCopied ? given : -Errno.EFAULT;
    }

    // A side's index and cost.
    private static ulong Side(byte* memory, uint side) => Volatile.Read(ref *(ulong*)(memory + side));
}
