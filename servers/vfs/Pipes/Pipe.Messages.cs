using Libsys.Hosting;
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

    /// <summary>Bytes of memory that they take.</summary>
    public uint MemoryTaken => HasMessages ? (uint)stream!.Count : 0;

    /// <summary>SO_SNDBUF of the sender.</summary>
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
        if (isDropped || (isThere && !isPeek))
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
    /// Has the messages taken out, for good: programs that have mapped it ask. EAGAIN: one is sending some (<see cref="IsHeld"/>). ENOBUFS: they may not be
    /// kept. Who receives is not waited for: it is somebody else's, who could hold it for ever.
    /// </summary>
    /// <param name="counted">What they are counted with.</param>
    /// <param name="user">For whom.</param>
    /// <param name="messages">The messages.</param>
    public Errno TakeMessagesBack(UserBudget counted, uint user, out List<byte[]> messages)
    {
        messages = [];
        if (!HasMessages)
        {
            isTakenBack = true;
            return Errno.None;
        }

        if (!TryEnter(reads: false))
            return Errno.EAGAIN;
        uint before = asks;
        // First: who receives asks then, and so at most one message is taken out meanwhile.
        ShowElsewhere();
        bool isKept = stream!.TryTakeAll(counted, user, out messages);
        if (!isKept)
        {
            asks = before;
            ShowWords();
        }

        stream.Leave(reads: false);
        if (isKept)
            MoveElsewhere();
        stream.AnnounceAll();
        Waiters.Wake();
        return isKept ? Errno.None : Errno.ENOBUFS;
    }

    /// <summary>Has what is inside dropped, and nothing come in, for good, whoever moves some. True: there was something.</summary>
    public bool DropForGood()
    {
        bool isThere = NextMessage >= 0;
        if (HasMessages)
        {
            ShowElsewhere();
            stream!.DropMessages();
            MoveElsewhere();
            stream.AnnounceAll();
            Waiters.Wake();
        }

        isTakenBack = true;
        return isThere;
    }

    /// <summary>A message that is not in memory has come (or was taken): an edge for who has mapped what was taken back.</summary>
    public void CountMessage(bool reads)
    {
        if (stream is not null)
            stream.Announce(reads);
        else
            ((PipeBuffer)buffer).CountBoth();
    }

    private void ShowElsewhere()
    {
        asks |= StreamLayout.Elsewhere | StreamLayout.ReadersAsk | StreamLayout.WritersAsk;
        ShowWords();
    }

    private void MoveElsewhere()
    {
        isTakenBack = true;
        buffer = new PipeBuffer(budget);
    }
}
