using Servers.Vfs.Objects;

namespace Servers.Vfs.Sockets;

// bind(2), listen(2), connect(2), accept(2).
public abstract partial class SocketFile
{
    // SOMAXCONN of Linux 6.1 (net.core.somaxconn).
    private const uint LongestBacklog = 4096;

    private readonly Queue<SocketFile> arrived = [];
    private Location? boundAt;

    // Who listens, for the credentials that its clients see.
    private SocketIdentity listener;

    /// <summary>listen(2) has been called.</summary>
    public bool IsListening { get; private set; }

    /// <summary>Connections that may wait to be accepted, beside one.</summary>
    public uint Backlog { get; private set; }

    /// <summary>No more connections can wait.</summary>
    public bool IsBacklogFull => arrived.Count > Backlog;

    /// <summary>Connections wait.</summary>
    public bool HasArrived => arrived.Count > 0;

    /// <summary>Binds to a name that was made in the file system.</summary>
    public void Bind(Location place, SocketName name)
    {
        place.Hold();
        boundAt = place;
        Name = name;
        System.Names.Bind(this, place.Inode);
    }

    /// <summary>Binds to an abstract name.</summary>
    public Errno Bind(ReadOnlySpan<byte> name)
    {
        byte[] own = name.ToArray(); // once: the caller's memory may change
        Errno error = System.Names.Bind(this, own);
        if (error == Errno.None)
            Name = new SocketName(own);
        return error;
    }

    /// <summary>Binds to any free abstract name.</summary>
    public Errno BindAutomatically()
    {
        Errno error = System.Names.BindAutomatically(this, out byte[] name);
        if (error == Errno.None)
            Name = new SocketName(name);
        return error;
    }

    /// <summary>listen(2).</summary>
    public Errno Listen(uint backlog, SocketIdentity identity)
    {
        if (!HasConnections)
            return Errno.EOPNOTSUPP;
        if (Name is null || IsConnected)
            return Errno.EINVAL;
        bool isMore = backlog > Backlog;
        IsListening = true;
        listener = identity;
        Backlog = Math.Min(backlog, LongestBacklog);
        if (isMore)
            Changes.Wake();
        return Errno.None;
    }

    /// <summary>A connection to <paramref name="server"/>, of which <paramref name="accepted"/> is the other end, which waits to be accepted.</summary>
    public void Connect(SocketFile server, SocketFile accepted, SocketIdentity identity)
    {
        accepted.Name = server.Name;
        accepted.PeerIdentity = identity;
        PeerIdentity = server.listener;
        Join(accepted);
        server.arrived.Enqueue(accepted);
        server.Changes.Wake();
    }

    /// <summary>socketpair(2).</summary>
    public void Pair(SocketFile other, SocketIdentity identity)
    {
        PeerIdentity = other.PeerIdentity = identity;
        Join(other);
    }

    /// <summary>The next connection, with the reference that waited; null: there is none.</summary>
    public SocketFile? Accept()
    {
        if (!arrived.TryDequeue(out SocketFile? accepted))
            return null;
        Changes.Wake();
        return accepted;
    }

    /// <summary>Joins two that are not connected.</summary>
    private protected abstract void Join(SocketFile other);

    /// <summary>It is given up before anybody has accepted it.</summary>
    private protected abstract void Refuse();

    /// <summary>What lies in connections that nobody has accepted.</summary>
    private protected IEnumerable<SocketRights> RightsArrived() => arrived.SelectMany(accepted => accepted.RightsInside());

    /// <summary>Drops that.</summary>
    private protected void DropRightsArrived()
    {
        foreach (SocketFile accepted in arrived)
            accepted.DropRights();
    }

    private void CloseBacklog()
    {
        while (arrived.TryDequeue(out SocketFile? accepted))
        {
            accepted.Refuse();
            accepted.Release();
        }
    }

    private void Unbind()
    {
        // Accepted ones have the name of who listens, and do not own it.
        if (Name is not null && (boundAt is not null || System.Names.Find(Kind, Name.Bytes) == this))
            System.Names.Unbind(this, Name, boundAt?.Inode);
        boundAt?.Release();
        boundAt = null;
    }
}
