using System.Buffers.Binary;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Sockets;

/// <summary>SOCK_DGRAM and SOCK_SEQPACKET: messages wait at the receiver, and count for the sender until they are received.</summary>
public sealed class MessageSocket : SocketFile
{
    // Linux' net.unix.max_dgram_qlen, beyond which only the own peer may send; and what a message takes of SO_SNDBUF beside its bytes, about.
    private const int LongestQueue = 10, Overhead = 576;

    private readonly Queue<SocketMessage> queue = [];

    // Who waits for room here; and who polls for it, of those that have this one as their peer.
    private readonly WaitQueue room = new();
    private readonly HashSet<MessageSocket> hopeful = [];
    private readonly uint user;
    private int unread;

    /// <summary>A socket of a process; the caller has counted it.</summary>
    public MessageSocket(SocketSystem system, Location location, uint flags, SocketKind kind, uint user)
        : base(system, location, flags, kind, user) => this.user = user;

    private bool IsFull => queue.Count > LongestQueue;

    private bool MaySend => unread * 4L <= SendBuffer;

    /// <inheritdoc/>
    public override IEnumerable<SocketRights> RightsInside() =>
        queue.Where(message => message.Rights is not null).Select(message => message.Rights!).Concat(RightsArrived());

    /// <inheritdoc/>
    public override void DropRights()
    {
        foreach (SocketMessage message in queue)
        {
            if (message.Rights is not { } rights)
                continue;
            message.Rights = null;
            System.InFlight.Drop(rights);
        }

        DropRightsArrived();
    }

    /// <summary>connect(2) of a datagram socket: another peer, or none.</summary>
    public void Associate(MessageSocket? peer)
    {
        MessageSocket? before = Peer as MessageSocket;
        before?.hopeful.Remove(this);
        Peer = peer;
        if (before is null || before == peer || queue.Count == 0)
            return;
        // What others have sent before is not for who is connected now, and who is connected here is told that it is lost.
        Empty();
        if (before.Peer == this && !before.IsClosed)
            before.Error = Errno.ECONNRESET;
    }

    /// <inheritdoc/>
    public override long Send(ReadOnlySpan<byte> data, in OutgoingMessage message)
    {
        if (Kind == SocketKind.SequencedPacket)
        {
            if (TakeError() is var error and not Errno.None)
                return -(long)error;
            if (!IsConnected)
                return -(long)Errno.ENOTCONN;
        }

        if ((Kind == SocketKind.SequencedPacket ? Peer : message.Target ?? Peer) is not MessageSocket target)
            return -(long)Errno.ENOTCONN;
        if (data.Length > LongestMessage)
            return -(long)Errno.EMSGSIZE;
        if (WritesAreShut)
            return -(long)Errno.EPIPE;
        if (target.IsClosed)
            return Lost(target);
        if (target.Peer is not null && target.Peer != this)
            return -(long)Errno.EPERM;
        if (target.ReadsAreShut)
            return -(long)Errno.EPIPE;
        if (IsTooFull(target) || (unread > 0 && unread + data.Length + Overhead > SendBuffer))
            return -(long)Errno.EAGAIN;
        if (!System.Messages.TryTake(user, data.Length + Overhead))
            return -(long)Errno.ENOBUFS;
        SocketIdentity? sender = message.Claimed ?? (WantsIdentity || target.WantsIdentity ? message.Sender : null);
        unread += data.Length + Overhead;
        target.queue.Enqueue(new SocketMessage(data.ToArray(), this, Name, sender) { Rights = message.Rights });
        target.Changes.Wake();
        return data.Length;
    }

    /// <inheritdoc/>
    public override WaitQueue? RoomFor(in OutgoingMessage message) => ((message.Target ?? Peer) as MessageSocket)?.room;

    /// <inheritdoc/>
    public override long Receive(Span<byte> target, ReceiveFlags flags, out IncomingMessage incoming)
    {
        incoming = default;
        if (Kind == SocketKind.SequencedPacket && !IsConnected)
            return -(long)Errno.ENOTCONN;
        if (TakeError() is var error and not Errno.None)
            return -(long)error;
        if (!queue.TryPeek(out SocketMessage? message))
            return ReadsAreShut && Kind == SocketKind.SequencedPacket ? 0 : -(long)Errno.EAGAIN;
        bool isPeek = (flags & ReceiveFlags.Peek) != 0;
        int length = Math.Min(message.Bytes.Length, target.Length);
        message.Bytes.AsSpan(0, length).CopyTo(target);
        incoming.IsCut = length < message.Bytes.Length;
        incoming.Whole = incoming.IsCut ? message.Bytes : null;
        incoming.From = message.From;
        incoming.Sender = WantsIdentity ? message.Identity ?? SocketIdentity.Nobody : null;
        if (message.Rights is { } rights)
        {
            incoming.Rights = rights.Files;
            if (isPeek)
                Array.ForEach(rights.Files, file => file.AddReference());
            else
                System.InFlight.Land(rights);
        }

        if (!isPeek)
        {
            queue.Dequeue();
            Received(message);
        }

        return (flags & ReceiveFlags.WholeLength) != 0 ? message.Bytes.Length : length;
    }

