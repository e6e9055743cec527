using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Machine;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>syslog(2).</summary>
public sealed class KernelLogRequests(KernelLog? log)
{
    private const ulong Close = 0, Open = 1, Read = 2, ReadAll = 3, ReadClear = 4, Clear = 5, ConsoleOff = 6, ConsoleOn = 7, ConsoleLevel = 8, SizeUnread = 9,
        SizeBuffer = 10;

    /// <summary>Declares what is served here.</summary>
    public void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.KernelLog, Serve);
    }

    // A0 action, A1 length, A2 1 if there is a buffer.
    private long Serve(Request request)
    {
        // With kernel.dmesg_restrict = 1 every action needs CAP_SYSLOG, whatever else is wrong with the call.
        if (!request.Process.Credentials.IsPrivileged)
            return Outcome.Of(Errno.EPERM);
        if (log == null)
            return Outcome.Of(Errno.ENOSYS);
        ulong action = request.Submission.A0;
        int length = (int)request.Submission.A1;
        switch (action)
        {
            case Read or ReadAll or ReadClear:
                if (request.Submission.A2 == 0 || length < 0)
                    return Outcome.Of(Errno.EINVAL);
                if (length == 0)
                    return 0;
                Span<byte> buffer = request.Payload[..Math.Min(request.Payload.Length, length)];
                if (action != Read)
                    return log.ReadLast(buffer, action == ReadClear);
                long result = log.Read(buffer);
                if (result != Outcome.Of(Errno.EAGAIN))
                    return result;
                request.WaitIn(log.StartWaiting());
                return Outcome.Waiting;
            case Clear:
                log.Clear();
                return 0;
            case ConsoleLevel:
                const int lowest = 1, highest = 8;
                return length is < lowest or > highest ? Outcome.Of(Errno.EINVAL) : 0;
            case Close or Open or ConsoleOff or ConsoleOn:
                return 0; // the log is not shown on the terminal, so there is nothing to switch
            case SizeUnread:
                return log.Unread;
            case SizeBuffer:
                return log.Capacity;
            default:
                return Outcome.Of(Errno.EINVAL);
        }
    }
}
