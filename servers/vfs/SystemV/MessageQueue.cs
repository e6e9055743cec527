using Servers.Vfs.Waiting;

namespace Servers.Vfs.SystemV;

/// <summary>A message that waits to be received.</summary>
public sealed record QueuedMessage(long Type, byte[] Text);

/// <summary>A queue of messages: msgsnd(2), msgrcv(2).</summary>
public sealed class MessageQueue : SystemVObject
{
    private readonly LinkedList<QueuedMessage> messages = [];

    /// <summary>An empty one.</summary>
    public MessageQueue(Permission permission, long mostBytes, long now)
        : base(permission)
    {
        MostBytes = mostBytes;
        ChangeTime = now;
    }

    /// <summary>Bytes that its messages may have together; and so many there may be.</summary>
    public long MostBytes { get; internal set; }

    /// <summary>Bytes of its messages.</summary>
    public long Bytes { get; private set; }

    /// <summary>Its messages.</summary>
    public int Count => messages.Count;

    /// <summary>When a message was sent last, nanoseconds since 1970; 0: never.</summary>
    public long SendTime { get; private set; }

    /// <summary>When one was received last.</summary>
    public long ReceiveTime { get; private set; }

    /// <summary>When owner, mode or size changed last.</summary>
    public long ChangeTime { get; internal set; }

    /// <summary>Process that sent last.</summary>
    public uint LastSender { get; private set; }

    /// <summary>Process that received last.</summary>
    public uint LastReceiver { get; private set; }

    /// <summary>Requests that wait for room.</summary>
    public WaitQueue Senders { get; } = new();

    /// <summary>Requests that wait for a message.</summary>
    public WaitQueue Receivers { get; } = new();

    /// <summary>Whether a message of so many bytes fits.</summary>
    public bool HasRoom(int length) => Bytes + length <= MostBytes && Count < MostBytes;

    /// <summary>Adds a message.</summary>
    public void Send(QueuedMessage message, uint process, long now)
    {
        messages.AddLast(message);
        Bytes += message.Text.Length;
        (LastSender, SendTime) = (process, now);
        Receivers.Wake();
    }

    /// <summary>
    /// The first message of a type: 0 any, negative the lowest of at most so much, else that one, or with MSG_EXCEPT any other; with MSG_COPY the one with so
    /// many before it. Null: there is none.
    /// </summary>
    public QueuedMessage? Find(long type, uint flags)
    {
        if ((flags & QueueNumbers.Copy) != 0)
            return type >= 0 && type < Count ? messages.ElementAt((int)type) : null;
        if (type == 0)
            return messages.First?.Value;
        QueuedMessage? found = null;
        foreach (QueuedMessage message in messages)
        {
            if (type > 0 && message.Type == type == ((flags & QueueNumbers.Except) == 0))
                return message;
            // The smallest number has no opposite: then all are meant.
            if (type < 0 && message.Type <= (type == long.MinValue ? long.MaxValue : -type) && (found == null || message.Type < found.Type))
                found = message;
        }

        return found;
    }

    /// <summary>Takes a message out.</summary>
    public void Receive(QueuedMessage message, uint process, long now)
    {
        messages.Remove(message);
        Bytes -= message.Text.Length;
        (LastReceiver, ReceiveTime) = (process, now);
        Senders.Wake();
    }

    /// <summary>All who wait look again.</summary>
    public void WakeAll()
    {
        Senders.Wake();
        Receivers.Wake();
    }
}
