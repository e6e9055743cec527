using Servers.Vfs.Objects;
using Servers.Vfs.Processes;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Sockets;

// Sending and receiving for a request, which may wait: read(2) and write(2) too.
public abstract partial class SocketFile
{
    /// <summary>Who asks, as the process server has told.</summary>
    public static SocketIdentity IdentityOf(OperationContext context) =>
        new(context.Process.Pid, context.Subject.Credentials.UserId, context.Subject.Credentials.GroupId);

    /// <inheritdoc/>
    public override bool TryStart(FileRequest request, bool write, out long result)
    {
        if (write)
        {
            var message = new OutgoingMessage { Sender = IdentityOf(request), Handles = request.Process.Handles };
            result = SendFor(request, request.Payload, isDontWait: false, message);
        }
        else if (request.Payload.IsEmpty)
            result = 0; // read(2) of nothing does not look
        else
        {
            result = ReceiveFor(request, request.Payload, SocketTurn.None, out IncomingMessage message);
            ReleaseAll(message.Rights);
        }

        return true;
    }

    /// <inheritdoc/>
    public override long Write(OperationContext context, ReadOnlySpan<byte> data, long offset) =>
        Send(data, new OutgoingMessage { Sender = IdentityOf(context), Handles = context.Process.Handles });

    /// <summary>
    /// Sends for a request. Streams go on until all is taken; what was taken before an error is the answer. <see cref="OutgoingMessage.Rights"/> are the
    /// message's once it has been taken.
    /// </summary>
    public long SendFor(FileRequest request, ReadOnlySpan<byte> data, bool isDontWait, in OutgoingMessage message)
    {
        BeginTry();
        long moved = Send(data[(int)request.Progress..], message);
        if ((moved > 0 || (moved == 0 && Kind != SocketKind.Stream)) && request.State is SocketWait state)
            state.Rights = null; // they are in the message now; no bytes of a stream carry none
        if (moved > 0)
            request.Progress += moved;
        if (moved < 0 && moved != Outcome.Of(Errno.EAGAIN))
            return request.Progress > 0 ? request.Progress : moved;
        if (moved >= 0 && (request.Progress == data.Length || Kind != SocketKind.Stream))
            return request.Progress;
        long waiting = Wait(request, isDontWait, IsHeldFor(reads: false), SendTimeout, RoomFor(message));
        return waiting != Outcome.Waiting && request.Progress > 0 ? request.Progress : waiting;
    }

    /// <summary>Receives for a request.</summary>
    public long ReceiveFor(FileRequest request, Span<byte> target, SocketTurn turn, out IncomingMessage message)
    {
        BeginTry();
        bool isPeek = (turn & SocketTurn.Peek) != 0;
        ReceiveFlags flags = (isPeek ? ReceiveFlags.Peek : 0) | ((turn & SocketTurn.WholeLength) != 0 ? ReceiveFlags.WholeLength : 0);
        bool isAny = (turn & SocketTurn.WaitAll) == 0 || isPeek || WantsIdentity;
        long moved;
        do
        {
            moved = Receive(target[(int)request.Progress..], flags, out message);
            if (Kind != SocketKind.Stream && moved >= 0)
                return moved;
            if (moved > 0)
                request.Progress += moved;
            if (moved >= 0 && (moved == 0 || isAny || message.Rights is not null || request.Progress == target.Length))
                return request.Progress;
        }
        while (moved > 0);
        if (moved != Outcome.Of(Errno.EAGAIN))
            return request.Progress > 0 ? request.Progress : moved;
        bool isDontWait = (turn & SocketTurn.DontWait) != 0;
        if (Kind == SocketKind.Datagram && ReadsAreShut && !isDontWait && !IsNonBlocking && !IsHeldFor(reads: true))
            return 0; // the end, for those only who would wait for it
        long waiting = Wait(request, isDontWait, IsHeldFor(reads: true), ReceiveTimeout);
        return waiting != Outcome.Waiting && request.Progress > 0 ? request.Progress : waiting;
    }

    /// <summary>Drops what nobody wants.</summary>
    public static void ReleaseAll(OpenFile[]? files)
    {
        foreach (OpenFile file in files ?? [])
            file.Release();
    }
}

/// <summary>How a receiving request goes on.</summary>
[Flags]
public enum SocketTurn
{
    /// <summary>Ordinarily.</summary>
    None = 0,

    /// <summary>MSG_DONTWAIT.</summary>
    DontWait = 1,

    /// <summary>MSG_PEEK.</summary>
    Peek = 2,

    /// <summary>MSG_TRUNC.</summary>
    WholeLength = 4,

    /// <summary>MSG_WAITALL.</summary>
    WaitAll = 8,
}

/// <summary>What a request about a socket keeps while it waits.</summary>
/// <param name="inFlight">Descriptors on their way.</param>
public sealed class SocketWait(InFlightFiles inFlight) : IRequestState
{
    /// <summary>When it gives up, nanoseconds since boot; 0: not said yet.</summary>
    public long Deadline { get; set; }

    /// <summary>Descriptors that it sends once there is room.</summary>
    public SocketRights? Rights { get; set; }

    /// <summary>The message that it sends, if that is longer than the request.</summary>
    public LongMessage? Message { get; set; }

    /// <inheritdoc/>
    public void Abandon(OperationContext request)
    {
        Message?.Withdraw();
        if (Rights is { } rights)
            inFlight.Drop(rights);
        Rights = null;
    }
}
