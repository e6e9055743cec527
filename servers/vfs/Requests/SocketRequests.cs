using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Anonymous;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Sockets;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>socket(2), socketpair(2), bind(2), listen(2), connect(2), accept(2), shutdown(2), and names.</summary>
public sealed class SocketRequests(RequestPaths paths, AnonymousFiles files, SocketSystem system)
{
    // What shutdown(2) may be asked for.
    private const ulong ShutReads = 0, ShutWrites = 1, ShutBoth = 2;

    /// <summary>Declares what is served here.</summary>
    public void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.CreateSocket, Create, OperationTraits.Grows);
        operations.Add(VfsOperation.BindSocket, Bind, OperationTraits.Grows);
        operations.Add(VfsOperation.Listen, Listen);
        operations.Add(VfsOperation.Connect, Connect, OperationTraits.Grows);
        operations.Add(VfsOperation.Accept, Accept);
        operations.Add(VfsOperation.SocketName, Name);
        operations.Add(VfsOperation.ShutDown, ShutDown);
    }

    /// <summary>The socket of a request: EBADF, ENOTSOCK.</summary>
    public static bool TryFind(Request request, out SocketFile socket, out long error)
    {
        OpenFile? file = request.Find(request.Submission.A0);
        socket = (file as SocketFile)!;
        error = Outcome.Of(file is null || (file.Flags & OpenFlags.Path) != 0 ? Errno.EBADF : Errno.ENOTSOCK);
        return socket is not null;
    }

    /// <summary>The socket that an address means, for a socket of that type.</summary>
    public static Errno FindTarget(Request request, RequestPaths paths, SocketSystem system, SocketKind kind, ReadOnlySpan<byte> address,
        out SocketFile? target)
    {
        target = null;
        Span<byte> copy = stackalloc byte[SocketLimits.AddressLength]; // once: the client's memory may change
        copy = copy[..address.Length];
        address.CopyTo(copy);
        if (copy[0] == 0)
        {
            target = system.Names.Find(kind, copy);
            return target is null ? Errno.ECONNREFUSED : Errno.None;
        }

        ReadOnlySpan<byte> path = SocketName.PathOf(copy);
        Errno error = paths.Find(request, VfsLimits.WorkingDirectory, path, 0, follow: true, out Location found, out _);
        if (error == Errno.None)
            error = Attributes.Permission.Check(request, found.Inode, AccessMode.Write);
        if (error != Errno.None)
            return error;
        if (InodeMode.Type(found.Inode.Mode) != InodeMode.Socket)
            return Errno.ECONNREFUSED;
        target = system.Names.Find(found.Inode);
        return target is null ? Errno.ECONNREFUSED : target.Kind == kind ? Errno.None : Errno.EPROTOTYPE;
    }

    /// <summary>An address that names something: as long as one may be.</summary>
    public static bool IsAddress(ReadOnlySpan<byte> address) => address.Length is > 0 and <= SocketLimits.AddressLength;

    // A0 family, type, protocol; A1 flags; A2 1 = a pair.
    private long Create(Request request)
    {
        ulong what = request.Submission.A0;
        (ushort family, ushort type, ushort protocol) = ((ushort)what, (ushort)(what >> 16), (ushort)(what >> 32));
        if (family != SocketNumbers.UnixFamily)
            return Outcome.Of(Errno.EAFNOSUPPORT);
        if (protocol is not (0 or SocketNumbers.UnixFamily))
            return Outcome.Of(Errno.EPROTONOSUPPORT);
        if (type is not ((ushort)SocketNumbers.Stream or (ushort)SocketNumbers.Datagram or (ushort)SocketNumbers.Raw
            or (ushort)SocketNumbers.SequencedPacket))
            return Outcome.Of(Errno.ESOCKTNOSUPPORT);
        SocketKind kind = type == SocketNumbers.Raw ? SocketKind.Datagram : (SocketKind)type;
        uint flags = (uint)request.Submission.A1;
        Errno error = Make(request, kind, flags, out SocketFile? socket);
        if (error != Errno.None)
            return Outcome.Of(error);
        if (request.Submission.A2 != 1)
            return OpenRequests.AddHandle(request, socket!);
        error = Make(request, kind, flags, out SocketFile? other);
        if (error != Errno.None)
        {
            socket!.Release();
            return Outcome.Of(error);
        }

        socket!.Pair(other!, SocketFile.IdentityOf(request));
        return AddPair(request, socket, other!);
    }

    private static long AddPair(Request request, SocketFile socket, SocketFile other)
    {
        long first = OpenRequests.AddHandle(request, socket);
        if (first < 0)
        {
            other.Release();
            return first;
        }

        long second = OpenRequests.AddHandle(request, other);
        if (second < 0)
        {
            request.Process.Handles.Remove((ulong)first)!.Release();
            return second;
        }

        request.V0 = (ulong)second;
        return first;
    }

    private Errno Make(Request request, SocketKind kind, uint flags, out SocketFile? socket)
    {
        Credentials credentials = request.Process.Credentials;
        socket = null;
        Errno error = system.TryCount(credentials.UserId, credentials.IsPrivileged);
        if (error != Errno.None)
            return error;
        Location place = files.NewSocketPlace(credentials);
        socket = kind == SocketKind.Stream
            ? new StreamSocket(system, place, flags, credentials.UserId)
            : new MessageSocket(system, place, flags, kind, credentials.UserId);
        return Errno.None;
    }

    // A0 handle, A1 file mask; pool: address.
    private long Bind(Request request)
    {
        if (!TryFind(request, out SocketFile socket, out long found))
            return found;
        if (request.Payload.IsEmpty)
            return Outcome.Of(socket.Name is not null ? Errno.None : socket.BindAutomatically());
        if (!IsAddress(request.Payload))
            return Outcome.Of(Errno.EINVAL);
        byte[] address = request.Payload.ToArray();
        if (address[0] == 0)
            return Outcome.Of(socket.Name is not null ? Errno.EINVAL : socket.Bind(address));
        ReadOnlySpan<byte> path = SocketName.PathOf(address);
        PathWalk walk = paths.First;
        Errno error = RequestPaths.PrepareCreate(request, walk, VfsLimits.WorkingDirectory, path, isDirectory: false);
        if (error == Errno.EEXIST)
            error = Errno.EADDRINUSE;
        if (error == Errno.None && socket.Name is not null)
            error = Errno.EINVAL;
        if (error != Errno.None)
            return Outcome.Of(error);
        var name = SocketName.OfPath(path);
        uint mode = InodeMode.Socket | (socket.Inode.Mode & InodeMode.Permissions & ~(uint)request.Submission.A1);
        error = walk.Parent.Inode.Create(request, walk.Parent.Dentry, walk.LastName, mode, 0, out Dentry? child);
        if (error != Errno.None)
            return Outcome.Of(error);
        socket.Bind(new Location(walk.Parent.Mount, child!), name);
        return 0;
    }

    // A0 handle, A1 backlog.
    private static long Listen(Request request) => TryFind(request, out SocketFile socket, out long found)
        ? Outcome.Of(socket.Listen((uint)request.Submission.A1, SocketFile.IdentityOf(request)))
        : found;

    // A0 handle, A1 family; pool: address.
    private long Connect(Request request)
    {
        if (!TryFind(request, out SocketFile socket, out long result))
            return result;
        ulong family = request.Submission.A1;
        if (socket is MessageSocket { HasConnections: false } datagrams && family == SocketNumbers.UnspecifiedFamily)
            return Associate(request, datagrams, null);

        ReadOnlySpan<byte> address = request.Payload;
        if (family != SocketNumbers.UnixFamily || !IsAddress(address))
            return Outcome.Of(Errno.EINVAL);
        if (socket.WantsIdentity && socket.Name is null && socket.BindAutomatically() is var unnamed and not Errno.None)
            return Outcome.Of(unnamed);
        Errno error = FindTarget(request, paths, system, socket.Kind, address, out SocketFile? target);
        if (error != Errno.None)
            return Outcome.Of(error);
        if (socket is MessageSocket { HasConnections: false } sender)
        {
            if (target!.Peer is not null && target.Peer != socket)
                return Outcome.Of(Errno.EPERM);
            return Associate(request, sender, (MessageSocket)target);
        }

        if (!target!.IsListening || target.ReadsAreShut)
            return Outcome.Of(Errno.ECONNREFUSED);
        if (!target.IsBacklogFull)
            return Outcome.Of(socket.IsConnected ? Errno.EISCONN : socket.IsListening ? Errno.EINVAL : Join(request, socket, target));
        request.V0 = socket.SendTimeout > 0 ? SocketAnswer.IsTimed : 0;
        return socket.Wait(request, isDontWait: false, isHeld: false, socket.SendTimeout, target.Changes);
    }

    private static long Associate(Request request, MessageSocket socket, MessageSocket? peer)
    {
        Errno error = socket.Associate(peer);
        return error == Errno.EAGAIN ? socket.Wait(request, isDontWait: false, isHeld: true, timeout: 0) : Outcome.Of(error);
    }

    private Errno Join(Request request, SocketFile socket, SocketFile target)
    {
        Errno error = Make(request, socket.Kind, 0, out SocketFile? accepted);
        if (error == Errno.None)
            socket.Connect(target, accepted!, SocketFile.IdentityOf(request));
        return error;
    }

    // A0 handle, A1 flags → handle; V1 length of the address in the pool.
    private static long Accept(Request request)
    {
        if (!TryFind(request, out SocketFile socket, out long result))
            return result;
        if (!socket.HasConnections)
            return Outcome.Of(Errno.EOPNOTSUPP);
        if (!socket.IsListening)
            return Outcome.Of(Errno.EINVAL);
        Errno error = request.Process.Handles.CheckRoom();
        if (error != Errno.None)
            return Outcome.Of(error);
        if (socket.Accept() is { } accepted)
        {
            accepted.Flags |= (uint)request.Submission.A1 & OpenFlags.NonBlock;
            long handle = request.Process.Handles.Add(accepted);
            request.V1 = (ulong)WriteName(request.Payload, accepted.Peer?.Name);
            return handle;
        }

        if (socket.ReadsAreShut)
            return Outcome.Of(Errno.EINVAL);
        request.V0 = socket.ReceiveTimeout > 0 ? SocketAnswer.IsTimed : 0;
        return socket.Wait(request, isDontWait: false, isHeld: false, socket.ReceiveTimeout);
    }

    // A0 handle, A1 1 = the peer's.
    private static long Name(Request request)
    {
        if (!TryFind(request, out SocketFile socket, out long result))
            return result;
        if (request.Submission.A1 != 1)
            return WriteName(request.Payload, socket.Name);
        return socket.Peer is { } peer ? WriteName(request.Payload, peer.Name) : Outcome.Of(Errno.ENOTCONN);
    }

    /// <summary>Puts a name where there is room for it: its length.</summary>
    public static int WriteName(Span<byte> room, SocketName? name)
    {
        int length = Math.Min(name?.Bytes.Length ?? 0, room.Length);
        name?.Bytes.AsSpan(0, length).CopyTo(room);
        return length;
    }

    // A0 handle, A1 what.
    private static long ShutDown(Request request)
    {
        if (!TryFind(request, out SocketFile socket, out long result))
            return result;
        ulong what = request.Submission.A1;
        if (what > ShutBoth)
            return Outcome.Of(Errno.EINVAL);
        socket.ShutDown(what is ShutReads or ShutBoth, what is ShutWrites or ShutBoth);
        return 0;
    }
}
