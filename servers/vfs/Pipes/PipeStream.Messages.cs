using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Vfs.Pipes;

// Messages instead of bytes (MessageLayout). Whoever calls holds the lock of the side, except for looking.
public sealed partial class PipeStream
{
    /// <summary>What the messages inside cost their sender.</summary>
    public uint Unread => MessageLayout.Unread(Taken, Written);

    private ulong Taken => Memory.ReadUInt64(StreamLayout.ReaderSide);

    private ulong Written => Memory.ReadUInt64(StreamLayout.WriterSide);

    /// <summary>Puts a message in as a whole, if there is room for it.</summary>
    public bool TryPut(ReadOnlySpan<byte> message)
    {
        ulong written = Written;
        uint length = (uint)message.Length;
        if (!MessageLayout.TryCount(Taken, written, out uint count) || !MessageLayout.IsInside(length, StreamLayout.Capacity - count))
            return false;
        uint at = MessageLayout.IndexOf(written);
        Memory.WriteUInt64(DataAt(at), length);
        uint from = unchecked(at + MessageLayout.HeaderLength);
        int first = FirstPart(from, message.Length);
        message[..first].CopyTo(Memory.Span(DataAt(from), first));
        message[first..].CopyTo(Memory.Span(StreamLayout.Data, message.Length - first));
        Memory.WriteUInt64(StreamLayout.WriterSide, MessageLayout.Behind(written, length));
        Announce(reads: false);
        return true;
    }

    /// <summary>Length of the message that begins so far behind the oldest, and where the next begins. False: there is none, or somebody has lied.</summary>
    public bool TryFind(uint offset, out int length, out uint next) => TryFind(Taken, Written, offset, out length, out next);

    /// <summary>
    /// Copies the first bytes of a message, whose length <see cref="TryFind(uint, out int, out uint)"/> has said, and which is not taken meanwhile.
    /// </summary>
    public void CopyMessage(uint offset, Span<byte> target) => CopyMessage(Taken, offset, target);

    /// <summary>
    /// Takes all messages out, though a program may be taking one: its step of the index, or this one, fails then. Who holds the lock of the readers is not
    /// waited for. Whoever calls holds the writers'. False: they may not be kept, and are all inside.
    /// </summary>
    /// <param name="budget">What they are counted with.</param>
    /// <param name="user">For whom.</param>
    /// <param name="messages">The messages.</param>
    public bool TryTakeAll(UserBudget budget, uint user, out List<byte[]> messages)
    {
        for (int tries = 0; ; tries++)
        {
            ulong taken = Taken, written = Written;
            long cost = 0;
            messages = [];
            for (uint at = 0, next; TryFind(taken, written, at, out int length, out next); at = next)
            {
                byte[] message = new byte[length];
                CopyMessage(taken, at, message);
                messages.Add(message);
                cost += length + MessageLayout.Overhead;
            }

            if (cost > 0 && !budget.TryTake(user, cost))
                return false;
            if (Memory.CompareExchangeUInt64(StreamLayout.ReaderSide, written, taken) == taken)
                return true;
            // Who asks before each takes one more at most; more only who means harm, who may get some again.
            if (tries == MostTries)
            {
                Memory.WriteUInt64(StreamLayout.ReaderSide, written);
                return true;
            }

            budget.Give(user, cost);
        }
    }

    private bool TryFind(ulong taken, ulong written, uint offset, out int length, out uint next)
    {
        (length, next) = (0, offset);
        if (!MessageLayout.TryCount(taken, written, out uint count) || offset >= count)
            return false;
        uint said = Memory.ReadUInt32(DataAt(unchecked(MessageLayout.IndexOf(taken) + offset)));
        if (!MessageLayout.IsInside(said, count - offset))
            return false;
        (length, next) = ((int)said, offset + MessageLayout.FrameLength(said));
        return true;
    }

    private void CopyMessage(ulong taken, uint offset, Span<byte> target)
    {
        uint from = unchecked(MessageLayout.IndexOf(taken) + offset + MessageLayout.HeaderLength);
        int first = FirstPart(from, target.Length);
        Memory.Span(DataAt(from), first).CopyTo(target);
        Memory.Span(StreamLayout.Data, target.Length - first).CopyTo(target[first..]);
    }

    /// <summary>Takes the oldest message out, which is so long.</summary>
    public void Pass(int length)
    {
        Memory.ExchangeUInt64(StreamLayout.ReaderSide, MessageLayout.Behind(Taken, (uint)length));
        Announce(reads: true);
    }

    /// <summary>Takes all out: nobody wants it, or it makes no sense.</summary>
    public void DropMessages()
    {
        Memory.ExchangeUInt64(StreamLayout.ReaderSide, Written);
        Announce(reads: true);
    }

    private static ulong DataAt(uint index) => StreamLayout.Data + (index % StreamLayout.Capacity);

    private static int FirstPart(uint index, int length) => (int)Math.Min((uint)length, StreamLayout.Capacity - (index % StreamLayout.Capacity));
}
