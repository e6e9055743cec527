using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.Pipes;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Sockets;

// Messages in memory, of two that are each other's peers: docs/unix-sockets.md. While a direction has them there, the receiver's queue is empty.
public sealed partial class MessageSocket
{
    // The other one, and what it sends and receives, since a program has mapped either. It may be the peer no more, and then nothing is in memory.
    private MessageSocket? partner;
    private Pipe? incoming, outgoing;
    private WaitQueue? joined;

    /// <inheritdoc/>
    public override WaitQueue Changes => joined ?? base.Changes;

    /// <summary>Programs have mapped it, or its partner.</summary>
    public bool IsInMemory => partner is not null;

    /// <inheritdoc/>
    public override bool CountsChanges => partner is not null;

    private bool IsOrdinary => !IsClosed && Error == Errno.None && !ReadsAreShut && !WritesAreShut && !WantsIdentity && ReceiveTimeout == 0 && SendTimeout == 0;

    /// <inheritdoc/>
    public override uint ChangeNumber(ushort events) => partner is null ? 0 : EventCounterPage.ChangeNumber(
        (events & PollEvents.Readable) != 0, (events & PollEvents.Writable) != 0, incoming!.Changes.Rises, outgoing!.Changes.Falls);

    /// <inheritdoc/>
    public override void FlagsChanged()
    {
        incoming?.ShowFlags(this);
        outgoing?.ShowFlags(this);
    }

    /// <inheritdoc/>
    public override bool IsHeldFor(bool reads) => (reads ? incoming : outgoing)?.IsHeld ?? false;

    /// <inheritdoc/>
    public override void BeginTry()
    {
        incoming?.NoteChanges();
        outgoing?.NoteChanges();
    }

    /// <summary>A program has changed something in memory, and says so because somebody waits.</summary>
    public void LookAgain()
    {
        incoming!.LookAgain();
        outgoing!.LookAgain();
    }

    /// <summary>
    /// What a program is to map, for one direction. ENODEV: there is no pair, or no more; EAGAIN: there are messages that may not lie in memory.
    /// <see cref="Begin"/> follows once it is there.
    /// </summary>
    public Errno Prepare(bool writes, out Pipe? pipe)
    {
        pipe = null;
        if (Peer is not MessageSocket { IsClosed: false } peer || peer == this || peer.Peer != this)
            return Errno.ENODEV;
        if (partner is null && peer.partner is null)
            Share(peer);
        if (partner != peer || peer.partner != this)
            return Errno.ENODEV;
        pipe = writes ? outgoing! : incoming!;
        MessageSocket sender = writes ? this : peer, receiver = writes ? peer : this;
        return pipe.IsShared || MayLieInMemory(receiver.queue, sender) ? Errno.None : Errno.EAGAIN;
    }

    /// <summary>Memory is there: puts what has been sent before into it.</summary>
    public void Begin(bool writes)
    {
        MessageSocket receiver = writes ? partner! : this;
        Pipe pipe = writes ? outgoing! : incoming!;
        while (receiver.queue.TryDequeue(out SocketMessage? message))
        {
            pipe.TryBegin(message.Bytes);
            Uncount(message);
        }
    }

    private static bool MayLieInMemory(Queue<SocketMessage> messages, MessageSocket sender)
    {
        uint length = 0;
        foreach (SocketMessage message in messages)
        {
            if (message.Sender != sender || message.Rights is not null || message.Identity is not null || message.Bytes.Length > MessageLayout.Longest)
                return false;
            length += MessageLayout.FrameLength((uint)message.Bytes.Length);
            if (length > StreamLayout.Capacity)
                return false;
        }

        return true;
    }

    private protected override void ErrorChanged()
    {
        ShowAsks();
        base.ErrorChanged();
    }

    private protected override void IdentityWished() => ShowAsks();

    private protected override void TimeoutsChanged() => ShowAsks();

    private protected override void SendBufferChanged()
    {
        outgoing?.SetSendBuffer(SendBuffer);
        Changes.Wake();
    }

    private void Share(MessageSocket peer)
    {
        (Pipe there, Pipe back) = Pipe.ConnectBoth(System.Streams);
        WaitQueue queue = there.Waiters;
        (WaitQueue mine, WaitQueue others) = (Changes, peer.Changes);
        (outgoing, incoming, partner, joined) = (there, back, peer, queue);
        (peer.outgoing, peer.incoming, peer.partner, peer.joined) = (back, there, this, queue);
        there.SetSendBuffer(SendBuffer);
        back.SetSendBuffer(peer.SendBuffer);
        ShowAsks();
        mine.Wake();
        others.Wake();
    }

    // What programs do not know of is done by requests: ends, errors, who sends, and how long it may take.
    private void ShowAsks()
    {
        if (partner is null)
            return;
        bool asks = !IsOrdinary || !partner.IsOrdinary;
        incoming!.SetAsks(StreamLayout.ReadersAsk | StreamLayout.WritersAsk, asks);
        outgoing!.SetAsks(StreamLayout.ReadersAsk | StreamLayout.WritersAsk, asks);
    }

    // False: it has to go the other way, for it has more than bytes, is too long, also for the room that poll(2) promises, or who sends would wait for
    // himself.
    private bool TrySendInMemory(ReadOnlySpan<byte> data, in OutgoingMessage message, bool isPlain, out long result)
    {
        result = 0;
        if (!isPlain || data.Length > MessageLayout.Longest)
            return false;
        result = outgoing!.PutMessage(data, out bool isFull);
        return !isFull || !(MessageLayout.IsLong((uint)data.Length) || (message.Handles is { } handles && handles.Has(partner!)));
    }

    private long ReceiveInMemory(Span<byte> target, ReceiveFlags flags, ref IncomingMessage received)
    {
        long length = incoming!.TakeMessage(target, (flags & ReceiveFlags.Peek) != 0, out byte[]? whole);
        if (length < 0)
            return ReadsAreShut && Kind == SocketKind.SequencedPacket && !incoming.IsHeld ? 0 : length;
        received.IsCut = whole is not null;
        received.Whole = whole;
        received.From = partner!.Name;
        received.Sender = WantsIdentity ? SocketIdentity.Nobody : null;
        return (flags & ReceiveFlags.WholeLength) != 0 ? length : Math.Min(length, target.Length);
    }

    // Another peer: what was sent is still received there, and what has come is not for who is connected now.
    private Errno Part(out bool hadUnread)
    {
        hadUnread = queue.Count > 0;
        if (partner is null)
            return Errno.None;
        Errno error = TakeBack(outgoing!, partner);
        if (error == Errno.None)
            hadUnread |= incoming!.DropForGood();
        return error;
    }

    // From now on messages of this direction wait in the receiver's queue.
    private Errno TakeBack(Pipe pipe, MessageSocket receiver)
    {
        MessageSocket sender = receiver.partner!;
        if (receiver.IsClosed)
        {
            pipe.DropForGood();
            return Errno.None;
        }

        Errno error = pipe.TakeMessagesBack(System.Messages, sender.user, out List<byte[]> messages);
        foreach (byte[] message in error == Errno.None ? messages : [])
            receiver.Add(new SocketMessage(message, sender, null));
        return error;
    }
}
