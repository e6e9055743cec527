using Libsys.Hosting;
using Servers.Vfs.Objects;

namespace Servers.Vfs.SystemV;

/// <summary>All queues of messages.</summary>
public sealed class MessageQueues(IClock clock)
{
    // Of an empty queue, and of a message without its text.
    private const long QueueBytes = 512, MessageBytes = 128;

    // All together in the heap of vfs: 500 full queues, and a sixteenth of it.
    private readonly Budget kept = new(8 << 20);

    /// <summary>Which there are.</summary>
    public SystemVTable<MessageQueue> Table { get; } = new(QueueNumbers.MostQueues);

    /// <summary>MSGMAX: bytes of the longest message.</summary>
    public int LargestMessage { get; set; } = QueueNumbers.LargestMessage;

    /// <summary>MSGMNB: bytes of a queue that is made, and that only root exceeds.</summary>
    public int MostBytes { get; set; } = QueueNumbers.MostBytes;

    /// <summary>msgget(2).</summary>
    public Errno Get(int key, uint flags, Credentials asking, out MessageQueue? queue) =>
        Table.Get(key, flags, asking, static _ => Errno.None, Make, out queue);

    /// <summary>IPC_RMID: who waits gets EIDRM.</summary>
    public void Remove(MessageQueue queue)
    {
        Table.Remove(queue);
        kept.Give(QueueBytes + queue.Count * MessageBytes + queue.Bytes);
        queue.WakeAll();
    }

    /// <summary>Sends a message that fits. False: there is no memory for it.</summary>
    public bool TrySend(MessageQueue queue, long type, ReadOnlySpan<byte> text, uint process)
    {
        if (!kept.TryTake(MessageBytes + text.Length))
            return false;
        queue.Send(new QueuedMessage(type, text.ToArray()), process, clock.Wall);
        return true;
    }

    /// <summary>Takes a message out.</summary>
    public void Receive(MessageQueue queue, QueuedMessage message, uint process)
    {
        queue.Receive(message, process, clock.Wall);
        kept.Give(MessageBytes + message.Text.Length);
    }

    private Errno Make(Permission permission, bool isFull, out MessageQueue? made)
    {
        made = null;
        if (isFull)
            return Errno.ENOSPC;
        if (!kept.TryTake(QueueBytes))
            return Errno.ENOMEM;
        made = new MessageQueue(permission, MostBytes, clock.Wall);
        return Errno.None;
    }
}