    /// <inheritdoc/>
    public override void ShutDown(bool reads, bool writes)
    {
        ReadsAreShut |= reads;
        WritesAreShut |= writes;
        if (HasConnections && Peer is MessageSocket peer)
        {
            peer.ReadsAreShut |= writes;
            peer.WritesAreShut |= reads;
            peer.Changes.Wake();
        }

        Changes.Wake();
        WakeHopeful();
    }

    /// <inheritdoc/>
    public override ushort Poll()
    {
        int found = Error != Errno.None ? PollEvents.Error : 0;
        found |= ReadsAreShut ? PollEvents.ReadHangUp | PollEvents.Readable : 0;
        found |= ReadsAreShut && WritesAreShut ? PollEvents.HangUp : 0;
        found |= queue.Count > 0 || HasArrived ? PollEvents.Readable : 0;
        found |= Kind == SocketKind.SequencedPacket && !IsConnected && !IsListening ? PollEvents.HangUp : 0;
        bool hasRoom = MaySend;
        if (hasRoom && Peer is MessageSocket peer && IsTooFull(peer))
        {
            peer.hopeful.Add(this);
            hasRoom = false;
        }

        return (ushort)(found | (hasRoom ? PollEvents.Writable | PollEvents.WriteBand : 0));
    }

    /// <inheritdoc/>
    public override long Control(FileRequest request, uint operation, ulong argument)
    {
        const uint bytesQueued = 0x5411; // SIOCOUTQ
        if (operation is not (Ioctl.BytesReadable or bytesQueued))
            return -(long)Errno.ENOTTY;
        if (request.Payload.Length < sizeof(int))
            return -(long)Errno.EFAULT;
        if (IsListening && operation == Ioctl.BytesReadable)
            return -(long)Errno.EINVAL;
        // Of sequenced packets all are counted, of datagrams the next.
        int readable = Kind == SocketKind.SequencedPacket ? queue.Sum(message => message.Bytes.Length) : queue.TryPeek(out SocketMessage? next)
            ? next.Bytes.Length : 0;
        BinaryPrimitives.WriteInt32LittleEndian(request.Payload, operation == Ioctl.BytesReadable ? readable : unread);
        return 0;
    }

    private protected override void Join(SocketFile other)
    {
        Peer = other;
        var peer = (MessageSocket)other;
        peer.Peer = this;
        IsConnected = peer.IsConnected = true;
        if (HasConnections)
        {
            peer.ReadsAreShut |= WritesAreShut;
            peer.WritesAreShut |= ReadsAreShut;
        }

        Changes.Wake();
    }

    private protected override void Refuse()
    {
        if (Peer is MessageSocket peer)
            peer.Error = Errno.ECONNRESET;
    }

    /// <inheritdoc/>
    protected override void Disconnect()
    {
        bool hadUnread = queue.Count > 0;
        Empty();
        if (HasConnections && Peer is MessageSocket { IsClosed: false } peer)
        {
            peer.ReadsAreShut = peer.WritesAreShut = true;
            if (hadUnread)
                peer.Error = Errno.ECONNRESET;
            peer.Changes.Wake();
        }

        WakeHopeful();
        (Peer as MessageSocket)?.hopeful.Remove(this);
    }

    private bool IsTooFull(MessageSocket target) => target != this && target.Peer != this && target.IsFull;

    // A peer that is gone: the error of datagrams is told once, then there is no peer.
    private long Lost(MessageSocket target)
    {
        if (Kind == SocketKind.SequencedPacket)
            return -(long)Errno.EPIPE;
        if (Peer == target)
            Associate(null);
        return -(long)Errno.ECONNREFUSED;
    }

    private void Empty()
    {
        while (queue.TryDequeue(out SocketMessage? message))
        {
            if (message.Rights is { } rights)
                System.InFlight.Drop(rights);
            Received(message);
        }
    }

    private void Received(SocketMessage message)
    {
        int size = message.Bytes.Length + Overhead;
        System.Messages.Give(message.Sender.user, size);
        message.Sender.unread -= size;
        message.Sender.Changes.Wake();
        WakeHopeful();
    }

    private void WakeHopeful()
    {
        room.Wake();
        foreach (MessageSocket socket in hopeful)
            socket.Changes.Wake();
        hopeful.Clear();
    }

    private sealed record SocketMessage(byte[] Bytes, MessageSocket Sender, SocketName? From, SocketIdentity? Identity)
    {
        public SocketRights? Rights { get; set; }
    }
}
