using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Sockets;

/// <summary>Types of sockets, with their numbers of socket(2).</summary>
public enum SocketKind
{
    /// <summary>SOCK_STREAM.</summary>
    Stream = 1,

    /// <summary>SOCK_DGRAM.</summary>
    Datagram = 2,

    /// <summary>SOCK_SEQPACKET.</summary>
    SequencedPacket = 5,
}

/// <summary>An AF_UNIX socket, unix(7): name, peer, options and ends, which all types have. docs/unix-sockets.md.</summary>
public abstract partial class SocketFile : OpenFile
{
    private readonly uint user;
    private readonly WaitQueue waiters = new();

    /// <summary>A socket of a process; the caller has counted it.</summary>
    protected SocketFile(SocketSystem system, Location location, uint flags, SocketKind kind, uint user)
        : base(location, (flags & OpenFlags.NonBlock) | OpenFlags.ReadWrite)
    {
        System = system;
        Kind = kind;
        this.user = user;
    }

    /// <summary>Type.</summary>
    public SocketKind Kind { get; }

    /// <summary>What it shares with all others.</summary>
    public SocketSystem System { get; }

    /// <summary>Its name; null: it has none.</summary>
    public SocketName? Name { get; private protected set; }

    /// <summary>What it is, or was, connected to.</summary>
    public SocketFile? Peer { get; private protected set; }

    /// <summary>SO_PEERCRED.</summary>
    public SocketIdentity PeerIdentity { get; private protected set; } = SocketIdentity.None;

    /// <summary>It has been connected, by connect(2), accept(2) or socketpair(2).</summary>
    public bool IsConnected { get; private protected set; }

    /// <summary>Its description is gone.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>shutdown(2), by this side or the other.</summary>
    public bool ReadsAreShut { get; private protected set; }

    /// <summary>The same for writes.</summary>
    public bool WritesAreShut { get; private protected set; }

    /// <inheritdoc/>
    public override bool IsSeekable => false;

    /// <inheritdoc/>
    public override WaitQueue? Waiters => Changes;

    /// <summary>Woken when something has changed for this socket.</summary>
    public virtual WaitQueue Changes => waiters;

    /// <summary>Whether it has connections, which listen(2) and accept(2) make.</summary>
    public bool HasConnections => Kind != SocketKind.Datagram;

    /// <summary>What lies in it: descriptors that nobody has received yet, also in connections that nobody has accepted.</summary>
    public abstract IEnumerable<SocketRights> RightsInside();

    /// <summary>Drops those.</summary>
    public abstract void DropRights();

    /// <summary>shutdown(2) of one side or both.</summary>
    public abstract void ShutDown(bool reads, bool writes);

    /// <summary>
    /// Sends: bytes taken, −EAGAIN if nothing can be taken now, or −errno. <see cref="OutgoingMessage.Rights"/> are taken over if the result is not negative.
    /// </summary>
    public abstract long Send(ReadOnlySpan<byte> data, in OutgoingMessage message);

    /// <summary>Receives: bytes, 0 at the end, −EAGAIN if nothing is there, or −errno.</summary>
    public abstract long Receive(Span<byte> target, ReceiveFlags flags, out IncomingMessage message);

    /// <summary>Where a try to send waits after −EAGAIN, beside <see cref="Changes"/>; null: nowhere.</summary>
    public virtual WaitQueue? RoomFor(in OutgoingMessage message) => null;

    /// <summary>The last try was stopped by a program that was moving data: it is waited for in any case.</summary>
    public virtual bool IsHeldFor(bool reads) => false;

    /// <summary>A try begins: what programs change from now on is noticed.</summary>
    public virtual void BeginTry()
    {
    }

    /// <summary>Gives the name back, and what hangs on it.</summary>
    protected override void OnLastClose()
    {
        IsClosed = true;
        CloseBacklog();
        Unbind();
        Disconnect();
        System.Uncount(user);
        waiters.Wake();
        System.InFlight.SocketClosed();
    }

    /// <summary>The end of what it has with its peer.</summary>
    protected abstract void Disconnect();
}
