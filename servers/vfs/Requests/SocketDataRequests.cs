using System.Buffers.Binary;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Anonymous;
using Servers.Vfs.Objects;
using Servers.Vfs.Pipes;
using Servers.Vfs.Served;
using Servers.Vfs.Sets;
using Servers.Vfs.Sockets;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>send(2) and recv(2) with all that they know beside bytes: addresses, descriptors, credentials.</summary>
public sealed class SocketDataRequests(RequestPaths paths, SocketSystem system, Func<uint, bool> isProcess)
{
    private readonly LongMessages longMessages = new(system);

    // CMSG_LEN(0), and CMSG_SPACE of struct ucred, cmsg(3).
    private const ulong ControlHeader = 16, CredentialsSpace = 32;

    /// <summary>Declares what is served here.</summary>
    public void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.Send, Send, OperationTraits.Grows);
        operations.Add(VfsOperation.Receive, Receive);
        operations.Add(VfsOperation.GiveMessage, GiveMessage, OperationTraits.Grows);
        operations.Add(VfsOperation.TakeMessage, TakeMessage);
    }

    // A0 handle, A1 flags, A2 SendArguments, A3 pid, A4 uid and gid; pool: address, handles, data.
    private long Send(Request request)
    {
        if (!SocketRequests.TryFind(request, out SocketFile socket, out long result))
            return result;
        ulong what = request.Submission.A2;
        int addressLength = SendArguments.AddressOf(what), rightsLength = SendArguments.RightsOf(what) * sizeof(uint);
        if (rightsLength > SocketLimits.MostRights * sizeof(uint) || addressLength + rightsLength > request.Payload.Length)
            return Outcome.Of(Errno.EINVAL);
        uint flags = (uint)request.Submission.A1;
        if ((flags & SocketNumbers.MsgOutOfBand) != 0)
            return Outcome.Of(Errno.EOPNOTSUPP);
        Errno error = FindClaim(request, out SocketIdentity? claimed);
        if (error == Errno.None)
            error = FindRights(request, request.Payload.Slice(addressLength, rightsLength));
        ReadOnlySpan<byte> data = request.Payload[Math.Min(addressLength + rightsLength, request.Payload.Length)..];
        if (error == Errno.None)
            error = FindLong(request, ref data);
        SocketFile? target = null;
        if (error == Errno.None)
            error = FindTarget(request, socket, (what & SendArguments.HasAddress) != 0, addressLength, out target);
        if (error == Errno.None && (what & SendArguments.IsPartial) != 0 && socket.Kind != SocketKind.Stream)
            error = Errno.EMSGSIZE;
        bool mustBeNamed = socket.Kind == SocketKind.Datagram && socket.WantsIdentity && socket.Name is null;
        if (error == Errno.None && mustBeNamed)
            error = socket.BindAutomatically();
        if (error != Errno.None)
            return Outcome.Of(error);
        var message = new OutgoingMessage
        {
            Claimed = claimed, Target = target, Sender = SocketFile.IdentityOf(request), Handles = request.Process.Handles,
            Rights = request.Progress == 0 ? (request.State as SocketWait)?.Rights : null,
        };
        bool isDontWait = (flags & SocketNumbers.MsgDontWait) != 0;
        request.V0 = (socket.SendTimeout > 0 ? SocketAnswer.IsTimed : 0) | (socket.Kind != SocketKind.Stream ? SocketAnswer.IsSilent : 0);
        long sent = socket.SendFor(request, data, isDontWait, message);
        if (sent != Outcome.Waiting && request.State is SocketWait state)
            state.Message?.Withdraw();
        return sent;
    }

    // A0 handle, A1 0 or number, A2 length; pool: data.
    private long GiveMessage(Request request)
    {
        if (!SocketRequests.TryFind(request, out SocketFile socket, out long result))
            return result;
        ulong number = request.Submission.A1, length = request.Submission.A2;
        LongMessage? message = longMessages.Find(number, request.Connection!, request.Submission.ProcessSlot);
        if (number == 0)
        {
            if (socket.Kind == SocketKind.Stream)
                return Outcome.Of(Errno.EINVAL);
            if (length > (ulong)socket.LongestMessage)
                return Outcome.Of(Errno.EMSGSIZE);
            uint user = request.Process.Credentials.UserId;
            Errno error = longMessages.TryBegin(request.Connection!, request.Submission.ProcessSlot, user, (int)length, out message);
            if (error != Errno.None)
                return Outcome.Of(error);
        }

        if (message is not null && message.TryGive(request.Payload))
            return message.Number;
        if (number == 0)
            message?.Withdraw();
        return Outcome.Of(Errno.EINVAL);
    }

    // A0 number, A1 1 = not wanted; pool: room.
    private long TakeMessage(Request request)
    {
        if (longMessages.Find(request.Submission.A0, request.Connection!, request.Submission.ProcessSlot) is not { } message)
            return Outcome.Of(Errno.EINVAL);
        int taken = request.Submission.A1 == 0 ? message.Take(request.Payload) : 0;
        if (taken == 0 || message.Position == message.Length)
            message.Withdraw();
        return taken;
    }

    // What was given before, and the last piece, which comes with the request.
    private Errno FindLong(Request request, ref ReadOnlySpan<byte> data)
    {
        ulong number = request.Submission.A1 >> 32;
        if (number == 0)
            return Errno.None;
        if (longMessages.Find(number, request.Connection!, request.Submission.ProcessSlot) is not { } message)
            return Errno.EINVAL;
        request.State ??= new SocketWait(system.InFlight);
        ((SocketWait)request.State).Message = message;
        if (request.Tries == 1 && !message.TryGive(data))
            return Errno.EINVAL;
        data = message.Bytes.AsSpan(0, message.Position);
        return message.Position == message.Length ? Errno.None : Errno.EINVAL;
    }

    // Whom a message is for, if not for the peer. Only datagrams may say it.
    private Errno FindTarget(Request request, SocketFile socket, bool hasAddress, int length, out SocketFile? target)
    {
        target = null;
        if (!hasAddress || socket.Kind == SocketKind.SequencedPacket)
            return Errno.None;
        if (socket.Kind == SocketKind.Stream)
            return socket.IsConnected ? Errno.EISCONN : Errno.EOPNOTSUPP;
        ReadOnlySpan<byte> address = request.Payload[..length];
        return SocketRequests.IsAddress(address)
            ? SocketRequests.FindTarget(request, paths, system, socket.Kind, address, out target)
            : Errno.EINVAL;
    }

    // Who a program says that it is: itself, with its own ids; root may say anything of a process that there is, unix(7).
    private Errno FindClaim(Request request, out SocketIdentity? claimed)
    {
        claimed = null;
        if ((request.Submission.A2 & SendArguments.HasCredentials) == 0)
            return Errno.None;
        (uint pid, uint user, uint group) = ((uint)request.Submission.A3, (uint)request.Submission.A4, (uint)(request.Submission.A4 >> 32));
        Credentials own = request.Process.Credentials;
        bool isOwn = pid == request.Process.Pid && (user == own.UserId || user == own.RealUserId) && (group == own.GroupId || group == own.RealGroupId);
        if (!isOwn && !own.IsPrivileged)
            return Errno.EPERM;
        if (!isOwn && !isProcess(pid))
            return Errno.ESRCH;
        claimed = new SocketIdentity(pid, user, group);
        return Errno.None;
    }

    // The descriptions behind handles, once a request: they are on their way from then on, whatever becomes of the handles.
    private Errno FindRights(Request request, ReadOnlySpan<byte> handles)
    {
        if (handles.IsEmpty || request.Tries > 1)
            return Errno.None;
        var files = new OpenFile[handles.Length / sizeof(uint)];
        for (int index = 0; index < files.Length; index++)
        {
            uint handle = BinaryPrimitives.ReadUInt32LittleEndian(handles[(index * sizeof(uint))..]);
            if (request.Process.Handles.Find(handle) is not { } file)
                return Errno.EBADF;
            files[index] = file;
        }

        Credentials credentials = request.Process.Credentials;
        Errno error = system.InFlight.TryTake(files, credentials.UserId, credentials.IsPrivileged, out SocketRights? rights);
        if (error == Errno.None)
            request.State = new SocketWait(system.InFlight) { Rights = rights };
        return error;
    }

    // A0 handle, A1 flags, A2 ReceiveArguments, A3 bytes of msg_control; pool: room for the address, for rights, for data.
    private long Receive(Request request)
    {
        if (!SocketRequests.TryFind(request, out SocketFile socket, out long result))
            return result;
        ulong what = request.Submission.A2;
        int addressRoom = ReceiveArguments.AddressRoomOf(what), rights = ReceiveArguments.RightsOf(what);
        int header = addressRoom + (rights * SocketRight.Length);
        if (header > request.Payload.Length)
            return Outcome.Of(Errno.EINVAL);
        uint flags = (uint)request.Submission.A1;
        if ((flags & SocketNumbers.MsgOutOfBand) != 0)
            return Outcome.Of(socket.Kind == SocketKind.Stream ? Errno.EINVAL : Errno.EOPNOTSUPP);
        request.V0 = socket.ReceiveTimeout > 0 ? SocketAnswer.IsTimed : 0;
        SocketTurn turn = ((flags & SocketNumbers.MsgDontWait) != 0 ? SocketTurn.DontWait : 0) | ((flags & SocketNumbers.MsgPeek) != 0 ? SocketTurn.Peek : 0)
            | ((flags & SocketNumbers.MsgTruncated) != 0 ? SocketTurn.WholeLength : 0) | ((flags & SocketNumbers.MsgWaitAll) != 0 ? SocketTurn.WaitAll : 0);
        int here = request.Payload.Length - header, room = (int)Math.Min(request.Submission.A4, int.MaxValue);
        uint user = request.Process.Credentials.UserId;
        if (room > here && socket.Kind != SocketKind.Stream && !longMessages.HasRoom(user))
            return Outcome.Of(Errno.ENOBUFS);
        long received = socket.ReceiveFor(request, request.Payload[header..], turn, out IncomingMessage message);
        uint rest = 0;
        if (received >= 0 && room > here && message.Whole is { } whole)
        {
            int length = Math.Min(room, whole.Length);
            rest = longMessages.Keep(request.Connection!, request.Submission.ProcessSlot, user, whole, length, here).Number;
            message.IsCut = length < whole.Length;
            received = (turn & SocketTurn.WholeLength) != 0 ? whole.Length : length;
        }

        if (received >= 0)
            Deliver(request, message, addressRoom, rights, rest);
        return received;
    }

    // As scm_recv's rules in cmsg(3) and unix(7): credentials first, then as many descriptors as there is room for.
    private static void Deliver(Request request, in IncomingMessage message, int addressRoom, int places, uint rest)
    {
        ulong bits = request.V0 | (message.IsCut ? SocketAnswer.IsCut : 0);
        bool hasHeader = (request.Submission.A2 & ReceiveArguments.HasHeader) != 0;
        ulong room = hasHeader ? request.Submission.A3 : 0;
        if (message.Sender is { } sender)
        {
            (request.V1, request.V2) = (sender.Pid, sender.User | (ulong)sender.Group << 32);
            bits |= SocketAnswer.HasCredentials | (room < ControlHeader + SocketNumbers.CredentialsLength ? SocketAnswer.LostControl : 0);
            room -= Math.Min(room, CredentialsSpace);
        }

        int given = 0;
        if (message.Rights is { } files)
        {
            ulong most = room <= ControlHeader ? 0 : (room - ControlHeader) / sizeof(int);
            int wanted = (int)Math.Min(Math.Min(most, (ulong)files.Length), (ulong)places);
            while (given < wanted && request.Process.Handles.Add(files[given]) is var handle and >= 0)
            {
                Describe(files[given], (uint)handle, request.Payload.Slice(addressRoom + (given * SocketRight.Length), SocketRight.Length));
                given++;
            }

            SocketFile.ReleaseAll(files[given..]);
            if (given < files.Length)
                bits |= SocketAnswer.LostControl;
        }

        int addressLength = SocketRequests.WriteName(request.Payload[..addressRoom], message.From);
        request.V0 = SocketAnswer.Of(bits, addressLength, given, rest);
    }

    private static void Describe(OpenFile file, uint handle, Span<byte> right)
    {
        ulong kind = file switch
        {
            PipeFile or StreamSocket => SocketRight.IsStream,
            MessageSocket => SocketRight.IsMessages,
            EventCounterFile => SocketRight.IsCounter,
            TimerFile => SocketRight.IsTimer,
            SignalFile => SocketRight.IsSignals,
            EpollFile => SocketRight.IsSet,
            _ => 0,
        };
        ulong opened = OpenedFile.Describe(file.IsSeekable, file.ClosesUnseen, file.Device) | kind;
        BinaryPrimitives.WriteUInt32LittleEndian(right[SocketRight.Handle..], handle);
        BinaryPrimitives.WriteUInt32LittleEndian(right[SocketRight.Mode..], file.Inode.Mode);
        BinaryPrimitives.WriteUInt32LittleEndian(right[SocketRight.Access..], file.Flags & (OpenFlags.AccessMode | OpenFlags.Path));
        BinaryPrimitives.WriteUInt32LittleEndian(right[SocketRight.Server..], file is ServedFile served ? served.Server : 0);
        BinaryPrimitives.WriteUInt64LittleEndian(right[SocketRight.Opened..], opened);
    }
}
