using System.Buffers.Binary;
using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.Pipes;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Sockets;

/// <summary>SOCK_STREAM: once connected two pipes, one each way, that programs can map (docs/streams.md).</summary>
public sealed class StreamSocket : SocketFile
{
    private WaitQueue? joined;

    /// <summary>A socket of a process; the caller has counted it.</summary>
    public StreamSocket(SocketSystem system, Location location, uint flags, uint user)
        : base(system, location, flags, SocketKind.Stream, user)
    {
    }

    /// <summary>What the peer writes; null before there is one.</summary>
    public StreamDirection? Incoming { get; private set; }

    /// <summary>What the peer reads.</summary>
    public StreamDirection? Outgoing { get; private set; }

    /// <inheritdoc/>
    public override WaitQueue Changes => joined ?? base.Changes;

    /// <inheritdoc/>
    public override bool IsHeldFor(bool reads) => (reads ? Incoming : Outgoing)?.Pipe.IsHeld ?? false;

    /// <inheritdoc/>
    public override IEnumerable<SocketRights> RightsInside() => (Incoming?.Rights ?? []).Concat(RightsArrived());

    /// <inheritdoc/>
    public override void DropRights()
    {
        Incoming?.DropRights();
        DropRightsArrived();
    }

    /// <inheritdoc/>
    public override void BeginTry()
    {
        Incoming?.Pipe.NoteChanges();
        Outgoing?.Pipe.NoteChanges();
    }

    /// <inheritdoc/>
    public override long Send(ReadOnlySpan<byte> data, in OutgoingMessage message)
    {
        if (Outgoing is null)
            return -(long)Errno.ENOTCONN;
        SocketIdentity? sender = message.Claimed ?? (WantsIdentity || Peer is { WantsIdentity: true } ? message.Sender : null);
        return Outgoing.Write(data, message.Rights, sender);
    }

    /// <inheritdoc/>
    public override long Receive(Span<byte> target, ReceiveFlags flags, out IncomingMessage message)
    {
        message = default;
        if (Incoming is null)
            return -(long)Errno.EINVAL;
        bool mayCome = Incoming.Pipe.Writers != 0;
        long result = Incoming.Read(target, (flags & ReceiveFlags.Peek) != 0, WantsIdentity, ref message);
        if (result != -(long)Errno.EAGAIN || Incoming.Pipe.IsHeld)
        {
            message.From = Peer?.Name;
            return result;
        }

        if (TakeError() is var error and not Errno.None)
            return -(long)error;
        return mayCome ? result : 0;
    }

    /// <inheritdoc/>
    public override void ShutDown(bool reads, bool writes)
    {
        ReadsAreShut |= reads;
        WritesAreShut |= writes;
        if (reads)
            Incoming?.Pipe.Shut();
        if (writes)
            Outgoing?.Pipe.Shut();
        Changes.Wake();
    }

    /// <inheritdoc/>
    public override ushort Poll()
    {
        int found = Error != Errno.None ? PollEvents.Error : 0;
        if (IsListening)
            return (ushort)(found | (HasArrived ? PollEvents.Readable : 0));
        if (Incoming is null || Outgoing is null)
            return (ushort)(found | PollEvents.HangUp | PollEvents.Writable | PollEvents.WriteBand | (ReadsAreShut ? PollEvents.ReadHangUp
                | PollEvents.Readable : 0));
        bool isReadable = Incoming.Pipe.Count > 0, hasRoom = Outgoing.Pipe.Free >= Pipe.AtomicLength;
        bool hasEnded = Incoming.Pipe.Writers == 0, isBroken = Outgoing.Pipe.Readers == 0;
        found |= isReadable || hasEnded ? PollEvents.Readable : 0;
        found |= hasEnded ? PollEvents.ReadHangUp : 0;
        found |= hasEnded && isBroken ? PollEvents.HangUp : 0;
        found |= hasRoom || isBroken ? PollEvents.Writable | PollEvents.WriteBand : 0;
        return (ushort)found;
    }

    /// <inheritdoc/>
    public override bool CountsChanges => Incoming is not null && Outgoing is not null;

    /// <inheritdoc/>
    public override uint ChangeNumber(ushort events)
    {
        if (Incoming is null || Outgoing is null)
            return 0;
        return EventCounterPage.ChangeNumber(
            (events & PollEvents.Readable) != 0, (events & PollEvents.Writable) != 0, Incoming.Pipe.Changes.Rises, Outgoing.Pipe.Changes.Falls);
    }

    /// <inheritdoc/>
    public override void FlagsChanged()
    {
        Incoming?.Pipe.ShowFlags(this);
        Outgoing?.Pipe.ShowFlags(this);
    }

    /// <inheritdoc/>
    public override long Control(FileRequest request, uint operation, ulong argument)
    {
        const uint bytesQueued = 0x5411; // SIOCOUTQ
        if (operation is not (Ioctl.BytesReadable or bytesQueued))
            return -(long)Errno.ENOTTY;
        if (request.Payload.Length < sizeof(int))
            return -(long)Errno.EFAULT;
        if (IsListening)
            return -(long)Errno.EINVAL;
        BinaryPrimitives.WriteInt32LittleEndian(request.Payload, (operation == Ioctl.BytesReadable ? Incoming : Outgoing)?.Pipe.Count ?? 0);
        return 0;
    }

    private protected override void Join(SocketFile other)
    {
        var peer = (StreamSocket)other;
        WaitQueue before = Changes;
        (Pipe there, Pipe back) = Pipe.ConnectBoth(System.Streams);
        Outgoing = peer.Incoming = new StreamDirection(there, System.InFlight);
        Incoming = peer.Outgoing = new StreamDirection(back, System.InFlight);
        joined = peer.joined = there.Waiters;
        Peer = peer;
        peer.Peer = this;
        IsConnected = peer.IsConnected = true;
        if (ReadsAreShut)
            back.Shut();
        if (WritesAreShut)
            there.Shut();
        ShowAsks();
        before.Wake();
    }

    private protected override void Refuse()
    {
        if (Peer is StreamSocket peer)
            peer.Fail();
    }

    /// <inheritdoc/>
    protected override void Disconnect()
    {
        if (Incoming is null || Outgoing is null || Peer is not StreamSocket peer)
            return;
        if (Incoming.Pipe.Count > 0 && !peer.IsClosed)
            peer.Fail();
        Incoming.Pipe.Shut();
        Outgoing.Pipe.Shut();
        Incoming.DropRights();
        Incoming.Pipe.LetGo(this);
        Outgoing.Pipe.LetGo(this);
        Changes.Wake();
    }

    private protected override void ErrorChanged()
    {
        Incoming?.Pipe.SetAsks(StreamLayout.HasError, Error != Errno.None);
        base.ErrorChanged();
    }

    private protected override void IdentityWished()
    {
        ShowAsks();
        (Peer as StreamSocket)?.ShowAsks();
    }

    private protected override void TimeoutsChanged() => ShowAsks();

    private void Fail() => Error = Errno.ECONNRESET;

    // What programs do not know of is done by requests: who sends, and how long it may take.
    private void ShowAsks()
    {
        bool isNamed = WantsIdentity || Peer is { WantsIdentity: true };
        Incoming?.Pipe.SetAsks(StreamLayout.ReadersAsk, isNamed || ReceiveTimeout > 0);
        Outgoing?.Pipe.SetAsks(StreamLayout.WritersAsk, isNamed || SendTimeout > 0);
    }
}
