using System.Buffers.Binary;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Sockets;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>setsockopt(2) and getsockopt(2), socket(7).</summary>
public static class SocketOptionRequests
{
    private const uint ReuseAddress = 2, Type = 3, PendingError = 4, Broadcast = 6, SendBuffer = 7, ReceiveBuffer = 8, KeepAlive = 9, OutOfBandInline = 10,
        Priority = 12, Linger = 13, ReusePort = 15, PassCredentials = 16, PeerCredentials = 17, ReceiveLowMark = 18, SendLowMark = 19, ReceiveTimeout = 20,
        SendTimeout = 21, Timestamp = 29, IsListening = 30, Protocol = 38, Domain = 39, ReceiveTimeoutNew = 66, SendTimeoutNew = 67;

    // Linux' net.core.wmem_max and rmem_max; what is asked for counts twice, and is never less than these: socket(7).
    private const int LargestBuffer = 212992, SmallestSendBuffer = 4608, SmallestReceiveBuffer = 2304;

    private const int TimeLength = 16, LingerLength = 8, IdentityLength = 12;
    private const long NanosecondsPerMicrosecond = 1000, MicrosecondsPerSecond = 1_000_000, MostSeconds = long.MaxValue / 1_000_000_000 / 2;

    /// <summary>Declares what is served here.</summary>
    public static void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.SocketOption, Option);
    }

    // A0 handle, A1 level and option, A2 1 = sets; pool: the value.
    private static long Option(Request request)
    {
        if (!SocketRequests.TryFind(request, out SocketFile socket, out long result))
            return result;
        if (request.Submission.A2 != 1 && request.Payload.Length < TimeLength)
            return Outcome.Of(Errno.EFAULT);
        uint level = (uint)request.Submission.A1, option = (uint)(request.Submission.A1 >> 32);
        if (level != SocketNumbers.SocketLevel)
            return Outcome.Of(Errno.EOPNOTSUPP);
        return request.Submission.A2 == 1 ? Outcome.Of(Set(socket, option, request.Payload)) : Get(socket, option, request.Payload);
    }

    private static Errno Set(SocketFile socket, uint option, ReadOnlySpan<byte> payload)
    {
        if (payload.Length < sizeof(int))
            return Errno.EINVAL;
        int value = BinaryPrimitives.ReadInt32LittleEndian(payload);
        switch (option)
        {
            case PassCredentials:
                socket.WantsIdentity = value != 0;
                return Errno.None;
            case SendBuffer:
                socket.SendBuffer = Math.Max(Limited(value) * 2, SmallestSendBuffer);
                return Errno.None;
            case ReceiveBuffer:
                socket.ReceiveBuffer = Math.Max(Limited(value) * 2, SmallestReceiveBuffer);
                return Errno.None;
            case ReceiveTimeout or ReceiveTimeoutNew or SendTimeout or SendTimeoutNew:
                return SetTimeout(socket, option is SendTimeout or SendTimeoutNew, payload);
            case Type or PendingError or Domain or Protocol or IsListening or PeerCredentials or SendLowMark:
                return Errno.ENOPROTOOPT;
            case Linger when payload.Length < LingerLength:
                return Errno.EINVAL;
            case ReuseAddress or Broadcast or KeepAlive or OutOfBandInline or ReusePort or Timestamp:
                (socket.Kept ??= [])[option] = value != 0 ? 1 : 0;
                return Errno.None;
            case Priority or Linger or ReceiveLowMark:
                (socket.Kept ??= [])[option] = value;
                return Errno.None;
            default:
                return Errno.ENOPROTOOPT;
        }
    }

    // What is negative counts as an unsigned number, which is the largest.
    private static int Limited(int value) => (int)Math.Min((uint)value, LargestBuffer);

    private static Errno SetTimeout(SocketFile socket, bool isSend, ReadOnlySpan<byte> payload)
    {
        if (payload.Length < TimeLength)
            return Errno.EINVAL;
        long seconds = BinaryPrimitives.ReadInt64LittleEndian(payload), microseconds = BinaryPrimitives.ReadInt64LittleEndian(payload[sizeof(long)..]);
        if (microseconds is < 0 or >= MicrosecondsPerSecond)
            return Errno.EDOM;
        // A negative time does not wait at all.
        long timeout = seconds < 0 ? 1 : seconds >= MostSeconds ? 0 : (seconds * MicrosecondsPerSecond + microseconds) * NanosecondsPerMicrosecond;
        if (isSend)
            socket.SendTimeout = timeout;
        else
            socket.ReceiveTimeout = timeout;
        return Errno.None;
    }

    private static long Get(SocketFile socket, uint option, Span<byte> payload)
    {
        switch (option)
        {
            case Type:
                return Give(payload, (int)socket.Kind);
            case Domain:
                return Give(payload, SocketNumbers.UnixFamily);
            case Protocol:
                return Give(payload, 0);
            case PendingError:
                return Give(payload, (int)socket.TakeError());
            case IsListening:
                return Give(payload, socket.IsListening ? 1 : 0);
            case PassCredentials:
                return Give(payload, socket.WantsIdentity ? 1 : 0);
            case SendBuffer:
                return Give(payload, socket.SendBuffer);
            case ReceiveBuffer:
                return Give(payload, socket.ReceiveBuffer);
            case SendLowMark:
                return Give(payload, 1);
            case ReceiveLowMark:
                return Give(payload, socket.Kept?.GetValueOrDefault(option, 1) ?? 1);
            case PeerCredentials:
                return GiveIdentity(payload, socket.PeerIdentity);
            case ReceiveTimeout or ReceiveTimeoutNew:
                return GiveTime(payload, socket.ReceiveTimeout);
            case SendTimeout or SendTimeoutNew:
                return GiveTime(payload, socket.SendTimeout);
            case Linger:
                BinaryPrimitives.WriteInt64LittleEndian(payload, socket.Kept?.GetValueOrDefault(option) ?? 0);
                return LingerLength;
            case ReuseAddress or Broadcast or KeepAlive or OutOfBandInline or ReusePort or Timestamp or Priority:
                return Give(payload, socket.Kept?.GetValueOrDefault(option) ?? 0);
            default:
                return Outcome.Of(Errno.ENOPROTOOPT);
        }
    }

    private static long Give(Span<byte> payload, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(payload, value);
        return sizeof(int);
    }

    private static long GiveIdentity(Span<byte> payload, SocketIdentity identity)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(payload, identity.Pid);
        BinaryPrimitives.WriteUInt32LittleEndian(payload[sizeof(uint)..], identity.User);
        BinaryPrimitives.WriteUInt32LittleEndian(payload[(2 * sizeof(uint))..], identity.Group);
        return IdentityLength;
    }

    private static long GiveTime(Span<byte> payload, long nanoseconds)
    {
        (long seconds, long rest) = Math.DivRem(nanoseconds / NanosecondsPerMicrosecond, MicrosecondsPerSecond);
        BinaryPrimitives.WriteInt64LittleEndian(payload, seconds);
        BinaryPrimitives.WriteInt64LittleEndian(payload[sizeof(long)..], rest);
        return TimeLength;
    }
}
