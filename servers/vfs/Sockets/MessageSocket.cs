using System.Buffers.Binary;
using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Sockets;

/// <summary>
/// SOCK_DGRAM and SOCK_SEQPACKET: messages wait at the receiver, and count for the sender until they are received. Those of two that are each other's peers
/// may lie in memory that programs have mapped: docs/unix-sockets.md.
/// </summary>
public sealed partial class MessageSocket : SocketFile
{
    // Linux' net.unix.max_dgram_qlen, beyond which only the own peer may send.
    private const int LongestQueue = 10;

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

    // What its messages cost that nobody has received yet.
    private uint Unread => (uint)unread + (partner is { IsClosed: false } ? outgoing!.Unread : 0);

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

    /// <summary>connect(2) of a datagram socket: another peer, or none. EAGAIN: a program is moving a message, and it is to be tried again.</summary>
    public Errno Associate(MessageSocket? peer)
    {
        MessageSocket? before = Peer as MessageSocket;
        bool hadUnread = false;
        if (before != peer && Part(out hadUnread) is var error and not Errno.None)
            return error;
        before?.hopeful.Remove(this);
        Peer = peer;
        if (before is null || !hadUnread)
            return Errno.None;
        // What others have sent before is not for who is connected now, and who is connected here is told that it is lost.
        Empty();
        if (before.Peer == this && !before.IsClosed)
            before.Error = Errno.ECONNRESET;
        return Errno.None;
    }

    /// <inheritdoc/>
    public override long Send(ReadOnlySpan<byte> data, in OutgoingMessage message)
    {
        if (Kind == SocketKind.SequencedPacket)
        {
            if (TakeError() is var pending and not Errno.None)
                return -(long)pending;
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
        SocketIdentity? sender = message.Claimed ?? (WantsIdentity || target.WantsIdentity ? message.Sender : null);
        if (target == partner && outgoing!.HasMessages)
        {
            if (TrySendInMemory(data, message, isPlain: sender is null && message.Rights is null, out long sent))
                return sent;
            if (TakeBack(outgoing, target) is var error and not Errno.None)
                return -(long)error;
        }

        if (IsTooFull(target) || !MessageLayout.MaySend(Unread, (uint)data.Length, (uint)SendBuffer))
            return -(long)Errno.EAGAIN;
        if (!System.Messages.TryTake(user, CostOf(data.Length)))
            return -(long)Errno.ENOBUFS;
        target.Add(new SocketMessage(data.ToArray(), this, sender) { Rights = message.Rights });
        return data.Length;
    }

    /// <inheritdoc/>
    public override WaitQueue? RoomFor(in OutgoingMessage message) => ((message.Target ?? Peer) as MessageSocket)?.room;

    /// <inheritdoc/>
    public override long Receive(Span<byte> target, ReceiveFlags flags, out IncomingMessage received)
    {
        received = default;
        if (Kind == SocketKind.SequencedPacket && !IsConnected)
            return -(long)Errno.ENOTCONN;
        if (TakeError() is var error and not Errno.None)
            return -(long)error;
        if (incoming is { HasMessages: true })
            return ReceiveInMemory(target, flags, ref received);
        if (!queue.TryPeek(out SocketMessage? message))
            return ReadsAreShut && Kind == SocketKind.SequencedPacket ? 0 : -(long)Errno.EAGAIN;
        bool isPeek = (flags & ReceiveFlags.Peek) != 0;
        int length = Math.Min(message.Bytes.Length, target.Length);
        message.Bytes.AsSpan(0, length).CopyTo(target);
        received.IsCut = length < message.Bytes.Length;
        received.Whole = received.IsCut ? message.Bytes : null;
        received.From = message.Sender.Name;
        received.Sender = WantsIdentity ? message.Identity ?? SocketIdentity.Nobody : null;
        if (message.Rights is { } rights)
        {
            received.Rights = rights.Files;
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

        ShowAsks();
        Changes.Wake();
        WakeHopeful();
    }

    /// <inheritdoc/>
    public override ushort Poll()
    {
        BeginTry(); // who waits for what is found now is told of later changes
        int found = Error != Errno.None ? PollEvents.Error : 0;
        found |= ReadsAreShut ? PollEvents.ReadHangUp | PollEvents.Readable : 0;
        found |= ReadsAreShut && WritesAreShut ? PollEvents.HangUp : 0;
        found |= queue.Count > 0 || HasArrived || incoming is { NextMessage: >= 0 } ? PollEvents.Readable : 0;
        found |= Kind == SocketKind.SequencedPacket && !IsConnected && !IsListening ? PollEvents.HangUp : 0;
        bool hasRoom = MessageLayout.IsWritable(Unread, (uint)SendBuffer, partner is { IsClosed: false } ? outgoing!.MemoryTaken : 0);
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
        int readable = Kind == SocketKind.SequencedPacket
            ? queue.Sum(message => message.Bytes.Length) + (incoming?.MessageBytes ?? 0)
            : queue.TryPeek(out SocketMessage? next) ? next.Bytes.Length : Math.Max(incoming?.NextMessage ?? 0, 0);
        BinaryPrimitives.WriteInt32LittleEndian(request.Payload, operation == Ioctl.BytesReadable ? readable : (int)Unread);
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
        bool hadUnread = queue.Count > 0 || incoming is { NextMessage: >= 0 };
        Empty();
        incoming?.Forget(this);
        incoming?.DropMessages();
        if (HasConnections && Peer is MessageSocket { IsClosed: false } peer)
        {
            peer.ReadsAreShut = peer.WritesAreShut = true;
            if (hadUnread)
                peer.Error = Errno.ECONNRESET;
            peer.Changes.Wake();
        }

        WakeHopeful();
        (Peer as MessageSocket)?.hopeful.Remove(this);
        ShowAsks();
        joined?.Wake(); // what the other one has sent takes no room any more
        incoming?.LetGo(this);
        outgoing?.LetGo(this);
    }

    private bool IsTooFull(MessageSocket target) => target != this && target.Peer != this && target.IsFull;

    // A peer that is gone: the error of datagrams is told once, then there is no peer.
    private long Lost(MessageSocket target)
    {
        if (Kind == SocketKind.SequencedPacket)
            return -(long)Errno.EPIPE;
        Errno error = Peer == target ? Associate(null) : Errno.None;
        return error == Errno.None ? -(long)Errno.ECONNREFUSED : -(long)error;
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

    private static int CostOf(int length) => length + (int)MessageLayout.Overhead;

    // A message that was counted.
    private void Add(SocketMessage message)
    {
        message.Sender.unread += CostOf(message.Bytes.Length);
        queue.Enqueue(message);
        incoming?.CountMessage(reads: false);
        Changes.Wake();
    }

    private void Received(SocketMessage message)
    {
        Uncount(message);
        message.Sender.outgoing?.CountMessage(reads: true);
        message.Sender.Changes.Wake();
        WakeHopeful();
    }

    private void Uncount(SocketMessage message)
    {
        int size = CostOf(message.Bytes.Length);
        System.Messages.Give(message.Sender.user, size);
        message.Sender.unread -= size;
    }

    private void WakeHopeful()
    {
        room.Wake();
        foreach (MessageSocket socket in hopeful)
            socket.Changes.Wake();
        hopeful.Clear();
    }

    private sealed record SocketMessage(byte[] Bytes, MessageSocket Sender, SocketIdentity? Identity)
    {
        public SocketRights? Rights { get; set; }
    }
}
