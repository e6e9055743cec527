using System.Buffers.Binary;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.SystemV;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>msgget(2), msgsnd(2), msgrcv(2), msgctl(2): docs/system-v-ipc.md.</summary>
public sealed class QueueRequests(MessageQueues queues, IClock clock)
{
    private const uint Read = 0x124, Write = 0x92; // of all three classes

    /// <summary>Declares what is served here.</summary>
    public void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.GetQueue, Get, OperationTraits.Grows);
        operations.Add(VfsOperation.SendQueued, Send, OperationTraits.Grows);
        operations.Add(VfsOperation.ReceiveQueued, Receive);
        operations.Add(VfsOperation.ControlQueue, Control);
    }

    // A0 key, A1 flags → id.
    private long Get(Request request)
    {
        Errno error = queues.Get((int)request.Submission.A0, (uint)request.Submission.A1, request.Process.Credentials, out MessageQueue? queue);
        return error == Errno.None ? queue!.Id : Outcome.Of(error);
    }

    // A0 id, A1 type, A2 flags. A request that waits means the same queue as at first: it is kept.
    private long Send(Request request)
    {
        ReadOnlySpan<byte> text = request.Payload;
        long type = (long)request.Submission.A1;
        if (text.Length > queues.LargestMessage || type < 1)
            return Outcome.Of(Errno.EINVAL);
        if (Find(request, Write, out Errno error) is not { } queue)
            return Outcome.Of(error);
        if (queue.HasRoom(text.Length))
            return queues.TrySend(queue, type, text, request.Process.Pid) ? 0 : Outcome.Of(Errno.ENOMEM);
        if ((request.Submission.A2 & SystemVNumbers.NoWait) != 0)
            return Outcome.Of(Errno.EAGAIN);
        request.State = queue;
        request.WaitIn(queue.Senders);
        return Outcome.Waiting;
    }

    // A0 id, A1 type, A2 flags, A3 bytes wanted → bytes; V0: the message's type.
    private long Receive(Request request)
    {
        ref readonly var wanted = ref request.Submission;
        uint flags = (uint)wanted.A2;
        bool isCopy = (flags & QueueNumbers.Copy) != 0, isAtOnce = (flags & SystemVNumbers.NoWait) != 0;
        if (isCopy && (!isAtOnce || (flags & QueueNumbers.Except) != 0))
            return Outcome.Of(Errno.EINVAL);
        if (Find(request, Read, out Errno error) is not { } queue)
            return Outcome.Of(error);
        if (queue.Find((long)wanted.A1, flags) is { } message)
        {
            if ((ulong)message.Text.Length > wanted.A3 && (flags & QueueNumbers.NoError) == 0)
                return Outcome.Of(Errno.E2BIG);
            int length = (int)Math.Min((ulong)message.Text.Length, wanted.A3);
            if (length > request.Payload.Length)
                return Outcome.Of(Errno.ENOBUFS); // the client asks again with a larger buffer
            message.Text.AsSpan(0, length).CopyTo(request.Payload);
            request.V0 = (ulong)message.Type;
            if (!isCopy)
                queues.Receive(queue, message, request.Process.Pid);
            return length;
        }

        if (isAtOnce)
            return Outcome.Of(Errno.ENOMSG);
        request.State = queue;
        request.WaitIn(queue.Receivers);
        return Outcome.Waiting;
    }

    private MessageQueue? Find(Request request, uint right, out Errno error)
    {
        var kept = request.State as MessageQueue;
        MessageQueue? queue = kept ?? queues.Table.Find((int)request.Submission.A0);
        if (queue is not { IsGone: false })
        {
            error = kept != null ? Errno.EIDRM : Errno.EINVAL;
            return null;
        }

        error = queue.Permission.Grants(request.Process.Credentials, right) ? Errno.None : Errno.EACCES;
        return error == Errno.None ? queue : null;
    }

    // A0 id or place, A1 command.
    private long Control(Request request)
    {
        int id = (int)request.Submission.A0;
        uint command = (uint)request.Submission.A1;
        if (command is SystemVNumbers.Information or QueueNumbers.QueueInformation)
        {
            if (request.Payload.Length < QueueLayout.InformationLength)
                return Outcome.Of(Errno.EINVAL);
            QueueRecords.WriteInformation(queues, request.Payload, isUsage: command == QueueNumbers.QueueInformation);
            return queues.Table.Highest;
        }

        bool isByPlace = command is QueueNumbers.StatIndex or QueueNumbers.StatAny;
        if ((isByPlace ? queues.Table.At(id) : queues.Table.Find(id)) is not { } queue)
            return Outcome.Of(Errno.EINVAL);
        Credentials asking = request.Process.Credentials;
        switch (command)
        {
            case SystemVNumbers.Stat or QueueNumbers.StatIndex or QueueNumbers.StatAny:
                if (command != QueueNumbers.StatAny && !queue.Permission.Grants(asking, Read))
                    return Outcome.Of(Errno.EACCES);
                if (request.Payload.Length < QueueLayout.Length)
                    return Outcome.Of(Errno.EINVAL);
                QueueRecords.Write(queue, request.Payload);
                return isByPlace ? queue.Id : 0;
            case SystemVNumbers.Remove:
                if (!queue.Permission.MayChange(asking))
                    return Outcome.Of(Errno.EPERM);
                queues.Remove(queue);
                return 0;
            case SystemVNumbers.Set:
                return Outcome.Of(queue.Permission.MayChange(asking) ? Change(request, queue) : Errno.EPERM);
            default:
                return Outcome.Of(Errno.EINVAL);
        }
    }

    // Only who may have more than others makes a queue larger than queues are (CAP_SYS_RESOURCE).
    private Errno Change(Request request, MessageQueue queue)
    {
        if (request.Payload.Length < QueueLayout.Length)
            return Errno.EINVAL;
        Span<byte> record = stackalloc byte[QueueLayout.Length]; // the client may change it meanwhile
        request.Payload[..QueueLayout.Length].CopyTo(record);
        ulong bytes = BinaryPrimitives.ReadUInt64LittleEndian(record[QueueLayout.MostBytes..]);
        if (bytes > (ulong)queues.MostBytes && !request.Process.Credentials.IsPrivileged)
            return Errno.EPERM;
        queue.Permission.Set(record);
        queue.MostBytes = (long)Math.Min(bytes, long.MaxValue);
        queue.ChangeTime = clock.Wall;
        queue.WakeAll();
        return Errno.None;
    }
}
