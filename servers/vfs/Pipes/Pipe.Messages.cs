using Libsys.Messages;

namespace Servers.Vfs.Pipes;

// One direction of a pair of sockets with messages, which programs have mapped: docs/unix-sockets.md. It never has bytes.
public sealed partial class Pipe
{
    private uint sendBuffer;

    /// <summary>Programs put messages in and take them out; else they lie where the socket keeps them.</summary>
    public bool HasMessages => stream is not null && !isTakenBack;

    /// <summary>What the messages inside cost their sender.</summary>
    public uint Unread => HasMessages ? stream!.Unread : 0;

    /// <summary>SO_SNDBUF of the sender.</summary>
    /// <summary>Bytes of memory that they take.</summary>
    public uint MemoryTaken => HasMessages ? (uint)stream!.Count : 0;

    public void SetSendBuffer(int bytes)
    {
        sendBuffer = (uint)bytes;
        ShowWords();
        stream?.AnnounceAll();
    }

    /// <summary>Puts a message in that was sent before programs had mapped it.</summary>
    public bool TryBegin(ReadOnlySpan<byte> message) => stream!.TryPut(message);

    /// <summary>Sends: its length, or −EAGAIN; <paramref name="isFull"/>: only because memory has no room for it.</summary>
    public long PutMessage(ReadOnlySpan<byte> message, out bool isFull)
    {
        isFull = false;
        if (!TryEnter(reads: false))
            return -(long)Errno.EAGAIN;
        bool maySend = MessageLayout.MaySend(stream!.Unread, (uint)message.Length, sendBuffer), isPut = maySend && stream.TryPut(message);
        isFull = maySend && !isPut;
        Leave(reads: false);
        if (!isPut)
            return -(long)Errno.EAGAIN;
        Waiters.Wake();
        return message.Length;
    }

    /// <summary>
    /// Receives the oldest, or looks at it: the length of all of it, of which the first bytes are in <paramref name="target"/>, or −EAGAIN.
    /// </summary>
    /// <param name="target">Room.</param>
    /// <param name="isPeek">It stays.</param>
    /// <param name="whole">All of it, if it is longer than the room.</param>
    public long TakeMessage(Span<byte> target, bool isPeek, out byte[]? whole)
    {
        whole = null;
        if (!TryEnter(reads: true))
            return -(long)Errno.EAGAIN;
        bool isThere = stream!.TryFind(0, out int length, out _);
        if (isThere)
        {
            int given = Math.Min(length, target.Length);
            stream.CopyMessage(0, target[..given]);
            if (given < length)
                stream.CopyMessage(0, whole = new byte[length]);
            if (!isPeek)
                stream.Pass(length);
        }
        bool isDropped = !isThere && stream.Count > 0;
        if (isDropped)
            stream.DropMessages(); // a lie: where the next would begin cannot be told

        Leave(reads: true);
        if (isThere && !isPeek)
            Waiters.Wake();
        return isThere ? length : -(long)Errno.EAGAIN;
    }

    /// <summary>Length of the oldest message; −1: there is none.</summary>
    public int NextMessage => HasMessages && stream!.TryFind(0, out int length, out _) ? length : -1;

    /// <summary>Bytes of all messages inside.</summary>
    public int MessageBytes
    {
        get
        {
            int sum = 0;
            for (uint offset = 0; HasMessages && stream!.TryFind(offset, out int length, out offset);)
                sum += length;
            return sum;
        }
    }

    /// <summary>Nobody will receive what is inside.</summary>
    public void DropMessages()
    {
        if (!HasMessages || !TryEnter(reads: true))
            return;
        stream!.DropMessages();
        Leave(reads: true);
    }

    /// <summary>
    /// Has the messages taken out, for good: programs that have mapped it ask. EAGAIN: one is moving some (<see cref="IsHeld"/>). ENOBUFS: they may not be
    /// kept.
    /// </summary>
    /// <param name="mayKeep">Whether messages that cost so much may be kept, which are counted then.</param>
    /// <param name="messages">The messages.</param>
    public Errno TakeMessagesBack(Func<long, bool> mayKeep, out List<byte[]> messages)
    {
        messages = [];
        if (!HasMessages)
        {
            isTakenBack = true;
            return Errno.None;
        }

        if (!TryEnter(reads: true))
            return Errno.EAGAIN;
        bool isFree = TryEnter(reads: false), isKept = isFree && TryCopy(mayKeep, messages);
        if (isKept)
        {
            isTakenBack = true;
            asks |= StreamLayout.Elsewhere | StreamLayout.ReadersAsk | StreamLayout.WritersAsk;
            ShowWords();
            stream!.DropMessages();
            buffer = new PipeBuffer(budget);
        }

        if (isFree)
            stream!.Leave(reads: false);
        stream!.Leave(reads: true);
        if (!isKept)
            return isFree ? Errno.ENOBUFS : Errno.EAGAIN;
        stream.AnnounceAll();
        Waiters.Wake();
        return Errno.None;
    }

    /// <summary>A message that is not in memory has come (or was taken): an edge for who has mapped what was taken back.</summary>
    public void CountMessage(bool reads)
    {
        if (stream is not null)
            stream.Announce(reads);
        else
            ((PipeBuffer)buffer).CountBoth();
    }

    private bool TryCopy(Func<long, bool> mayKeep, List<byte[]> messages)
    {
        long cost = 0;
        for (uint at = 0, next; stream!.TryFind(at, out int length, out next); at = next)
        {
            byte[] message = new byte[length];
            stream.CopyMessage(at, message);
            messages.Add(message);
            cost += length + MessageLayout.Overhead;
        }

        return mayKeep(cost);
    }
}
